"""A file about a run is whole or not there, and never stops the run."""

import errno
import os
from pathlib import Path

import pytest

from photopipe.errors import UsageError
from photopipe.report.report_file import ReportFile


def test_the_old_file_stays_until_the_new_one_is_complete_and_keeps_its_permissions(tmp_path: Path) -> None:
    path = tmp_path / "report.csv"
    path.write_text("old")
    path.chmod(0o640)
    file = ReportFile(str(path), "--report")
    file.write(b"new" * 100_000)
    assert path.read_text() == "old"
    file.place()
    file.close()
    assert path.read_bytes() == b"new" * 100_000
    assert path.stat().st_mode & 0o777 == 0o640
    assert os.listdir(tmp_path) == ["report.csv"]


def test_what_was_not_placed_leaves_nothing(tmp_path: Path) -> None:
    file = ReportFile(str(tmp_path / "report.csv"), "--report")
    file.write(b"x" * 100_000)
    file.close()
    assert os.listdir(tmp_path) == []


def test_what_a_killed_run_has_left_of_it_is_removed_and_nothing_else(tmp_path: Path) -> None:
    left, other = tmp_path / ".report.csv.part-0123abcd", tmp_path / ".other.csv.part-0123abcd"
    for path in (left, other):
        path.write_text("half")
    beside = ReportFile(str(tmp_path / "report.csv"), "--report")  # of a run that goes on
    written = set(os.listdir(tmp_path)) - {left.name, other.name}
    ReportFile(str(tmp_path / "report.csv"), "--report").close()
    assert set(os.listdir(tmp_path)) == {other.name} | written
    beside.close()


def test_a_link_is_followed(tmp_path: Path) -> None:
    (tmp_path / "target.csv").write_text("old")
    (tmp_path / "link.csv").symlink_to("target.csv")
    file = ReportFile(str(tmp_path / "link.csv"), "--report")
    file.write(b"new")
    file.place()
    file.close()
    assert (tmp_path / "link.csv").is_symlink()
    assert (tmp_path / "target.csv").read_text() == "new"


def test_a_place_that_cannot_be_written_is_refused_at_once(tmp_path: Path) -> None:
    (tmp_path / "folder.csv").mkdir()
    os.mkfifo(tmp_path / "fifo.csv")
    for name in ("missing/report.csv", "folder.csv", "fifo.csv"):
        with pytest.raises(UsageError, match=f"--report .*{name}: cannot be written: .*Name a file"):
            ReportFile(str(tmp_path / name), "--report")


def test_a_full_disk_is_remembered_and_loses_only_the_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file = ReportFile(str(tmp_path / "report.csv"), "--report")

    def full(descriptor: int, data: bytes) -> int:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    with monkeypatch.context() as patch:
        patch.setattr(os, "write", full)
        for _ in range(3):
            file.write(b"x" * 100_000)
    file.place()
    file.close()
    assert os.listdir(tmp_path) == []
    assert file.lost is not None
    assert "No space left on device" in file.lost
