"""The account: what is counted where, and that it shows when something is missing."""

from collections import Counter

from photopipe.cli.run import _exit_code
from photopipe.cli.terminal.exit_codes import ExitCode
from photopipe.cli.terminal.signals import SignalCount
from photopipe.errors import GalleryUnreachable, LoginRefused, PhotoVanished
from photopipe.files.characters import printable
from photopipe.found_photo import FoundPhoto
from photopipe.photo import (
    GAIN_MAP_LOST,
    VIDEO_LOST,
    DeliveredPhoto,
    DownloadedPhoto,
    OtherFiles,
    Receipt,
    Rendition,
    SkippedPhotos,
    UnclearPairs,
    UnreadablePath,
    UploadedPhoto,
)
from photopipe.pipeline import Parcel
from photopipe.report import Account, PhotoOutcome, Problem, deliveries, events
from photopipe.report.account_lines import account_lines
from photopipe.report.amounts import size_text

FOUND = FoundPhoto("/card/a.jpg", 1, 2, 1000, 4, 5)


def code(
    account: Account, error: Exception | None = None, first_signal: int | None = None, limit: str | None = None
) -> int:
    signals = SignalCount()
    signals.first = first_signal
    return _exit_code(account, signals, error, limit)


def test_a_photo_lost_on_the_way_is_noticed_and_is_exit_code_1() -> None:
    account = Account()
    account.pull(FOUND)
    assert not account.balances
    assert code(account) == ExitCode.FAILED
    account.leave_over()
    assert account.balances


def test_every_kind_of_parcel_is_counted_in_its_place() -> None:
    account = Account()
    skipped = SkippedPhotos((FOUND, FOUND), "unchanged")
    for payload in (FOUND, skipped, OtherFiles(((".mov", 3),)), UnreadablePath("/card/x", "Permission denied")):
        account.pull(payload)
    account.add(Parcel(0, FOUND, failed_at="download", error=PhotoVanished("gone")))
    account.add(Parcel(1, skipped, finished=True))
    account.add(Parcel(2, OtherFiles(((".mov", 3),)), finished=True))
    account.add(Parcel(3, UnreadablePath("/card/x", "Permission denied"), finished=True))
    assert (account.found, account.failed, account.skipped, account.unreadable) == (3, 1, Counter(unchanged=2), 1)
    assert account.other_files == Counter({".mov": 3})
    assert account.balances
    assert code(account) == ExitCode.PARTIAL


def test_the_most_severe_thing_decides_the_exit_code() -> None:
    failed = Account(found=1, failed=1)
    assert code(failed, GalleryUnreachable("x"), first_signal=2) == 130
    assert code(failed, first_signal=15) == 143
    assert code(failed, LoginRefused("x")) == 12
    assert code(failed, ValueError("a bug")) == 1
    assert code(failed, limit="max_photos") == 3
    assert code(Account(), limit="max_photos") == 10
    assert code(Account()) == 0


def test_skipped_photos_are_told_one_by_one_only_if_asked() -> None:
    parcel = Parcel(0, SkippedPhotos((FOUND,), "duplicate", "/card/b.jpg"), finished=True)
    assert list(events(parcel, tells_skipped=False)) == []
    (event,) = events(parcel, tells_skipped=True)
    assert isinstance(event, PhotoOutcome)
    assert (event.status, event.reason, event.message) == ("skipped", "duplicate", "same content as /card/b.jpg")


def test_what_shows_a_paired_photo_is_told() -> None:
    photo = FOUND._replace(path="/card/a.cr2", shown_by="/card/a.jpg")
    account, parcel = Account(), Parcel(0, SkippedPhotos((photo,), "paired"), finished=True)
    account.add(parcel)
    (event,) = events(parcel, tells_skipped=True)
    assert isinstance(event, PhotoOutcome)
    assert (event.reason, event.message) == ("paired", "/card/a.jpg shows the same")
    assert "1 skipped (1 paired with another photo)" in account_lines(account, 1.0)[0]


