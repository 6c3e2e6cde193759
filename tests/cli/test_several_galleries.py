"""Several galleries at once: each photo reaches each, and one that is down holds nobody back."""

import json
import re
import signal
import threading
from collections import Counter
from pathlib import Path

import pytest
from support.command import COMMAND_DEADLINE_S, Home
from support.deadline import until
from support.fault_gallery import HANG, OK, Fault, FaultGallery, status
from support.pictures import make_jpeg


def names(gallery: FaultGallery) -> list[str]:
    return sorted(photo.fields["original_name"] for photo in gallery.stored)


def test_each_photo_goes_to_each_gallery_and_is_made_once(home: Home, card: Path) -> None:
    with FaultGallery() as one, FaultGallery() as other:
        result = home.run("process", str(card), "--to", one.url, "--to", other.url)
        assert result.code == 0, result.err
        assert names(one) == names(other) == [f"IMG_{number:04}.JPG" for number in range(5)]
        assert [photo.sha256 for photo in one.stored] != []
        assert {photo.sha256 for photo in one.stored} == {photo.sha256 for photo in other.stored}
        assert len(set(result.lines)) == 10
        assert "5 photos found: 5 uploaded" in result.err
        again = home.run("process", str(card), "--to", other.url, "--to", one.url)
        assert (again.code, again.lines, len(one.posts), len(other.posts)) == (0, [], 5, 5)
    assert home.journal_states() == Counter(uploaded=10)


def test_a_gallery_that_comes_later_gets_what_it_lacks_and_the_first_gets_nothing_again(home: Home, card: Path) -> None:
    with FaultGallery() as one, FaultGallery() as other:
        assert home.run("process", str(card), "--to", one.url).code == 0
        assert home.run("process", str(card), "--to", one.url, "--to", other.url).code == 0
        assert (len(one.posts), len(other.posts)) == (5, 5)


@pytest.mark.parametrize("dead_comes_first", [True, False])
def test_one_gallery_down_does_not_keep_photos_from_the_other(
    home: Home, big_card: Path, dead_comes_first: bool
) -> None:
    with FaultGallery() as alive:
        dead = "http://127.0.0.1:9/api/photos"
        order = [dead, alive.url] if dead_comes_first else [alive.url, dead]
        result = home.run(
            "process", str(big_card), "--json", "--retry-for", "2s", *(word for url in order for word in ("--to", url))
        )
        assert result.code == 5, result.err
        assert len(alive.stored) == 30
        *photos, summary = result.records
        sent = Counter((line["status"], line["reason"]) for line in photos)
        assert sent == {("uploaded", None): 30, ("failed", "gallery_down"): 30}
        assert (summary["found"], summary["failed"], summary["exit_code"]) == (30, 30, 5)
        assert "127.0.0.1:9" in result.err
    states = home.journal_states()
    assert states["uploaded"] == 30
    assert states["failed"] == states["quarantined"] == 0


def test_what_a_dead_gallery_did_not_get_is_said_once_and_not_for_each_photo(home: Home, big_card: Path) -> None:
    with FaultGallery() as alive:
        dead = "http://127.0.0.1:9/api/photos"
        result = home.run("process", str(big_card), "--retry-for", "1s", "--to", dead, "--to", alive.url)
    assert result.code == 5
    assert len(result.lines) == 30
    assert "IMG_" not in result.err
    assert re.search("^30 photos were not sent to 127.0.0.1-[0-9a-f]+, which was given up", result.err, re.MULTILINE)


def test_when_the_gallery_is_back_it_gets_what_it_lacks(home: Home, card: Path) -> None:
    is_down = True
    with FaultGallery() as alive, FaultGallery(lambda _n: status(500) if is_down else OK) as flaky:
        first = home.run("process", str(card), "--to", alive.url, "--to", flaky.url, "--retry-for", "0.5s")
        assert (first.code, len(alive.stored), len(flaky.stored)) == (5, 5, 0)
        is_down = False
        second = home.run("process", str(card), "--to", alive.url, "--to", flaky.url)
        assert second.code == 0, second.err
        assert len(alive.posts) == len(alive.stored) == 5
        assert names(flaky) == names(alive)


def test_a_refused_login_at_one_gallery_lets_the_other_have_all(home: Home, card: Path) -> None:
    with FaultGallery(token="t0ken") as closed, FaultGallery() as open_one:
        result = home.run("process", str(card), "--to", closed.url, "--to", open_one.url)
        assert result.code == 12, result.err
        assert (len(open_one.stored), len(closed.stored)) == (5, 0)


def test_a_gallery_has_all_photos_while_another_has_not_answered_once(home: Home, big_card: Path) -> None:
    let_go = threading.Event()

    def hold_back(_number: int) -> Fault:
        let_go.wait(COMMAND_DEADLINE_S)
        return OK

    with FaultGallery(hold_back) as slow, FaultGallery() as quick:
        process = home.start("process", "-q", str(big_card), "--to", slow.url, "--to", quick.url)
        until(lambda: len(quick.stored) == 30)
        assert slow.stored == []
        assert len(list(home.journal.parent.glob("*.spool/*"))) > 0
        let_go.set()
        out, err = process.communicate(timeout=COMMAND_DEADLINE_S)
        assert process.returncode == 0, err
        assert len(slow.stored) == 30
        assert len(out.splitlines()) == 60
    assert list(home.journal.parent.glob("*.spool")) == []


