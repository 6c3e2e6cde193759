"""Which libraries decode and resize photos here, and what is missing."""

import platform
from collections.abc import Iterator
from importlib.util import find_spec
from typing import Final

from photopipe import __version__
from photopipe.doctor.check_result import CheckResult
from photopipe.resize.decoders.decoders import decoder_versions, missing_decoders
from photopipe.resize.decoders.pillow_features import has_fast_jpeg

FAST_RESIZER: Final = "cykooz_resizer"
TIMES_WITHOUT_IT: Final = 1.5
"""How many times as long a resize takes without it.

Source: `tests/benchmarks/README.md`, "Resizing".
"""


def check_libraries() -> Iterator[CheckResult]:
    """The versions, what would make it faster, and which kinds of files cannot be read."""
    system = f"Python {platform.python_version()}, {platform.system()} {platform.machine()}"
    yield CheckResult("good", "photopipe", f"{__version__}, {system}")
    yield CheckResult("good", "decoders", decoder_versions())
    yield _jpeg_library()
    if find_spec(FAST_RESIZER) is None:
        yield _slower()
    for decoder in missing_decoders():
        yield CheckResult(
            "warning",
            "decoders",
            f"{decoder.words} are left alone, because {decoder.module} is not installed.",
            f"If you have such files: pip install 'photopipe[{decoder.extra}]'",
        )


def _jpeg_library() -> CheckResult:
    if has_fast_jpeg():
        return CheckResult("good", "JPEG", "Pillow uses libjpeg-turbo.")
    return CheckResult(
        "warning",
        "JPEG",
        "Pillow was built without libjpeg-turbo, and writes JPEGs several times more slowly.",
        f"Install Pillow's own wheel (pip install --force-reinstall --only-binary :all: Pillow), or build it with "
        f"libjpeg-turbo: {_build_line()}",
    )


def _build_line() -> str:
    """How libjpeg-turbo is installed on this system, to build Pillow with it."""
    if platform.system() == "Darwin":
        install = "brew install jpeg-turbo"
    elif _is_like("debian"):
        install = "sudo apt install libjpeg62-turbo-dev"
    elif _is_like("alpine"):
        install = "apk add libjpeg-turbo-dev"
    else:
        install = "sudo dnf install libjpeg-turbo-devel"
    return f"{install}, then pip install --force-reinstall --no-binary Pillow Pillow"


def _is_like(system: str) -> bool:
    try:
        release = platform.freedesktop_os_release()
    except OSError:
        return False
    return system in f"{release.get('ID', '')} {release.get('ID_LIKE', '')}".split()


def _slower() -> CheckResult:
    return CheckResult(
        "warning",
        "speed",
        f"cykooz-resizer is not installed: a resize takes about {TIMES_WITHOUT_IT:g} times as long.",
        "pip install cykooz-resizer, where there is a wheel for this system.",
    )
