"""The examples in the help of the commands; a test runs each of them."""

from typing import Final

EXAMPLES: Final = {
    "photopipe": (
        ("photopipe process DCIM", "Put the photos in DCIM into the embedded gallery."),
        ("photopipe gallery --open", "Look at them."),
        (
            "photopipe process DCIM --to home",
            "Send them to what `galleries add home` has set up.",
        ),
    ),
    "photopipe process": (
        ("photopipe process DCIM", "To the embedded gallery, 2048 pixels."),
        ("photopipe process DCIM --to home --album '{folder}'", "To a gallery; an album per folder."),
        ("photopipe process DCIM --size 1600 --format webp", "Smaller, and as WebP."),
        ("photopipe process DCIM --since 7d --dry-run", "Show what would be sent of last week."),
        ("photopipe process DCIM --to home --quiet --lock-wait 10m", "For cron: says only what is wrong."),
    ),
    "photopipe watch": (("photopipe watch DCIM --to home", "Send each photo that appears in DCIM, until Ctrl-C."),),
    "photopipe resize": (
        ("photopipe resize IMG_1.JPG small.webp --size 1600", "The format follows the name."),
        ("photopipe resize - - --size 800 < IMG_1.JPG > small.jpg", "As a filter, in a pipe."),
    ),
}
"""For each command: what is typed, and what it does."""
