"""A camera's RAW file, written by hand: a small DNG that LibRaw opens."""

import io
import struct
from collections.abc import Sequence

from PIL import Image

Entry = tuple[int, int, Sequence[int] | bytes]
BYTE, ASCII, SHORT, LONG, RATIONAL, SRATIONAL = 1, 2, 3, 4, 5, 10
CODES = {BYTE: "B", SHORT: "H", LONG: "I", RATIONAL: "I", SRATIONAL: "i"}
XYZ_TO_SRGB = (3.2406, -1.5372, -0.4986, -0.9689, 1.8758, 0.0415, 0.0557, -0.2040, 1.0570)
WHITE_LEVEL = 60_000


def make_dng(
    image: Image.Image,
    *,
    orientation: int = 1,
    preview: bytes | None = None,
    dng: bool = True,
    taken: bytes = b"2024:05:01 12:33:10\0",
) -> bytes:
    """Write a RAW file whose sensor saw a picture.

    Args:
        image: what the sensor saw, as it lay; mode RGB, sRGB.
        orientation: EXIF orientation.
        preview: the JPEG the camera puts into the file.
        dng: False leaves out what marks a DNG; what is left is a RAW by its colour filter only.
        taken: capture time.
    """
    sensor = mosaic(image)
    stamp = image.resize((16, 12)).tobytes()
    matrix = [number for value in XYZ_TO_SRGB for number in (round(value * 10_000), 10_000)]
    blobs = [stamp, sensor] + ([preview] if preview else [])
    offsets, place = [], 8
    for blob in blobs:
        offsets.append(place)
        place += len(blob) + len(blob) % 2
    data = b"".join(blob + bytes(len(blob) % 2) for blob in blobs)
    sub: list[list[Entry]] = [_sensor_entries(image.size, offsets[1], len(sensor))]
    if preview:
        sub.append(_preview_entries(preview, offsets[2]))
    sub_offsets = []
    for entries in sub:
        sub_offsets.append(8 + len(data))
        data += _directory(entries, 8 + len(data))
    exif_offset = 8 + len(data)
    data += _directory([(36867, ASCII, taken)], exif_offset)
    marks: list[Entry] = [
        (50706, BYTE, (1, 4, 0, 0)),
        (50708, ASCII, b"Acme Raw 1\0"),
        (50721, SRATIONAL, matrix),
        (50728, RATIONAL, (1, 1, 1, 1, 1, 1)),
        (50778, SHORT, (21,)),
    ]
    first: list[Entry] = [
        *_picture_entries((16, 12), offsets[0], len(stamp), reduced=1, compression=1, photometric=2, samples=3, bits=8),
        (271, ASCII, b"Acme\0"),
        (272, ASCII, b"Raw 1\0"),
        (274, SHORT, (orientation,)),
        (330, LONG, sub_offsets),
        (34665, LONG, (exif_offset,)),
        *(marks if dng else []),
    ]
    start = 8 + len(data)
    return b"II*\0" + struct.pack("<I", start) + data + _directory(first, start)


def mosaic(image: Image.Image) -> bytes:
    """The picture through a filter of red, green, green, blue squares; linear, 16 bits."""
    channels = [image.getchannel(name).tobytes() for name in "RGB"]
    linear = [round(WHITE_LEVEL * _linear(value / 255)) for value in range(256)]
    values = []
    for row in range(image.height):
        for column in range(image.width):
            channel = channels[(row & 1) + (column & 1)]
            values.append(linear[channel[row * image.width + column]])
    return struct.pack(f"<{len(values)}H", *values)


def jpeg_bytes(image: Image.Image, *, exif: bytes = b"") -> bytes:
    """The picture as JPEG."""
    buffer = io.BytesIO()
    image.save(buffer, "JPEG", quality=95, subsampling=0, exif=exif)
    return buffer.getvalue()


def _linear(value: float) -> float:
    return value / 12.92 if value <= 0.04045 else float(((value + 0.055) / 1.055) ** 2.4)


def _picture_entries(
    size: tuple[int, int],
    offset: int,
    length: int,
    *,
    reduced: int,
    compression: int,
    photometric: int,
    samples: int,
    bits: int,
) -> list[Entry]:
    return [
        (254, LONG, (reduced,)),
        (256, LONG, (size[0],)),
        (257, LONG, (size[1],)),
        (258, SHORT, (bits,) * samples),
        (259, SHORT, (compression,)),
        (262, SHORT, (photometric,)),
        (273, LONG, (offset,)),
        (277, SHORT, (samples,)),
        (278, LONG, (size[1],)),
        (279, LONG, (length,)),
    ]


def _sensor_entries(size: tuple[int, int], offset: int, length: int) -> list[Entry]:
    return [
        *_picture_entries(size, offset, length, reduced=0, compression=1, photometric=32803, samples=1, bits=16),
        (33421, SHORT, (2, 2)),
        (33422, BYTE, (0, 1, 1, 2)),
        (50714, LONG, (0,)),
        (50717, LONG, (WHITE_LEVEL,)),
    ]


def _preview_entries(preview: bytes, offset: int) -> list[Entry]:
    with Image.open(io.BytesIO(preview)) as image:
        size = image.size
    return _picture_entries(size, offset, len(preview), reduced=1, compression=7, photometric=6, samples=3, bits=8)


def _directory(entries: Sequence[Entry], offset: int) -> bytes:
    ordered = sorted(entries, key=lambda entry: entry[0])
    values_offset = offset + 2 + 12 * len(ordered) + 4
    rows, values = b"", b""
    for tag, kind, content in ordered:
        if isinstance(content, bytes):
            data, count = content, len(content)
        else:
            data = struct.pack(f"<{len(content)}{CODES[kind]}", *content)
            count = len(content) // (2 if kind in (RATIONAL, SRATIONAL) else 1)
        place = data
        if len(data) > 4:
            place = struct.pack("<I", values_offset + len(values))
            values += data + bytes(len(data) % 2)
        rows += struct.pack("<HHI4s", tag, kind, count, place)
    return struct.pack("<H", len(ordered)) + rows + bytes(4) + values
