"""A recipe as people say it."""

import json
from typing import Any, Final

BOXES: Final = {"inside": "fitted into {} px", "cover": "filling {} px", "exact": "padded to {} px"}


def recipe_words(recipe: str, recipe_id: str) -> str:
    """What makes a recipe: its size, and what is not at its default.

    Args:
        recipe: as `ResizeSettings.recipe` has it; empty if it is not known.
        recipe_id: hash of the recipe.
    """
    if not recipe:
        return f"recipe {recipe_id}"
    settings = json.loads(recipe)
    if settings.pop("original", False):
        return "the original file"
    width_px, height_px = settings.pop("max_width_px", "?"), settings.pop("max_height_px", "?")
    box = BOXES.get(settings.pop("fit", "inside"), BOXES["inside"]).format(f"{width_px}x{height_px}")
    return ", ".join([box, *(_setting(name.replace("_", " "), value) for name, value in settings.items())])


def recipe_fields(recipe: str) -> dict[str, Any] | None:
    """The same for programs; None if it is not known."""
    return dict(json.loads(recipe)) if recipe else None


def _setting(name: str, value: object) -> str:
    if isinstance(value, bool):
        return name if value else f"no {name}"
    if isinstance(value, list):
        return f"{name} {'; '.join('='.join(map(str, pair)) for pair in value)}"
    return f"{name} {value}"
