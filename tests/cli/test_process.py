"""`photopipe process` as a person, a pipe and a script see it: real processes, real HTTP, real files."""

import base64
import json
import os
import shutil
import signal
import subprocess
import sys
import threading
from collections import Counter
from pathlib import Path

import pytest
from support.command import COMMAND_DEADLINE_S, Home
from support.deadline import until, within_deadline
from support.fault_gallery import HANG, OK, TAKE_AND_HANG, Fault, FaultGallery, status
from support.pictures import make_jpeg


def tree_state(folder: Path) -> list[tuple[str, int, bytes]]:
    return sorted(
        (str(path), path.stat().st_mtime_ns, path.read_bytes()) for path in folder.rglob("*") if path.is_file()
    )


def test_the_first_run_fills_the_gallery_and_the_second_does_nothing(home: Home, card: Path) -> None:
    first = home.run("process", str(card))
    assert first.code == 0
    assert len(first.lines) == 5
    assert all(line.startswith("file://") for line in first.lines)
    assert len(home.photos()) == 5
    assert "5 photos found: 5 uploaded" in first.err
    second = home.run("process", str(card))
    assert (second.code, second.out) == (0, "")
    assert "0 uploaded" in second.err
    assert "5 skipped (5 unchanged)" in second.err


def test_the_source_is_never_changed(home: Home, card: Path) -> None:
    before = tree_state(card)
    home.run("process", str(card))
    assert tree_state(card) == before


def test_photos_land_by_the_month_they_were_taken(home: Home, card: Path) -> None:
    home.run("process", str(card))
    assert all(len(Path(photo).parts) == 3 and photo.split("/")[0].isdigit() for photo in home.photos())


def test_quiet_says_nothing_when_nothing_is_wrong(home: Home, card: Path) -> None:
    result = home.run("process", "-q", str(card))
    assert (result.code, result.err) == (0, "")
    assert len(result.lines) == 5


def test_verbose_names_every_photo(home: Home, card: Path) -> None:
    assert home.run("process", "-v", str(card)).err.count("uploaded: file://") == 5
    assert home.run("process", "-v", str(card)).err.count("skipped: unchanged") == 5


def test_a_renamed_copy_is_a_duplicate_and_says_of_what(home: Home, card: Path) -> None:
    home.run("process", str(card))
    original = card / "DCIM/100PHOTO/IMG_0000.JPG"
    (card / "copy.jpg").write_bytes(original.read_bytes())
    result = home.run("process", "-v", str(card))
    assert (result.code, result.out) == (0, "")
    assert f"copy.jpg: skipped: duplicate same content as {original}" in result.err


def test_twins_on_one_line_arrive_once(home: Home, tmp_path: Path) -> None:
    (tmp_path / "card").mkdir()
    picture = make_jpeg(tmp_path / "card/a.jpg", seed=1).read_bytes()
    for number in range(12):
        (tmp_path / f"card/b{number}.jpg").write_bytes(picture)
    with FaultGallery(idempotent=False) as gallery:
        result = home.run("process", str(tmp_path / "card"), "--to", gallery.url)
        assert len(gallery.stored) == 1
    assert result.code == 0
    assert "13 photos found: 1 uploaded" in result.err
    assert "12 skipped (12 duplicate)" in result.err


def test_another_size_is_another_recipe_and_is_sent_again(home: Home, card: Path) -> None:
    with FaultGallery() as gallery:
        home.run("process", str(card), "--to", gallery.url)
        result = home.run("process", str(card), "--to", gallery.url, "--size", "100")
        assert len(result.lines) == 5
        assert len(gallery.stored) == 10


def test_several_renditions_are_each_delivered_once(home: Home, card: Path) -> None:
    options = ["--rendition", "web=200", "--rendition", "thumb=64x64,cover"]
    with FaultGallery() as gallery:
        result = home.run("process", str(card), "--to", gallery.url, "--json", *options)
        *photos, summary = result.records
        assert (summary["found"], summary["uploaded"], len(photos)) == (5, 5, 10)
        assert {(photo["rendition"], photo["width"], photo["height"]) for photo in photos} == {
            ("web", 200, 150), ("thumb", 64, 64),
        }  # fmt: skip
        assert {photo.file_name.rsplit("-", maxsplit=1)[1] for photo in gallery.stored} == {"web.jpg", "thumb.jpg"}
        assert home.run("process", str(card), "--to", gallery.url, *options).out == ""
        more = home.run("process", str(card), "--to", gallery.url, *options, "--rendition", "tiny=20")
        assert (more.code, len(more.lines), len(gallery.stored)) == (0, 5, 15)


