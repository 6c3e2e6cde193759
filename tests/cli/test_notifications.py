"""A monitoring service and a command are told how a run ended; neither changes how it ends."""

import json
import shlex
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler
from pathlib import Path

import pytest
from support.command import Home
from support.deadline import until
from support.fault_gallery import HANG, FaultGallery, OnLoopback, status

from photopipe.cli.notifications.completion_command import CompletionCommand
from photopipe.cli.notifications.monitor import Monitor
from photopipe.cli.terminal.console import Console
from photopipe.errors import UsageError
from photopipe.upload.http.ping import send_ping

SECRET = "/ping/5ecret-uuid"


class PingServer(OnLoopback):
    """A monitoring service.

    Attributes:
        pings: method, path and body of each.
        code: what is answered.
    """

    def __init__(self, code: int = 200) -> None:
        self.pings: list[tuple[str, str, str]] = []
        self.code = code

    def __enter__(self) -> str:
        """Its address."""
        server = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"])).decode()
                server.pings.append((self.command, self.path, body))
                self.send_response(server.code)
                self.send_header("Content-Length", "0")
                self.end_headers()

            def log_message(self, *_: object) -> None:
                pass

        return self._serve(Handler) + SECRET


def paths(server: PingServer) -> list[str]:
    return [path.removeprefix(SECRET) for _, path, _ in server.pings]


def test_a_service_is_told_of_the_start_and_of_success(home: Home, card: Path) -> None:
    server = PingServer()
    with server as url:
        result = home.run("process", "-q", str(card), "--size", "32", "--ping-url", url)
        assert (result.code, result.err, paths(server)) == (0, "", ["/start", ""])
        method, _, body = server.pings[-1]
        assert method == "POST"
        assert body.startswith("photopipe ended with exit code 0: 5 photos found: 5 uploaded")
        assert str(card) not in body
        server.pings.clear()
        assert (
            home.run("process", str(card), "--max-photos", "1", "--size", "16", "--ping-url", f"{url}/?a=b").code == 10
        )
        assert paths(server) == ["/start?a=b", "?a=b"]  # a limit is a success


@pytest.mark.campaign
def test_a_service_is_told_of_failure_even_if_the_run_could_not_begin(home: Home, card: Path) -> None:
    server = PingServer()
    with server as url:
        told = ["--ping-url", url]
        assert home.run("process", str(card / "nowhere"), *told).code == 13
        assert home.run("process", "--card", str(card), "--eject", *told).code in {2, 13}
        with FaultGallery(lambda _number: status(401)) as gallery:
            assert home.run("process", str(card), "--to", gallery.url, *told).code == 12
        with FaultGallery([HANG]) as gallery, home.start("process", str(card), "--to", gallery.url) as first:
            until(lambda: len(gallery.posts) >= 1)
            assert home.run("process", str(card), *told).code == 11
            first.kill()
        ends = paths(server)
        assert ends[0::2] == ["/start"] * 4
        assert [ends[1], ends[5], ends[7]] == ["/13", "/12", "/11"]


def test_a_dry_run_is_told_to_nobody(home: Home, card: Path, tmp_path: Path) -> None:
    server = PingServer()
    with server as url:
        command = ["process", "--dry-run", str(card), "--ping-url", url, "--on-complete", f"touch {tmp_path}/ran"]
        assert home.run(*command).code == 0
    assert (server.pings, (tmp_path / "ran").exists()) == ([], False)


def test_a_service_that_answers_with_an_error_is_said_once_without_its_address(home: Home, card: Path) -> None:
    server = PingServer(404)
    with server as url:
        result = home.run("process", "-q", str(card), "--size", "32", env={"PHOTOPIPE_PING_URL": url})
    assert (result.code, len(server.pings)) == (0, 2)
    assert result.err == (
        "photopipe: --ping-url: 127.0.0.1 could not be told: the answer was 404. The run is not affected.\n"
    )


def test_a_service_that_is_not_there_changes_nothing(home: Home, card: Path) -> None:
    home.config.parent.mkdir(parents=True, exist_ok=True)
    home.config.write_text('[process]\nping-url = "http://127.0.0.1:9/5ecret"\n')
    result = home.run("process", "-q", str(card), "--size", "32")
    assert result.code == 0
    assert result.err.count("could not be told: connection refused") == 1
    assert "5ecret" not in result.err


