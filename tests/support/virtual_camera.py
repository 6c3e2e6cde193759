"""libgphoto2's own virtual camera: it answers in PTP like a real one, and its memory is a folder of this machine."""

from pathlib import Path
from typing import Any, Final

import pytest

from photopipe.download.cameras.gphoto import load_gphoto

MODEL: Final = "Nikon DSC D750"
NAME: Final = f"{MODEL} 0.1"
"""With the serial number it tells."""
STORE: Final = "store_00010001"


@pytest.fixture
def camera(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The memory of a camera that is plugged in, and the only one; the package of python-gphoto2 has it."""
    gphoto = pytest.importorskip("gphoto2")
    virtual = Path(gphoto.__file__).parent / "libgphoto2" / "vusb"
    if not virtual.is_dir():
        pytest.skip("this build of python-gphoto2 has no virtual camera")
    memory = tmp_path / "camera"
    memory.mkdir()
    monkeypatch.setenv("IOLIBS", str(virtual))
    monkeypatch.setenv("VCAMERADIR", str(memory))
    return memory


class Faulty:
    """A camera that works until it is told to fail; in place of `gphoto2.Camera`.

    Attributes:
        fails: by the name of a call, the code of its error, and how often it works before.
    """

    fails: dict[str, tuple[int, int]]

    def __init__(self) -> None:
        self._real: Any = REAL[0]()
        self._calls: dict[str, int] = {}

    @staticmethod
    def autodetect() -> Any:
        """What is plugged in."""
        return REAL[0].autodetect()

    def exit(self) -> None:
        """End the connection, although an error that is still known has this object."""
        real, self._real = self._real, None
        real.exit()

    def __getattr__(self, name: str) -> Any:
        if name in self.fails:
            code, works = self.fails[name]
            self._calls[name] = self._calls.get(name, 0) + 1
            if self._calls[name] > works:
                if name == "init":
                    self._real = None
                raise load_gphoto().GPhoto2Error(code)
        return getattr(self._real, name)


REAL: list[Any] = []


@pytest.fixture
def faulty(camera: Path, monkeypatch: pytest.MonkeyPatch) -> dict[str, tuple[int, int]]:
    """Make the camera fail: name of a call -> the code of the error, and how often the call works before."""
    gphoto = load_gphoto()
    Faulty.fails = {}
    REAL[:] = [gphoto.Camera]
    monkeypatch.setattr(gphoto, "Camera", Faulty)
    return Faulty.fails
