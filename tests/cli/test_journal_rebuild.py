"""A journal that is lost or damaged: `journal rebuild` fills it by asking, and `process` uploads nothing twice."""

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest
from support.command import Home
from support.damaged_journals import DAMAGES
from support.fake_immich import KEY, FakeImmich
from support.fault_gallery import FaultGallery


@dataclass
class Place:
    """A gallery of some kind.

    Attributes:
        arguments: that name it.
        held: how many photos it has; twice what it has twice.
        env: what else is needed.
    """

    arguments: list[str]
    held: Callable[[], int]
    env: dict[str, str]


@contextmanager
def embedded(home: Home, _folder: Path) -> Iterator[Place]:
    yield Place([], lambda: len(home.photos()), {})


@contextmanager
def folder(_home: Home, folder: Path) -> Iterator[Place]:
    def held() -> int:
        return len([path for path in (folder / "site").rglob("*") if path.is_file()])

    (folder / "site").mkdir()
    yield Place(["--to", f"folder://{folder}/site"], held, {})


@contextmanager
def immich(_home: Home, _folder: Path) -> Iterator[Place]:
    with FakeImmich() as gallery:
        place = ["--to", f"immich+{gallery.site}"]
        yield Place(place, lambda: len(gallery.assets), {"PHOTOPIPE_TOKEN": KEY})


@contextmanager
def form(_home: Home, _folder: Path) -> Iterator[Place]:
    """It keeps a second copy of whatever is sent twice, and can only be asked."""
    with FaultGallery(idempotent=False) as gallery:
        yield Place(["--to", gallery.url], lambda: len(gallery.stored), {})


PLACES = [pytest.param(place, marks=pytest.mark.campaign) for place in (embedded, folder, immich)] + [form]


@pytest.mark.parametrize("open_place", PLACES)
def test_nothing_is_uploaded_twice_whatever_happens_to_the_journal(
    home: Home, card: Path, tmp_path: Path, open_place: Callable[[Home, Path], AbstractContextManager[Place]]
) -> None:
    def process(command: str = "process") -> str:
        given = [] if command == "process" else ["journal"]
        result = home.run(*given, command, str(card), *place.arguments, env=place.env)
        assert (result.code, place.held()) == (0, 5), result.err
        assert home.journal_states() == {"uploaded": 5}
        return result.err

    with open_place(home, tmp_path) as place:
        process()
        DAMAGES["all but the first page"](home.journal)
        assert "the journal was damaged. It is kept as " in process()
        home.journal.unlink()
        assert "it was lost" in process()
        for path in home.journal.parent.iterdir():  # the lock and what it says, too
            path.unlink()
        assert "5 already in gallery" in process("rebuild")
        assert "5 unchanged" in process()


@pytest.mark.campaign
def test_what_is_not_in_the_gallery_is_counted_and_left_for_the_next_run(home: Home, card: Path) -> None:
    home.run("process", str(card))
    (home.pictures / home.photos()[0]).unlink()
    home.journal.unlink()
    before = home.photos()
    result = home.run("journal", "rebuild", str(card), "--json")
    assert (result.code, home.photos()) == (0, before)
    reasons = [record["reason"] for record in result.records if record["type"] == "photo"]
    assert sorted(reasons) == ["already_in_gallery"] * 4 + ["not_in_gallery"]
    after = home.run("process", str(card))
    assert (after.code, len(after.lines), len(home.photos())) == (0, 1, 5)


@pytest.mark.campaign
def test_rebuild_keeps_the_files_that_process_would_take_away(home: Home, card: Path) -> None:
    home.run("process", str(card))
    home.journal.unlink()
    assert home.run("journal", "rebuild", str(card), "--after", "delete").code == 0
    assert len(list(card.rglob("*.JPG"))) == 5


@pytest.mark.campaign
def test_rebuild_finds_damage_that_a_run_would_not_read(home: Home, card: Path) -> None:
    home.run("process", str(card))
    raw = bytearray(home.journal.read_bytes())
    raw[raw.index(b"file:///")] ^= 1
    home.journal.write_bytes(raw)
    assert home.run("journal", "check").code == 0, "a changed letter breaks nothing"
    DAMAGES["every fourth page"](home.journal)
    assert home.run("journal", "rebuild", str(card)).code == 0
    assert home.run("journal", "check").code == 0
    assert len(home.photos()) == 5


def test_rebuild_takes_the_options_that_are_configured_for_process(home: Home, card: Path, tmp_path: Path) -> None:
    (tmp_path / "site").mkdir()
    home.config.parent.mkdir(parents=True)
    home.config.write_text(f'[process]\nto = ["folder://{tmp_path}/site"]\nsize = "640"\n')
    home.run("process", str(card))
    home.journal.unlink()
    assert "5 already in gallery" in home.run("journal", "rebuild", str(card)).err


@pytest.mark.parametrize("is_asked", [False, True], ids=["without a lookup", "an endpoint that answers nothing"])
def test_a_gallery_that_cannot_answer_is_refused_before_the_first_photo(home: Home, card: Path, is_asked: bool) -> None:
    with FaultGallery(findable=False) as gallery:
        place = gallery.url if is_asked else f"lychee+{gallery.url}"
        result = home.run("journal", "rebuild", str(card), "--to", place, env={"PHOTOPIPE_TOKEN": "none"})
        assert (result.code, gallery.posts) == (2, [])
        assert "cannot tell which photos it has" in result.err
    assert home.journal_states() == {}


def test_a_dry_run_and_questions_never_move_a_damaged_journal(home: Home, card: Path) -> None:
    home.run("process", str(card))
    DAMAGES["all but the first page"](home.journal)
    before = home.journal.read_bytes()
    for command in (["process", "--dry-run", str(card)], ["status"], ["failed"], ["explain", str(card)], ["doctor"]):
        result = home.run(*command)
        assert result.code == 1
        assert "the journal is damaged" in result.err + result.out
    assert home.journal.read_bytes() == before
    assert not list(home.journal.parent.glob("*damaged*"))


@pytest.mark.campaign
def test_of_two_runs_that_find_the_same_damaged_journal_one_replaces_it(home: Home, card: Path) -> None:
    home.run("process", str(card))
    DAMAGES["cut in half"](home.journal)
    runs = [home.start("process", str(card), "--lock-wait", "30s") for _ in range(2)]
    said = []
    for run in runs:
        said.append(run.communicate(timeout=60)[1].decode())
        assert run.returncode == 0
    assert sum("the journal was damaged" in text for text in said) == 1
    assert len(home.photos()) == 5
    assert len([path for path in home.journal.parent.glob("*damaged*") if path.suffix.startswith(".damaged")]) >= 1


@pytest.mark.campaign
def test_a_disk_without_room_for_the_new_journal_leaves_the_damaged_one(home: Home, card: Path) -> None:
    import resource

    def limited() -> None:
        resource.setrlimit(resource.RLIMIT_FSIZE, (20_000, 20_000))

    with FaultGallery() as gallery:
        place = [str(card), "--to", gallery.url]
        home.run("process", *place)
        DAMAGES["cut in half"](home.journal)
        before = home.journal.read_bytes()
        result = home.run("process", *place, preexec_fn=limited)
        assert result.code == 1
        assert "Make room" in result.err
        assert home.journal.read_bytes() == before
        assert home.run("process", *place).code == 0
        assert len(gallery.stored) == 5
