"""The import rules of the house, held by reading the sources: stages do not know each other."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

import photopipe

PACKAGE = Path(photopipe.__file__).parent
VALUES = {"photo", "settings", "errors"}
ALLOWED = {
    "__init__": set(),
    "__main__": {"cli"},
    "errors": set(),
    "photo": {"errors"},
    "settings": {"errors"},
    "pipeline": {"errors"},
    "download": VALUES,
    "resize": VALUES,
    "upload": VALUES,
    "gallery": {"errors"},
    "journal": VALUES | {"pipeline"},
    "report": VALUES | {"pipeline"},
    "stages": VALUES | {"pipeline", "download", "resize", "upload", "gallery", "journal"},
    "assembly": {
        "stages",
        "photo",
        "settings",
        "errors",
        "pipeline",
        "download",
        "resize",
        "upload",
        "gallery",
        "journal",
        "report",
    },
    "cli": {"assembly", "settings", "errors", "report", "journal", ""},
}
"""Room -> rooms it may import from; its own is always allowed; `""` is the package itself (its version)."""
RESERVED = {"click": {"cli"}, "tqdm": {"cli"}, "PIL": {"resize"}, "pillow_heif": {"resize"}, "requests": {"upload"}}
RESERVED |= {"boto3": {"upload"}, "botocore": {"upload"}}
FILES = sorted(PACKAGE.rglob("*.py"))


def room_of(path: Path) -> str:
    return path.relative_to(PACKAGE).with_suffix("").parts[0]


def imported_modules(path: Path) -> Iterator[str]:
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


@pytest.mark.parametrize("path", FILES, ids=lambda path: str(path.relative_to(PACKAGE)))
def test_every_file_imports_only_from_the_rooms_it_may(path: Path) -> None:
    room = room_of(path)
    used = {imported_room(module) for module in imported_modules(path) if module.split(".")[0] == "photopipe"}
    assert used <= ALLOWED[room] | {room}


@pytest.mark.parametrize("path", FILES, ids=lambda path: str(path.relative_to(PACKAGE)))
def test_each_library_stays_in_its_room(path: Path) -> None:
    used = {module.split(".")[0] for module in imported_modules(path)}
    assert {library for library in used & RESERVED.keys() if room_of(path) not in RESERVED[library]} == set()
