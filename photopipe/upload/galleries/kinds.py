"""Which kinds of galleries there are: whatever is named in the entry point group `photopipe.galleries`."""

from importlib.metadata import EntryPoint, entry_points
from typing import Final

from photopipe.errors import UsageError
from photopipe.settings import UploadSettings
from photopipe.upload.galleries.contract import Gallery

GROUP: Final = "photopipe.galleries"


def gallery_kinds() -> dict[str, EntryPoint]:
    """All kinds that are installed, by name; nothing is imported yet."""
    return {point.name: point for point in sorted(entry_points(group=GROUP), key=lambda point: point.name)}


def gallery_class(kind: str) -> type[Gallery]:
    """The class of a kind.

    Raises:
        UsageError: there is no such kind, it cannot be loaded, or it is no gallery.
    """
    kinds = gallery_kinds()
    if kind not in kinds:
        raise UsageError(f"there is no kind of gallery called {kind!r}; there are {', '.join(kinds)}")
    try:
        loaded = kinds[kind].load()
    except ImportError as error:
        raise UsageError(f"galleries of the kind {kind!r} need a package that is not there: {error.name}") from error
    if not (isinstance(loaded, type) and issubclass(loaded, Gallery)):
        raise UsageError(f"{kinds[kind].value}, registered as a gallery, is none")
    return loaded


def check_options(settings: UploadSettings, kind: type[Gallery]) -> None:
    """Refuse what this kind of gallery does not know: a mistyped name must not be silently ignored.

    Raises:
        UsageError: naming the options there are.
    """
    for name in settings.options.keys() - kind.OPTIONS.keys():
        known = ", ".join(kind.OPTIONS) or "none"
        raise UsageError(f"galleries of the kind {settings.kind!r} have no option {name!r}; they have: {known}")
