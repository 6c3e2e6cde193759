"""What a Piwigo's answer means: its body says more than its status.

Source: Piwigo/Piwigo 17.0.0beta1, `ws.php`, `include/ws_core.inc.php`.
"""

import json
from dataclasses import dataclass, replace
from typing import Any, Final

from photopipe.upload.http.answer import Answer

MAX_STARTS: Final = 100
"""How many braces are tried before an answer counts as not Piwigo's."""


@dataclass(frozen=True, slots=True)
class Failure:
    """`{"stat": "fail", ...}`.

    Attributes:
        code: Piwigo's own number.
        message: Piwigo's own words.
    """

    code: int
    message: str


def envelope_in(answer: Answer) -> dict[str, Any] | None:
    """The JSON object with `stat`, wherever it begins: warnings of PHP may stand before it."""
    text, decoder, start = answer.body.decode(errors="replace"), json.JSONDecoder(), -1
    for _ in range(MAX_STARTS):
        start = text.find("{", start + 1)
        if start < 0:
            return None
        try:
            content, _end = decoder.raw_decode(text, start)
        except (ValueError, RecursionError):
            continue
        if isinstance(content, dict) and content.get("stat") in {"ok", "fail"}:
            return content
    return None


def failure_in(envelope: dict[str, Any]) -> Failure:
    """What a failed call says; the number may come as text."""
    code = envelope.get("err")
    number = int(code) if isinstance(code, int) or (isinstance(code, str) and code.isdecimal()) else 0
    return Failure(number, str(envelope.get("message") or "it does not say why"))


def as_status(failure: Failure, answer: Answer, *, with_file: bool) -> Answer:
    """A failed call as an answer whose status means what it says.

    Piwigo puts its number into the status only between 400 and 599; the others come as 200. A file
    beyond PHP's own limits is told as an error of the server or as a request without a method.

    Args:
        failure: what Piwigo says.
        answer: how it came.
        with_file: whether a photo went out.
    """
    status = failure.code if 400 <= failure.code < 600 else 400
    if with_file and _is_too_large(failure):
        status = 413
    elif failure.code == 501:
        status = 400  # a method this Piwigo does not have will not be there the next time either
    headers = {**dict(answer.headers.items()), "Content-Type": "application/json"}
    return replace(answer, status=status, headers=headers, body=json.dumps({"message": failure.message}).encode())


def _is_too_large(failure: Failure) -> bool:
    """True for `upload_max_filesize` (said in words) and `post_max_size` (PHP drops all fields)."""
    message = failure.message.lower()
    return "upload_max_filesize" in message or (failure.code == 501 and "method" in message and "missing" in message)
