"""Colour profiles written by hand, so that what they do can be computed by hand (ICC.1:2001-04, version 2)."""

import itertools
import struct
from collections.abc import Callable

Xyz = tuple[float, float, float]
Lab = tuple[float, float, float]

D50: Xyz = (0.9642, 1.0, 0.8249)
ADOBE_RGB: tuple[Xyz, Xyz, Xyz] = (
    (0.60974, 0.31111, 0.01947),
    (0.20528, 0.62567, 0.06087),
    (0.14919, 0.06322, 0.74457),
)
"""Red, green and blue of Adobe RGB (1998), adapted to D50."""
DISPLAY_P3: tuple[Xyz, Xyz, Xyz] = (
    (0.51512, 0.24120, -0.00105),
    (0.29198, 0.69225, 0.04189),
    (0.15710, 0.06657, 0.78407),
)
PROPHOTO: tuple[Xyz, Xyz, Xyz] = ((0.79767, 0.28804, 0.0), (0.13519, 0.71187, 0.0), (0.03135, 0.00009, 0.82521))
GENERIC_RGB: tuple[Xyz, Xyz, Xyz] = (
    (0.45427, 0.24263, 0.01482),
    (0.35332, 0.67441, 0.09042),
    (0.15662, 0.08336, 0.71953),
)
"""As in the profiles of their makers; Generic RGB is what Macs used before 2009, with gamma 1.8."""
XYZ_D50_TO_SRGB = (
    (3.1338561, -1.6168667, -0.4906146),
    (-0.9787684, 1.9161415, 0.0334540),
    (0.0719453, -0.2289914, 1.4052427),
)


def rgb_profile(colorants: tuple[Xyz, Xyz, Xyz], gamma: float | None) -> bytes:
    """A display profile made of three colorants and one gamma; None for sRGB's own curve."""
    tags = {b"rXYZ": _xyz(colorants[0]), b"gXYZ": _xyz(colorants[1]), b"bXYZ": _xyz(colorants[2])}
    curves = {b"rTRC": _curve(gamma), b"gTRC": _curve(gamma), b"bTRC": _curve(gamma)}
    return _profile(b"mntr", b"RGB ", b"XYZ ", tags | curves)


def grey_profile(gamma: float) -> bytes:
    """A display profile for grey."""
    return _profile(b"mntr", b"GRAY", b"XYZ ", {b"kTRC": _curve(gamma)})


def cmyk_profile(lab_of: Callable[[tuple[int, ...]], Lab]) -> bytes:
    """A profile of a press on yellowish paper that knows the colours of the sixteen combinations of full inks."""
    return _profile(b"prtr", b"CMYK", b"Lab ", _table(4, lab_of), white=(0.80, 0.82, 0.55))


def rgb_table_profile(lab_of: Callable[[tuple[int, ...]], Lab]) -> bytes:
    """A display profile that knows the colours of the eight combinations of full lights."""
    return _profile(b"mntr", b"RGB ", b"Lab ", _table(3, lab_of))


def _table(channels: int, lab_of: Callable[[tuple[int, ...]], Lab]) -> dict[bytes, bytes]:
    corners = [lab_of(corner) for corner in itertools.product((0, 1), repeat=channels)]
    grid = b"".join(bytes((round(light * 2.55), round(a + 128), round(b + 128))) for light, a, b in corners)
    identity = struct.pack(">9i", 65536, 0, 0, 0, 65536, 0, 0, 0, 65536)
    straight = bytes(range(256))
    table = b"mft1" + bytes(4) + bytes((channels, 3, 2, 0)) + identity + straight * channels + grid + straight * 3
    return {b"A2B0": table, b"A2B1": table}


def srgb_by_hand(rgb: tuple[int, int, int], colorants: tuple[Xyz, Xyz, Xyz], gamma: float) -> tuple[int, int, int]:
    """What a colour of `rgb_profile` is in sRGB, by the textbook."""
    linear = [(channel / 255) ** gamma for channel in rgb]
    xyz = [sum(linear[ink] * colorants[ink][axis] for ink in range(3)) for axis in range(3)]
    red, green, blue = (sum(row[axis] * xyz[axis] for axis in range(3)) for row in XYZ_D50_TO_SRGB)
    return srgb_encoded(red), srgb_encoded(green), srgb_encoded(blue)


def srgb_encoded(linear: float) -> int:
    """Light 0 to 1 -> sRGB's number 0 to 255 (IEC 61966-2-1)."""
    light = min(1.0, max(0.0, linear))
    return round(255 * (12.92 * light if light <= 0.0031308 else 1.055 * light ** (1 / 2.4) - 0.055))


def _profile(kind: bytes, space: bytes, pcs: bytes, tags: dict[bytes, bytes], *, white: Xyz = D50) -> bytes:
    tags = {b"desc": _description(b"test"), b"cprt": b"text" + bytes(4) + b"none\0", b"wtpt": _xyz(white)} | tags
    offset = 128 + 4 + 12 * len(tags)
    index, body = struct.pack(">I", len(tags)), b""
    for tag, value in tags.items():
        padded = value + bytes(-len(value) % 4)
        index += struct.pack(">4sII", tag, offset + len(body), len(value))
        body += padded
    size = offset + len(body)
    date = struct.pack(">6H", 2024, 1, 1, 0, 0, 0)
    head = struct.pack(">I4sI4s4s4s12s4s", size, bytes(4), 0x02400000, kind, space, pcs, date, b"acsp")
    illuminant = struct.pack(">3i", *(round(value * 65536) for value in D50))
    return head + bytes(68 - len(head)) + illuminant + bytes(48) + index + body


def _description(text: bytes) -> bytes:
    return b"desc" + bytes(4) + struct.pack(">I", len(text) + 1) + text + bytes(1 + 4 + 4 + 2 + 1 + 67)


def _xyz(value: Xyz) -> bytes:
    return b"XYZ " + bytes(4) + struct.pack(">3i", *(round(part * 65536) for part in value))


def srgb_decoded(number: float) -> float:
    """sRGB's number 0 to 1 -> light 0 to 1 (IEC 61966-2-1)."""
    return number / 12.92 if number <= 0.04045 else float(((number + 0.055) / 1.055) ** 2.4)


def _curve(gamma: float | None) -> bytes:
    if gamma is None:
        points = [round(65535 * srgb_decoded(step / 1023)) for step in range(1024)]
        return b"curv" + bytes(4) + struct.pack(">I1024H", 1024, *points)
    return b"curv" + bytes(4) + struct.pack(">IH", 1, round(gamma * 256))
