"""Skies of the night: the Milky Way over a tent, aurora over a lake."""

import numpy as np
from sample_images_art.canvas import (
    Bytes,
    Floats,
    blurred,
    cloud_tile,
    developed,
    floats,
    grid,
    look_up,
    mix,
    picked,
    resized,
    rgb,
    smoothstep,
    wave,
    with_bloom,
)
from sample_images_art.woods import spruce


def star_colours(warmth: Floats) -> Floats:
    """Star tints from blue-white (0) over white to orange (1)."""
    cool, white, warm = rgb((0.62, 0.76, 1.0)), rgb((1.0, 0.97, 0.92)), rgb((1.0, 0.66, 0.36))
    share = warmth[:, None]
    low = cool + (white - cool) * np.clip(share * 2, 0, 1)
    return floats(low + (warm - low) * np.clip(share * 2 - 1, 0, 1))


def stars(width: int, height: int, count: int, seed: int, density: Floats | None = None) -> Floats:
    """A star field: each magnitude step has about 2.5 times as many stars, as in the real sky.

    Args:
        width: pixels across; `height` likewise down.
        height: pixels down.
        count: stars to try.
        seed: same seed, same sky.
        density: share of stars kept at each pixel, or None for all.
    """
    rng = np.random.default_rng(seed)
    x, y = rng.random(count) * (width - 8) + 4, rng.random(count) * (height - 8) + 4
    flux = np.minimum((1 - rng.random(count)) ** -0.95, 3000.0).astype(np.float32)
    colour = star_colours(np.clip(rng.normal(0.42, 0.26, count), 0, 1).astype(np.float32))
    if density is not None:
        kept = rng.random(count) < density[y.astype(np.int32), x.astype(np.int32)]
        x, y, flux, colour = x[kept], y[kept], flux[kept], colour[kept]
    sky = np.zeros((height, width, 3), dtype=np.float32)
    unit = height / 1600
    spread = 0.55 * unit + 0.20 * unit * np.log10(flux)
    reach = int(np.ceil(2.6 * spread.max()))
    for dy in range(-reach, reach + 1):
        for dx in range(-reach, reach + 1):
            ix, iy = np.floor(x).astype(np.int32) + dx, np.floor(y).astype(np.int32) + dy
            distance = (ix + 0.5 - x) ** 2 + (iy + 0.5 - y) ** 2
            share = np.exp(-distance / (2 * spread**2)) / (2 * np.pi * spread**2) * unit**2
            light = (0.016 * flux * share)[:, None] * colour
            np.add.at(sky, (np.clip(iy, 0, height - 1), np.clip(ix, 0, width - 1)), light)
    return sky


def pine_line(width: int, height: int, seed: int, base: Floats, tallest: float) -> Floats:
    """Top edge of a row of conifers standing on a hill line.

    Args:
        width: pixels across.
        height: pixels down.
        seed: same seed, same trees.
        base: the hill line, 0 = top, one value per column.
        tallest: height of the tallest tree, in picture heights.
    """
    rng = np.random.default_rng(seed)
    place = (np.arange(width, dtype=np.float32) + 0.5 - width / 2) / height
    top = base.copy()
    for _ in range(int(1.9 * width / height / tallest * 4)):
        middle = rng.uniform(place[0], place[-1])
        tall = tallest * rng.uniform(0.35, 1.0) ** 1.3
        half = tall * rng.uniform(0.20, 0.30)
        off = np.abs(place - middle) / half
        if not (off < 1).any():
            continue
        ragged = 1 + 0.30 * wave(place / np.float32(half) * 5, int(rng.integers(1 << 30)), 3)
        crown = tall * np.clip(1 - off * ragged, 0, 1) ** 1.05
        ground = float(np.interp(middle, place, base))
        top = np.where(off < 1, np.minimum(top, ground + 0.01 - crown), top)
    return top.astype(np.float32)


