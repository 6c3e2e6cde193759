"""Woods: spruces in the snow before the sun, and hills in autumn."""

import numpy as np
import numpy.typing as npt
from sample_images_art.canvas import (
    Bytes,
    Floats,
    cell_tile,
    cloud_tile,
    developed,
    floats,
    grid,
    look_up,
    look_up_nearest,
    mix,
    rgb,
    smoothstep,
    wave,
    with_bloom,
)
from sample_images_art.terrain import View, fog_depth, normals, sunlit, trace

SUN = (0.06, 0.40)
LAYERS = ((0.655, 0.13, 44, 0.22), (0.695, 0.23, 19, 0.42), (0.75, 0.39, 9, 0.70), (0.86, 0.66, 5, 0.96))
"""Foot line, height of the trees, how many, how little fog is before them; far to near."""


def spruce(px: Floats, py: Floats, seed: int, pixel: float, warm: Floats) -> tuple[Floats, Floats]:
    """One snow-laden spruce, painted tier over tier from the foot to the tip.

    Args:
        px: sideways, 0 = stem, 1 = half the width at the foot.
        py: downwards, 0 = tip, 1 = foot.
        seed: same seed, same tree.
        pixel: size of a pixel in units of py, for soft edges.
        warm: how much sun reaches each place, 0 to 1.

    Returns:
        colour and cover.
    """
    rng = np.random.default_rng(seed)
    colour = np.zeros((*px.shape, 3), dtype=np.float32) + rgb((0.02, 0.03, 0.035))
    cover = np.zeros_like(px)
    tiers = 17
    for tier in range(tiers, 0, -1):
        t = tier / tiers
        top = 0.93 * (t - 0.5 / tiers) ** 1.12 - 0.03
        thick = 0.050 + 0.055 * t
        for side in (-1.0, 1.0):
            reach = (0.06 + 0.94 * t**0.95) * rng.uniform(0.80, 1.12)
            offset = top + rng.uniform(-0.012, 0.012)
            rows = (py[:, 0] > offset - 0.6 * thick) & (py[:, 0] < offset + 3.6 * thick)
            columns = (px[0] * side > -0.15 * reach) & (px[0] * side < reach)
            if not rows.any() or not columns.any():
                continue
            part = (slice(*span_of(rows)), slice(*span_of(columns)))
            q = px[part] * side / reach
            own = rng.integers(1 << 30)
            lumps = wave(q * 5, int(own), 3, 0.5)
            droop = thick * (0.25 + 0.95 * np.clip(q, 0, 1) ** 1.4)
            taper = np.sqrt(np.clip(1 - np.clip(q, 0, 1) ** 2.2, 0, 1))
            s = (py[part] - offset - droop) / thick
            upper = -0.30 * taper * (1 + 0.55 * lumps)
            lower = taper * (0.95 + 0.55 * wave(q * 13, int(own) + 1, 3, 0.6))
            soft = pixel / thick
            shape = np.clip((s - upper) / soft + 0.5, 0, 1) * np.clip((lower - s) / soft + 0.5, 0, 1)
            shape *= np.clip((q + 0.12) * 20, 0, 1) * (q < 1)
            line = taper * (0.36 + 0.34 * wave(q * 7, int(own) + 2, 3, 0.55))
            snow = np.clip((line - s) / (soft + 0.10) + 0.5, 0, 1)
            depth = np.clip((s - upper) / 1.2, 0, 1)
            glow = np.clip(warm[part] * (0.30 + 0.9 * np.clip(q, 0, 1)) * (1.15 - depth), 0, 1)
            white = mix(rgb((0.22, 0.32, 0.54)), rgb((0.60, 0.68, 0.84)), 1 - depth)
            white = mix(white, rgb((1.65, 1.02, 0.58)), glow)
            needles = mix(rgb((0.010, 0.020, 0.026)), rgb((0.060, 0.055, 0.030)), glow**2)
            bough = mix(needles, white, snow) * (0.45 + 0.55 * np.clip(np.abs(q) * 1.6 + 0.2, 0, 1))[..., None]
            shade = np.clip(1 - (s - lower) / 0.8, 0, 1) * np.clip((s - lower) * 8, 0, 1) * (q > -0.1) * (q < 0.9)
            colour[part] = mix(colour[part] * (1 - 0.55 * shade)[..., None], bough, shape)
            cover[part] = np.maximum(cover[part], shape)
    mound = 0.8 * smoothstep(0.89, 0.985, py + 0.035 * wave(px * 2.5, seed % 9973, 3))
    colour = mix(colour, rgb((0.30, 0.40, 0.62)), mound)
    cover *= smoothstep(1.005, 0.975, py + 0.020 * wave(px * 4, seed % 9941, 3))
    stem = np.clip((0.045 - np.abs(px)) * 30, 0, 1) * (py > 0.5) * (py < 1.0)
    return colour, np.maximum(cover, stem * (cover < 0.01)).astype(np.float32)


