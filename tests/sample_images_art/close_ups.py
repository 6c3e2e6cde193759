"""Macro pictures: dew on a leaf, and a dahlia in Display P3."""

import numpy as np
from sample_images_art.canvas import (
    Bytes,
    Floats,
    blurred,
    cell_tile,
    cloud_tile,
    developed,
    floats,
    grid,
    look_up,
    mix,
    picked,
    rgb,
    smoothstep,
)


def leaf_skin(width: int, height: int) -> Floats:
    """A leaf from close by: midrib, side veins, the fine net between them, light from the upper left."""
    x, y = grid(width, height)
    lean = -0.42
    u, v = x * np.cos(lean) + (y - 0.62) * np.sin(lean), (y - 0.62) * np.cos(lean) - x * np.sin(lean)
    v = v + 0.05 * u * u
    soft, net = cloud_tile(512, 21, 1.6), cell_tile(1024, 40, 4)[0]
    side = (
        (u - 0.75 * np.abs(v) - 0.25 * v * v) / 0.24
        + 0.08 * look_up(soft, u, v)
        + np.where(v > 0, 0.45, 0.0).astype(np.float32)
    )
    off = np.abs(side - np.round(side)) * 0.24
    rib, vein = np.exp(-((v / 0.011) ** 2)), np.exp(-((off / (0.0045 + 0.002 * np.exp(-np.abs(v) / 0.1))) ** 2))
    mesh = look_up(net, u * 0.85 + 0.02 * look_up(soft, u * 2, v * 2), v * 0.85)
    bulge = np.clip(off / 0.1, 0, 1) ** 0.6
    relief = 1.1 * bulge - 0.5 * vein - 0.16 * mesh
    gy, gx = np.gradient(blurred(relief.astype(np.float32), height / 420))
    slope = (gx * 0.7 + gy * 0.7) * height / 26
    light = np.clip(0.62 - 0.55 * np.tanh(slope * 0.55) + 0.10 * look_up(soft, x, y), 0.05, 1.6)
    green = mix(
        rgb((0.035, 0.155, 0.016)),
        rgb((0.13, 0.30, 0.030)),
        np.clip(0.5 + 0.3 * look_up(soft, x * 0.7, y * 0.7) - 0.35 * mesh, 0, 1),
    )
    green = mix(green, rgb((0.30, 0.42, 0.10)), np.clip(0.85 * rib + 0.40 * vein, 0, 1))
    sheen = np.exp(-(((x + 0.35) ** 2 + (y - 0.1) ** 2) / 0.5))
    return floats(
        (
            green * light[..., None] * (0.35 + 1.5 * sheen)[..., None]
            + (0.035 * sheen * light)[..., None] * rgb((0.7, 1.0, 0.8))
        ).astype(np.float32)
    )


def focused(picture: Floats, blur: Floats, most_px: float) -> Floats:
    """Depth of field: mixes ever more blurred copies, `blur` 0 = sharp to 1 = `most_px`."""
    levels = [picture] + [blurred(picture, most_px * share) for share in (0.08, 0.25, 0.55, 1.0)]
    stops = [0.0, 0.12, 0.32, 0.62, 1.0]
    result = levels[0]
    for low, high, level in zip(stops, stops[1:], levels[1:], strict=False):
        result = mix(result, level, np.clip((blur - low) / (high - low), 0, 1).astype(np.float32))
    return result


def scattered_drops(aspect: float, seed: int) -> list[tuple[float, float, float]]:
    """Places and radii [picture heights] of drops that do not touch; a few large, many small."""
    rng = np.random.default_rng(seed)
    drops: list[tuple[float, float, float]] = [(-0.17, 0.56, 0.135), (0.27, 0.44, 0.092), (0.10, 0.80, 0.070)]
    for tried in range(2600):
        cx, cy = rng.uniform(-aspect / 2, aspect / 2), rng.uniform(0.02, 1.05)
        radius = rng.uniform(0.022, 0.060) if tried < 140 else min(0.0035 * (1 - rng.random()) ** -0.5, 0.02)
        if all((cx - a) ** 2 + (cy - b) ** 2 > (1.08 * (radius + r) + 0.004) ** 2 for a, b, r in drops):
            drops.append((cx, cy, radius))
    return drops


