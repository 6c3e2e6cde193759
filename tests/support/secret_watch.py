"""The suite's own look for secrets: no token of any test may stand in anything that is written.

Every token in the tests holds one of `MARKS`. `Home.run` looks through what each command wrote, and
through its journal; `conftest.py` looks through what each test wrote itself.
"""

import re
from pathlib import Path
from typing import Final

MARKS: Final = ("t0ken", "s3cret", "päss word", "open-sesame")
"""A part of every token, key and password the tests use; nothing else holds one."""

SHOWN: Final = re.compile("|".join(re.escape(mark) for mark in MARKS))


def secret_in(text: str) -> str | None:
    """The line that shows a secret, or None."""
    return next((line for line in text.splitlines() if SHOWN.search(line)), None)


def secret_in_file(path: Path) -> str | None:
    """The first mark in a file's bytes, or None; a file that is not there shows nothing."""
    content = path.read_bytes() if path.exists() else b""
    return next((mark for mark in MARKS if mark.encode() in content), None)
