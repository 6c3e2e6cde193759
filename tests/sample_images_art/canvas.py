"""The painter's box: tileable noise, lookups, blur, and the way from light to 8-bit pixels.

Pictures are float32 arrays of linear light, height x width x 3, 1.0 = white before tone mapping.
"""

from typing import Any, TypeAlias

import numpy as np
import numpy.typing as npt
from PIL import Image

Floats: TypeAlias = npt.NDArray[Any]  # float32; numpy's stubs lose that in mixed arithmetic
Bytes: TypeAlias = npt.NDArray[np.uint8]
Colour: TypeAlias = tuple[float, float, float]


def floats(values: Any) -> Floats:
    """The values as the one kind of number pictures are made of."""
    return np.asarray(values, dtype=np.float32)


def rgb(colour: Colour) -> Floats:
    """A colour as an array that spreads over a picture."""
    return np.array(colour, dtype=np.float32)


def smoothstep(low: float, high: float, value: Floats) -> Floats:
    """0 below `low`, 1 above `high`, without corners between; `low` may be the larger."""
    t = np.clip((value - low) / (high - low), 0.0, 1.0).astype(np.float32)
    return t * t * (np.float32(3.0) - np.float32(2.0) * t)


def mix(first: Floats, second: Floats, share: Floats) -> Floats:
    """`first` where share is 0, `second` where it is 1; a flat share spreads over the channels."""
    if share.ndim == 2:
        share = share[..., None]
    return floats(first + (second - first) * share)


def grid(width: int, height: int) -> tuple[Floats, Floats]:
    """Pixel centres: x from -aspect/2 to aspect/2, y from 0 (top) to 1 (bottom)."""
    x = (np.arange(width, dtype=np.float32) + 0.5 - width / 2) / height
    y = (np.arange(height, dtype=np.float32) + 0.5) / height
    across, down = np.meshgrid(x.astype(np.float32), y.astype(np.float32))
    return across, down


def cloud_tile(size: int, seed: int, slope: float, lowest: float = 1.0, highest: float = 1e9) -> Floats:
    """Tileable fractal noise, mean 0 and deviation 1, whose amplitude falls as frequency ** -slope.

    Args:
        size: side [texels].
        seed: same seed, same noise.
        slope: about 1 is rough, 2 is smooth.
        lowest: waves per side under which there is nothing.
        highest: waves per side over which there is nothing.
    """
    white = np.random.default_rng(seed).standard_normal((size, size)).astype(np.float32)
    fy = np.fft.fftfreq(size)[:, None] * size
    fx = np.fft.rfftfreq(size)[None, :] * size
    waves = np.sqrt(fx * fx + fy * fy)
    gain = np.where((waves >= lowest) & (waves <= highest), np.maximum(waves, 1.0) ** -slope, 0.0)
    noise = np.fft.irfft2(np.fft.rfft2(white) * gain, s=(size, size)).astype(np.float32)
    return floats((noise - noise.mean()) / noise.std())


def ridge_tile(size: int, seed: int, octaves: int = 7, roughness: float = 0.5) -> Floats:
    """Tileable ridged noise, 0 in valleys to about 1 on crests; detail grows towards the crests."""
    total = np.zeros((size, size), dtype=np.float32)
    weight = np.ones_like(total)
    gain = 1.0
    for octave in range(octaves):
        waves = 2.0 * 2.0**octave
        band = cloud_tile(size, seed + octave, 0.5, waves * 0.6, waves * 1.3)
        crest = (1.0 - np.minimum(np.abs(band) * 0.75, 1.0)) ** 2
        total += gain * weight * crest
        weight = np.clip(crest * 1.6, 0.0, 1.0)
        gain *= roughness
    return floats(total / total.max())


