"""Height fields in the open: misty ridges, an alpine lake, dunes under the moon."""

import numpy as np
from PIL import Image
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
    picked,
    resized,
    rgb,
    ridge_tile,
    smoothstep,
    with_bloom,
)
from sample_images_art.terrain import Ground, View, fog_depth, normals, sunlit, trace


def misty_ridges(width: int, height: int) -> Bytes:
    """Wooded ridges one behind the other, valley mist between them, the sun about to come up."""
    view = View(width, height, 1.3, 0.36, 1180.0, 700.0, 70_000.0, 2600)
    ridges, soft = ridge_tile(1024, 21, 7, 0.44), cloud_tile(512, 5, 1.6)
    cone, tree = cell_tile(1024, 64, 9)

    def bare(x: Floats, z: Floats) -> Floats:
        large = look_up(ridges, x / 19_000 + 0.31, z / 19_000 + 0.12)
        return floats(
            1450 * large**0.95 - 180 + 120 * look_up(soft, x / 30_000, z / 30_000) - 250 * smoothstep(3000, 700, z)
        )

    def crown(x: Floats, z: Floats) -> Floats:
        tall = 0.45 + 0.55 * look_up_nearest(tree, x / 620, z / 620)
        return np.clip(1 - 1.3 * look_up(cone, x / 620, z / 620), 0, 1) * tall

    def wooded(x: Floats, z: Floats) -> Floats:
        return floats(bare(x, z) + 30 * crown(x, z) * smoothstep(16_000, 6000, z))

    ground = trace(view, wooded)
    x, y = grid(width, height)
    normal = normals(bare, ground, 0.002, 12.0)
    lambert = np.clip(normal @ rgb((0.62, 0.30, 0.72)), 0, 1)
    land = wooded(ground.x, ground.depth)
    leaf = 0.35 + 0.9 * crown(ground.x, ground.depth) * smoothstep(16_000, 6000, ground.depth)
    lit = leaf[..., None] * (rgb((0.016, 0.026, 0.030)) + lambert[..., None] ** 2 * rgb((0.085, 0.052, 0.022)))
    angle = np.hypot(x - 0.40, (y - 0.315) * 1.25)
    glow = np.exp(-angle / 0.26) + 1.6 * np.exp(-((angle / 0.07) ** 1.3))
    sky = mix(rgb((0.80, 0.43, 0.30)), rgb((0.13, 0.22, 0.44)), smoothstep(0.38, -0.12, y))
    cirrus = np.clip(look_up(cloud_tile(512, 77, 1.5), x * 0.16 + y * 0.3, y * 0.9), 0, 2)
    sky += (cirrus * smoothstep(0.36, 0.05, y) * 0.10)[..., None] * rgb((1.0, 0.50, 0.42))
    sky += glow[..., None] * rgb((1.3, 0.58, 0.17))
    mist = mix(rgb((0.22, 0.30, 0.46)), rgb((1.05, 0.58, 0.34)), np.clip(glow * 0.95 + 0.06, 0, 1))
    uneven = np.exp(0.7 * look_up(soft, ground.x / 9000, ground.depth / 9000))
    valley = fog_depth(ground.depth, view.eye, land, 120.0, 4.5e-3) * uneven
    veil = 1 - np.exp(-(ground.depth / 15_000 + np.minimum(valley, 6.0)))
    picture = np.where(ground.sky[..., None], sky, mix(lit, mist, veil))
    return developed(with_bloom(picture, 0.9, width / 30, 0.25), 0.80, vignette=0.35, grain=0.004, saturation=1.3)


