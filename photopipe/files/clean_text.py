"""Names and other text as they can be sent: valid UTF-8 on one line."""

import unicodedata


def clean_text(text: str) -> str:
    """The text as valid UTF-8 on one line: bytes that are no text and control characters become U+FFFD."""
    return "".join("\ufffd" if unicodedata.category(char) in {"Cc", "Cs", "Zl", "Zp"} else char for char in text)


def safe_file_name(name: str) -> str:
    """The name as it can stand between quotes in a part's header.

    A backslash is a plain character to some servers and an escape to others (RFC 7578 section 4.2
    leaves it open), and a slash is a folder.
    """
    return clean_text(name).replace("\\", "_").replace("/", "_")