def test_a_rendition_that_is_refused_does_not_hold_back_the_others(home: Home, card: Path) -> None:
    photo, options = str(card / "DCIM/100PHOTO/IMG_0000.JPG"), ["--rendition", "web=200", "--rendition", "thumb=64"]
    with FaultGallery([status(413), OK], idempotent=False) as gallery:
        result = home.run("process", photo, "--to", gallery.url, "--json", *options)
        web, thumb, summary = result.records
        assert (web["status"], web["rendition"], web["stage"]) == ("failed", "web", "upload")
        assert (thumb["status"], thumb["rendition"]) == ("uploaded", "thumb")
        assert (result.code, summary["failed"], summary["uploaded"]) == (3, 1, 0)
        again = home.run("process", photo, "--to", gallery.url, *options)
        assert (again.code, len(again.lines), len(gallery.stored)) == (0, 1, 2)


def test_any_endpoint_can_be_named_and_gets_what_the_protocol_says(home: Home, card: Path) -> None:
    with FaultGallery(token="open-sesame") as gallery:
        result = home.run("process", str(card), "--to", gallery.url, env={"PHOTOPIPE_TOKEN": "open-sesame"})
        stored = gallery.stored[0]
    assert result.code == 0
    assert stored.headers["authorization"] == "Bearer open-sesame"
    assert stored.fields["original_name"].endswith(".JPG")
    assert stored.fields["sha256"] == stored.sha256
    assert len(stored.fields["source_sha256"]) == 64
    assert stored.key
    assert "open-sesame" not in result.out + result.err + home.journal.read_bytes().decode("latin-1")


def test_every_option_can_come_from_the_environment(home: Home, card: Path) -> None:
    with FaultGallery() as gallery:
        env = {"PHOTOPIPE_TO": gallery.url, "PHOTOPIPE_QUIET": "1", "PHOTOPIPE_JSON": "1"}
        result = home.run("process", str(card), env=env)
    assert result.err == ""
    assert [record["type"] for record in result.records] == ["photo"] * 5 + ["summary"]


def test_flag_beats_environment_beats_configuration(home: Home, card: Path) -> None:
    home.config.parent.mkdir(parents=True)
    with FaultGallery() as gallery, FaultGallery() as other:
        home.config.write_text(f'[process]\nto = "{other.url}"\nquiet = true\n')
        assert home.run("process", str(card)).err == ""
        assert len(other.stored) == 5
        home.run("process", str(card), env={"PHOTOPIPE_TO": gallery.url})
        assert len(gallery.stored) == 5
        home.run("process", str(card), "--to", gallery.url, "--size", "9", env={"PHOTOPIPE_SIZE": "8"})
        assert gallery.stored[-1].sha256 != gallery.stored[0].sha256
        assert (len(gallery.stored), len(other.stored)) == (10, 5)


def test_a_mistyped_configuration_key_is_refused(home: Home, card: Path) -> None:
    home.config.parent.mkdir(parents=True)
    home.config.write_text("[process]\nsise = 100\n")
    result = home.run("process", str(card))
    assert result.code == 2
    assert ":2: [process] sise: there is no such key here. Did you mean size or since?" in result.err


def test_a_configuration_in_the_working_directory_is_not_picked_up(home: Home, card: Path) -> None:
    (card / "config.toml").write_text("[process]\nsise = 100\n")
    assert home.run("process", ".", cwd=card).code == 0


def test_a_dry_run_writes_and_sends_nothing(home: Home, card: Path) -> None:
    result = home.run("process", "--dry-run", str(card))
    assert (result.code, result.out) == (0, "")
    assert result.err.count("would_upload") == 5
    assert "5 would be uploaded" in result.err
    assert list(home.folder.iterdir()) == []


