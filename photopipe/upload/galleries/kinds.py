"""Which kinds of galleries there are, and whether a gallery's settings can be used."""

from dataclasses import replace
from functools import cache
from typing import TYPE_CHECKING, Final

from photopipe.errors import UsageError
from photopipe.settings import UploadSettings
from photopipe.upload.galleries.address import DEFAULT_PORTS

if TYPE_CHECKING:
    from importlib.metadata import EntryPoint

    from photopipe.upload.galleries.contract import Gallery

GROUP: Final = "photopipe.galleries"
"""The entry point group in which kinds are named."""

DEFAULT_KIND: Final = "form"
"""The kind of an address that begins with http:// or https://, and of the embedded gallery."""


def kind_of_address(prefix: str, scheme: str) -> str:
    """The kind that an address names.

    Args:
        prefix: what stands in front of a `+` in it, as in `immich+https://`; or empty.
        scheme: the scheme, in lower case.
    """
    return prefix or (DEFAULT_KIND if scheme in DEFAULT_PORTS else scheme)


@cache
def gallery_kinds() -> "dict[str, EntryPoint]":
    """All kinds that are installed, by name; nothing is imported yet."""
    from importlib.metadata import entry_points

    return {point.name: point for point in sorted(entry_points(group=GROUP), key=lambda point: point.name)}


def providers_of_kinds() -> dict[str, str]:
    """Each kind and preset there is, by name, and which package brings it."""
    from photopipe.upload.galleries.presets import presets

    kinds = {name: point.dist.name if point.dist else "" for name, point in gallery_kinds().items()}
    return kinds | dict.fromkeys(presets(), f"photopipe, a preset of {DEFAULT_KIND}")


@cache
def gallery_class(kind: str) -> "type[Gallery]":
    """The class of a kind.

    Args:
        kind: its name, or empty for the default kind.

    Raises:
        UsageError: there is no such kind, it cannot be loaded, or it is no gallery.
    """
    from photopipe.upload.galleries.contract import Gallery

    kind = kind or DEFAULT_KIND
    kinds = gallery_kinds()
    if kind not in kinds:
        raise UsageError(f"there is no kind of gallery called {kind!r}; there are {', '.join(kinds)}")
    try:
        loaded = kinds[kind].load()
    except ImportError as error:
        raise UsageError(f"galleries of the kind {kind!r} need a package that is not there: {error.name}") from error
    if not (isinstance(loaded, type) and issubclass(loaded, Gallery)):
        raise UsageError(f"{kinds[kind].value}, is registered as a gallery, but is not one")
    return loaded


def is_remote(settings: UploadSettings) -> bool:
    """Whether a gallery is elsewhere, so that somebody may have to log in; the rest of its settings is not checked.

    Raises:
        UsageError: there is no such kind.
    """
    return gallery_class(_with_kind(settings).kind).IS_REMOTE


def option_names(settings: UploadSettings) -> frozenset[str]:
    """The names of the options that galleries of this kind have.

    Raises:
        UsageError: there is no such kind.
    """
    return frozenset(gallery_class(_with_kind(settings).kind).OPTIONS)


def check_gallery_settings(settings: UploadSettings) -> UploadSettings:
    """Refuse, before the first photo, whatever in a gallery's settings no photo could be sent with.

    Neither the gallery is asked nor the disk read.

    Args:
        settings: as they were typed and configured. Without an address they are those of the embedded gallery.

    Returns:
        The settings with the kind's own name (a preset is the default kind with that preset) and the address in
        one spelling. Giving them in again changes nothing.

    Raises:
        UsageError: the kind, the address, the name or value of an option, the token, the template of the album
            or the bandwidth limit cannot be used.
    """
    settings = _with_kind(settings)
    if settings.endpoint_url is not None:
        settings = _checked_by_kind(settings)
    if settings.album:
        from photopipe.upload.galleries.template import Template

        Template(settings.album)
    if settings.bwlimit is not None:
        from photopipe.upload.http.bandwidth import parse_timetable

        parse_timetable(settings.bwlimit)
    return settings


def _checked_by_kind(settings: UploadSettings) -> UploadSettings:
    kind = gallery_class(settings.kind)
    settings = replace(settings, endpoint_url=kind.address_of(settings.endpoint_url or ""))
    _check_option_names(settings, kind)
    _check_token(settings)
    kind.check_settings(settings)
    return settings


def _with_kind(settings: UploadSettings) -> UploadSettings:
    if settings.kind in {"", DEFAULT_KIND}:
        return replace(settings, kind=DEFAULT_KIND)
    if settings.kind not in gallery_kinds():
        from photopipe.upload.galleries.presets import presets

        if settings.kind in presets():
            return replace(settings, kind=DEFAULT_KIND, options={"preset": settings.kind, **settings.options})
    return settings


def _check_option_names(settings: UploadSettings, kind: "type[Gallery]") -> None:
    """A mistyped name must not be silently ignored."""
    for name in settings.options.keys() - kind.OPTIONS.keys():
        import difflib

        alike = difflib.get_close_matches(name, kind.OPTIONS, n=1)
        known = f"{', '.join(kind.OPTIONS) or 'none'}{f'; is {alike[0]!r} meant?' if alike else ''}"
        raise UsageError(f"galleries of the kind {settings.kind!r} have no option {name!r}; they have: {known}")


def _check_token(settings: UploadSettings) -> None:
    """A token with a line end or a letter beyond ASCII would fail inside a header, in a message that shows it.

    A password goes out in Base64, so it may have any letters and spaces.
    """
    token = settings.token or ""
    if not token.isprintable() or (settings.username is None and (not token.isascii() or " " in token)):
        raise UsageError("the token holds a space, a line end or a character that cannot be sent: check its file")