def test_a_vanished_photo_and_an_unreadable_folder_are_told() -> None:
    (event,) = events(Parcel(0, FOUND, failed_at="download", error=PhotoVanished("gone")), tells_skipped=False)
    assert isinstance(event, PhotoOutcome)
    assert (event.status, event.stage, event.reason) == ("vanished", "download", "vanished")
    (problem,) = events(Parcel(0, UnreadablePath("/card/x", "Permission denied")), tells_skipped=False)
    assert isinstance(problem, Problem)
    assert "Permission denied" in problem.message


def test_the_account_is_one_line_and_names_what_was_left_alone() -> None:
    account = Account(found=3, uploaded=1, uploaded_bytes=1_234_567, other_files=Counter({".mov": 2, "": 1}))
    account.skipped.update(unchanged=1, already_in_gallery=1)
    skipped = "2 skipped (1 unchanged, 1 already in gallery)"
    assert account_lines(account, 1.25) == [
        f"3 photos found: 1 uploaded (1.2 MB), {skipped}, 0 failed, 0 left over; 1.2 s",
        "3 other files left alone (.mov 2, no extension 1)",
    ]


def test_nothing_printed_can_forge_a_line() -> None:
    assert printable("a\nb\x1b[31m\u202e\udcff\u2028.jpg ä 山") == "a\\nb\\x1b[31m\\u202e\\xff\\u2028.jpg ä 山"


def test_sizes_are_said_in_units_of_a_thousand() -> None:
    sizes = [0, 999, 1000, 1_500_000, 2_000_000_000, 3_000_000_000_000]
    assert [size_text(size) for size in sizes] == ["0 B", "999 B", "1.0 kB", "1.5 MB", "2.0 GB", "3.0 TB"]


def test_a_loss_counts_once_for_a_photo_and_not_if_a_rendition_keeps_it() -> None:
    source = DownloadedPhoto(FOUND, "5" * 64)

    def uploaded(*warnings: str) -> UploadedPhoto:
        rendition = Rendition("a.jpg", "image/jpeg", 9, "2", "1", "5", 1, 1, None, warnings)
        return UploadedPhoto(source, rendition, Receipt(None, "http://gallery/a"))

    def delivered(*deliveries: UploadedPhoto) -> DeliveredPhoto:
        return DeliveredPhoto(source, deliveries)

    account = Account()
    account.add(Parcel(0, delivered(uploaded(GAIN_MAP_LOST), uploaded(GAIN_MAP_LOST, "something else"))))
    assert account.incomplete == Counter({GAIN_MAP_LOST: 1})
    account.add(Parcel(1, delivered(uploaded(GAIN_MAP_LOST, VIDEO_LOST), uploaded())))
    account.add(Parcel(2, delivered(uploaded(VIDEO_LOST))))
    account.add(Parcel(3, delivered(uploaded("something else"))))
    assert account.incomplete == Counter({GAIN_MAP_LOST: 1, VIDEO_LOST: 1})
    assert account_lines(account, 1.0)[-2:] == [
        "1 photo: an HDR gain map is not kept; --hdr original uploads them as they are.",
        "1 photo: the motion photo's video is not kept; --original beside uploads the files as they are, too.",
    ]


def test_unclear_pairs_are_counted_and_said_once_with_an_example() -> None:
    account = Account()
    for payload in (UnclearPairs(2, "/card/a.cr2"), UnclearPairs(1, "/card/z.cr2")):
        account.pull(payload)
        parcel = Parcel(0, payload, finished=True)
        account.add(parcel)
        assert list(events(parcel, tells_skipped=True)) == []
    assert account.balances
    assert account_lines(account, 1.0)[1:] == [
        "3 names have too many photos to tell which are a pair, such as /card/a.cr2; none of them was left out."
    ]


def test_a_photo_no_gallery_has_answered_for_has_no_deliveries_to_tell() -> None:
    delivered = DeliveredPhoto(DownloadedPhoto(FOUND, "0" * 64), ())
    assert list(deliveries(Parcel(0, delivered))) == []
