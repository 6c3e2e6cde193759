"""Options of a kind of gallery, as the configuration spells them."""

from typing import Final

from photopipe.errors import UsageError
from photopipe.settings import UploadSettings
from photopipe.upload.galleries.address import is_web_address

SPELLINGS: Final = {"true": True, "false": False}


def read_bool(settings: UploadSettings, name: str, *, default: bool) -> bool:
    """The option `name`, which is `true` or `false`.

    Raises:
        UsageError: it is neither.
    """
    value = settings.options.get(name, default)
    value = SPELLINGS.get(value.lower(), value) if isinstance(value, str) else value
    if not isinstance(value, bool):
        raise UsageError(f"the option {name!r} is true or false, not {value!r}")
    return value


def read_whole_number(settings: UploadSettings, name: str) -> int | None:
    """The option `name`, which is a whole number from 0, or None if it is not set.

    Raises:
        UsageError: it is no such number.
    """
    value = settings.options.get(name)
    if value is None:
        return None
    text = str(value)
    if isinstance(value, bool) or not (text.isascii() and text.isdigit()):
        raise UsageError(f"the option {name!r} is a whole number, not {value!r}")
    return int(text)


def read_public_url(settings: UploadSettings) -> str | None:
    """The option `public_url`, an address without a slash at its end, or None if it is not set.

    Raises:
        UsageError: it is no http or https address.
    """
    value = settings.options.get("public_url")
    if value is None:
        return None
    if not is_web_address(value):
        raise UsageError('the option public_url must be an address, such as "https://photos.example.org"')
    return str(value).rstrip("/")
