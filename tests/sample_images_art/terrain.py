"""Looks over a height field: which point of the ground does each pixel see, and how is it lit."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
from sample_images_art.canvas import Floats, floats, resized

HeightAt: TypeAlias = Callable[[Floats, Floats], Floats]


@dataclass(frozen=True)
class View:
    """A level camera at the origin that looks along +z.

    Attributes:
        width: pixels across; `height` likewise down.
        height: pixels down.
        focal: focal length in picture widths.
        horizon: where the horizon lies, 0 = top, 1 = bottom.
        eye: height of the camera [m].
        near: distance of the first step [m]; `far` of the last.
        far: distance of the last step [m].
        steps: how finely the ground is searched.
    """

    width: int
    height: int
    focal: float
    horizon: float
    eye: float
    near: float
    far: float
    steps: int = 1800

    def across(self) -> Floats:
        """Sideways metres per metre of depth, for each column."""
        column = np.arange(self.width, dtype=np.float32) + np.float32(0.5 - self.width / 2)
        return (column / np.float32(self.focal * self.width)).astype(np.float32)

    def rise(self) -> Floats:
        """Upward metres per metre of depth, for each row."""
        row = np.float32(self.horizon * self.height - 0.5) - np.arange(self.height, dtype=np.float32)
        return (row / np.float32(self.focal * self.width)).astype(np.float32)


@dataclass(frozen=True)
class Ground:
    """What each pixel sees.

    Attributes:
        depth: distance [m], `far` in the sky.
        x: place sideways [m]; z is the depth itself.
        sky: True where no ground is met.
    """

    depth: Floats
    x: Floats
    sky: np.ndarray[tuple[int, ...], np.dtype[np.bool_]]


def trace(view: View, height_at: HeightAt) -> Ground:
    """Finds the first ground along every ray.

    In each column the highest slope seen so far only grows with depth, so the hit of every row is
    one sorted search in it.
    """
    z = np.geomspace(view.near, view.far, view.steps).astype(np.float32)
    across, rise = view.across(), view.rise()
    depth = np.full((view.height, view.width), view.far, dtype=np.float32)
    sky = np.ones((view.height, view.width), dtype=np.bool_)
    for start in range(0, view.width, 256):
        block = slice(start, start + 256)
        slope = (height_at(across[block, None] * z, np.broadcast_to(z, (across[block].size, z.size))) - view.eye) / z
        horizon = np.maximum.accumulate(slope, axis=1)
        for i, column in enumerate(horizon, start):
            hit = np.searchsorted(column, rise)
            sky[:, i] = hit >= z.size
            last = np.clip(hit, 1, z.size - 1)
            before, after = column[last - 1], column[last]
            share = np.clip((rise - before) / np.maximum(after - before, 1e-9), 0.0, 1.0)
            depth[:, i] = z[last - 1] + (z[last] - z[last - 1]) * share
    depth[sky] = view.far
    return Ground(depth, depth * across[None, :], sky)


def normals(height_at: HeightAt, ground: Ground, reach: float, least: float) -> Floats:
    """Unit normals; the finite difference widens with distance so that far ground does not sparkle."""
    gap = np.maximum(ground.depth * np.float32(reach), np.float32(least))
    here = height_at(ground.x, ground.depth)
    dx = (height_at(ground.x + gap, ground.depth) - here) / gap
    dz = (height_at(ground.x, ground.depth + gap) - here) / gap
    length = np.sqrt(dx * dx + dz * dz + 1)
    return np.stack([-dx / length, 1 / length, -dz / length], axis=-1).astype(np.float32)


def sunlit(height_at: HeightAt, ground: Ground, sun: Floats, longest: float, steps: int = 28) -> Floats:
    """1 in the sun, 0 in cast shadow, soft between; searched on a half-size copy.

    Args:
        height_at: the ground.
        ground: what the pixels see.
        sun: unit vector towards the sun, y up.
        longest: how far a shadow can reach [m].
        steps: how finely the way to the sun is searched.
    """
    height, width = ground.depth.shape
    x, z = ground.x[::2, ::2], ground.depth[::2, ::2]
    base = height_at(x, z)
    light = np.ones_like(base)
    for distance in np.geomspace(longest / 400, longest, steps).astype(np.float32):
        over = base + sun[1] * distance - height_at(x + sun[0] * distance, z + sun[2] * distance)
        light = np.minimum(light, np.clip(0.5 + over / (0.06 * distance), 0.0, 1.0))
    return np.clip(resized(light.astype(np.float32), width, height), 0.0, 1.0)


def fog_depth(distance: Floats, eye: float, height: Floats, thickness: float, density: float) -> Floats:
    """How much fog that thins out upwards a look passes, in optical depths.

    Args:
        distance: length of the look [m].
        eye: height it starts at [m].
        height: height it ends at [m].
        thickness: height over which the fog thins to 1/e [m].
        density: extinction at height 0 [1/m].
    """
    drop = (height - np.float32(eye)) / np.float32(thickness)
    drop = np.where(np.abs(drop) < 1e-3, np.float32(1e-3), drop)
    return floats(density * distance * np.exp(-eye / thickness) * (1 - np.exp(-drop)) / drop)
