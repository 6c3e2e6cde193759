"""The short form of `upload_faults.py`: one kind, few photos, every mishap."""

from pathlib import Path

import pytest
from campaigns.kill_runs import fill_card
from campaigns.upload_faults import cell
from support.deadline import within_deadline
from support.fault_galleries import Grounds
from support.fault_proxy import Mishap

from photopipe.photo import Receipt
from photopipe.upload.galleries.form.gallery import FormGallery

PHOTOS = 12
ALWAYS = {Mishap.ANSWER_LOST}
"""The others are left to `pytest -m campaign`."""
MISHAPS = [one if one in ALWAYS else pytest.param(one, marks=pytest.mark.campaign) for one in Mishap]


@pytest.fixture(scope="module")
def card(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("campaign") / "card"
    fill_card(folder, PHOTOS)
    return folder


@pytest.mark.parametrize("mishap", MISHAPS, ids=lambda mishap: mishap.value)
def test_whatever_happens_each_photo_is_there_once(tmp_path: Path, card: Path, mishap: Mishap) -> None:
    with Grounds() as grounds:
        result = within_deadline(
            lambda: cell(grounds, tmp_path / "cell", card, "form", mishap, photos=PHOTOS, share=0.4, seed=5),
            deadline_s=60,
        )
    assert result is not None
    assert result.is_good, result
    assert result.mishaps > 0


def test_a_client_that_sends_again_without_asking_is_caught(
    tmp_path: Path, card: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(FormGallery, "find", lambda _self, _photo: None)
    with Grounds() as grounds:
        result = within_deadline(
            lambda: cell(grounds, tmp_path / "cell", card, "form", Mishap.ANSWER_LOST, photos=PHOTOS, share=0.4, seed=5)
        )
    assert result is not None
    assert result.twice > 0
    assert not result.is_good


def test_a_journal_that_says_too_much_is_caught(tmp_path: Path, card: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def lie(_self: object, _photo: object) -> Receipt:
        return Receipt("1", "http://h/1", already_there=False)

    monkeypatch.setattr(FormGallery, "find", lie)
    with Grounds() as grounds:
        result = within_deadline(
            lambda: cell(grounds, tmp_path / "cell", card, "form", Mishap.CUT_BODY, photos=PHOTOS, share=0.4, seed=5)
        )
    assert result is not None
    assert result.lost == result.disagreements > 0