def test_a_service_that_says_nothing_is_not_waited_for() -> None:
    with FaultGallery([HANG]) as gallery:
        assert send_ping(gallery.url, "x", deadline_s=0.1) == "timed out after 0.1 s"


@pytest.mark.parametrize("url", ["ftp://host/5ecret", "host/5ecret", "http://", "http://[5ecret"])
def test_an_address_that_is_none_is_refused_without_being_shown(url: str) -> None:
    with pytest.raises(UsageError, match="this is no address") as refused:
        Monitor(url, Console())
    assert "5ecret" not in str(refused.value)


@contextmanager
def noting(folder: Path, code: int = 0) -> Iterator[tuple[str, Path]]:
    """A command that notes what it is given, and the file it does so in."""
    program, note = folder / "note it.py", folder / "note"
    program.write_text(
        "import json, os, pathlib, sys\n"
        "own = {name: value for name, value in os.environ.items() if name[:10] == 'PHOTOPIPE_'}\n"
        f"pathlib.Path({str(note)!r}).write_text(json.dumps([sys.argv[1:], own, json.load(sys.stdin)]))\n"
        f"print('said'); sys.exit({code})"
    )
    yield shlex.join([sys.executable, str(program), "$HOME", "; rm *"]), note


def test_a_command_gets_the_summary_without_a_shell(home: Home, card: Path, tmp_path: Path) -> None:
    with noting(tmp_path) as (command, note):
        result = home.run("process", "-q", "--json", str(card), "--size", "32", "--on-complete", command)
        arguments, environment, summary = json.loads(note.read_text())
    assert result.code == 0
    assert arguments == ["$HOME", "; rm *"]
    assert {name: value for name, value in environment.items() if name != "PHOTOPIPE_SECONDS"} == {
        "PHOTOPIPE_EXIT_CODE": "0",
        "PHOTOPIPE_FOUND": "5",
        "PHOTOPIPE_UPLOADED": "5",
        "PHOTOPIPE_SKIPPED": "0",
        "PHOTOPIPE_FAILED": "0",
        "PHOTOPIPE_LEFT_OVER": "0",
        "PHOTOPIPE_STOPPED_BY": "",
        "PHOTOPIPE_SETTLE": "0s",
    }
    assert summary.keys() == result.records[-1].keys()
    assert {**summary, "ts": ""} == {**result.records[-1], "ts": ""}
    assert result.err == "said\n"  # stdout is for photos


def test_a_command_runs_even_if_the_run_could_not_begin(home: Home, card: Path, tmp_path: Path) -> None:
    with noting(tmp_path) as (command, note):
        assert home.run("process", str(card / "nowhere"), "--on-complete", command).code == 13
        _, environment, summary = json.loads(note.read_text())
    assert (environment["PHOTOPIPE_EXIT_CODE"], environment["PHOTOPIPE_FOUND"]) == ("13", "0")
    assert (summary["exit_code"], summary["stopped_by"]) == (13, "error")


def test_a_command_that_fails_is_said_and_changes_nothing(home: Home, card: Path, tmp_path: Path) -> None:
    with noting(tmp_path, code=7) as (command, _note):
        result = home.run("process", "-q", str(card), "--size", "32", "--on-complete", command)
    assert result.code == 0
    assert f"--on-complete: {sys.executable} ended with exit code 7. The run is not affected." in result.err


@pytest.mark.campaign
def test_a_command_that_starts_a_run_of_its_own_is_not_run_for_that_one(home: Home, card: Path, tmp_path: Path) -> None:
    again = shlex.join([sys.executable, "-m", "photopipe", "process", "-q", "--size", "16", str(card)])
    home.config.parent.mkdir(parents=True, exist_ok=True)
    home.config.write_text(f"[process]\non-complete = {json.dumps(again)}\n")
    assert home.run("process", "-q", str(card), "--size", "32").code == 0
    assert len(home.photos()) == 10


@pytest.mark.parametrize("command", ["'unfinished", "  ", "/etc/passwd"])
def test_a_command_that_cannot_be_run_is_refused(command: str) -> None:
    with pytest.raises(UsageError, match="--on-complete: "):
        CompletionCommand(command, Console())


def test_a_program_that_is_not_there_is_said_before_the_first_photo(home: Home, card: Path) -> None:
    result = home.run("process", str(card), "--on-complete", "no-such-program-anywhere x")
    assert (result.code, "there is no program 'no-such-program-anywhere'" in result.err, home.photos()) == (2, True, [])
