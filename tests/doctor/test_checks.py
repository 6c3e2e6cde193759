"""Each check says good where all is well, and bad or a warning, with what to do, where it is not."""

import os
from collections import namedtuple
from pathlib import Path
from types import SimpleNamespace

import pytest

from photopipe.doctor import CheckResult, libraries, source
from photopipe.doctor.config_file import check_config_file
from photopipe.doctor.disk_space import check_disk_space
from photopipe.doctor.journal import check_journal
from photopipe.doctor.libraries import check_libraries
from photopipe.doctor.source import check_source
from photopipe.download.file_systems.mounts import Mount
from photopipe.journal import Journal, run_lock

Usage = namedtuple("Usage", ["total", "used", "free"])


def verdicts(results: list[CheckResult]) -> list[str]:
    return [result.verdict for result in results]


def test_an_installation_with_everything_is_good_but_for_decoders_that_are_missing() -> None:
    results = list(check_libraries())
    assert any(result.subject == "decoders" and "Pillow " in result.message for result in results)
    assert "bad" not in verdicts(results)


@pytest.mark.parametrize(
    ("system", "line"), [("Darwin", "brew install"), ("debian", "apt install"), ("alpine", "apk add"), ("x", "dnf")]
)
def test_a_pillow_without_libjpeg_turbo_is_warned_of_with_the_line_to_type(
    monkeypatch: pytest.MonkeyPatch, system: str, line: str
) -> None:
    monkeypatch.setattr(libraries, "has_fast_jpeg", lambda: False)
    release = {"ID": "mine", "ID_LIKE": system}
    machine = SimpleNamespace(
        system=lambda: "Darwin" if system == "Darwin" else "Linux",
        freedesktop_os_release=lambda: release,
        python_version=str,
        machine=str,
    )
    monkeypatch.setattr(libraries, "platform", machine)
    (warning,) = (result for result in check_libraries() if result.subject == "JPEG")
    assert warning.verdict == "warning"
    assert line in warning.advice


def test_a_missing_fast_resizer_is_warned_of(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(libraries, "find_spec", lambda _name: None)
    assert "cykooz-resizer" in " ".join(result.advice for result in check_libraries())


@pytest.mark.parametrize(
    ("mode", "has_secrets", "verdict"),
    [(0o600, True, "good"), (0o644, False, "good"), (0o644, True, "bad"), (0o666, False, "bad")],
)
def test_a_configuration_that_others_can_change_or_read_a_token_in_is_bad(
    tmp_path: Path, mode: int, has_secrets: bool, verdict: str
) -> None:
    config = tmp_path / "a config.toml"
    config.touch(mode)
    config.chmod(mode)
    (result,) = check_config_file(str(config), [], has_secrets=has_secrets)
    assert result.verdict == verdict
    if verdict == "bad":
        assert result.advice.startswith("chmod")
        os.system(result.advice)  # noqa: S605 - the line is to be typed as it is
        (result,) = check_config_file(str(config), [], has_secrets=has_secrets)
        assert result.verdict == "good"


def test_no_configuration_is_good_and_a_token_file_that_is_missing_or_public_is_bad(tmp_path: Path) -> None:
    public = tmp_path / "public.token"
    public.touch()
    public.chmod(0o644)
    results = list(
        check_config_file(str(tmp_path / "none.toml"), [str(tmp_path / "gone"), str(public)], has_secrets=False)
    )
    assert verdicts(results) == ["good", "bad", "bad"]


def test_a_journal_is_good_and_one_that_is_damaged_is_bad(tmp_path: Path) -> None:
    path = tmp_path / "journal.sqlite"
    assert verdicts(list(check_journal(str(path)))) == ["good"]
    Journal(str(path), []).close()
    with run_lock(str(path)):
        _health, run = check_journal(str(path))
    assert f"(process {os.getpid()}, " in run.message
    assert len(list(check_journal(str(path)))) == 1
    path.write_bytes(b"no database" * 100)
    (result,) = check_journal(str(path))
    assert result.verdict == "bad"


@pytest.mark.parametrize(("free_bytes", "verdict"), [(10**7, "bad"), (10**9, "warning"), (10**11, "good")])
def test_little_room_is_warned_of_and_none_is_bad(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, free_bytes: int, verdict: str
) -> None:
    monkeypatch.setattr("photopipe.doctor.disk_space.shutil.disk_usage", lambda _folder: Usage(10**12, 0, free_bytes))
    results = list(check_disk_space(str(tmp_path / "state" / "deep" / "journal.sqlite"), str(tmp_path / "gallery")))
    assert verdicts(results) == [verdict, verdict]


@pytest.mark.parametrize(
    ("kind", "words"), [("nfs4", "network share"), ("exfat", "memory card"), ("ext4", "on ext4"), ("", "this machine")]
)
def test_a_source_is_good_and_its_file_system_is_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, kind: str, words: str
) -> None:
    monkeypatch.setattr(source, "mount_of", lambda _path: Mount(kind, "/", "device", is_read_only=True))
    result, *_watching = check_source(str(tmp_path))
    assert result.verdict == "good"
    assert words in result.message
    assert "read-only" in result.message


def test_a_source_that_is_missing_is_bad_and_an_address_is_left_for_the_run(tmp_path: Path) -> None:
    assert verdicts(list(check_source(str(tmp_path / "none")))) == ["bad"]
    assert verdicts(list(check_source("s3://bucket/photos"))) == ["good"]


def test_more_folders_than_can_be_watched_are_warned_of(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    limit = tmp_path / "max_user_watches"
    limit.write_text("10\n")
    monkeypatch.setattr(source, "WATCHES", limit)
    monkeypatch.setattr(source, "mount_of", lambda _path: Mount("ext4", "/", "device"))
    top = tmp_path / "photos"
    for number in range(6):
        (top / str(number)).mkdir(parents=True)
    assert verdicts(list(check_source(str(top)))) == ["good", "good"]
    for number in range(6, 30):
        (top / str(number)).mkdir()
    _there, watching = check_source(str(top))
    assert (watching.verdict, "max_user_watches=524288" in watching.advice) == ("warning", True)