def alpine_lake(width: int, height: int) -> Bytes:
    """First light on a lonely pyramid of rock and snow, doubled in a still lake."""
    view = View(width, height, 1.05, 0.62, 9.0, 40.0, 16_000.0, 2600)
    ridges, soft = ridge_tile(1024, 58, 7, 0.40), cloud_tile(1024, 15, 1.9)
    cone, tree = cell_tile(1024, 64, 19)

    def peak(x: Floats, z: Floats) -> Floats:
        bend = 190 * look_up(soft, x / 5200, z / 5200)
        dx, dz = x - 150 + bend, z - 8600 - 0.35 * bend
        turned, other = 0.80 * dx + 0.6 * dz, -0.6 * dx + 0.80 * dz
        side = np.maximum(np.abs(turned), np.abs(other) * 0.92) + 0.12 * np.minimum(np.abs(turned), np.abs(other))
        return floats(2750 - 1.35 * side + 0.00016 * np.minimum(side, 3000) ** 2)

    def land(x: Floats, z: Floats) -> Floats:
        rough = look_up(ridges, x / 5200 + 0.2, z / 5200 + 0.63)
        fine = look_up(ridges, x / 1700, z / 1700)
        chain = 1350 * look_up(ridges, x / 13_000 + 0.13, z / 13_000 + 0.4) * smoothstep(4200, 8200, z)
        massif = np.maximum(peak(x, z), 200) * smoothstep(4000, 7800, z)
        shore = z + 0.50 * np.abs(x + 100) + 380 * look_up(soft, x / 3600, z / 3600)
        hill = 330 * smoothstep(1750, 5200, shore) * (1 + 0.30 * look_up(soft, x / 2200 + 0.4, z / 2200))
        tall = smoothstep(200, 1500, np.maximum(massif, chain))
        return floats(
            np.maximum(massif, chain) + hill - 210 * smoothstep(4000, 3000, z) - 8 + (560 * rough + 45 * fine) * tall
        )

    def crown(x: Floats, z: Floats) -> Floats:
        tall = 0.35 + 0.65 * look_up_nearest(tree, x / 480, z / 480)
        return np.clip(1 - 1.25 * look_up(cone, x / 480, z / 480), 0, 1) * tall

    def wooded(x: Floats, z: Floats) -> Floats:
        bare = land(x, z)
        forest = smoothstep(1, 8, bare) * smoothstep(760, 520, bare + 60 * look_up(soft, x / 700, z / 700))
        return floats(np.maximum(bare + 26 * crown(x, z) * forest, 0))

    ground = trace(view, wooded)
    level = wooded(ground.x, ground.depth)
    dry = (level > 0.5) & ~ground.sky
    sun = rgb((-0.80, 0.22, -0.56))
    sun /= np.linalg.norm(sun)
    normal = normals(land, ground, 0.0012, 6.0)
    shade = sunlit(wooded, ground, sun, 6000.0)
    lambert = np.clip(normal @ sun, 0, 1) * shade * smoothstep(550, 1250, level)
    broad = normals(land, ground, 0.011, 60.0)[..., 1] + 0.035 * look_up(soft, ground.x / 700, ground.depth / 700)
    snowy = smoothstep(0.55, 0.61, broad) * smoothstep(
        600, 1000, level + 130 * look_up(soft, ground.x / 1500, ground.depth / 1500)
    )
    strata = look_up(soft, ground.x / 9000, level / 420)
    rock = mix(rgb((0.075, 0.070, 0.075)), rgb((0.15, 0.135, 0.13)), smoothstep(-1, 1, strata))
    wood = (0.25 + crown(ground.x, ground.depth))[..., None] * rgb((0.020, 0.034, 0.030))
    albedo = mix(mix(rock, rgb((0.74, 0.77, 0.84)), snowy), wood, smoothstep(780, 560, level))
    ambient = (0.22 + 0.25 * normal[..., 1:2]) * rgb((0.40, 0.56, 0.95))
    lit = albedo * (ambient + lambert[..., None] * rgb((3.6, 1.28, 0.50)))
    veil = 1 - np.exp(-(ground.depth / 45_000) - fog_depth(ground.depth, view.eye, level, 38.0, 2.2e-4))
    x, y = grid(width, height)
    sky = mix(rgb((0.72, 0.45, 0.43)), rgb((0.085, 0.17, 0.40)), smoothstep(0.60, 0.0, y))
    cloud = np.clip(look_up(cloud_tile(512, 4, 1.6), x * 0.22 + 0.1, (y + 0.12 * x) * 0.75), 0, 2.2)
    sky += (0.13 * cloud * smoothstep(0.5, 0.1, y))[..., None] * rgb((1.3, 0.62, 0.50))
    picture = np.where(dry[..., None], mix(lit, rgb((0.36, 0.40, 0.54)), veil), sky)
    picture = np.where((level <= 0.5)[..., None] & ~ground.sky[..., None], lake(picture, view, ground), picture)
    return developed(with_bloom(picture, 0.8, width / 40, 0.15), 1.0, vignette=0.3, grain=0.004, saturation=1.25)


