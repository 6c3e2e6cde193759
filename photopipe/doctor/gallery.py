"""Whether a gallery answers, accepts the login and has the same time."""

from collections.abc import Iterator
from dataclasses import replace
from typing import Final

from photopipe import api
from photopipe.doctor.check_result import CheckResult, Verdict
from photopipe.errors import PhotopipeError
from photopipe.settings import UploadSettings
from photopipe.upload.galleries.contract import Health

TRIED_FOR_S: Final = 3.0
"""How long a gallery is tried while a person is waiting."""
SKEW_S: Final = 60.0
"""Clocks that differ by more are told of."""
WRONG_S: Final = 900.0
"""With a larger difference, S3 refuses every request.

Source: Amazon S3 error code `RequestTimeTooSkewed`.
"""


def check_gallery(upload: UploadSettings) -> Iterator[CheckResult]:
    """Ask one gallery what it is; nothing is uploaded."""
    name = f"gallery {upload.name}" if upload.name else "gallery"
    tried = replace(upload, retry_for_s=TRIED_FOR_S, first_answer_s=TRIED_FOR_S)
    try:
        health = api.check_gallery(tried)
    except PhotopipeError as error:
        yield CheckResult("bad", name, str(error))
        return
    yield CheckResult("good", name, health.summary)
    yield from (CheckResult("warning", name, warning) for warning in health.warnings)
    yield from _clock(name, health)


def _clock(name: str, health: Health) -> Iterator[CheckResult]:
    skew_s = health.clock_skew_s
    if skew_s is None:
        return
    if abs(skew_s) <= SKEW_S:
        yield CheckResult("good", name, "its clock and this machine's agree.")
        return
    verdict: Verdict = "bad" if abs(skew_s) > WRONG_S else "warning"
    which = "behind" if skew_s > 0 else "ahead of"
    yield CheckResult(
        verdict,
        name,
        f"this machine's clock is {abs(skew_s):.0f} s {which} the gallery's.",
        "Set the clock by the network: sudo timedatectl set-ntp true",
    )
