"""The licences of what photopipe needs have been looked at, and the page that lists them is right."""

import re
import tomllib
from importlib import metadata
from pathlib import Path

from update_licences import PAGE, licence_of, packages, rows

import photopipe

ROOT = Path(__file__).parents[1]
PERMISSIVE = {
    *("0BSD", "Apache-2.0", "BSD-2-Clause", "BSD-3-Clause", "CC0-1.0", "MIT", "MIT-0", "MIT-CMU", "PSF-2.0"),
    *("Zlib", "ZPL-2.1"),
}
FILE_BY_FILE = {"MPL-2.0", "EPL-2.0"}
"""Whoever changes one of these packages' files must publish it; what uses them is free."""
LOOKED_AT = {"gphoto2": "LGPL-3.0-or-later", "python-dateutil": "BSD-3-Clause OR Apache-2.0"}


def test_every_package_has_a_licence_that_fits_ours() -> None:
    unknown = {}
    for name in packages():
        licence = licence_of(name)
        alternatives = [set(re.split(r" AND ", one)) for one in licence.strip("()").split(" OR ")]
        fits = any(one <= PERMISSIVE | FILE_BY_FILE for one in alternatives)
        if not fits and LOOKED_AT.get(name) != licence:
            unknown[name] = licence
    assert unknown == {}


def test_the_page_lists_what_is_installed_and_nothing_that_is_not_needed() -> None:
    listed = re.findall(r"^\| .* \|$", PAGE.read_text(), re.MULTILINE)[2:]
    assert set(rows()) <= set(listed), "run: python tests/update_licences.py"
    gone = {row.split()[1] for row in set(listed) - set(rows())}
    assert gone <= {"typing-extensions"}, "newer Pythons do without this one; the others are not needed any more"


def test_the_version_stands_in_one_place() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())
    assert project["project"]["dynamic"] == ["version"]
    assert metadata.version("photopipe") == photopipe.__version__
    version = re.compile(rf"(?<![\d.]){re.escape(photopipe.__version__)}(?![\d.])")
    sources = [*ROOT.glob("photopipe/**/*.py"), ROOT / "pyproject.toml"]
    assert [path.name for path in sources if version.search(path.read_text())] in ([], ["__init__.py"])


def test_the_package_says_that_it_is_typed() -> None:
    assert (Path(photopipe.__file__).parent / "py.typed").exists()
