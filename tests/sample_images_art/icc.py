"""Writes a Display P3 profile, which Pillow can read and apply but not make."""

import struct
from itertools import accumulate

import numpy as np
import numpy.typing as npt

Doubles = npt.NDArray[np.float64]

P3_PRIMARIES = ((0.680, 0.320), (0.265, 0.690), (0.150, 0.060))
"""Red, green, blue of SMPTE EG 432-1 (DCI-P3), as CIE xy."""
D65_WHITE = (0.3127, 0.3290)
D50_XYZ = (0.9642, 1.0, 0.8249)
"""White of the profile connection space, ICC.1:2010 section 7.2.16."""
BRADFORD = ((0.8951, 0.2664, -0.1614), (-0.7502, 1.7135, 0.0367), (0.0389, -0.0685, 1.0296))
SRGB_CURVE = (2.4, 1 / 1.055, 0.055 / 1.055, 1 / 12.92, 0.04045)
"""g, a, b, c, d of ICC's parametric curve type 3: (aX + b)^g from d on, cX below."""


def xyz_of(xy: tuple[float, float]) -> Doubles:
    """The colour of luminance 1 at a place of the CIE xy diagram."""
    x, y = xy
    return np.array([x / y, 1.0, (1 - x - y) / y])


def d65_to_d50() -> Doubles:
    """Bradford's chromatic adaptation, ICC.1:2010 annex E."""
    cone = np.array(BRADFORD)
    gain = (cone @ np.array(D50_XYZ)) / (cone @ xyz_of(D65_WHITE))
    return np.asarray(np.linalg.inv(cone) @ np.diag(gain) @ cone)


def p3_columns() -> Doubles:
    """XYZ (D50) of full red, green and blue, one column each; their sum is the white."""
    primaries = np.stack([xyz_of(xy) for xy in P3_PRIMARIES], axis=1)
    strength = np.linalg.solve(primaries, xyz_of(D65_WHITE))
    return np.asarray(d65_to_d50() @ (primaries * strength))


def fixed(*values: float) -> bytes:
    """ICC's s15Fixed16Number, big-endian."""
    return b"".join(struct.pack(">i", round(value * 65536)) for value in values)


def text(words: str) -> bytes:
    """A multiLocalizedUnicode tag with one English record."""
    encoded = words.encode("utf-16-be")
    return b"mluc" + struct.pack(">IIIHHII", 0, 1, 12, 0x656E, 0x5553, len(encoded), 28) + encoded


def tags() -> dict[bytes, bytes]:
    """The tags a three-component matrix display profile must have (ICC.1:2010 section 8.4)."""
    curve = b"para" + struct.pack(">IHH", 0, 3, 0) + fixed(*SRGB_CURVE)
    found = {
        b"desc": text("Display P3"),
        b"cprt": text("CC0"),
        b"wtpt": b"XYZ " + bytes(4) + fixed(*D50_XYZ),
        b"chad": b"sf32" + bytes(4) + fixed(*d65_to_d50().ravel()),
    }
    for letter, column in zip(b"rgb", p3_columns().T, strict=True):
        found[bytes([letter]) + b"XYZ"] = b"XYZ " + bytes(4) + fixed(*column)
        found[bytes([letter]) + b"TRC"] = curve
    return found


def display_p3() -> bytes:
    """A version 4 ICC profile of Display P3: P3 primaries, D65 white, sRGB's curve.

    Returns:
        the profile; always the same bytes.
    """
    padded = [(name, body, body + bytes(-len(body) % 4)) for name, body in tags().items()]
    start = 128 + 4 + 12 * len(padded)
    places = accumulate((len(body) for _, _, body in padded), initial=start)
    table = b"".join(
        name + struct.pack(">II", place, len(body)) for (name, body, _), place in zip(padded, places, strict=False)
    )
    data = struct.pack(">I", len(padded)) + table + b"".join(body for _, _, body in padded)
    header = struct.pack(">I4sI4s4s4s6H4s4s", 128 + len(data), bytes(4), 0x04300000, b"mntr", b"RGB ", b"XYZ ",
                         2025, 9, 28, 0, 0, 0, b"acsp", bytes(4))  # fmt: skip
    header += bytes(4 + 4 + 4 + 8) + struct.pack(">I", 0) + fixed(*D50_XYZ)
    return header.ljust(128, b"\0") + data
