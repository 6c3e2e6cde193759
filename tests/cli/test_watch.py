"""`photopipe watch` as a person and as systemd start it."""

import json
import signal
import socket
from pathlib import Path
from typing import Any

from support.command import Home
from support.deadline import within_deadline
from support.pictures import make_jpeg


def test_it_says_when_it_is_ready_prints_photos_as_they_come_and_stops_cleanly(
    home: Home, card: Path, tmp_path: Path
) -> None:
    address = str(tmp_path / "notify")
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as manager:
        manager.bind(address)
        manager.settimeout(20)
        command = ["watch", "--json", "--size", "32", str(card), str(tmp_path / "single.jpg")]
        make_jpeg(tmp_path / "single.jpg", seed=50)
        with home.start(*command, env={"NOTIFY_SOCKET": address}) as process:
            assert manager.recv(1000) == b"READY=1"

            def next_record() -> dict[str, Any]:
                record: dict[str, Any] = json.loads(process.stdout.readline())  # type: ignore[union-attr] # a pipe
                return record

            there = within_deadline(lambda: [next_record() for _ in range(6)])
            assert {record["status"] for record in there} == {"uploaded"}
            make_jpeg(tmp_path / "new.jpg", seed=60).rename(card / "DCIM" / "new.jpg")
            new = within_deadline(next_record)
            assert (new["path"], new["status"]) == (str(card / "DCIM" / "new.jpg"), "uploaded")
            process.send_signal(signal.SIGTERM)
            summary = within_deadline(next_record)
            assert process.wait(20) == 143
            said = process.stderr.read().decode()  # type: ignore[union-attr] # a pipe
        messages = []
        manager.setblocking(False)
        try:
            while True:
                messages.append(manager.recv(1000))
        except BlockingIOError:
            pass
    assert (summary["found"], summary["uploaded"], summary["exit_code"]) == (7, 7, 143)
    assert messages[-1] == b"STOPPING=1"
    assert said.startswith("Watching 2 sources. Ctrl-C stops.\nStopping: photos in progress are being finished.")
    assert len(home.photos()) == 7


def test_a_source_that_is_missing_at_the_start_is_an_error(home: Home, tmp_path: Path) -> None:
    result = home.run("watch", str(tmp_path / "nowhere"))
    assert result.code == 13
    assert "Is the card or disk in and mounted?" in result.err