def dew(width: int, height: int) -> Bytes:
    """Dew on a leaf: each drop a lens with a window's glint and a bright crescent where it gathers the light."""
    skin = leaf_skin(width, height)
    x, y = grid(width, height)
    picture, aspect = skin.copy(), width / height
    for cx, cy, radius in scattered_drops(aspect, 44):
        reach = radius * 1.9
        part = (
            slice(max(int((cy - reach) * height), 0), max(min(int((cy + reach) * height) + 2, height), 0)),
            slice(
                max(int((cx - reach + aspect / 2) * height), 0), min(int((cx + reach + aspect / 2) * height) + 2, width)
            ),
        )
        if picture[part].size == 0:
            continue
        px, py = (x[part] - cx) / radius, (y[part] - cy) / radius
        bend = 1 + 0.035 * np.sin(2 * np.arctan2(py, px) + cx * 40) + 0.02 * np.sin(3 * np.arctan2(py, px) + cy * 70)
        r = (np.hypot(px, py) / bend).astype(np.float32)
        cover = np.clip((1 - r) * radius * height + 0.5, 0, 1)
        sun = (px + py) * 0.7071
        shadow = np.exp(-((np.hypot(px - 0.22, py - 0.22) / 1.02) ** 6)) * 0.62
        spill = np.exp(-((np.hypot(px - 0.62, py - 0.62) / 0.46) ** 2)) * 0.9
        under = picture[part] * (1 - shadow + spill)[..., None]
        lens = 0.62 + 0.30 * r**3
        inside = picked(skin, (cx + px * radius * lens + aspect / 2) * height, (cy + py * radius * lens) * height)
        crescent = smoothstep(-0.15, 0.95, sun) * smoothstep(1.0, 0.80, r) * (0.4 + 0.6 * r)
        inside = inside * (0.42 + 2.6 * crescent)[..., None] + (crescent**3 * 0.30)[..., None] * rgb((0.85, 1.0, 0.45))
        rim = smoothstep(0.72, 1.0, r)
        inside = inside * (1 - 0.65 * rim * smoothstep(0.35, -0.7, sun))[..., None]
        skylight = smoothstep(0.80, 0.99, r) * smoothstep(1.0, 0.97, r) * smoothstep(0.1, -0.9, sun)
        inside = inside + (0.35 * skylight)[..., None] * rgb((0.72, 0.90, 1.0))
        wx, wy = (px + 0.40) * 0.94 + (py + 0.42) * 0.34, (py + 0.42) * 0.94 - (px + 0.40) * 0.34
        glint = smoothstep(0.20, 0.13, np.abs(wx) * (1 + 0.35 * wy)) * smoothstep(0.155, 0.10, np.abs(wy))
        glint *= 1 - 0.75 * smoothstep(0.026, 0.012, np.abs(wx)) * (radius > 0.03)
        inside = inside + (glint * 1.9)[..., None] * rgb((0.96, 1.0, 1.0))
        inside = inside + (np.exp(-((px - 0.46) ** 2 + (py - 0.50) ** 2) / 0.012) * 0.9)[..., None] * rgb(
            (1.0, 1.0, 0.8)
        )
        picture[part] = mix(under, inside, cover)
    away = np.abs(y - 0.58 + 0.10 * x)
    out = focused(picture, smoothstep(0.14, 0.62, away), height / 26)
    return developed(out, 1.25, vignette=0.5, grain=0.005, saturation=1.12)


