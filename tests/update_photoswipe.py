"""Take a release of PhotoSwipe, the viewer, into the package: `python tests/update_photoswipe.py 5.4.4`.

It is fetched with `npm pack`. `VERSION` says what was taken, and `tests/gallery/test_photoswipe.py` fails if a file
is not as it was released.
"""

import hashlib
import subprocess
import sys
import tarfile
import tempfile
from pathlib import Path

import photopipe

FOLDER = Path(photopipe.__file__).parent / "gallery" / "site" / "static" / "photoswipe"
TAKEN = ("LICENSE", "dist/photoswipe.css", "dist/photoswipe.esm.min.js")


def take(version: str) -> None:
    """Write the files of a release, and `VERSION` with their hashes."""
    lines = [f"PhotoSwipe {version}", "MIT license, see LICENSE; https://photoswipe.com"]
    with tempfile.TemporaryDirectory() as folder:
        subprocess.run(["npm", "pack", "--silent", f"photoswipe@{version}"], cwd=folder, check=True, timeout=120)
        with tarfile.open(Path(folder, f"photoswipe-{version}.tgz")) as release:
            for path in TAKEN:
                file = release.extractfile(f"package/{path}")
                assert file is not None, path
                content = file.read()
                name = Path(path).name
                (FOLDER / name).write_bytes(content)
                lines.append(f"{hashlib.sha256(content).hexdigest()}  {name}")
    (FOLDER / "VERSION").write_text("\n".join(lines) + "\n")


if __name__ == "__main__":
    take(sys.argv[1])
