"""What the server itself says, made fit to be shown: one line, short, escaped, without secrets."""

from collections.abc import Sequence
from typing import Final

from photopipe.files.characters import printable
from photopipe.upload.http.answer import Answer

MAX_CHARS: Final = 200
_NAMES: Final = ("detail", "error", "message", "title")
"""Where an answer in JSON may have its explanation: `detail` and `title` are those of RFC 9457."""


def server_message(answer: Answer, secrets: Sequence[str] = ()) -> str:
    """The server's own explanation: at most 200 characters, on one line, without `secrets`; often empty."""
    kind = answer.headers.get("Content-Type", "").partition(";")[0].strip().lower()
    if kind == "text/plain":
        words = answer.body.decode(errors="replace")
    elif kind.endswith("json"):
        words = _explanation(answer.json())
    else:
        words = ""  # a page of HTML explains nothing on a terminal
    return one_line(words, secrets)


def one_line(text: str, secrets: Sequence[str] = ()) -> str:
    """Text from outside as it may be shown: escaped, cut, and without `secrets`."""
    hidden = text
    for secret in secrets:
        hidden = hidden.replace(secret, "[token]")
    shown = printable(hidden.strip()[: MAX_CHARS + 1])
    return shown if len(shown) <= MAX_CHARS else shown[: MAX_CHARS - 3] + "..."


def _explanation(content: object) -> str:
    """The first sentence under one of `_NAMES`, also one level down: {"error": {"message": "..."}}."""
    if not isinstance(content, dict):
        return ""
    for name in _NAMES:
        words = content.get(name)
        words = words.get("message") if isinstance(words, dict) else words
        if isinstance(words, str) and words.strip():
            return words
    return ""
