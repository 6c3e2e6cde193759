"""Whether driver and workers make the same renditions of the same photo."""

import platform

from photopipe import __version__
from photopipe.errors import UsageError
from photopipe.resize.decoders.decoders import decoder_versions


def version_here() -> str:
    """What decides how a photo is found, made and sent: photopipe, Python and the decoders."""
    return f"photopipe {__version__}, Python {platform.python_version()}, {decoder_versions()}"


def check_version(expected: str, process: str) -> None:
    """Make sure that this process is what the driver is.

    Raises:
        UsageError: it is not; the message has both versions.
    """
    here = version_here()
    if here != expected:
        raise UsageError(
            f"The worker {process} does not have the same versions as this computer. Worker: {here}. Here: {expected}. "
            "Install the same on both: the same photo must become the same bytes wherever it is resized."
        )
