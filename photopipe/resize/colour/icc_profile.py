"""Write small ICC profiles for colours that a file only describes by numbers."""

import struct
from collections.abc import Iterable, Mapping, Sequence
from typing import Final, NamedTuple

Xyz = tuple[float, float, float]
Matrix = tuple[Xyz, Xyz, Xyz]

D50: Final[Xyz] = (0.9642, 1.0, 0.8249)
"""The white point that all profiles are relative to. Source: ICC.1:2022, 7.2.16."""
D65: Final = (0.3127, 0.3290)
BRADFORD: Final[Matrix] = ((0.8951, 0.2664, -0.1614), (-0.7502, 1.7135, 0.0367), (0.0389, -0.0685, 1.0296))
"""XYZ to the responses of the eye's cones. Source: ICC.1:2022, annex E."""
YEAR_2024: Final = bytes.fromhex("07e800010001000000000000")


class Chromaticities(NamedTuple):
    """White point and primaries of a display, as CIE x and y."""

    white: tuple[float, float]
    red: tuple[float, float]
    green: tuple[float, float]
    blue: tuple[float, float]


class Curve(NamedTuple):
    """The transfer curve from numbers to light: a parametric curve of the ICC.

    Attributes:
        kind: 0 for `y = x ** g`, 3 for sRGB's shape. Source: ICC.1:2022, table 68.
        parameters: `g`, or `g, a, b, c, d`.
    """

    kind: int
    parameters: tuple[float, ...]


SRGB_CURVE: Final = Curve(3, (2.4, 1 / 1.055, 0.055 / 1.055, 1 / 12.92, 0.04045))
"""Source: IEC 61966-2-1."""


def gamma_curve(gamma: float) -> Curve:
    """The curve `light = number ** gamma`."""
    return Curve(0, (gamma,))


def rgb_profile(primaries: Chromaticities, curve: Curve) -> bytes:
    """A profile of a display with three primaries and one curve.

    Args:
        primaries: white point and primaries; the white must lie in the triangle of the primaries.
        curve: the same for all three primaries.

    Raises:
        ValueError: no display has these primaries.
    """
    columns = zip(*_colorants(primaries), strict=True)
    colorants = dict(zip((b"rXYZ", b"gXYZ", b"bXYZ"), map(_xyz, columns), strict=True))
    curves = dict.fromkeys((b"rTRC", b"gTRC", b"bTRC"), _curve(curve))
    return _profile(b"RGB ", colorants | curves)


def grey_profile(curve: Curve) -> bytes:
    """A profile of a grey display."""
    return _profile(b"GRAY", {b"kTRC": _curve(curve)})


def _colorants(primaries: Chromaticities) -> Matrix:
    """The matrix from linear RGB to XYZ relative to D50: its columns are the primaries."""
    if any(not 0 < y <= 1 or not 0 <= x <= 1 for x, y in primaries):
        raise ValueError("chromaticities out of range")
    white = _xyz_of(*primaries.white)
    shape = _transposed([_xyz_of(x, y) for x, y in primaries[1:]])
    strengths = _times(_inverse(shape), white)
    if min(strengths) <= 0:
        raise ValueError("the white lies outside the primaries")
    cones, cones_d50 = _times(BRADFORD, white), _times(BRADFORD, D50)
    adapted = _transposed([_adapt(column, cones, cones_d50) for column in _transposed(shape)])
    return _rows((value * strength for value, strength in zip(row, strengths, strict=True)) for row in adapted)


def _adapt(color: Xyz, white: Xyz, wanted: Xyz) -> Xyz:
    """Bradford adaptation: scale the cones' responses by the ratio of the whites."""
    cones = _times(BRADFORD, color)
    scaled = tuple(cone * to / of for cone, of, to in zip(cones, white, wanted, strict=True))
    return _times(_inverse(BRADFORD), scaled)


def _xyz_of(x: float, y: float) -> Xyz:
    return x / y, 1.0, (1 - x - y) / y


def _times(matrix: Matrix, vector: Sequence[float]) -> Xyz:
    x, y, z = (sum(a * b for a, b in zip(row, vector, strict=True)) for row in matrix)
    return x, y, z


def _rows(rows: Iterable[Iterable[float]]) -> Matrix:
    first, second, third = ((a, b, c) for a, b, c in rows)
    return first, second, third


def _transposed(matrix: Iterable[Iterable[float]]) -> Matrix:
    return _rows(zip(*matrix, strict=True))


def _inverse(matrix: Matrix) -> Matrix:
    (a, b, c), (d, e, f), (g, h, i) = matrix
    determinant = a * (e * i - f * h) - b * (d * i - f * g) + c * (d * h - e * g)
    if abs(determinant) < 1e-9:
        raise ValueError("the primaries lie on one line")
    adjugate = (
        (e * i - f * h, c * h - b * i, b * f - c * e),
        (f * g - d * i, a * i - c * g, c * d - a * f),
        (d * h - e * g, b * g - a * h, a * e - b * d),
    )
    return _rows((value / determinant for value in row) for row in adjugate)


def _profile(space: bytes, colors: Mapping[bytes, bytes]) -> bytes:
    """A version 4 display profile. Source: ICC.1:2022, 7.2 (header), 7.3 (tags)."""
    tags = {b"desc": _text("photopipe"), b"cprt": _text("none"), b"wtpt": _xyz(D50)} | dict(colors)
    places: dict[bytes, int] = {}
    body, start = b"", 128 + 4 + 12 * len(tags)
    for value in tags.values():
        if value not in places:  # equal curves are stored once
            places[value] = start + len(body)
            body += value + bytes(-len(value) % 4)
    index = b"".join(struct.pack(">4sII", tag, places[value], len(value)) for tag, value in tags.items())
    kind = struct.pack(">I4s4s4s4s", 0x04400000, b"mntr", space, b"XYZ ", YEAR_2024[:4]) + YEAR_2024[4:]
    head = struct.pack(">I4x", start + len(body)) + kind + b"acsp" + bytes(28) + _numbers(D50) + bytes(48)
    return head + struct.pack(">I", len(tags)) + index + body


def _numbers(values: Iterable[float]) -> bytes:
    return b"".join(struct.pack(">i", round(value * 65536)) for value in values)


def _xyz(value: Iterable[float]) -> bytes:
    return b"XYZ " + bytes(4) + _numbers(value)


def _curve(curve: Curve) -> bytes:
    return b"para" + bytes(4) + struct.pack(">Hxx", curve.kind) + _numbers(curve.parameters)


def _text(text: str) -> bytes:
    data = text.encode("utf-16-be")
    return b"mluc" + bytes(4) + struct.pack(">II4sII", 1, 12, b"enUS", len(data), 28) + data