def span_of(wanted: npt.NDArray[np.bool_]) -> tuple[int, int]:
    """First wanted place and the one after the last."""
    places = np.flatnonzero(wanted)
    return int(places[0]), int(places[-1]) + 1


def snow_field(x: Floats, y: Floats, seed: int, tall: float) -> Floats:
    """Drifted snow against the light: blue hollows, warm crests, the trees' long shadows towards us."""
    drift = cloud_tile(512, seed, 1.6, 1.0, 14.0)
    here = look_up(drift, x * 0.28 + 0.1, y * 1.1)
    crest = np.clip(0.5 + (here - look_up(drift, x * 0.28 + 0.1, (y - 0.008) * 1.1)) * 2.6, 0, 1)
    fan = np.arctan2(x - SUN[0], y - SUN[1] + 0.02)
    shade = smoothstep(-0.45, 0.40, wave(fan * 8 + 0.06 * here, 13, 3, 0.5))
    glow = np.exp(-np.abs(x - SUN[0]) / 0.30)
    sunny = np.clip(crest * (0.18 + 0.82 * shade) * (0.30 + 0.75 * glow) * tall, 0, 1)
    return mix(rgb((0.20, 0.30, 0.54)) * (0.75 + 0.25 * crest)[..., None], rgb((1.35, 0.86, 0.52)), sunny)


def snowy_spruces(width: int, height: int) -> Bytes:
    """A winter morning; upright picture."""
    x, y = grid(width, height)
    off = np.hypot(x - SUN[0], (y - SUN[1]) * 0.9)
    glow = np.exp(-off / 0.15)
    sky = mix(rgb((0.66, 0.42, 0.33)), rgb((0.10, 0.21, 0.46)), smoothstep(0.68, 0.0, y))
    sky += glow[..., None] * rgb((1.20, 0.60, 0.22)) + np.exp(-((off / 0.030) ** 2))[..., None] * rgb((7.0, 4.6, 2.2))
    fog = mix(rgb((0.27, 0.35, 0.53)), rgb((1.25, 0.72, 0.38)), np.clip(glow * 1.15 + 0.05, 0, 1))
    picture, across, aspect = sky, x[0], width / height
    rng = np.random.default_rng(8)
    for layer, (foot, tall, count, clear) in enumerate(LAYERS):
        line = foot + 0.016 * wave(across * 2.2, 90 + layer, 3, 0.35)
        near = smoothstep(-0.004, 0.012, y - line[None, :])
        picture = mix(
            picture, mix(fog, snow_field(x, y, 13 + layer, 0.55 + 0.45 * clear), np.full_like(x, clear)), near
        )
        spots = ((np.arange(count) + rng.uniform(0.2, 0.8, count)) / count - 0.5) * aspect * 1.2
        for spot in rng.permutation(spots):
            size = tall * rng.uniform(0.70, 1.08)
            half = size * 0.215
            if layer >= 2 and abs(spot - SUN[0]) < 0.06 + half:
                continue
            root = float(np.interp(spot, across, line)) + 0.012
            part = (
                slice(max(int((root - size * 1.03) * height), 0), min(int((root + 0.02) * height), height)),
                slice(
                    max(int((spot - half * 1.2 + aspect / 2) * height), 0),
                    max(min(int((spot + half * 1.2 + aspect / 2) * height), width), 0),
                ),
            )
            if picture[part].size == 0:
                continue
            px, py = (x[part] - spot) / half, (y[part] - root + size) / size
            toward = np.sign(SUN[0] - spot) * px
            warm = np.clip(0.30 + 0.70 * toward, 0.05, 1) * np.exp(-((off[part] / 0.55) ** 2)) * (0.55 + 0.45 * clear)
            tree, cover = spruce(px, py, int(rng.integers(1 << 30)), 1 / (size * height), warm.astype(np.float32))
            low = clear * (1 - 0.45 * smoothstep(0.60, 1.0, py) * (layer < 3))
            picture[part] = mix(picture[part], mix(fog[part], tree, low.astype(np.float32)), cover)
    fan = np.arctan2(x - SUN[0], SUN[1] - y)
    beams = (
        np.clip(0.4 + 0.6 * wave(fan * 5, 55, 4, 0.6), 0, 1)
        * np.exp(-off / 0.30)
        * smoothstep(0.02, 0.14, off)
        * smoothstep(0.25, -0.02, y - SUN[1])
    )
    picture = picture + (0.32 * beams)[..., None] * rgb((1.2, 0.70, 0.34))
    return developed(with_bloom(picture, 0.9, height / 28, 0.20), 0.85, vignette=0.35, grain=0.005, saturation=1.2)


