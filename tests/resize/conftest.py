"""What tests of the resize stage share."""

import pytest

from photopipe.resize.jpeg import decode_jpeg as jpeg
from photopipe.resize.pixels import resample

WITHOUT = {"both": (), "Pillow resamples": ("cykooz_resizer",), "Pillow alone": ("cykooz_resizer", "simplejpeg")}
"""Which of the two libraries that are not everywhere is done without."""


@pytest.fixture(params=WITHOUT)
def decoder(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> str:
    """Each installed way to decode and resample, by name."""
    name: str = request.param
    needed = {"both": (jpeg.simplejpeg, resample.cykooz_resizer), "Pillow resamples": (jpeg.simplejpeg,)}
    if not all(library() for library in needed.get(name, ())):
        pytest.skip("simplejpeg or cykooz-resizer is not installed")
    for library in WITHOUT[name]:
        monkeypatch.setattr(jpeg if library == "simplejpeg" else resample, library, lambda: None)
    return name
