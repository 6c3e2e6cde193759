"""Kill an export at every step: before each change of a folder and each opening of a file.

    python export_killed_at_every_step.py new|changed|gone FOLDER

Works like `killed_at_every_step.py`: kills a first export, one that brings a site up to date, or a first one after
which a photo is deleted. After each kill every file of the site must be as an undisturbed export writes it, or as it
was before; the next export must make the site the same as if nothing had happened. Prints the number of steps.
"""

import io
import shutil
import sys
from pathlib import Path

from PIL import Image

sys.path.insert(0, str(Path(__file__).parents[1]))

from support.killed_at_every_step import run_to

from photopipe.gallery.export.export import SiteWishes, export_site
from photopipe.gallery.store.store import PhotoStore
from photopipe.gallery.store.upload import Upload


def main(case: str, folder: Path) -> int:
    gallery, later, before, site = (folder / name for name in ("gallery", "later", "before", "site"))
    add(gallery, 1, 2)
    shutil.copytree(gallery, later)
    with PhotoStore(str(later)) as store:
        store.trash(1)
    add(later, 3)
    before.mkdir()
    if case == "changed":
        export(gallery, before)
    killed, last = (later if case == "changed" else gallery), (gallery if case == "new" else later)
    wanted = {of: exported(of, folder / f"whole-{of.name}") for of in (killed, last)}
    old, step, was_killed = contents(before), 0, True
    while was_killed:
        step += 1
        shutil.rmtree(site, ignore_errors=True)
        shutil.copytree(before, site)
        was_killed = run_to(step, lambda: export(killed, site))
        for path, data in contents(site).items():
            assert data in (wanted[killed].get(path), old.get(path)), (step, path)
        assert exported(last, site) == wanted[last], step
    return step - 1


def exported(gallery: Path, site: Path) -> dict[str, bytes]:
    export(gallery, site)
    return contents(site)


def add(gallery: Path, *numbers: int) -> None:
    with PhotoStore(str(gallery)) as store:
        for number in numbers:
            file = io.BytesIO()
            Image.new("RGB", (60, 40), (80 * number, 0, 0)).save(file, "JPEG")
            file.seek(0)
            name = f"{number}.jpg"
            store.add(Upload(None, None, name, name, taken_at=f"2025-10-0{number}T12:00:00", album="All"), file)


def export(gallery: Path, site: Path) -> None:
    export_site(
        str(gallery), str(site), SiteWishes("Photos"), is_stopped=lambda: False, progress=lambda _done, _total: None
    )


def contents(site: Path) -> dict[str, bytes]:
    files = (path for path in site.rglob("*") if path.is_file())
    return {str(path.relative_to(site)): path.read_bytes() for path in files if ".photopipe" not in path.parts}


if __name__ == "__main__":
    print(main(sys.argv[1], Path(sys.argv[2])))