def dahlia(width: int, height: int) -> Bytes:
    """A dahlia in evening light; the numbers are Display P3, and its reds lie outside sRGB."""
    x, y = grid(width, height)
    garden = mix(rgb((0.010, 0.030, 0.014)), rgb((0.045, 0.090, 0.022)), smoothstep(1.0, 0.0, y))
    rng = np.random.default_rng(19)
    for _ in range(46):
        cx, cy, size = rng.uniform(-0.8, 0.8), rng.uniform(-0.05, 1.05), rng.uniform(0.03, 0.12)
        edge = np.hypot(x - cx, y - cy) / size
        tint = rgb((0.20, 0.30, 0.05)) if rng.random() < 0.75 else rgb((0.55, 0.10, 0.12))
        garden += (smoothstep(1.0, 0.88, edge) * rng.uniform(0.02, 0.16))[..., None] * tint
    picture = blurred(garden, height / 45)
    middle, golden = (0.02, 0.50), np.pi * (3 - np.sqrt(5))
    fibre = cloud_tile(512, 3, 1.1, 3.0)
    count = 210
    for i in range(count, 0, -1):
        t = i / count
        turn = i * golden + 0.05 * rng.standard_normal()
        root, length = 0.17 * t**0.75 * 0.62, (0.030 + 0.285 * t**0.85) * rng.uniform(0.95, 1.05)
        half = length * (0.30 - 0.07 * t)
        ux, uy = float(np.cos(turn)), float(np.sin(turn))
        tip_x, tip_y = middle[0] + ux * (root + length), middle[1] + uy * (root + length)
        base_x, base_y = middle[0] + ux * root, middle[1] + uy * root
        pad = half * 1.6
        top, bottom = sorted((base_y, tip_y))
        left, right = sorted((base_x, tip_x))
        part = (
            slice(max(int((top - pad) * height), 0), max(int((bottom + pad) * height) + 2, 0)),
            slice(
                max(int((left - pad + width / height / 2) * height), 0),
                int((right + pad + width / height / 2) * height) + 2,
            ),
        )
        dx, dy = x[part] - base_x, y[part] - base_y
        u, v = (dx * ux + dy * uy) / length, (dy * ux - dx * uy) / half
        profile = np.clip(u, 0, 1) ** 0.55 * np.clip(1 - u, 0, 1) ** 0.52 * 1.72
        side = np.abs(v) / np.maximum(profile, 1e-3)
        inside = np.clip((profile - np.abs(v)) * half * height + 0.5, 0, 1) * (u > 0) * (u < 1)
        wide = np.clip(u + 0.03, 0, 1) ** 0.55 * np.clip(1.07 - u, 0, 1) ** 0.52 * 1.72
        fall = np.clip(1 - (np.abs(v) - wide * 0.85) / 0.42, 0, 1) * (u > -0.05) * smoothstep(1.14, 0.95, u)
        depth = 0.50 * (0.35 + 0.65 * t) * float(np.clip((1.02 - t) / 0.12, 0.12, 1))
        picture[part] *= (1 - depth * fall**2)[..., None]
        cup = np.clip(v / np.maximum(profile, 0.15), -1, 1)
        tilt = -0.30 + 0.75 * u * (1 - 0.35 * t) + 0.15 * (1 - t)
        nx, ny = ux * -tilt - uy * cup * 0.75, uy * -tilt + ux * cup * 0.75
        shine = np.clip((-0.50 * nx - 0.62 * ny + 0.75) / np.sqrt(1 + nx * nx + ny * ny), 0.06, 1.5)
        streak = 1 + 0.10 * look_up(fibre, v * 0.35 + i * 0.37, u * 0.06 + i * 0.11)
        groove = 1 - 0.16 * np.exp(-((cup / 0.10) ** 2)) - 0.10 * np.exp(-(((np.abs(cup) - 0.5) / 0.10) ** 2))
        deep = 0.18 + 0.82 * smoothstep(-0.05, 0.75, u)
        heart = mix(
            rgb((0.55, 0.002, 0.085)), rgb((1.0, 0.050, 0.030)), smoothstep(0.10, 0.95, u) * (0.55 + 0.4 * (1 - t))
        )
        colour = mix(heart, rgb((1.0, 0.42, 0.05)), smoothstep(0.80, 1.0, u) * 0.35 + 0.75 * (1 - t) ** 4)
        petal = colour * (shine * deep * groove * streak)[..., None]
        petal += (0.10 * smoothstep(0.80, 1.0, side) * shine)[..., None] * rgb((1.0, 0.45, 0.32))
        petal += (smoothstep(0.85, 1.25, shine) * 0.10)[..., None] * rgb((1.0, 0.75, 0.70))
        picture[part] = mix(picture[part], petal, inside)
    off = np.hypot(x - middle[0], y - middle[1])
    out = focused(picture, smoothstep(0.26, 0.62, off) * 0.55, height / 60)
    return developed(out, 1.05, vignette=0.45, grain=0.004, saturation=1.25)