def lake(picture: Floats, view: View, ground: Ground) -> Floats:
    """What a still lake shows: the world upside down, drawn out by ripples, darker where one looks steeply."""
    column, row = np.meshgrid(np.arange(view.width, dtype=np.float32), np.arange(view.height, dtype=np.float32))
    ripple = look_up(cloud_tile(512, 8, 1.1, 2.0), ground.x / 60, ground.depth / 60)
    ripple *= smoothstep(1500, 150, ground.depth)
    breeze = smoothstep(-0.2, 1.6, look_up(cloud_tile(256, 31, 1.6), ground.x / 900, ground.depth / 380))
    strength = (0.25 + 1.6 * breeze) * view.height
    down = row - view.horizon * view.height
    mirror_row = view.horizon * view.height - down + ripple * strength * 0.010 - 0.004 * view.height * breeze
    image = picked(picture, column + ripple * strength * 0.0022, np.minimum(mirror_row, view.horizon * view.height - 1))
    steep = np.clip(down / view.height / 0.38, 0, 1)
    return mix(image * rgb((0.84, 0.90, 0.94)), rgb((0.012, 0.030, 0.040)), 0.10 + 0.55 * steep**1.3)


def moonlit_dunes(width: int, height: int) -> Bytes:
    """Dunes with knife-edge crests under a rising moon; smooth enough for a lossless file."""
    shown = (width, height)
    width, height = width * 3 // 2, height * 3 // 2
    view = View(width, height, 1.2, 0.52, 62.0, 60.0, 9000.0, 2600)
    soft, moon_face = cloud_tile(512, 63, 1.3, 1.0, 5.0), cloud_tile(512, 17, 1.4, 2.0)

    def dunes(x: Floats, z: Floats) -> Floats:
        bend = look_up(soft, x / 2600 + 0.4, z / 2600 + 0.1)
        total = np.zeros_like(bend)
        for length, tall, turn, shift in ((620.0, 62.0, -0.80, 0.3), (260.0, 9.0, -1.2, 0.7)):
            phase = (x * turn + z * 0.60) / length + 0.42 * bend + 0.10 * look_up(soft, x / 1400, z / 1400 + shift)
            t = phase - np.floor(phase)
            climb, slip = smoothstep(0, 1, t / 0.72), (1 - t) / 0.28
            size = 0.55 + 0.45 * np.tanh(look_up(soft, x / 1800 + shift, z / 1800))
            total += tall * size * np.where(t < 0.72, climb, smoothstep(0, 1, slip) * 0.4 + slip * 0.6)
        ribs = np.sin((z * 0.5 - x * 0.3) * 4.2 + 3.0 * look_up(soft, x / 160, z / 160)) * smoothstep(420, 90, z)
        return total + 0.030 * ribs * (0.6 + 0.4 * look_up(soft, x / 300, z / 300))

    ground = trace(view, dunes)
    x, y = grid(width, height)
    light = rgb((0.80, 0.30, 0.42))
    light /= np.linalg.norm(light)
    normal = normals(dunes, ground, 0.0009, 0.12)
    shade = sunlit(dunes, ground, light, 500.0)
    lambert = np.clip(normal @ light, 0, 1) * shade
    lit = (0.16 + 0.10 * normal[..., 1:2]) * rgb((0.075, 0.12, 0.24)) + lambert[..., None] * rgb((0.36, 0.275, 0.20))
    mx, my, radius = 0.36, 0.21, 0.052
    off = np.hypot(x - mx, y - my)
    sky = mix(rgb((0.10, 0.14, 0.26)), rgb((0.005, 0.013, 0.042)), smoothstep(0.54, -0.05, y) ** np.float32(0.7))
    sky += (0.16 * np.exp(-off / 0.12) + 0.5 * np.exp(-((((off - radius) / 0.02).clip(0)) ** 0.8)) * 0.3)[
        ..., None
    ] * rgb((0.9, 0.85, 0.8))
    face = 0.62 + 0.22 * np.tanh(1.4 * look_up(moon_face, (x - mx) * 3.1, (y - my) * 3.1))
    disc = smoothstep(radius + 0.6 / height, radius - 0.6 / height, off)
    limb = np.sqrt(np.clip(1 - (off / radius) ** 2, 0, 1)) ** 0.3
    sky = mix(sky, (face * limb)[..., None] * rgb((1.5, 1.36, 1.10)), disc)
    veil = 1 - np.exp(-ground.depth / 6500)
    picture = np.where(ground.sky[..., None], sky, mix(lit, rgb((0.075, 0.11, 0.21)), veil))
    picture = resized(np.minimum(with_bloom(picture, 1.0, width / 40, 0.1), 3.0), *shown, Image.Resampling.BOX)
    return developed(picture, 1.15, vignette=0.25, grain=0.0, saturation=1.2)
