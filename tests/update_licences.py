"""Write the table of `docs/licences.md` from what is installed; `test_licences.py` fails until that was done.

python tests/update_licences.py
"""

import re
from importlib import metadata
from pathlib import Path

from packaging.requirements import Requirement

PAGE = Path(__file__).parents[1] / "docs" / "licences.md"
TABLE = re.compile(r"(\| package \| licence \| [^\n]*\n\| --- \| --- \| --- \|\n)(?:\|[^\n]*\n)*")
EXTRAS = frozenset({"camera", "raw", "remote", "s3"})
SPELLINGS = {
    "Apache License 2.0": "Apache-2.0",
    "Apache Software License": "Apache-2.0",
    "BSD License": "BSD-3-Clause",
    "MIT License": "MIT",
    "Mozilla Public License 2.0 (MPL 2.0)": "MPL-2.0",
    "Zope Public License": "ZPL-2.1",
    "ZPL 2.1": "ZPL-2.1",
}
"""What packages call a licence -> its SPDX name."""


def packages() -> dict[str, set[str]]:
    """Every package that an installation may need here, and the extras that bring it (`""`: all installations)."""
    brought: dict[str, set[str]] = {}
    for extra in ("", *sorted(EXTRAS)):
        for name in _closure("photopipe", frozenset({extra} - {""})):
            brought.setdefault(name, set()).add(extra)
    brought.pop("photopipe")
    return {name: {""} if "" in extras else extras for name, extras in sorted(brought.items())}


def _closure(package: str, extras: frozenset[str], seen: set[str] | None = None) -> set[str]:
    seen = set() if seen is None else seen
    name = re.sub(r"[-_.]+", "-", package).lower()
    if name in seen:
        return seen
    seen.add(name)
    for text in metadata.distribution(package).requires or ():
        requirement = Requirement(text)
        marker = requirement.marker
        if marker is None or any(marker.evaluate({"extra": extra}) for extra in ("", *extras)):
            _closure(requirement.name, frozenset(requirement.extras), seen)
    return seen


def licence_of(package: str) -> str:
    """The licence that a package's metadata names, as SPDX spells it where that can be told."""
    about = metadata.distribution(package).metadata
    classifiers = [line.split(" :: ")[-1] for line in about.get_all("Classifier") or () if line.startswith("License")]
    named = [one for one in classifiers if one != "OSI Approved"]
    expression = _field(about, "License-Expression") or " OR ".join(SPELLINGS.get(one, one) for one in named)
    text = _field(about, "License").strip()
    return expression or SPELLINGS.get(text, text.partition("\n")[0])


def _field(about: metadata.PackageMetadata, name: str) -> str:
    return str(next(iter(about.get_all(name) or ()), ""))


def rows() -> list[str]:
    """The rows of the table for what is installed today."""
    return [f"| {name} | {licence_of(name)} | {_words(extras)} |" for name, extras in packages().items()]


def _words(extras: set[str]) -> str:
    return ", ".join(f"`{extra}`" for extra in sorted(extras) if extra)


if __name__ == "__main__":
    table = "".join(f"{row}\n" for row in rows())
    PAGE.write_text(TABLE.sub(lambda match: match[1] + table, PAGE.read_text()))
