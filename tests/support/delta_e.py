"""How far apart two colours look: CIEDE2000, and a float conversion from display colours to Lab, without littleCMS."""

import numpy as np
import numpy.typing as npt
from support.profiles import D50, XYZ_D50_TO_SRGB, Xyz

Floats = npt.NDArray[np.float64]


def display_to_srgb(numbers: Floats, colorants: tuple[Xyz, Xyz, Xyz], gamma: float | None) -> Floats:
    """Numbers of a display (n x 3, 0 to 1) -> linear sRGB, not clipped; `gamma` None for sRGB's own curve."""
    light = decoded(numbers) if gamma is None else numbers**gamma
    linear: Floats = light @ np.array(colorants) @ np.array(XYZ_D50_TO_SRGB).T
    return linear


def decoded(numbers: Floats) -> Floats:
    """sRGB's numbers 0 to 1 -> light (IEC 61966-2-1)."""
    return np.where(numbers <= 0.04045, numbers / 12.92, ((numbers + 0.055) / 1.055) ** 2.4)


def srgb_to_lab(linear: Floats) -> Floats:
    """Linear sRGB (n x 3, 0 to 1) -> Lab relative to D50."""
    xyz = linear @ np.linalg.inv(np.array(XYZ_D50_TO_SRGB)).T / np.array(D50)
    root = np.where(xyz > (6 / 29) ** 3, np.cbrt(xyz), xyz * (29 / 6) ** 2 / 3 + 4 / 29)
    x, y, z = root.T
    return np.stack([116 * y - 16, 500 * (x - y), 200 * (y - z)], axis=1)


def delta_e_2000(one: Floats, other: Floats) -> Floats:
    """CIEDE2000 of Lab colours (n x 3). Source: Sharma, Wu, Dalal 2005, doi 10.1002/col.20070."""
    (l1, a1, b1), (l2, a2, b2) = one.T, other.T
    c_mean = (np.hypot(a1, b1) + np.hypot(a2, b2)) / 2
    stretch = 1.5 - 0.5 * np.sqrt(c_mean**7 / (c_mean**7 + 25.0**7))
    c1, c2 = np.hypot(a1 * stretch, b1), np.hypot(a2 * stretch, b2)
    h1, h2 = np.degrees(np.arctan2(b1, a1 * stretch)) % 360, np.degrees(np.arctan2(b2, a2 * stretch)) % 360
    grey = c1 * c2 == 0
    turn = np.where(grey, 0, (h2 - h1 + 180) % 360 - 180)
    h_sum = np.where(abs(h1 - h2) <= 180, h1 + h2, h1 + h2 + np.where(h1 + h2 < 360, 360, -360))
    h = np.where(grey, h1 + h2, h_sum / 2)
    d_h = 2 * np.sqrt(c1 * c2) * np.sin(np.radians(turn / 2))
    light, chroma = (l1 + l2) / 2, (c1 + c2) / 2
    t = 1 - 0.17 * _cos(h - 30) + 0.24 * _cos(2 * h) + 0.32 * _cos(3 * h + 6) - 0.20 * _cos(4 * h - 63)
    s_l = 1 + 0.015 * (light - 50) ** 2 / np.sqrt(20 + (light - 50) ** 2)
    s_c, s_h = 1 + 0.045 * chroma, 1 + 0.015 * chroma * t
    r_c = 2 * np.sqrt(chroma**7 / (chroma**7 + 25.0**7))
    r_t = -np.sin(np.radians(60 * np.exp(-(((h - 275) / 25) ** 2)))) * r_c
    of_l, of_c, of_h = (l2 - l1) / s_l, (c2 - c1) / s_c, d_h / s_h
    return np.asarray(np.sqrt(of_l**2 + of_c**2 + of_h**2 + r_t * of_c * of_h), dtype=np.float64)


def _cos(degrees: Floats) -> Floats:
    return np.asarray(np.cos(np.radians(degrees)), dtype=np.float64)
