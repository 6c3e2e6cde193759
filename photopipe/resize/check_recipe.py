"""Refuse before the first photo what every photo would fail for; nothing is loaded for a plain JPEG."""

from photopipe.errors import UsageError
from photopipe.settings import ResizeSettings

ALWAYS_WRITTEN = frozenset({"jpeg", "png", "keep"})
"""No Pillow is built without zlib, nor, on any system we install on, without libjpeg."""
LARGEST_SAFE_PX = 16_000
"""Every format has sides of this length."""


def check_recipe(settings: ResizeSettings) -> None:
    """Make sure that settings can give a rendition at all.

    Args:
        settings: of one rendition.

    Raises:
        UsageError: the format cannot be written here, its sides cannot be as long as the box, or the watermark cannot
            be read or is not the one the recipe was made with.
    """
    if settings.original:
        return
    if settings.format not in ALWAYS_WRITTEN:
        _check_library(settings.format)
    if max(settings.max_width_px, settings.max_height_px) > LARGEST_SAFE_PX:
        _check_sides(settings)
    if settings.watermark_file is not None:
        from photopipe.resize.finish.watermark import load_logo

        load_logo(settings.watermark_file, settings.watermark_sha256)


def _check_library(name: str) -> None:
    from photopipe.resize.output.encode import FORMATS, can_be_written

    if name not in FORMATS:
        raise UsageError(f"--format {name}: there is no such format. Choose one of {', '.join(FORMATS)}, keep.")
    if not can_be_written(FORMATS[name]):
        raise UsageError(
            f"--format {name}: this Pillow was built without {name}. Choose another format, or "
            "install a Pillow that has it."
        )


def _check_sides(settings: ResizeSettings) -> None:
    """Only a padded or enlarged picture always fills its box; others may be small enough."""
    from photopipe.resize.output.encode import output_format

    always_filled = settings.fit == "exact" or (settings.fit == "cover" and settings.enlarge)
    longest_px = output_format(settings.format, "").longest_side_px
    if settings.format != "keep" and always_filled and max(settings.max_width_px, settings.max_height_px) > longest_px:
        raise UsageError(
            f"--size {settings.max_width_px}x{settings.max_height_px}: a side of {settings.format} has at most "
            f"{longest_px} pixels. Choose a smaller size, another format, or --fit inside."
        )
