"""A form with one file, as a stream of known length: the file is never held in memory for it."""

import secrets
from collections.abc import Iterator, Mapping
from contextlib import contextmanager

from photopipe.files.names import header_file_name
from photopipe.photo import ResizedPhoto
from photopipe.upload.http.body import Body, PhotoFile


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
        PhotoVanished, PhotoChanged: an original is no longer what it was; noticed before its last byte is sent.

    Source: RFC 7578; urllib3 quotes names as browsers do (WHATWG HTML, multipart form data).
    """
    boundary = secrets.token_hex(16)
    head = b"".join(_part_head(boundary, name) + value.encode() + b"\r\n" for name, value in fields.items())
    file_name, content_type = header_file_name(photo.rendition.file_name), photo.rendition.content_type
    head += _part_head(boundary, file_field, file_name, content_type)
    tail = f"\r\n--{boundary}--\r\n".encode()
    with PhotoFile(photo) as file:
        body = Body(file, photo.rendition.size_bytes, head=head, tail=tail)
        yield body, f"multipart/form-data; boundary={boundary}"


def _part_head(boundary: str, name: str, file_name: str | None = None, content_type: str | None = None) -> bytes:
    from urllib3.fields import RequestField

    part = RequestField(name, b"", filename=file_name)
    part.make_multipart(content_type=content_type)
    return f"--{boundary}\r\n{part.render_headers()}".encode()
