"""`--after` and `--archive` as a person gives them, and what they are told."""

from pathlib import Path

import pytest
from support.command import Home
from support.pictures import make_jpeg

from photopipe.cli.commands import run


@pytest.fixture
def gallery(tmp_path: Path) -> list[str]:
    (tmp_path / "gallery").mkdir()
    return ["--to", f"folder://{tmp_path}/gallery"]


def test_files_that_stay_are_counted_in_quiet_runs_and_in_the_summary(
    home: Home, tmp_path: Path, gallery: list[str]
) -> None:
    for name in ("card", "originals"):
        (tmp_path / name).mkdir()
    photo = make_jpeg(tmp_path / "originals" / "a.jpg", (64, 48))
    (tmp_path / "card" / "a.jpg").symlink_to(photo)
    make_jpeg(tmp_path / "card" / "b.jpg", (64, 48), seed=1)
    result = home.run("process", "-q", "--json", str(tmp_path / "card"), *gallery, "--after", "delete")
    *photos, summary = result.records
    assert {Path(line["path"]).name: line["after"] for line in photos} == {"a.jpg": "kept", "b.jpg": "deleted"}
    assert (result.code, summary["uploaded"], summary["kept"]) == (0, 2, 1)
    assert result.err == (
        f"The files of 1 photo were kept. The first is {tmp_path}/card/a.jpg: it is a link; links, and what they lead "
        "to, are left alone.\n"
    )


def test_a_dry_run_says_what_would_become_of_the_files(home: Home, tmp_path: Path, gallery: list[str]) -> None:
    for name in ("card", "done"):
        (tmp_path / name).mkdir()
    photo = make_jpeg(tmp_path / "card" / "a.jpg", (64, 48))
    command = ["process", str(photo.parent), *gallery, "--after"]
    result = home.run(*command, "move:done", "--dry-run", cwd=tmp_path)
    assert f"would then be moved to {tmp_path}/done." in result.err
    assert photo.exists()


@pytest.mark.parametrize("refused", ["move", "move:", "bin", "move:{}/card", "move:{}"])
def test_what_cannot_be_done_is_refused(tmp_path: Path, gallery: list[str], refused: str) -> None:
    (tmp_path / "card").mkdir()
    assert run(["process", f"{tmp_path}/card", *gallery, "--after", refused.format(tmp_path)]) == 2
