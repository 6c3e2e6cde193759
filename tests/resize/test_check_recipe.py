"""What is refused before the first photo, and what that costs."""

import hashlib
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest
from PIL import Image

from photopipe.errors import UsageError
from photopipe.files.output_formats import OUTPUT_FORMATS
from photopipe.resize.check_recipe import ALWAYS_WRITTEN, LARGEST_SAFE_PX, check_recipe
from photopipe.resize.output.encode import FORMATS
from photopipe.settings import Fit, ResizeSettings


@pytest.mark.parametrize("name", [*OUTPUT_FORMATS, "keep"])
def test_what_can_be_made_passes(name: str) -> None:
    check_recipe(ResizeSettings(format=name))
    check_recipe(ResizeSettings(65_000, 65_000, format=name))


def test_a_plain_jpeg_costs_no_import_of_pillow() -> None:
    program = (
        "import sys; from photopipe.resize.check_recipe import check_recipe; from photopipe.settings import "
        "ResizeSettings; check_recipe(ResizeSettings()); sys.exit('PIL' in sys.modules)"
    )
    assert subprocess.run([sys.executable, "-c", program], check=False).returncode == 0


def test_an_unknown_format_is_refused() -> None:
    with pytest.raises(UsageError, match="--format tga: there is no such format"):
        check_recipe(ResizeSettings(format="tga"))


@pytest.mark.parametrize("name", [name for name in OUTPUT_FORMATS if name not in ALWAYS_WRITTEN])
def test_a_format_this_pillow_was_built_without_is_refused(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("PIL.features.check", lambda _library: False)
    with pytest.raises(UsageError, match=f"this Pillow was built without {name}"):
        check_recipe(ResizeSettings(format=name))


@pytest.mark.parametrize(("fit", "enlarge"), [("exact", False), ("cover", True)])
def test_a_box_that_is_always_filled_and_too_long_for_the_format_is_refused(fit: Fit, enlarge: bool) -> None:
    settings = ResizeSettings(16_384, 10, format="webp", fit=fit, enlarge=enlarge)
    with pytest.raises(UsageError, match="a side of webp has at most 16383 pixels"):
        check_recipe(settings)
    check_recipe(replace(settings, max_width_px=16_383))
    check_recipe(replace(settings, fit="inside"))


def test_every_format_can_hold_what_is_not_looked_at() -> None:
    assert min(one.longest_side_px for one in FORMATS.values()) >= LARGEST_SAFE_PX


def test_a_watermark_that_is_no_picture_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "logo.png"
    path.write_bytes(b"no picture")
    marked = ResizeSettings(watermark_file=str(path), watermark_sha256=hashlib.sha256(path.read_bytes()).hexdigest())
    with pytest.raises(UsageError, match="is not a PNG that can be read"):
        check_recipe(marked)
    check_recipe(replace(marked, original=True))
    Image.new("RGBA", (8, 8)).save(path)
    with pytest.raises(UsageError, match="has changed since the run began"):
        check_recipe(marked)
    check_recipe(replace(marked, watermark_sha256=hashlib.sha256(path.read_bytes()).hexdigest()))
