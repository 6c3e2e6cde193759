"""A form with one file, as a stream of known length: the file is never held in memory for it."""

import secrets
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from functools import partial

from photopipe.files.names import header_file_name
from photopipe.photo import ResizedPhoto
from photopipe.upload.http.body import Body


@contextmanager
def multipart(fields: Mapping[str, str], file_field: str, photo: ResizedPhoto) -> Iterator[tuple[Body, str]]:
    """The body of a multipart/form-data request: the fields in their order, then the file.

    Args:
        fields: name -> text.
        file_field: name of the part that holds the file.
        photo: whose bytes go into it.

    Returns:
        The body, to be sent while the context is open, and its Content-Type.

    Raises:
        PhotoVanished, PhotoChanged: an original is no longer what it was; found out before its last byte leaves.

    Source: RFC 7578; names are quoted as browsers do (WHATWG HTML, multipart form data).
    """
    boundary = secrets.token_hex(16)
    head = b"".join(_text_part(boundary, name, value) for name, value in fields.items())
    head += _file_head(boundary, file_field, header_file_name(photo.rendition.file_name), photo.rendition.content_type)
    tail = f"\r\n--{boundary}--\r\n".encode()
    with _body(photo, head=head, tail=tail) as body:
        yield body, f"multipart/form-data; boundary={boundary}"


@contextmanager
def plain_body(photo: ResizedPhoto) -> Iterator[Body]:
    """The photo's bytes alone, as a body."""
    with _body(photo) as body:
        yield body


@contextmanager
def _body(photo: ResizedPhoto, *, head: bytes = b"", tail: bytes = b"") -> Iterator[Body]:
    with photo.open() as file:
        check = partial(photo.check_unchanged, file)
        yield Body(file, photo.rendition.size_bytes, head=head, tail=tail, check=check)


def _text_part(boundary: str, name: str, value: str) -> bytes:
    return f'--{boundary}\r\nContent-Disposition: form-data; name="{_quoted(name)}"\r\n\r\n{value}\r\n'.encode()


def _file_head(boundary: str, field: str, file_name: str, content_type: str) -> bytes:
    disposition = f'form-data; name="{_quoted(field)}"; filename="{_quoted(file_name)}"'
    return f"--{boundary}\r\nContent-Disposition: {disposition}\r\nContent-Type: {content_type}\r\n\r\n".encode()


def _quoted(name: str) -> str:
    return name.replace('"', "%22").replace("\r", "%0D").replace("\n", "%0A")