def spruce_row(x: Floats, y: Floats, base: Floats, seed: int, clearing: float) -> Floats:
    """Silhouettes of spruces along a line, with a gap around `clearing`; 0 to 1."""
    height, width = x.shape
    rng = np.random.default_rng(seed)
    cover = np.zeros_like(x)
    for spot in np.linspace(-0.36, 0.36, 27) + rng.normal(0, 0.008, 27):
        size = 0.045 + 0.115 * rng.random() ** 1.6
        if abs(spot - clearing) < 0.055 + 0.3 * size:
            continue
        root, half = float(np.interp(spot, x[0], base)) + 0.012, size * 0.22
        part = (
            slice(int((root - size * 1.03) * height), min(int((root + 0.005) * height), height)),
            slice(
                max(int((spot - half * 1.2) * height + width / 2), 0),
                max(int((spot + half * 1.2) * height + width / 2), 0),
            ),
        )
        px, py = (x[part] - spot) / half, (y[part] - root + size) / size
        if px.size:
            tree = spruce(px, py, int(rng.integers(1 << 30)), 1 / (size * height), np.zeros_like(px))[1]
            cover[part] = np.maximum(cover[part], tree)
    return cover


def below(edge: Floats, y: Floats, height: int) -> Floats:
    """1 under the edge line, 0 above, antialiased."""
    return np.clip((y - edge[None, :]) * height + 0.5, 0, 1).astype(np.float32)


def milky_way(width: int, height: int) -> Bytes:
    """The galaxy's heart standing over a pine ridge with one lit tent; upright picture."""
    x, y = grid(width, height)
    cloud, dust = cloud_tile(1024, 301, 1.25), cloud_tile(1024, 407, 1.15)
    lean = 0.42
    along = (y - 0.55) * np.cos(lean) - x * np.sin(lean)
    off = x * np.cos(lean) + (y - 0.55) * np.sin(lean) - 0.02
    off = off + 0.022 * look_up(cloud, along * 0.5, off * 0.5)
    core = np.exp(-((along - 0.02) ** 2) / 0.075)
    band = np.exp(-(off**2) / (0.0085 + 0.011 * core)) * (0.32 + 1.0 * core)
    patchy = np.exp(0.48 * look_up(cloud, x * 0.55 + 0.2, y * 0.55) + 0.12 * look_up(cloud, x * 2.3, y * 2.3))
    lane = off + 0.016 - 0.020 * look_up(dust, along * 0.55 + 0.1, 0.3 + off * 0.8)
    lanes = np.exp(-(lane**2) / 0.0016) * 1.9 + np.exp(-(((lane - 0.055) / 0.03) ** 2)) * 0.5
    murk = lanes * np.clip(0.8 + 0.6 * look_up(dust, x * 0.9 + 0.5, y * 0.9), 0, 2.2)
    murk += 0.6 * np.clip(look_up(dust, x * 1.7, y * 1.7 + 0.4), 0, 2) * np.exp(-(off**2) / 0.02)
    veil = np.exp(-murk[..., None] * rgb((0.75, 1.0, 1.28)))
    tint = mix(rgb((0.62, 0.72, 1.0)), rgb((1.0, 0.80, 0.58)), np.clip(core * 1.1, 0, 1))
    sky = 0.20 * (band * patchy)[..., None] * tint * veil
    rng = np.random.default_rng(12)
    for _ in range(11):
        a, b, size = rng.uniform(-0.45, 0.35), rng.normal(0, 0.04), rng.uniform(0.004, 0.011)
        spot = np.exp(-((along - a) ** 2 + (off - b) ** 2) / size**2)
        sky += (0.10 * spot * np.exp(0.5 * look_up(cloud, x * 4, y * 4)))[..., None] * rgb((1.0, 0.24, 0.34))
    low = smoothstep(0.35, 0.95, y)
    sky += rgb((0.007, 0.011, 0.022)) + low[..., None] * rgb((0.012, 0.030, 0.022))
    horizon = np.exp(-((0.86 - y) / 0.085).clip(0)) * np.exp(-((x + 0.12) ** 2) / 0.18)
    sky += horizon[..., None] * rgb((0.17, 0.088, 0.038))
    keep = np.clip(0.20 + 1.0 * band * veil[..., 1], 0, 1) * (1 - 0.55 * low)
    sky += stars(width, height, 90_000, 5, keep.astype(np.float32)) * 1.15
    across = x[0]
    far = below(0.855 + 0.035 * wave(across * 3, 8, 6), y, height)
    picture = mix(sky, rgb((0.010, 0.014, 0.022)) + horizon[..., None] * rgb((0.02, 0.012, 0.007)), far)
    hill = 0.925 - 0.05 * np.exp(-((across - 0.13) ** 2) / 0.03) + 0.012 * wave(across * 4, 31, 5)
    meadow = below(hill, y, height)
    tx, ty = 0.115, 0.888
    near = np.hypot((x - tx), (y - ty) * 2.4)
    grass = 0.8 + 0.3 * np.clip(look_up(dust, x * 6, y * 3), -1, 1)
    floor = rgb((0.0035, 0.0045, 0.006)) + (np.exp(-near / 0.035) * grass * smoothstep(0.86, 0.90, y))[..., None] * rgb(
        (0.34, 0.15, 0.04)
    )
    picture = mix(picture, floor, meadow)
    picture = mix(picture, rgb((0.0022, 0.003, 0.0045)), spruce_row(x, y, hill + 0.012, 77, tx))
    px, py = (x - tx) / 0.036, (ty + 0.006 - y) / 0.036
    inside = np.clip((0.93 - np.maximum(np.abs(px) * 0.86 + py * 0.98, np.abs(px) * 1.05)) * 0.036 * height, 0, 1)
    inside *= np.clip(py * 0.036 * height, 0, 1)
    lamp = np.exp(-((px - 0.1) ** 2 + (py - 0.25) ** 2) / 0.22) * 1.3 + 0.25
    seam = 1 - 0.45 * np.exp(-((px + 0.12 - 0.25 * py) ** 2) / 0.0016) - 0.2 * smoothstep(0.35, 0.9, np.abs(px))
    picture = mix(picture, (lamp * seam)[..., None] * rgb((1.15, 0.46, 0.11)), inside)
    return developed(with_bloom(picture, 0.55, height / 90, 0.30), 1.75, vignette=0.3, grain=0.006, saturation=1.25)