def autumn_hills(width: int, height: int) -> Bytes:
    """Woods in October, seen from a tower: gold, rust and the last green, with the sun low from the left."""
    view = View(width, height, 1.3, 0.20, 250.0, 230.0, 16_000.0, 3200)
    soft, patch = cloud_tile(1024, 44, 2.0), cloud_tile(512, 12, 1.3)
    dome, tree = cell_tile(2048, 96, 3)
    leaf = cloud_tile(1024, 90, 0.7, 8.0)
    span = 96 * 8.5

    def bare(x: Floats, z: Floats) -> Floats:
        return floats(105 * np.tanh(look_up(soft, x / 4600 + 0.62, z / 4600 + 0.45)) + 60 * smoothstep(3000, 9000, z))

    def crown(x: Floats, z: Floats) -> Floats:
        tall = 0.5 + 0.5 * look_up_nearest(tree, x / span, z / span)
        return np.sqrt(np.clip(1 - 1.55 * look_up(dome, x / span, z / span) ** 2, 0, 1)) * tall

    def wooded(x: Floats, z: Floats) -> Floats:
        return floats(bare(x, z) + 13 * crown(x, z) + 0.55 * look_up(leaf, x / 60, z / 60))

    ground = trace(view, wooded)
    x, y = grid(width, height)
    sun = rgb((-0.74, 0.36, 0.50))
    sun /= np.linalg.norm(sun)
    normal = normals(wooded, ground, 0.0008, 0.6)
    shade = sunlit(wooded, ground, sun, 900.0)
    kind = look_up_nearest(tree, ground.x / span, ground.depth / span)
    warmth = np.clip(0.42 + 0.55 * (kind - 0.5) + 0.17 * look_up(patch, ground.x / 1700, ground.depth / 1700), 0, 0.999)
    palette = np.array(
        [
            (0.035, 0.075, 0.022),
            (0.10, 0.13, 0.025),
            (0.34, 0.23, 0.025),
            (0.46, 0.22, 0.02),
            (0.44, 0.12, 0.015),
            (0.30, 0.050, 0.016),
            (0.20, 0.035, 0.02),
        ],
        dtype=np.float32,
    )
    colour = palette[(warmth * len(palette)).astype(np.int32)]
    depth_of_crown = crown(ground.x, ground.depth)
    hollow = 0.25 + 0.75 * smoothstep(0.1, 0.75, depth_of_crown)
    through = np.clip(normal @ sun * 0.75 + 0.25, 0, 1) * (0.12 + 0.88 * shade)
    ambient = (0.35 + 0.3 * normal[..., 1:2]) * rgb((0.30, 0.38, 0.52))
    lit = colour * hollow[..., None] * (ambient + through[..., None] * rgb((3.9, 2.5, 1.2)))
    glow = np.exp(-np.hypot(x + 0.75, y - 0.05) / 0.5)
    sky = mix(rgb((0.95, 0.78, 0.55)), rgb((0.36, 0.52, 0.72)), smoothstep(0.20, -0.05, y)) + glow[..., None] * rgb(
        (0.9, 0.55, 0.25)
    )
    mist = mix(rgb((0.46, 0.54, 0.64)), rgb((1.15, 0.80, 0.48)), np.clip(glow * 1.2, 0, 1))
    valley = fog_depth(ground.depth, view.eye, wooded(ground.x, ground.depth), 32.0, 0.7e-4)
    valley *= np.exp(0.6 * look_up(soft, ground.x / 3000, ground.depth / 3000))
    veil = 1 - np.exp(-(ground.depth / 7500) - valley)
    picture = np.where(ground.sky[..., None], sky, mix(lit, mist, veil))
    return developed(with_bloom(picture, 0.9, width / 35, 0.2), 0.85, vignette=0.3, grain=0.004, saturation=1.15)
