"""The sea at sunset, and a jellyfish under it."""

import numpy as np
from sample_images_art.canvas import (
    Bytes,
    Floats,
    blurred,
    cloud_tile,
    developed,
    encoded,
    filmic,
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

HORIZON = 0.56
SUN = (0.17, 0.505)


def evening_sky(width: int, height: int) -> tuple[Floats, Floats]:
    """Sun just over the horizon behind broken altocumulus, lit from below.

    Returns:
        the sky, and the light of the sun's disc to add to it.
    """
    x, y = grid(width, height)
    up = np.clip(HORIZON - y, 0.0, 1.0)
    off = np.hypot(x - SUN[0], (y - SUN[1]) * 1.1)
    sky = mix(rgb((0.85, 0.28, 0.065)), rgb((0.36, 0.20, 0.27)), smoothstep(0.0, 0.22, up))
    sky = mix(sky, rgb((0.050, 0.095, 0.25)), smoothstep(0.10, 0.52, up))
    sky += (np.exp(-off / 0.20) * 0.95)[..., None] * rgb((1.35, 0.46, 0.07)) + np.exp(-off / 0.055)[..., None] * rgb(
        (2.2, 1.05, 0.32)
    )
    tile, fine = cloud_tile(1024, 203, 1.45), cloud_tile(1024, 204, 1.0, 6.0)
    far = 1.0 / (up + 0.055)
    u, v = x * far * 0.085, far * 0.105
    body = look_up(tile, u + 0.13, v + 0.05) + 0.28 * look_up(fine, u * 1.5, v * 1.5)
    toward = look_up(tile, u + 0.13 + 0.012 * (SUN[0] - x), v + 0.05 + 0.012)
    cover = smoothstep(0.05, 1.25, body) * smoothstep(0.0, 0.07, up)
    lit = (
        np.clip(0.55 + 0.55 * (toward - body * 0.8), 0, 1.6)
        * (0.55 + 0.9 * np.exp(-off / 0.30))
        * smoothstep(1.9, 0.5, body)
    )
    dark = mix(rgb((0.24, 0.12, 0.15)), rgb((0.095, 0.11, 0.19)), smoothstep(0.05, 0.45, up))
    glowing = mix(rgb((2.0, 0.62, 0.13)), rgb((1.05, 0.36, 0.24)), smoothstep(0.08, 0.5, up))
    sky = mix(sky, dark + lit[..., None] * glowing, cover * 0.92)
    haze = np.exp(-up / 0.020)[..., None]
    sky = sky * (1 - 0.55 * haze) + haze * 0.55 * rgb((0.95, 0.30, 0.08))
    disc = smoothstep(0.0225, 0.0210, np.hypot(x - SUN[0], y - SUN[1]))
    return sky, (disc[..., None] * rgb((30.0, 15.0, 4.5)) * (1 - 0.5 * cover)[..., None]).astype(np.float32)


def sunset_sea(width: int, height: int) -> Bytes:
    """A long swell carries the sun's road to the shore past two sea stacks."""
    half_w, half_h = width // 2, height // 2
    x, y = grid(half_w, half_h)
    sky, disc = evening_sky(half_w, half_h)
    across, rock = x[0], cloud_tile(512, 88, 1.3, 2.0)
    for seed, left, right, tall, pale in (
        (5, -0.95, -0.30, 0.050, 0.55),
        (9, -0.47, -0.350, 0.135, 0.16),
        (12, -0.325, -0.275, 0.052, 0.14),
        (31, -0.262, -0.245, 0.018, 0.14),
    ):
        shape = smoothstep(left, left + 0.035, across) * smoothstep(right, right - 0.03, across)
        top = HORIZON + 0.002 - tall * shape**0.6 * (0.80 + 0.26 * wave(across * 14, seed, 6, 0.55))
        edge = blurred(np.clip((y - top[None, :]) * half_h + 0.5, 0, 1) * (shape > 0), 0.8)
        ledges = 1 + (1 - pale) * 0.35 * look_up(rock, x * 1.3, y * 3.1)
        sunny = (1 - pale) * 0.45 * smoothstep(0.55, 1.0, (across - left) / (right - left)) ** 2
        stone = rgb((0.028, 0.022, 0.030)) * (1 - pale) + (pale + sunny[None, :, None] * 0.5) * rgb((0.52, 0.25, 0.14))
        sky = mix(sky, stone * ledges[..., None], edge)
    world = resized(sky + disc, width, height)
    seen_in_water = resized(blurred(sky, half_h / 70) + blurred(disc, half_h / 160), width, height)
    x, y = grid(width, height)
    first = int(HORIZON * height)
    down = np.maximum(y[first:] - HORIZON, 0.35 / height)
    z = 0.10 / down
    wx = x[first:] * z * 1.0
    step = z * z / (0.10 * height)
    slope_x, slope_z, missing = np.zeros_like(z), np.zeros_like(z), np.zeros_like(z)
    crest = np.zeros_like(z)
    for octave, length in enumerate((0.85, 0.46, 0.25, 0.13, 0.066, 0.034, 0.018, 0.0095)):
        tile = cloud_tile(512, 60 + octave, 1.0, 5.0, 13.0)
        seen = smoothstep(0.45, 0.08, step / length)
        u, v = wx / (length * 17) + 0.37 * octave, z / (length * 8) + 0.03 * wx / length + 0.11 * octave
        size = np.float32(0.020 if octave < 2 else 0.024)
        slope_z += size * seen * look_up(tile, u, v)
        slope_x += 0.5 * size * seen * look_up(tile, u + 0.5, v + 0.5)
        missing += (1 - seen) * size**2
        crest += seen * look_up(tile, u, v + 0.03) if octave < 3 else np.float32(0)
    column, row = np.meshgrid(np.arange(width, dtype=np.float32), np.arange(first, height, dtype=np.float32))
    rough = np.sqrt(missing)
    image = np.zeros((*z.shape, 3), dtype=np.float32)
    rng = np.random.default_rng(2)
    for facet in (0.15, 0.55, 0.95, 1.5):
        glint = rng.standard_normal((z.shape[0], width // 6)).astype(np.float32)
        glint = resized(glint, width, z.shape[0])
        lift = np.maximum(down * 0.94 + 1.5 * slope_z + (facet + 0.45 * glint) * 1.1 * rough, 0.002)
        place = column + (slope_x + 0.10 * rough * glint) * height * 1.3
        image += 0.25 * np.minimum(picked(seen_in_water, place, (HORIZON - lift) * height - 2), 12.0)
    facing = np.clip(down * 1.1 + slope_z * 2.2, 0, 1)
    fresnel = np.clip(1.0 - 1.25 * facing**0.75, 0.10, 0.95)
    deep = rgb((0.008, 0.022, 0.036)) + smoothstep(0.2, 3.0, crest)[..., None] * rgb((0.012, 0.030, 0.032))
    water = image * fresnel[..., None] + deep
    away = np.exp(-down / 0.010)[..., None]
    world[first:] = water * (1 - 0.5 * away) + 0.5 * away * picked(
        world, column, np.full_like(row, HORIZON * height - 3)
    )
    return developed(
        with_bloom(np.minimum(world, 14.0), 1.0, height / 36, 0.16), 0.82, vignette=0.35, grain=0.004, saturation=1.12
    )


def jellyfish(width: int, height: int) -> Bytes:
    """A jellyfish glowing by itself: straight alpha, soft everywhere, nothing behind it."""
    x, y = grid(width, height)
    lean = 0.10
    bx, by = x * np.cos(lean) + (y - 0.27) * np.sin(lean), (y - 0.27) * np.cos(lean) - x * np.sin(lean)
    rim = 0.050 + 0.006 * np.cos(bx * 70)
    rx = 0.225
    dome = np.where(by < 0, np.hypot(bx / rx, by / 0.185), np.hypot(bx / (rx * (1 - 0.5 * (by / 0.12) ** 2)), by * 0.0))
    inside = smoothstep(1.0, 0.975, dome) * smoothstep(rim + 0.006, rim - 0.006, by)
    shell = np.clip(dome, 0, 1)
    angle = bx / (0.05 + np.sqrt(np.clip(1 - (by / 0.19) ** 2, 0.02, 1)) * rx)
    canals = np.exp(-((np.sin(angle * 13)) ** 2) / 0.03) * smoothstep(0.15, 0.8, shell)
    veins = cloud_tile(512, 9, 1.3, 3.0)
    skin = np.clip(1 + 0.16 * look_up(veins, angle * 0.5, by * 1.6), 0.5, 1.6)
    thick = 0.07 + 0.70 * shell**5 + 0.25 * smoothstep(0.0, rim[0, 0], by)
    light = (inside * thick * skin)[..., None] * mix(
        rgb((0.30, 0.55, 1.0)), rgb((0.95, 0.40, 0.95)), smoothstep(0.05, -0.2, by)
    )
    light += (inside * canals * 0.22)[..., None] * rgb((1.0, 0.60, 0.95))
    hem = np.exp(-(((by - rim) / 0.006) ** 2)) * smoothstep(1.04, 0.98, np.abs(bx) / (rx * 0.93))
    light += (hem * (0.55 + 0.45 * np.cos(bx * 210) ** 2))[..., None] * rgb((0.95, 0.75, 1.0))
    for turn in range(4):
        cx, cy = 0.070 * np.cos(turn * np.pi / 2 + 0.5), -0.055 + 0.024 * np.sin(turn * np.pi / 2 + 0.5)
        ring = np.hypot((bx - cx) / 0.040, (by - cy) / 0.020)
        light += (np.exp(-(((ring - 1) / 0.22) ** 2)) * 0.42 + 0.10 * smoothstep(1.1, 0.6, ring))[..., None] * rgb(
            (1.0, 0.30, 0.62)
        )
    line = y[:, 0]
    fall = np.clip(line - 0.30, 0, 1)
    for arm in range(7):
        sway = (arm - 3) * (0.026 + 0.05 * fall) + fall * 0.30 * wave(line * 2.6, 50 + arm, 3, 0.45) - 0.10 * fall
        half = (0.021 * smoothstep(0, 0.05, fall) * (1 - smoothstep(0.25, 0.50 + 0.02 * arm, fall)) + 0.0006) * (
            1 + 0.35 * wave(line * 26, 80 + arm, 4)
        )
        cover = (x - sway[:, None]) / half[:, None]
        frill = 0.40 + 0.60 * np.abs(np.sin(cover * 2.2 + 6 * wave(line * 15, 30 + arm, 3)[:, None]))
        glow = (
            smoothstep(1.15, 0.75, np.abs(cover))
            * frill
            * (smoothstep(0, 0.03, fall) * (1 - smoothstep(0.32, 0.55, fall)))[:, None]
        )
        light += (glow * 0.15)[..., None] * rgb((1.0, 0.46, 0.78))
    for strand in range(38):
        start = (strand / 37 - 0.5) * 2 * rx * 0.90
        curve = start * (1 + 0.35 * fall) + fall**1.2 * 0.34 * wave(line * 2.0, 200 + strand, 3, 0.4) - 0.10 * fall
        length = 0.40 + 0.28 * abs(np.sin(strand * 2.4))
        half = 0.0011 + 0.0012 * (1 - fall)
        beads = 0.85 + 0.15 * np.cos(line * (140 + 9 * strand))
        glow = (
            np.exp(-(((x - curve[:, None]) / half[:, None]) ** 2))
            * (smoothstep(0.0, 0.03, fall) * smoothstep(length, length * 0.3, fall) * beads)[:, None]
        )
        light += (glow * 0.28)[..., None] * rgb((0.55, 0.72, 1.0))
    halo = blurred(light, height / 40) * 0.35 + blurred(light, height / 11) * 0.30
    light = (
        (light + halo)
        * smoothstep(1.0, 0.93, y)[..., None]
        * smoothstep(0.5 * width / height, 0.42 * width / height, np.abs(x))[..., None]
    )
    return cut_out(light)


def cut_out(light: Floats) -> Bytes:
    """Light on nothing as straight RGBA: the brightest channel becomes alpha, what is clear becomes zero."""
    shown = encoded(filmic(light * 1.1))
    alpha = np.clip(shown.max(axis=2) * 1.12, 0, 1)
    colour = np.clip(shown / np.maximum(alpha, 1e-3)[..., None], 0, 1)
    pixels = (np.concatenate([colour, alpha[..., None]], axis=2) * 255 + 0.5).astype(np.uint8)
    pixels[..., :3] = np.where(pixels[..., 3:] < 96, (pixels[..., :3] + 4) // 9 * 9, pixels[..., :3])
    pixels[pixels[..., 3] < 3] = 0
    return pixels