def curtains(width: int, height: int) -> Floats:
    """Light of folded sheets seen from the side: where a sheet turns back, its rays pile up."""
    small_h = min(height, 900)
    small_w = round(small_h * width / height)
    y = (np.arange(small_h, dtype=np.float32) + 0.5) / small_h
    light = np.zeros((small_w, small_h, 3), dtype=np.float32)
    t = np.linspace(0, 1, 9000, dtype=np.float32)
    soft = np.hanning(701).astype(np.float32)
    soft /= soft.sum()

    def drift(pace: float, seed: int) -> Floats:
        return np.convolve(np.pad(wave(t * np.float32(pace), seed, 2), 350, mode="edge"), soft, mode="valid").astype(
            np.float32
        )

    for seed, foot, rise, tall, power in (
        (4, 0.50, -0.17, 0.17, 1.25),
        (19, 0.40, 0.22, 0.20, 0.65),
        (27, 0.575, 0.03, 0.075, 0.7),
    ):
        swing = 14.0 + 2 * drift(3, seed + 9)
        place = (t * 2.3 - 1.15) + 0.135 * np.sin(t * swing + seed) + 0.07 * drift(7, seed)
        hem = foot + rise * (t - 0.5) + 0.050 * np.cos(t * swing + seed) + 0.045 * drift(5, seed + 1)
        rays = np.clip(0.60 + 0.50 * wave(t * 110, seed + 2, 4, 0.7), 0.04, 2.5)
        strength = np.clip(0.75 + 0.8 * drift(8, seed + 3), 0.06, 2) * rays * power
        length = tall * (0.6 + 0.55 * rays) * (0.9 + 0.5 * drift(8, seed + 4))
        column = ((place + small_w / small_h / 2) * small_h).astype(np.int32)
        for i in np.flatnonzero((column >= 0) & (column < small_w)):
            up = hem[i] - y
            ray = strength[i] * np.where(
                up > 0, np.exp(-np.maximum(up, 0) / max(length[i], 0.03)), np.exp(-((up / 0.009) ** 2))
            )
            high = np.clip((up - 0.05) / 0.24, 0, 1)[:, None]
            tint = rgb((0.15, 0.85, 0.33)) * (1 - high) + rgb((0.36, 0.13, 0.60)) * high
            edge = np.exp(-(((up + 0.002) / 0.007) ** 2))[:, None] * strength[i] * rgb((0.20, 0.035, 0.16))
            light[column[i]] += 0.105 * (ray[:, None] * tint + edge)
    flat = np.ascontiguousarray(light.transpose(1, 0, 2)) * np.float32(900 / small_h) * np.float32(small_h / 800)
    column, row = np.meshgrid(np.arange(small_w, dtype=np.float32), np.arange(small_h, dtype=np.float32))
    fan = (column - small_w / 2) * (1 + 0.45 * (row / small_h - 0.55)) + small_w / 2
    sheet = picked(flat, fan, row)
    return resized(blurred(sheet, 1.2) + 0.35 * blurred(sheet, small_h / 28), width, height)


