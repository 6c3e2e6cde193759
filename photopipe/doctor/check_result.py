"""What was found out about one thing."""

from dataclasses import dataclass
from typing import Literal

Verdict = Literal["good", "warning", "bad"]
"""A run works as it should; works, but not as well as it could or not for all photos; does not work."""


@dataclass(frozen=True, slots=True)
class CheckResult:
    """What was found out about one thing.

    Attributes:
        verdict: how it is.
        subject: what was looked at, a word or two.
        message: what was found, a sentence or part of one.
        advice: what to do, a sentence; empty if nothing is to be done.
    """

    verdict: Verdict
    subject: str
    message: str
    advice: str = ""
