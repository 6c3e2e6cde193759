"""The import rules of the house, held by reading the sources: stages do not know each other."""

import ast
import functools
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import photopipe

PACKAGE = Path(photopipe.__file__).parent
VALUES = {"photo", "found_photo", "settings", "errors", "stop_token", "wakeup", "files"}
MOST_MODULES = 15
ALLOWED = {
    "__init__": set(),
    "__main__": {"cli"},
    "errors": set(),
    "stop_token": set(),
    "wakeup": set(),
    "files": {"errors"},
    "http": set(),
    "found_photo": {"errors"},
    "photo": {"errors", "files", "found_photo"},
    "settings": {"errors", "files"},
    "pipeline": {"errors", "stop_token"},
    "download": VALUES | {"http"},
    "resize": VALUES,
    "upload": VALUES | {"http"},
    "gallery": {"errors", "stop_token", "files", "resize"},
    "journal": VALUES | {"pipeline"},
    "report": VALUES | {"pipeline"},
    "stages": VALUES | {"pipeline", "download", "resize", "upload", "gallery", "journal"},
    "cluster": VALUES | {"pipeline", "journal", "stages", "download", "resize", "upload", ""},
    "run_limits": VALUES | {"pipeline", "report"},
    "line": VALUES | {"pipeline", "report", "stages", "resize", "run_limits", "cluster"},
    "api": VALUES | {"download", "resize", "upload"},
    "gallery_api": {"gallery"},
    "journal_api": VALUES | {"journal", "download", "upload", "gallery"},
    "explain": VALUES | {"journal", "download", "resize"},
    "doctor": VALUES | {"api", "download", "resize", "upload", "journal", ""},
    "assembly": {
        "cluster",
        "line",
        "run_limits",
        "stages",
        "photo",
        "found_photo",
        "settings",
        "errors",
        "stop_token",
        "wakeup",
        "files",
        "pipeline",
        "download",
        "resize",
        "upload",
        "gallery",
        "journal",
        "report",
    },
    "cli": {
        "assembly",
        "api",
        "gallery_api",
        "journal_api",
        "explain",
        "doctor",
        "line",
        "settings",
        "errors",
        "stop_token",
        "files",
        "report",
        "journal",
        "",
    },
}
"""Room -> rooms it may import from; its own is always allowed; `""` is the package itself (its version)."""
RESERVED = {
    "click": {"cli"},
    "tqdm": {"cli"},
    "PIL": {"resize"},
    "pillow_heif": {"resize"},
    "requests": {"upload", "download", "http"},
}
RESERVED |= {"dask": {"cluster"}, "distributed": {"cluster"}}
RESERVED |= {"gphoto2": {"download"}, "boto3": {"upload", "download"}, "botocore": {"upload", "download"}}
FILES = sorted(PACKAGE.rglob("*.py"))


def room_of(path: Path) -> str:
    return path.relative_to(PACKAGE).with_suffix("").parts[0]


@functools.cache
def imported_modules(path: Path) -> list[str]:
    return list(_imported_modules(path))


def _imported_modules(path: Path) -> Iterator[str]:
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path}: imports are absolute"
            if node.module == "photopipe":
                yield from (f"photopipe.{alias.name}" for alias in node.names)
            else:
                yield node.module or ""


def imported_room(module: str) -> str:
    name = next(iter(module.split(".")[1:]), "")
    known = (PACKAGE / name).is_dir() or (PACKAGE / f"{name}.py").exists()
    return name if known else ""


def test_every_file_imports_only_from_the_rooms_it_may() -> None:
    forbidden: dict[str, set[str]] = {}
    for path in FILES:
        room = room_of(path)
        used = {imported_room(module) for module in imported_modules(path) if module.split(".")[0] == "photopipe"}
        if not used <= ALLOWED[room] | {room}:
            forbidden[str(path.relative_to(PACKAGE))] = used - ALLOWED[room] - {room}
    assert forbidden == {}


def test_each_library_stays_in_its_room() -> None:
    strayed: dict[str, set[str]] = {}
    for path in FILES:
        used = {module.split(".")[0] for module in imported_modules(path)}
        if found := {library for library in used & RESERVED.keys() if room_of(path) not in RESERVED[library]}:
            strayed[str(path.relative_to(PACKAGE))] = found
    assert strayed == {}


def imported_files(path: Path) -> Iterator[Path]:
    """The files of the package that a file imports from."""
    for module in imported_modules(path):
        if module.startswith("photopipe."):
            place = PACKAGE.joinpath(*module.split(".")[1:])
            yield place / "__init__.py" if place.is_dir() else place.with_suffix(".py")


def test_no_circle_leads_from_folder_to_folder() -> None:
    imports: dict[Path, set[Path]] = {path.parent: set() for path in FILES}
    for path in FILES:
        imports[path.parent] |= {file.parent for file in imported_files(path)} - {path.parent, PACKAGE}
    del imports[PACKAGE]
    while free := [folder for folder, used in imports.items() if not used & imports.keys()]:
        for folder in free:
            del imports[folder]
    assert not imports, "these folders import each other, or stand above those that do"


def test_no_folder_holds_more_modules_than_one_can_survey() -> None:
    counts = Counter(path.parent for path in FILES if not path.name.startswith("__"))
    assert {folder: count for folder, count in counts.items() if count > MOST_MODULES} == {}
