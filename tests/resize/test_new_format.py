"""A format is added in two places: a module that writes it, and a row in the one table."""

import json
import os
import subprocess
import sys
from pathlib import Path

from support.pictures import make_jpeg

WRITER = """
from photopipe.resize.output.output_format import Format


def write_ppm(file, image, quality, attached):
    image.save(file, "PPM")


FORMAT = Format(
    name="ppm",
    content_type="image/ppm",
    sources=frozenset(),
    library="zlib",
    longest_side_px=100_000,
    encoder_bytes=4,
    write=write_ppm,
    has_quality=False,
    has_alpha=False,
)
"""
ROW = """
import sys
from photopipe.files.output_formats import OUTPUT_FORMATS

OUTPUT_FORMATS["ppm"] = (".ppm", ".pnm")

import photopipe.resize.output

photopipe.resize.output.__path__.append(sys.argv.pop(1))

from photopipe.cli.commands import run

sys.exit(run(sys.argv[1:]))
"""
"""Stands for one line in the table, and for a file that lies in the folder of the writers."""


def photopipe(tmp_path: Path, *words: str) -> subprocess.CompletedProcess[bytes]:
    (tmp_path / "writers").mkdir(exist_ok=True)
    (tmp_path / "writers" / "ppm.py").write_text(WRITER)
    (tmp_path / "with_ppm.py").write_text(ROW)
    command = [sys.executable, str(tmp_path / "with_ppm.py"), str(tmp_path / "writers"), *words]
    return subprocess.run(command, capture_output=True, check=False, env={**os.environ, "HOME": str(tmp_path)})


def test_a_new_format_is_a_choice_and_makes_renditions(tmp_path: Path) -> None:
    make_jpeg(tmp_path / "a.jpg", (320, 240))
    assert b"jpeg|webp|avif|png|ppm|keep" in photopipe(tmp_path, "resize", "--help").stdout
    result = photopipe(tmp_path, "resize", "--size", "100", str(tmp_path / "a.jpg"), str(tmp_path / "a.pnm"))
    assert (result.returncode, result.stderr) == (0, b"")
    assert (tmp_path / "a.pnm").read_bytes().startswith(b"P6\n100 75\n")


def test_a_new_format_goes_through_a_run_under_its_name_and_type(tmp_path: Path) -> None:
    (tmp_path / "gallery").mkdir()
    make_jpeg(tmp_path / "a.jpg", (320, 240))
    options = ["--to", f"folder://{tmp_path / 'gallery'}", "--journal", str(tmp_path / "journal"), "--json"]
    result = photopipe(tmp_path, "process", str(tmp_path / "a.jpg"), *options, "--rendition", "small=90,ppm")
    assert result.returncode == 0, result.stderr
    photo = next(line for line in map(json.loads, result.stdout.splitlines()) if line["type"] == "photo")
    assert (photo["status"], photo["width"], photo["rendition"]) == ("uploaded", 90, "small")
    (arrived,) = (tmp_path / "gallery").rglob("*.ppm")
    assert arrived.read_bytes().startswith(b"P6\n")
