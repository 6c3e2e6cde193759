"""The viewer that is shipped in the package is the one that was released."""

import hashlib
import re

from update_photoswipe import FOLDER

LINE = re.compile(r"([0-9a-f]{64})  (\S+)")


def test_every_file_is_as_it_was_released() -> None:
    recorded = {name: sha256 for sha256, name in LINE.findall((FOLDER / "VERSION").read_text())}
    files = {path.name: hashlib.sha256(path.read_bytes()).hexdigest() for path in FOLDER.iterdir()}
    del files["VERSION"]
    assert files == recorded
    assert len(files) == 3


def test_version_and_licence_are_recorded() -> None:
    version = re.match(r"PhotoSwipe (\d+\.\d+\.\d+)\nMIT", (FOLDER / "VERSION").read_text())
    assert version is not None
    assert f"PhotoSwipe {version[1]}" in (FOLDER / "photoswipe.esm.min.js").read_text()
    assert "MIT License" in (FOLDER / "LICENSE").read_text()