def cell_tile(size: int, cells: int, seed: int) -> tuple[Floats, Floats]:
    """Tileable Worley cells.

    Returns:
        distance to the nearest seed point, in cell widths, and a random number of that point, 0 to 1.
    """
    rng = np.random.default_rng(seed)
    jitter = rng.random((cells, cells, 2)).astype(np.float32)
    label = rng.random((cells, cells)).astype(np.float32)
    place = (np.arange(size, dtype=np.float32) + 0.5) * cells / size
    px, py = np.meshgrid(place, place)
    ix, iy = px.astype(np.int32), py.astype(np.int32)
    nearest = np.full((size, size), 9.0, dtype=np.float32)
    owner = np.zeros((size, size), dtype=np.float32)
    for dy in (-1, 0, 1):
        for dx in (-1, 0, 1):
            cx, cy = (ix + dx) % cells, (iy + dy) % cells
            point = jitter[cy, cx]
            distance = np.hypot(ix + dx + point[..., 0] - px, iy + dy + point[..., 1] - py)
            closer = distance < nearest
            nearest = np.where(closer, distance, nearest)
            owner = np.where(closer, label[cy, cx], owner)
    return nearest, owner


def look_up(tile: Floats, x: Floats, y: Floats) -> Floats:
    """The tile at (x, y) [tile sides], endless in all directions, between texels by bilinear mixing."""
    size = tile.shape[0]
    fx, fy = np.float32(size) * (x - np.floor(x)), np.float32(size) * (y - np.floor(y))
    ix, iy = fx.astype(np.int32), fy.astype(np.int32)
    tx, ty = fx - ix, fy - iy
    ix %= size
    iy %= size
    jx, jy = (ix + 1) % size, (iy + 1) % size
    flat = tile.ravel()
    top = flat[iy * size + ix] * (1 - tx) + flat[iy * size + jx] * tx
    bottom = flat[jy * size + ix] * (1 - tx) + flat[jy * size + jx] * tx
    return floats(top * (1 - ty) + bottom * ty)


def look_up_nearest(tile: Floats, x: Floats, y: Floats) -> Floats:
    """The texel under (x, y) [tile sides], unmixed: for labels."""
    size = tile.shape[0]
    ix = (np.float32(size) * (x - np.floor(x))).astype(np.int32) % size
    iy = (np.float32(size) * (y - np.floor(y))).astype(np.int32) % size
    return floats(tile.ravel()[iy * size + ix])


def picked(picture: Floats, column: Floats, row: Floats) -> Floats:
    """The picture's colours at broken pixel places, held at its edges."""
    height, width = picture.shape[:2]
    row, column = np.clip(row, 0, height - 1.001), np.clip(column, 0, width - 1.001)
    iy, ix = row.astype(np.int32), column.astype(np.int32)
    ty, tx = (row - iy)[..., None], (column - ix)[..., None]
    flat = picture.reshape(height * width, -1)
    place = iy * width + ix
    top = flat[place] * (1 - tx) + flat[place + 1] * tx
    bottom = flat[place + width] * (1 - tx) + flat[place + width + 1] * tx
    return floats(top * (1 - ty) + bottom * ty)


def wave(place: Floats, seed: int, octaves: int = 6, roughness: float = 0.5) -> Floats:
    """Fractal noise along a line, about -1 to 1, one bump per unit of `place`."""
    rng = np.random.default_rng(seed)
    total = np.zeros_like(place)
    for octave in range(octaves):
        knots = rng.uniform(-1, 1, 4096).astype(np.float32)
        p = place * np.float32(2.0**octave) + np.float32(rng.uniform(0, 1000))
        i = np.floor(p).astype(np.int64)
        t = (p - i).astype(np.float32)
        t = t * t * (3 - 2 * t)
        total += roughness**octave * (knots[i % 4096] * (1 - t) + knots[(i + 1) % 4096] * t)
    return total.astype(np.float32)


