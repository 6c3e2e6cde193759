"""The account of a run in sentences for people."""

from typing import Final

from photopipe.files.characters import printable
from photopipe.report.account import KEPT, LOSSES, Account
from photopipe.report.amounts import photos_text, size_text

LEFT: Final = {"moved": "moved", "trashed": "put into the trash", "deleted": "deleted"}
WORDS: Final = {"paired": "paired with another photo"}
"""What people are told in place of a reason."""


def account_lines(account: Account, seconds: float) -> list[str]:
    """The final account, for people."""
    parts = [
        f"{account.uploaded} uploaded" + (f" ({size_text(account.uploaded_bytes)})" if account.uploaded else ""),
        f"{account.skipped.total()} skipped" + _reasons(account),
        f"{account.failed} failed",
        f"{account.left_over} left over",
    ]
    if account.would_upload:
        parts.insert(0, f"{account.would_upload} would be uploaded")
    plural = "photo" if account.found == 1 else "photos"
    lines = [f"{account.found} {plural} found: {', '.join(parts)}; {seconds:.1f} s"]
    if account.other_shards:
        belong = "photo belongs" if account.other_shards == 1 else "photos belong"
        lines.append(f"{account.other_shards} more {belong} to other shards")
    if account.other_files:
        kinds = ", ".join(
            f"{extension or 'no extension'} {count}" for extension, count in account.other_files.most_common(5)
        )
        lines.append(f"{account.other_files.total()} other files left alone ({printable(kinds)})")
    if account.unclear_pairs:
        photos = "name has" if account.unclear_pairs == 1 else "names have"
        lines.append(
            f"{account.unclear_pairs} {photos} too many photos to tell which are a pair, such as "
            f"{printable(account.unclear_example)}; none of them was left out."
        )
    lines += [
        f"{count} {'photo was' if count == 1 else 'photos were'} not sent to {printable(gallery)}, which was given up "
        "for this run. Run again later."
        for gallery, count in account.not_sent.items()
    ]
    lines += [f"The files of {photos_text(count)} were {LEFT[action]}." for action, count in account.left.items()]
    return lines + [f"{photos_text(count)}: {loss}; {LOSSES[loss]}" for loss, count in account.incomplete.items()]


def kept_lines(account: Account) -> list[str]:
    """What is said of files that were to leave and were kept; that is said in quiet runs, too."""
    return [
        KEPT[reason].format(
            photos=f"The files of {photos_text(kept.photos)} were",
            path=printable(kept.path),
            message=printable(kept.message),
        )
        for reason, kept in account.kept.items()
    ]


def reason_text(reason: str) -> str:
    """A reason of `skipped` for people."""
    return WORDS.get(reason, reason.replace("_", " "))


def _reasons(account: Account) -> str:
    reasons = [f"{count} {reason_text(reason)}" for reason, count in account.skipped.items()]
    return f" ({', '.join(reasons)})" if reasons else ""