def test_json_tells_each_photo_and_ends_with_a_summary(home: Home, card: Path) -> None:
    (card / "broken.jpg").write_bytes(b"\xff\xd8\xff\xe0broken")
    result = home.run("process", "--json", str(card))
    *photos, summary = result.records
    assert summary["type"] == "summary"
    assert {name: summary[name] for name in ("found", "uploaded", "skipped", "failed", "left_over", "exit_code")} == {
        "found": 6, "uploaded": 5, "skipped": 0, "failed": 1, "left_over": 0, "exit_code": 3,
    }  # fmt: skip
    assert sorted(photo["status"] for photo in photos) == ["failed"] + ["uploaded"] * 5
    failed = next(photo for photo in photos if photo["status"] == "failed")
    assert (failed["stage"], failed["reason"]) == ("resize", "unreadable_photo")
    uploaded = next(photo for photo in photos if photo["status"] == "uploaded")
    assert uploaded["width"] == 320
    assert uploaded["url"].startswith("file://")
    again = home.run("process", "--json", str(card)).records
    assert [record.get("reason") for record in again].count("unchanged") == 5


def test_hostile_names_go_through_and_forge_nothing(home: Home, tmp_path: Path) -> None:
    card = tmp_path / "card"
    card.mkdir()
    names = [b"new\nline.jpg", b"bad\xff\xfeutf8.jpg", "right\u202egpj.exe.jpg".encode(), b"\x1b[31mred.jpg"]
    for seed, name in enumerate(names):
        picture = make_jpeg(tmp_path / "plain.jpg", seed=seed).read_bytes()
        (card / os.fsdecode(name)).write_bytes(picture)
    result = home.run("process", "--json", "-v", str(card))
    assert result.code == 0
    *photos, _summary = result.records
    paths = {base64.b64decode(p["path_b64"]) if "path_b64" in p else p["path"].encode() for p in photos}
    assert {os.path.basename(path) for path in paths} == set(names)
    for forbidden in ("\n" + "line", "\u202e", "\x1b", "\udcff"):
        assert forbidden not in result.err
    assert "new\\nline.jpg" in result.err
    assert "bad\\xff\\xfeutf8.jpg" in result.err
    assert len(home.photos()) == 4


def test_every_text_in_a_json_line_is_valid_utf8(home: Home, tmp_path: Path) -> None:
    """A lone surrogate is an escape that json.dumps writes and strict parsers refuse."""
    card = tmp_path / "card"
    card.mkdir()
    picture = make_jpeg(tmp_path / "plain.jpg").read_bytes()
    for name in (b"first\xff.jpg", b"second\xff.jpg"):
        (card / os.fsdecode(name)).write_bytes(picture)
    home.run("process", str(card / os.fsdecode(b"first\xff.jpg")))
    result = home.run("process", "--json", str(card))
    messages = [record["message"] for record in result.records if record.get("reason") == "duplicate"]
    assert messages == [f"same content as {card}/first\ufffd.jpg"]
    assert "\\udcff" not in result.out


def test_a_reader_that_has_had_enough_stops_nothing(home: Home, big_card: Path) -> None:
    command = f'"{sys.executable}" -m photopipe process "{big_card}" | head -1'
    result = subprocess.run(
        ["bash", "-o", "pipefail", "-c", command],
        env=home.environment(), capture_output=True, timeout=COMMAND_DEADLINE_S,
    )  # fmt: skip
    assert result.returncode == 0
    assert len(result.stdout.splitlines()) == 1
    assert b"30 uploaded" in result.stderr
    assert b"Traceback" not in result.stderr
    assert b"Broken" not in result.stderr
    assert len(home.photos()) == 30


def test_data_that_cannot_be_written_is_a_failure_but_the_uploads_go_on(home: Home, card: Path) -> None:
    with open("/dev/full", "w") as full:
        result = home.run("process", str(card), stdout=full)
    assert result.code == 1
    assert "stdout could not be written: No space left on device" in result.err
    assert len(home.photos()) == 5


