"""A street at night, seen through a window in the rain."""

from typing import TypeAlias

import numpy as np
from sample_images_art.canvas import (
    Bytes,
    Floats,
    developed,
    grid,
    mix,
    picked,
    rgb,
    smoothstep,
    with_bloom,
)

AMBER, WARM, WHITE, RED = (1.0, 0.46, 0.10), (1.0, 0.66, 0.30), (0.86, 0.93, 1.0), (1.0, 0.07, 0.04)
NEON = ((0.10, 0.55, 1.0), (0.05, 0.80, 0.62), (0.95, 0.12, 0.55), (0.35, 0.25, 1.0))
Light: TypeAlias = tuple[float, float, float, tuple[float, float, float]]


def street_lights(seed: int) -> list[Light]:
    """Where the lights of a street are (x, y, power, colour): lamps and cars run to one vanishing point."""
    rng = np.random.default_rng(seed)
    lights: list[Light] = []
    for step in range(13):
        s = 0.045 * 1.30**step
        for side in (-1.0, 1.0):
            lamp = (0.06 + side * s, 0.55 - 0.46 * s + rng.normal(0, 0.004), 0.16 + 0.16 * s, AMBER)
            lights.append(lamp)
        for lane, colour, power in ((-0.42, WHITE, 0.20), (0.30, RED, 0.24)):
            if rng.random() < 0.8:
                shift = rng.normal(0, 0.03)
                lights.extend((0.06 + (lane + shift + w) * s, 0.555 + 0.30 * s, power, colour) for w in (-0.055, 0.055))
    for _ in range(70):
        x, y = rng.uniform(-0.8, 0.8), rng.uniform(0.16, 0.56)
        lights.append((x, y, 0.05 * float(np.exp(0.6 * rng.standard_normal())), WARM if rng.random() < 0.7 else WHITE))
    for _ in range(16):
        x, y = rng.uniform(-0.75, 0.75), rng.uniform(0.36, 0.56)
        lights.append((x, y, float(rng.uniform(0.05, 0.20)), NEON[rng.integers(len(NEON))]))
    wet = [
        (x + rng.normal(0, 0.01), 1.12 - y + rng.uniform(0, 0.12), power * 0.30, colour)
        for x, y, power, colour in lights
    ]
    return lights + wet


def bokeh(width: int, height: int, radius: float) -> Floats:
    """A street out of focus: every light a disc with a brighter rim, cut off towards the corners as lenses do.

    Args:
        width: pixels across; `height` likewise down.
        height: pixels down.
        radius: size of the discs [picture heights]; a small one shows the street in focus.
    """
    rng = np.random.default_rng(6)
    x, y = grid(width, height)
    glow = mix(rgb((0.005, 0.009, 0.024)), rgb((0.060, 0.026, 0.018)), np.exp(-((y - 0.58) ** 2) / 0.035))
    aspect = width / height
    for cx, cy, power, colour in street_lights(6):
        size = radius * rng.uniform(0.82, 1.12)
        left, right = (max(int((cx + s * size * 1.1 + aspect / 2) * height), 0) for s in (-1, 1))
        top, bottom = (max(int((cy + s * size * 1.1) * height), 0) for s in (-1, 2))
        part = (slice(top, bottom), slice(left, right))
        px, py = (x[part] - cx) / size, (y[part] - cy) / size
        own = np.hypot(px, py)
        lens = np.hypot(px + cx * 0.55, py + (cy - 0.5) * 0.55) / 1.12
        edge = np.maximum(own, lens)
        disc = smoothstep(1.0, 0.92, edge) * (0.60 + 0.40 * smoothstep(0.55, 0.96, edge) ** 2)
        glow[part] += (disc * (power * (0.05 / radius) ** 1.2))[..., None] * rgb(colour)
    return glow


def wet_window(width: int, height: int) -> Bytes:
    """City lights behind a window in the rain; each drop holds the whole street upside down."""
    x, y = grid(width, height)
    street = bokeh(width, height, 0.05)
    small = bokeh(width, height, 0.011)
    small = with_bloom(np.minimum(small, 2.0), 0.3, height / 50, 0.6) + smoothstep(0.62, 0.1, y)[..., None] * rgb(
        (0.030, 0.050, 0.105)
    )
    fogged = street.copy()
    rng = np.random.default_rng(10)
    drops: list[tuple[float, float, float]] = []
    aspect = width / height
    for tried in range(900):
        cx, cy = rng.uniform(-aspect / 2, aspect / 2), rng.uniform(0, 1)
        radius = rng.uniform(0.018, 0.055) if tried < 60 else min(0.0036 * (1 - rng.random()) ** -0.55, 0.016)
        if all(
            (cx - a) ** 2 + (cy - b) ** 2 > (radius * 1.05 + r) ** 2
            for a, b, r in drops
            if abs(cy - b) < radius + r + 0.01
        ):
            drops.append((cx, cy, radius))
    for cx, cy, radius in drops:
        reach = radius * 1.35
        top, bottom = max(int((cy - reach) * height), 0), min(int((cy + reach) * height) + 2, height)
        left, right = (
            max(int((cx - reach + aspect / 2) * height), 0),
            min(int((cx + reach + aspect / 2) * height) + 2, width),
        )
        part = (slice(top, bottom), slice(left, right))
        px, py = (x[part] - cx) / radius, (y[part] - cy) / radius
        px = px * (1 + 0.07 * py * (radius > 0.008))
        wobble = 1 + 0.05 * np.sin(2 * np.arctan2(py, px) + cx * 90) * (radius > 0.006)
        r = np.hypot(px, py * 0.93) / wobble
        cover = np.clip((1 - r) * radius * height + 0.5, 0, 1)
        lens = 0.42 + 0.75 * r**2.5
        sx, sy = cx * 0.5 - px * lens * 0.70, 0.56 - py * lens * 0.52
        inside = picked(small, (sx + aspect / 2) * height, sy * height)
        fresnel = np.clip(1 - r**2, 0, 1) ** 0.55
        inside = inside * (0.10 + 1.25 * fresnel)[..., None]
        glint = np.exp(-((px + 0.36) ** 2 + (py + 0.42) ** 2) / 0.022)
        inside = inside + (glint * 0.75)[..., None] * rgb((1.0, 0.86, 0.70))
        shadow = 1 - 0.45 * np.exp(-((np.maximum(r - 1, 0) / 0.12) ** 2)) * (radius > 0.004)
        fogged[part] = mix(fogged[part] * shadow[..., None], inside, cover)
    return developed(with_bloom(fogged, 0.6, height / 45, 0.22), 1.25, vignette=0.4, grain=0.005, saturation=1.15)
