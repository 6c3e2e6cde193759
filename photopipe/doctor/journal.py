"""Whether the journal is in order, and whether a run uses it now."""

import os
from collections.abc import Iterator

from photopipe.doctor.check_result import CheckResult
from photopipe.errors import LineError
from photopipe.journal import Journal, lock_holder


def check_journal(path: str) -> Iterator[CheckResult]:
    """Open the journal, and look whether a run holds it; nothing is written.

    Args:
        path: its file; it may not be there.
    """
    if not os.path.exists(path):
        yield CheckResult("good", "journal", f"there is none at {path} yet; the first run makes it.")
        return
    try:
        Journal(path, [], read_only=True).close()
    except LineError as error:
        yield CheckResult("bad", "journal", str(error), "See `photopipe journal check`.")
        return
    size_mb = os.path.getsize(path) / 1e6
    yield CheckResult("good", "journal", f"{path}, {size_mb:.1f} MB; `photopipe journal check` reads all of it.")
    holder = lock_holder(path)
    if holder is not None:
        yield CheckResult("good", "journal", f"a run is using it{holder}.")
