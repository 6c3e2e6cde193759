"""Whether others can read or change the configuration, which may hold tokens and names programs that are run."""

import os
import shlex
from collections.abc import Iterator, Sequence

from photopipe.doctor.check_result import CheckResult
from photopipe.files.permissions import others_can_change, others_can_read


def check_config_file(path: str, token_files: Sequence[str], *, has_secrets: bool) -> Iterator[CheckResult]:
    """Look at the permissions of the configuration and of the files with tokens.

    Args:
        path: the configuration; it may not be there.
        token_files: files with tokens that it names.
        has_secrets: whether there is a token in the configuration itself.
    """
    if not os.path.exists(path):
        yield CheckResult("good", "configuration", f"there is none at {path}; the defaults are used.")
    else:
        yield _permissions("configuration", path, is_secret=has_secrets)
    for file in token_files:
        if os.path.exists(file):
            yield _permissions("token file", file, is_secret=True)
        else:
            yield CheckResult(
                "bad", "token file", f"{file} is not there.", "Write the token into it, or take it out of the table."
            )


def _permissions(subject: str, path: str, *, is_secret: bool) -> CheckResult:
    quoted = shlex.quote(path)
    if others_can_change(path):
        return CheckResult("bad", subject, f"{path} can be changed by other users.", f"chmod go-w {quoted}")
    if is_secret and others_can_read(path):
        return CheckResult("bad", subject, f"{path} has a token, and other users can read it.", f"chmod 600 {quoted}")
    return CheckResult("good", subject, f"{path}{', with a token that only you can read' if is_secret else ''}")