def test_exit_3_one_broken_photo_among_good_ones_is_named_and_the_good_ones_arrive(home: Home, card: Path) -> None:
    whole = (card / "DCIM/100PHOTO/IMG_0001.JPG").read_bytes()
    (card / "DCIM/100PHOTO/IMG_0001.JPG").write_bytes(whole[: len(whole) // 2])
    result = home.run("process", str(card))
    assert result.code == 3
    assert "IMG_0001.JPG: cannot be resized: the file ends early" in result.err
    assert "Copy it again from the camera." in result.err
    assert "4 uploaded" in result.err
    assert "1 failed" in result.err
    assert len(home.photos()) == 4


def test_a_photo_with_too_many_pixels_is_tried_again_when_the_limit_is_raised(home: Home, card: Path) -> None:
    """The limit is what the message advises to raise; the photo must not be skipped then."""
    limited = ["process", str(card), "--max-pixels", "100"]
    for _ in range(3):
        assert home.run(*limited).code == 3
    assert "5 skipped (5 quarantined)" in home.run(*limited).err
    raised = home.run("process", str(card))
    assert (raised.code, len(raised.lines)) == (0, 5)


def test_a_broken_photo_is_quarantined_after_three_runs_and_tried_again_when_touched(home: Home, card: Path) -> None:
    broken = card / "note.jpg"
    broken.write_text("this is not a picture")
    assert [home.run("process", "-q", str(card)).code for _ in range(4)] == [3, 3, 3, 0]
    assert "1 quarantined" in home.run("process", str(card)).err
    broken.write_text("this is not a picture at all")
    assert home.run("process", str(card)).code == 3


def test_exit_2_wrong_usage(home: Home, card: Path) -> None:
    for arguments in (
        ["process"], ["process", str(card), "--nonsense"], ["process", str(card), "--size", "0"], ["nonsense"],
        ["process", str(card), "--to", "ftp://host/x"], ["process", str(card), "-q", "-v"],
        ["process", str(card), "--lock-wait", "soon"], ["process", str(card), "--to", "http://user:pw@host/x"],
        ["process", str(card), "--rendition", "web"], ["process", str(card), "--rendition", "a=9,sideways"],
        ["process", str(card), "--rendition", "a=9", "--rendition", "b=9"],
        ["--config", str(card / "none.toml"), "process", str(card)],
        ["process", str(card), "--to", "http://127.0.0.1:1/x", "--token-file", str(card / "none")],
    ):  # fmt: skip
        result = home.run(*arguments)
        assert result.code == 2, (arguments, result)
        assert result.err
        assert "Traceback" not in result.err


def test_exit_2_the_gallery_itself_is_no_source(home: Home, card: Path) -> None:
    home.run("process", str(card))
    result = home.run("process", str(next(home.pictures.glob("[0-9]*"))))
    assert result.code == 2
    assert "gallery's own folder" in result.err


def test_a_source_that_contains_the_gallery_leaves_it_out(home: Home) -> None:
    make_jpeg(home.folder / "mine.jpg", seed=3)
    assert home.run("process", str(home.folder)).lines != []
    assert home.run("process", str(home.folder)).lines == []


def test_exit_13_a_missing_source(home: Home, card: Path) -> None:
    result = home.run("process", str(card), str(card / "not-mounted"))
    assert result.code == 13
    assert "not-mounted: the source cannot be read: No such file or directory" in result.err
    assert home.photos() == []


def test_an_empty_source_is_fine(home: Home, tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    result = home.run("process", str(tmp_path / "empty"))
    assert (result.code, result.out) == (0, "")
    assert "0 photos found" in result.err


@pytest.mark.parametrize(
    ("options", "most_s"),
    [
        pytest.param(("--retry-for", "1s"), 10, id="asked for less"),
        pytest.param((), 15, id="default", marks=pytest.mark.campaign),
    ],
)
def test_exit_5_a_dead_endpoint_is_given_up_within_ten_seconds(
    home: Home, card: Path, options: tuple[str, ...], most_s: float
) -> None:
    command = ("process", str(card), "--to", "http://127.0.0.1:9/photos", *options)
    result = within_deadline(lambda: home.run(*command), most_s)
    assert result.code == 5
    assert "127.0.0.1:9" in result.err
    assert "left over" in result.err
    assert "0 left over" not in result.err


def test_exit_5_an_endpoint_that_worked_is_tried_for_as_long_as_asked(home: Home, big_card: Path) -> None:
    with FaultGallery(lambda number: status(503) if number >= 3 else OK) as gallery:
        result = home.run("process", str(big_card), "--to", gallery.url, "--retry-for", "1s")
        assert len(gallery.stored) == 3
    assert result.code == 5
    with FaultGallery() as gallery:
        assert home.run("process", str(big_card), "--to", gallery.url).code == 0


def test_exit_12_a_refused_login_stops_the_run(home: Home, big_card: Path) -> None:
    with FaultGallery(token="right-t0ken") as gallery:
        result = home.run("process", str(big_card), "--to", gallery.url, env={"PHOTOPIPE_TOKEN": "wrong-t0ken"})
        assert gallery.stored == []
        assert len(gallery.posts) < 30
    assert result.code == 12
    assert "wrong-t0ken" not in result.err


def test_exit_11_a_second_run_is_turned_away_or_waits(home: Home, card: Path) -> None:
    with FaultGallery([HANG]) as gallery:
        first = home.start("process", str(card), "--to", gallery.url)
        try:
            wait_until_posted(gallery)
            second = home.run("process", str(card), "--to", gallery.url)
            assert second.code == 11
            assert f"process {first.pid}" in second.err
            assert home.run("process", "--dry-run", str(card), "--to", gallery.url).code == 0
        finally:
            first.kill()
            first.communicate()
        third = home.run("process", str(card), "--to", gallery.url, "--lock-wait", "30s")
        assert third.code == 0
        assert len(gallery.stored) == 5


def wait_until_posted(gallery: FaultGallery, posts: int = 1) -> None:
    until(lambda: len(gallery.posts) >= posts)


@pytest.mark.parametrize(("number", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)])
def test_the_first_signal_finishes_what_is_on_the_line(home: Home, big_card: Path, number: int, code: int) -> None:
    with FaultGallery() as gallery:
        process = home.start("process", "--json", str(big_card), "--to", gallery.url, "--jobs", "1")
        wait_until_posted(gallery)
        process.send_signal(number)
        out, err = process.communicate(timeout=COMMAND_DEADLINE_S)
        summary = json.loads(out.splitlines()[-1])
        assert process.returncode == code, err
        assert (summary["left_over"], summary["failed"], summary["exit_code"]) == (0, 0, code)
        assert summary["found"] == summary["uploaded"] == len(gallery.stored)
        assert summary["found"] < 30
        assert b"being finished" in err
        rest = home.run("process", "-q", str(big_card), "--to", gallery.url)
        assert rest.code == 0
        assert len(rest.lines) == 30 - summary["uploaded"]
        assert len({photo.key for photo in gallery.stored}) == len(gallery.stored) == 30


def test_what_goes_wrong_after_a_signal_is_told(home: Home, card: Path) -> None:
    signalled = threading.Event()

    def refuse_later(_number: int) -> Fault:
        signalled.wait(COMMAND_DEADLINE_S)
        return status(401)

    with FaultGallery(refuse_later) as gallery:
        process = home.start("process", str(card), "--to", gallery.url)
        wait_until_posted(gallery)
        process.send_signal(signal.SIGINT)
        wait_for_line(process, b"Stopping")
        signalled.set()
        _out, err = process.communicate(timeout=COMMAND_DEADLINE_S)
    assert process.returncode == 130
    assert b"photopipe: " in err
    assert b"token" in err


def test_photos_that_arrived_before_a_run_ended_early_are_printed_and_counted(home: Home, big_card: Path) -> None:
    with FaultGallery(lambda number: status(507) if number >= 5 else OK) as gallery:
        result = home.run("process", str(big_card), "--to", gallery.url)
        assert result.code == 1
        assert 0 < len(result.lines) <= len(gallery.stored)  # the answer to one may have been on its way
    assert len(result.lines) == home.journal_states()["uploaded"]
    assert f" found: {len(result.lines)} uploaded" in result.err


def test_the_second_signal_drops_the_line_at_once_and_nothing_is_lost(home: Home, big_card: Path) -> None:
    with FaultGallery(lambda number: TAKE_AND_HANG if number < 2 else OK) as gallery:
        process = home.start("process", "--json", str(big_card), "--to", gallery.url)
        wait_until_posted(gallery, 2)
        for _ in range(2):
            process.send_signal(signal.SIGINT)
            wait_for_line(process, b"Stopping" if _ == 0 else b"Dropping")
        out, _err = process.communicate(timeout=10)
        summary = json.loads(out.splitlines()[-1])
        assert process.returncode == 130
        assert summary["left_over"] > 0
        assert summary["found"] == summary["uploaded"] + summary["left_over"]
        rest = home.run("process", "-q", str(big_card), "--to", gallery.url)
        assert rest.code == 0
        assert len({photo.key for photo in gallery.stored}) == len(gallery.stored) == 30


def wait_for_line(process: "subprocess.Popen[bytes]", text: bytes) -> None:
    assert process.stderr is not None
    while text not in (line := process.stderr.readline()):
        assert line, f"{text!r} was never said"


def test_the_third_signal_exits_at_once(home: Home, big_card: Path) -> None:
    with FaultGallery(lambda _number: HANG) as gallery:
        process = home.start("process", str(big_card), "--to", gallery.url)
        wait_until_posted(gallery)
        for _ in range(300):
            if process.poll() is not None:
                break
            process.send_signal(signal.SIGINT)
            try:
                process.wait(0.01)
            except subprocess.TimeoutExpired:
                continue
        process.communicate(timeout=10)
        assert process.returncode == 130


def test_no_gallery_process_is_left_behind(home: Home, big_card: Path) -> None:
    process = home.start("process", str(big_card))
    assert process.stdout is not None
    assert process.stdout.readline()
    child = gallery_children(process.pid)
    assert len(child) == 1
    process.kill()
    process.communicate()
    until(lambda: not Path(f"/proc/{child[0]}").exists())
    assert home.run("process", "-q", str(big_card)).code == 0
    assert len(home.photos()) == 30


def gallery_children(pid: int) -> list[int]:
    children = Path(f"/proc/{pid}/task").glob("*/children")
    return [int(child) for path in children for child in path.read_text().split()]


def test_a_gallery_folder_that_cannot_be_made_is_named(home: Home, card: Path) -> None:
    (home.folder / "file").write_text("in the way")
    result = home.run("process", str(card), "--gallery-dir", str(home.folder / "file" / "gallery"))
    assert result.code == 1
    assert "--gallery-dir" in result.err
    assert "Traceback" not in result.err


def test_photos_that_others_sent_before_are_told_as_already_there(home: Home, card: Path) -> None:
    with FaultGallery() as gallery:
        home.run("process", str(card), "--to", gallery.url)
        home.journal.unlink()
        result = home.run("process", str(card), "--to", gallery.url)
        assert len(gallery.stored) == 5
    assert (result.code, result.out) == (0, "")
    assert "5 already in gallery" in result.err


def test_raw_files_are_left_alone_if_asked_or_said_once_if_they_cannot_be_read(home: Home, card: Path) -> None:
    for number in range(3):
        (card / f"DSC_{number}.NEF").write_bytes(b"II*\x00raw" + bytes([number]))
    skipped = home.run("process", str(card), "--raw", "skip")
    assert skipped.code == 0
    assert "3 other files left alone (.nef 3)" in skipped.err
    program = "import sys; sys.modules['rawpy'] = None; from photopipe.cli import main; main(sys.argv[1:])"
    result = subprocess.run(
        [sys.executable, "-c", program, "process", str(card)],
        env=home.environment(), capture_output=True, text=True, timeout=COMMAND_DEADLINE_S,
    )  # fmt: skip
    assert result.returncode == 0
    assert result.stderr.count("camera RAW files (.nef) are left alone") == 1
    assert "photopipe[raw]" in result.stderr


def test_copies_of_a_slow_photo_keep_no_other_photo_waiting(home: Home, card: Path) -> None:
    let_go = threading.Event()

    def slow_at_first(number: int) -> Fault:
        if number == 0:
            let_go.wait(COMMAND_DEADLINE_S)
        return OK

    first = next(card.rglob("IMG_0000.JPG"))
    for copy in range(4):
        shutil.copyfile(first, first.with_name(f"IMG_0000 ({copy}).JPG"))
    with FaultGallery(slow_at_first) as gallery:
        process = home.start("process", "--json", str(card), "--to", gallery.url)
        until(lambda: len(gallery.stored) == 4)
        let_go.set()
        out, err = process.communicate(timeout=COMMAND_DEADLINE_S)
        *photos, summary = map(json.loads, out.splitlines())
        assert process.returncode == 0, err
        assert (summary["found"], summary["uploaded"], summary["skipped"]) == (9, 5, 4)
        assert Counter(line["reason"] for line in photos) == {None: 5, "duplicate": 4}


def test_a_copy_goes_itself_if_the_first_one_cannot(home: Home, card: Path) -> None:
    """The gallery refuses the first, which is told; the second is tried and arrives."""
    first, *others = sorted(card.rglob("*.JPG"))
    for path in others:
        path.unlink()
    shutil.copyfile(first, first.with_name("IMG_0001.JPG"))
    with FaultGallery(lambda number: OK if number else status(422)) as gallery:
        result = home.run("process", "--json", str(card), "--to", gallery.url)
        *photos, summary = result.records
        assert (result.code, len(gallery.stored)) == (3, 1)
        assert Counter(line["status"] for line in photos) == {"failed": 1, "uploaded": 1}
        assert (summary["found"], summary["uploaded"], summary["failed"]) == (2, 1, 1)