def aurora(width: int, height: int) -> Bytes:
    """Green curtains with a purple hem over a black shore, and again in the water."""
    x, y = grid(width, height)
    shore = 0.655
    across = x[0]
    sky = mix(rgb((0.012, 0.032, 0.048)), rgb((0.0045, 0.008, 0.024)), smoothstep(shore, 0.0, y))
    sky += stars(width, height, 16_000, 3) * 0.8
    sky += curtains(width, height)
    sky += np.exp(-((shore - y) / 0.12).clip(0))[..., None] * rgb((0.012, 0.060, 0.040))
    hills = below(0.600 + 0.030 * wave(across * 2.2, 66, 6, 0.45), y, height)
    world = mix(sky, rgb((0.006, 0.015, 0.019)), hills * 0.94)
    rise = 0.646 - 0.055 * smoothstep(0.25, 0.75, np.abs(across + 0.05)) + 0.006 * wave(across * 5, 2, 4)
    trees = below(pine_line(width, height, 5, rise, 0.075), y, height)
    world = mix(world, rgb((0.0022, 0.0038, 0.0046)), trees)
    world = with_bloom(world, 0.25, height / 40, 0.20)
    down = np.clip(y - shore, 1e-4, 1)
    ripple = look_up(cloud_tile(512, 8, 1.2, 2.0), x / (down * 9 + 0.02) * 0.35, 0.045 / (down + 0.012))
    column = np.arange(width, dtype=np.float32)[None, :]
    image = picked(
        blurred(world, height / 260),
        column + ripple * 2.2 * height / 800,
        (shore - down * 1.02) * height + ripple * down * 0.075 * height,
    )
    water = image * rgb((0.66, 0.74, 0.78)) * (1 - 0.35 * smoothstep(0, 0.35, down))[..., None] + rgb(
        (0.001, 0.003, 0.005)
    )
    picture = mix(world, water, below(np.full(width, shore, dtype=np.float32), y, height))
    stones = below(
        1.03
        - 0.11 * np.clip(wave(across * 3.4, 71, 4, 0.4) + 0.15, 0, 2) * smoothstep(-0.1, 0.75, np.abs(across - 0.1)),
        y,
        height,
    )
    picture = mix(picture, rgb((0.003, 0.006, 0.007)), stones)
    return developed(picture, 1.05, vignette=0.35, grain=0.006, saturation=1.15)
