"""The whole line against galleries that fail: nothing lost, nothing twice, journal and gallery agree."""

import random
from collections import Counter
from pathlib import Path

import pytest
from support.command import Home
from support.fault_gallery import (
    CUT_BODY,
    HANG,
    OK,
    TAKE_AND_CUT,
    TAKE_AND_DROP,
    TAKE_AND_HANG,
    Fault,
    FaultGallery,
    status,
)

FAULTS = {
    "answer lost": TAKE_AND_DROP,
    "answer cut": TAKE_AND_CUT,
    "closed in mid-body": CUT_BODY,
    "500": status(500),
    "503 with Retry-After": status(503, {"Retry-After": "1"}),
    "429 with Retry-After": status(429, {"Retry-After": "1"}),
    "hang": HANG,
    "taken, then hang": TAKE_AND_HANG,
}


ALWAYS = {("answer lost", False), ("closed in mid-body", False)}
"""Fault, and whether the gallery keeps keys; the others are left to `pytest -m campaign`."""
CELLS = [
    pytest.param(kind, keeps, marks=() if (kind, keeps) in ALWAYS else pytest.mark.campaign)
    for keeps in (True, False)
    for kind in FAULTS
]


def seeded_plan(seed: int, faults: list[Fault], share: float) -> list[Fault]:
    chance = random.Random(seed)
    return [chance.choice(faults) if chance.random() < share else OK for _ in range(200)]


@pytest.mark.parametrize(("kind", "idempotent"), CELLS)
def test_a_gallery_that_fails_now_and_then_gets_each_photo_once(
    home: Home, card_of_twelve: Path, kind: str, idempotent: bool
) -> None:
    plan = [FAULTS[kind], OK, OK, FAULTS[kind]]
    if "Retry-After" not in kind:  # each of these is a whole second of waiting
        plan += [OK, FAULTS[kind]]
    with FaultGallery(plan, idempotent=idempotent) as gallery:
        result = home.run("process", str(card_of_twelve), "--to", gallery.url, "--timeout", "0.4s")
        assert result.code == 0, result.err
        assert len(result.lines) == 12
        assert len({photo.fields["source_sha256"] for photo in gallery.stored}) == len(gallery.stored) == 12
    assert home.journal_states() == Counter(uploaded=12)


@pytest.mark.parametrize("seed", [0, *(pytest.param(seed, marks=pytest.mark.campaign) for seed in (1, 2))])
def test_all_faults_at_once_on_three_posts_in_ten(home: Home, big_card: Path, seed: int) -> None:
    with FaultGallery(seeded_plan(seed, list(FAULTS.values()), 0.3), idempotent=False) as gallery:
        result = home.run("process", "-q", str(big_card), "--to", gallery.url, "--timeout", "0.4s")
        assert (result.code, len(result.lines)) == (0, 30), result.err
        assert len({photo.fields["source_sha256"] for photo in gallery.stored}) == len(gallery.stored) == 30
    assert home.journal_states() == Counter(uploaded=30)


def test_a_gallery_without_room_stops_the_run_with_1(home: Home, big_card: Path) -> None:
    with FaultGallery([OK, OK, status(507)]) as gallery:
        result = home.run("process", str(big_card), "--to", gallery.url)
        assert result.code == 1
        assert "no room left" in result.err
        assert home.run("process", "-q", str(big_card), "--to", gallery.url).code == 0
        assert len({photo.key for photo in gallery.stored}) == len(gallery.stored) == 30


def test_one_photo_the_gallery_refuses_fails_alone(home: Home, card: Path) -> None:
    with FaultGallery(
        [status(415, {"Content-Type": "application/json"}, b'{"error": "no such pictures here"}')]
    ) as gallery:
        result = home.run("process", str(card), "--to", gallery.url)
        assert result.code == 3
        assert "no such pictures here" in result.err
        assert len(gallery.stored) == 4


def test_the_journals_disk_being_full_stops_the_run_with_1(home: Home, card: Path) -> None:
    """A real limit on file size: the kernel refuses the write, whoever runs this."""
    import resource

    def limited() -> None:
        resource.setrlimit(resource.RLIMIT_FSIZE, (20_000, 20_000))

    with FaultGallery() as gallery:
        result = home.run("process", str(card), "--to", gallery.url, preexec_fn=limited)
        assert result.code == 1
        assert "journal cannot be" in result.err
        assert "this is a bug" not in result.err
        assert home.run("process", "-q", str(card), "--to", gallery.url).code == 0
        assert len({photo.key for photo in gallery.stored}) == len(gallery.stored) == 5