def test_what_a_killed_run_with_several_galleries_left_is_removed_by_a_run_with_one(home: Home, card: Path) -> None:
    spool = home.journal.with_name(home.journal.name + ".spool")
    spool.mkdir(parents=True)
    (spool / "1.picture").write_bytes(b"left over")
    assert home.run("process", str(card)).code == 0
    assert not spool.exists()


def test_what_one_gallery_has_is_told_when_the_line_is_dropped_while_the_other_hangs(home: Home, card: Path) -> None:
    with FaultGallery(lambda _n: HANG) as stuck, FaultGallery() as alive:
        process = home.start("process", str(card), "--to", stuck.url, "--to", alive.url, "--json")
        until(lambda: len(alive.stored) == 5)
        until(lambda: home.journal_states()["uploaded"] == 5)
        for text in (b"Stopping", b"Dropping"):
            process.send_signal(signal.SIGINT)
            assert process.stderr is not None
            while text not in (line := process.stderr.readline()):
                assert line
        out, _err = process.communicate(timeout=COMMAND_DEADLINE_S)
        *photos, summary = map(json.loads, out.splitlines())
    assert [line["status"] for line in photos] == ["uploaded"] * 5
    assert (summary["found"], summary["uploaded"], summary["left_over"]) == (5, 0, 5)


def test_a_gallery_that_hangs_costs_the_other_nothing_but_time(home: Home, card: Path) -> None:
    with FaultGallery(lambda _n: HANG) as stuck, FaultGallery() as alive:
        result = home.run(
            *("process", str(card), "--to", stuck.url, "--to", alive.url, "--timeout", "0.3s", "--retry-for", "1s")
        )
        assert result.code in {3, 5}, result.err
        assert len(alive.stored) == 5


def test_a_rendition_for_each_gallery_is_journalled_by_itself(home: Home, card: Path) -> None:
    with FaultGallery() as one, FaultGallery() as other:
        arguments = ["process", str(card), "--to", one.url, "--to", other.url]
        result = home.run(*arguments, "--rendition", "web=64", "--rendition", "thumb=16x16,cover", "--json")
        assert result.code == 0, result.err
        assert (len(one.stored), len(other.stored)) == (10, 10)
        lines = [line for line in result.records if line["type"] == "photo"]
        assert Counter((line["gallery"], line["rendition"]) for line in lines).most_common()[-1][1] == 5
        assert len({line["gallery"] for line in lines}) == 2
    assert home.journal_states() == Counter(uploaded=20)


def test_the_same_gallery_twice_is_refused(home: Home, card: Path) -> None:
    result = home.run("process", str(card), "--to", "http://h/x", "--to", "http://h/x")
    assert (result.code, "twice" in result.err) == (2, True)


class TestTooLarge:
    """A gallery that takes only small files."""

    @staticmethod
    def gallery(limit: int) -> FaultGallery:
        gallery = FaultGallery()
        take = gallery.take

        def take_if_small(photo):  # type: ignore[no-untyped-def]  # a stand-in for one method
            return take(photo) if len(photo.data) <= limit else (413, {"error": "too large", "url": ""})

        gallery.take = take_if_small  # type: ignore[method-assign]
        return gallery

    def test_a_file_too_large_fails_alone_and_says_what_to_do(self, home: Home, tmp_path: Path) -> None:
        folder = tmp_path / "card"
        folder.mkdir()
        make_jpeg(folder / "big.jpg", (1600, 1200))
        with self.gallery(1000) as gallery:
            result = home.run("process", str(folder), "--to", gallery.url, "--json")
        photo, _ = result.records
        assert (result.code, photo["reason"]) == (3, "too_large_for_gallery")
        assert "--on-413 shrink" in photo["message"]
        assert len(gallery.posts) == 1

    def test_with_shrink_it_is_made_smaller_until_it_fits(self, home: Home, tmp_path: Path) -> None:
        folder = tmp_path / "card"
        folder.mkdir()
        make_jpeg(folder / "big.jpg", (1600, 1200))
        with self.gallery(10_000_000) as gallery:
            home.run("process", str(folder), "--to", gallery.url)
            whole = len(gallery.stored[0].data)
        with self.gallery(whole // 2) as gallery:
            result = home.run("process", str(folder), "--to", gallery.url, "--json", "--on-413", "shrink")
            photo, _ = result.records
            assert result.code == 0, result.err
            assert len(gallery.stored) == 1
            assert photo["bytes"] == len(gallery.stored[0].data) <= whole // 2
            assert photo["width"] < 1600
            again = home.run("process", str(folder), "--to", gallery.url, "--on-413", "shrink")
            assert (again.code, len(gallery.stored)) == (0, 1)

    def test_what_never_fits_ends(self, home: Home, tmp_path: Path) -> None:
        folder = tmp_path / "card"
        folder.mkdir()
        make_jpeg(folder / "big.jpg", (1600, 1200))
        with self.gallery(10) as gallery:
            result = home.run("process", str(folder), "--to", gallery.url, "--on-413", "shrink")
        assert result.code == 3
        assert 2 <= len(gallery.posts) <= 10


def test_json_names_the_gallery_even_for_what_never_got_there(home: Home, tmp_path: Path) -> None:
    (tmp_path / "card").mkdir()
    (tmp_path / "card" / "broken.jpg").write_bytes(b"\xff\xd8\xff\xe0 no picture")
    with FaultGallery() as gallery:
        result = home.run("process", str(tmp_path / "card"), "--to", gallery.url, "--json")
    photo = json.loads(result.lines[0])
    assert (result.code, photo["status"]) == (3, "failed")
    assert photo["gallery"]