def resized(picture: Floats, width: int, height: int, how: Image.Resampling = Image.Resampling.BICUBIC) -> Floats:
    """The picture at another size, floats kept."""
    if picture.ndim == 2:
        return np.asarray(Image.fromarray(picture).resize((width, height), how), dtype=np.float32)
    channels = [resized(np.ascontiguousarray(picture[..., c]), width, height, how) for c in range(picture.shape[2])]
    return np.stack(channels, axis=-1)


def blurred(picture: Floats, radius_px: float) -> Floats:
    """Gaussian blur; a wide one is done on a small copy, where it costs nothing."""
    height, width = picture.shape[:2]
    factor = max(1.0, radius_px / 3.0)
    small_w, small_h = max(2, round(width / factor)), max(2, round(height / factor))
    small = resized(picture, small_w, small_h, Image.Resampling.BOX) if factor > 1 else picture
    sigma = radius_px / factor
    reach = max(1, int(3 * sigma + 0.5))
    kernel = np.exp(-0.5 * (np.arange(-reach, reach + 1) / sigma) ** 2)
    kernel /= kernel.sum()
    for axis in (0, 1):
        padding = [(reach, reach) if a == axis else (0, 0) for a in range(small.ndim)]
        padded = np.pad(small, padding, mode="edge")
        length = small.shape[axis]
        parts = (np.float32(k) * padded.take(range(i, i + length), axis=axis) for i, k in enumerate(kernel))
        small = np.add.reduce(list(parts)).astype(np.float32)
    return resized(small, width, height) if factor > 1 else small


def with_bloom(light: Floats, threshold: float, radius_px: float, strength: float) -> Floats:
    """Bright places spill over their neighbours, as in a real lens."""
    return light + strength * blurred(np.maximum(light - threshold, 0.0), radius_px)


def encoded(linear: Floats) -> Floats:
    """Linear light 0 to 1 to sRGB's curve (IEC 61966-2-1), which Display P3 shares."""
    linear = np.clip(linear, 0.0, 1.0)
    return np.where(linear <= 0.0031308, linear * 12.92, 1.055 * linear ** (1 / 2.4) - 0.055).astype(np.float32)


def filmic(light: Floats) -> Floats:
    """Soft shoulder and toe: Narkowicz's fit to the ACES film curve (2015)."""
    x = np.maximum(light, 0.0)
    return np.clip(x * (2.51 * x + 0.03) / (x * (2.43 * x + 0.59) + 0.14), 0.0, 1.0).astype(np.float32)


def developed(
    light: Floats,
    exposure: float = 1.0,
    *,
    vignette: float = 0.25,
    grain: float = 0.006,
    saturation: float = 1.2,
    seed: int = 1,
) -> Bytes:
    """Linear light to finished 8-bit pixels: vignette, film curve, display curve, film grain.

    Args:
        light: height x width x 3.
        exposure: factor before the film curve.
        vignette: how much darker the corners are, 0 to 1.
        grain: deviation of the grain in the middle tones, 1 = white; coarse enough to look like film.
        saturation: 1 leaves colours as the film curve, which pales them, gives them.
        seed: of the grain.
    """
    height, width = light.shape[:2]
    x, y = grid(width, height)
    corner = (x / (0.5 * width / height)) ** 2 + ((y - 0.5) * 2) ** 2
    shade = (1.0 - vignette * 0.5 * corner) * exposure
    film = filmic(light * shade[..., None])
    grey = film @ rgb((0.2126, 0.7152, 0.0722))
    shown = encoded(grey[..., None] + (film - grey[..., None]) * np.float32(saturation))
    if grain:
        noise = np.random.default_rng(seed).standard_normal((height * 2 // 3, width * 2 // 3)).astype(np.float32)
        level = shown.mean(axis=2)
        shown = shown + (resized(noise, width, height) * grain * 4 * level * (1 - level))[..., None]
    return (np.clip(shown, 0.0, 1.0) * 255 + 0.5).astype(np.uint8)
