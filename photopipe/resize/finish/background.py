"""The background: behind transparent parts, and around a picture that is padded."""

from dataclasses import replace

from PIL import Image, ImageColor

from photopipe.resize.colour.colour import Colour
from photopipe.resize.colour.transform import SRGB_PROFILE


def flatten(colour: Colour, background: str) -> Colour:
    """Put a picture with alpha on a background; one without is left as it is.

    Args:
        colour: mode RGB, L, RGBA or LA.
        background: `#rrggbb`. In a picture that keeps its own profile, these are values in that profile.

    Returns:
        Mode RGB, or L if picture and background are grey.
    """
    if colour.image.mode not in ("LA", "RGBA"):
        return colour
    alpha = colour.image.getchannel("A")
    solid = _on(background, replace(colour, image=colour.image.convert(colour.image.mode[:-1])))
    flat = Image.new(solid.image.mode, solid.image.size, background)
    flat.paste(solid.image, mask=alpha)
    return replace(solid, image=flat)


def pad(colour: Colour, canvas: tuple[int, int], background: str) -> Colour:
    """Centre a picture on a larger canvas of the background colour.

    Args:
        colour: mode RGB, YCbCr, L, RGBA or LA.
        canvas: width and height wanted, at least the picture's [px].
        background: `#rrggbb`, opaque.

    Returns:
        The padded picture; the same object if it fills the canvas.
    """
    if colour.image.size == canvas:
        return colour
    picture = _on(background, colour)
    image = picture.image
    padded = Image.new(image.mode, canvas, background)
    padded.paste(image, ((canvas[0] - image.width) // 2, (canvas[1] - image.height) // 2))
    return replace(picture, image=padded)


def _on(background: str, colour: Colour) -> Colour:
    """Grey becomes RGB on a coloured background, unless a profile for grey goes with it; YCbCr always."""
    if colour.image.mode == "YCbCr":
        return replace(colour, image=colour.image.convert("RGB"))
    coloured = len(set(ImageColor.getrgb(background)[:3])) > 1
    if colour.image.mode not in ("L", "LA") or not coloured or colour.icc:
        return colour
    mode = "RGBA" if colour.image.mode == "LA" else "RGB"
    return replace(colour, image=colour.image.convert(mode), icc=SRGB_PROFILE)
