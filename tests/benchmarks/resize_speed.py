"""CPU time, fidelity, threads and memory of the resize stage, against Pillow, vipsthumbnail and sharp.

    python tests/benchmarks/resize_speed.py --folder PHOTOS [--rounds 5] [--phones] [--sharp-modules DIR]

Photos: any folder with JPEGs of 8 to 26 MP. Real ones come with the Debian packages lomiri-wallpapers-16.04,
lomiri-wallpapers-20.04 and mate-backgrounds (/usr/share/backgrounds). With --phones, each photo of 6 MP or more is
also made into what a phone writes: 4032 x 3024, quality 95, 4:2:0, every third with the profile of Display P3; and each
of 12 MP or more into what a camera writes: 6000 x 4000, quality 92, 4:2:2. --save DIR keeps all of them in a folder.

Peers: `vipsthumbnail` (Debian libvips-tools) and `sharp` (`npm install sharp`; --sharp-modules is the folder of its
`node_modules`). Those that are not installed are left out. All of them get the same files, one after the other, in
one round; the ratios are taken within a round, and their median over the rounds is what counts.
"""

import argparse
import json
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from math import prod
from pathlib import Path

from PIL import Image, ImageOps

sys.path.insert(0, os.fspath(Path(__file__).parents[1]))

from support.profiles import DISPLAY_P3, rgb_profile

SIDES_PX = (2048, 1600, 1080)
FIDELITY_SIDES_PX = (2048, 1600, 1280, 1080, 480)
QUALITY = 85
MEGAPIXELS = (8.0, 26.0)
PHONE_SIZE = (4032, 3024)
"""What most phones write."""
LARGE_SIZE = (6000, 4000)
"""24 MP, for peak memory."""
LIBRARIES = ("both", "simplejpeg", "cykooz", "pillow")
"""simplejpeg and cykooz-resizer, which pip installs on most machines; the first of them; neither."""
GOALS = {"sharp": 0.65, "vipsthumbnail": 0.5, "Pillow thumbnail": 0.35}
WORKER = Path(__file__).with_name("resize_worker.py")
SHARP = """
const sharp = require('sharp'), [side, out, ...files] = process.argv.slice(2);
sharp.concurrency(1);
(async () => { for (const file of files) await sharp(file).autoOrient()
  .resize(+side, +side, {fit: 'inside', withoutEnlargement: true})
  .toColourspace('srgb').jpeg({quality: %d}).toFile(out + '/sharp.jpg'); })();
"""
Command = list[str]


def main() -> None:
    options = _options()
    Image.MAX_IMAGE_PIXELS = None
    with tempfile.TemporaryDirectory() as scratch_name:
        scratch = Path(scratch_name)
        photos = [*_photos(options.folder), *(_phones(options.folder, scratch) if options.phones else ())]
        if options.save:
            _save(photos, options.save)
            return
        if options.baseline:
            photos = [photo for photo in photos if not _is_progressive(photo)]
        if not photos:
            sys.exit(f"No JPEGs of {MEGAPIXELS[0]:.0f} to {MEGAPIXELS[1]:.0f} MP in {options.folder}.")
        print(f"{len(photos)} photos, {options.rounds} rounds, quality {QUALITY}, libraries: {options.libraries}\n")
        os.environ["RESIZE_LIBRARIES"] = options.libraries
        os.environ.pop("PYTHONDONTWRITEBYTECODE", None)  # an installed package is compiled
        os.environ["PYTHONPYCACHEPREFIX"] = os.fspath(scratch / "compiled")
        _in_worker("threads", "640", "1", photos[0])  # compiles it
        _speed(photos, scratch, options)
        _fidelity(photos)
        _threads(photos, options.rounds)
        _memory(scratch)


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--folder", type=Path, required=True, help="where the photos are")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--phones", action="store_true", help="also make phone photos of them")
    parser.add_argument("--save", type=Path, help="only copy all of them into this folder, for the other benchmarks")
    parser.add_argument("--baseline", action="store_true", help="leave out progressive JPEGs, which no camera writes")
    parser.add_argument("--libraries", choices=LIBRARIES, default=LIBRARIES[0], help="do without the others")
    parser.add_argument("--sharp-modules", type=Path, default=Path("node_modules"), help="where npm put sharp")
    return parser.parse_args()


def _save(photos: Sequence[str], folder: Path) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    for number, photo in enumerate(photos):
        shutil.copyfile(photo, folder / f"{number:03}-{Path(photo).name}")


def _photos(folder: Path) -> list[str]:
    return sorted(
        os.fspath(path) for path, megapixels in _jpegs(folder) if MEGAPIXELS[0] <= megapixels <= MEGAPIXELS[1]
    )


def _jpegs(folder: Path) -> Iterator[tuple[Path, float]]:
    for path in sorted(folder.rglob("*")):
        if path.suffix.lower() in (".jpg", ".jpeg") and path.is_file() and not path.is_symlink():
            with Image.open(path) as image:
                yield path, prod(image.size) / 1e6


def _is_progressive(photo: str) -> bool:
    with Image.open(photo) as image:
        return "progressive" in image.info


def _phones(folder: Path, scratch: Path) -> Iterator[str]:
    large = [(path, megapixels) for path, megapixels in _jpegs(folder) if megapixels >= 6.0]
    for number, (path, megapixels) in enumerate(large):
        with Image.open(path) as image:
            upright = image.convert("RGB")
        turned = upright if upright.width >= upright.height else upright.transpose(Image.Transpose.ROTATE_90)
        profile = rgb_profile(DISPLAY_P3, None) if number % 3 == 0 else None
        phone = ImageOps.fit(turned, PHONE_SIZE, Image.Resampling.LANCZOS)
        made = scratch / f"phone-{number}-{path.name}"
        phone.save(made, quality=95, subsampling="4:2:0", icc_profile=profile)
        yield os.fspath(made)
        if megapixels >= 12.0:
            made = scratch / f"camera-{number}-{path.name}"
            ImageOps.fit(turned, LARGE_SIZE, Image.Resampling.LANCZOS).save(made, quality=92, subsampling="4:2:2")
            yield os.fspath(made)


# ---- CPU time ----


def _speed(photos: Sequence[str], scratch: Path, options: argparse.Namespace) -> None:
    ratios: dict[str, list[float]] = {}
    for side_px in SIDES_PX:
        commands = _commands(side_px, photos, scratch, options.sharp_modules)
        rounds = [{name: _cpu_s(one) for name, one in commands.items()} for _ in range(options.rounds)]
        print(f"{side_px} px: " + ", ".join(f"{name} {_median(rounds, name):.2f} s" for name in commands))
        for name in commands.keys() - {"photopipe"}:
            ratio = statistics.median(one["photopipe"] / one[name] for one in rounds)
            ratios.setdefault(name, []).append(ratio)
    for name, each in ratios.items():
        mean = statistics.geometric_mean(each)
        per_side = ", ".join(f"{ratio:.2f}" for ratio in each)
        print(f"photopipe / {name}: {mean:.2f} ({per_side}); goal {GOALS[name]}: {_verdict(mean <= GOALS[name])}")


def _median(rounds: Sequence[Mapping[str, float]], name: str) -> float:
    return statistics.median(one[name] for one in rounds)


def _verdict(reached: bool) -> str:
    return "reached" if reached else "MISSED"


def _commands(side_px: int, photos: Sequence[str], scratch: Path, modules: Path) -> dict[str, Command]:
    side, out = str(side_px), os.fspath(scratch)
    commands = {
        "photopipe": [sys.executable, os.fspath(WORKER), "photopipe", side, out, *photos],
        "Pillow thumbnail": [sys.executable, os.fspath(WORKER), "thumbnail", side, out, *photos],
    }
    if shutil.which("vipsthumbnail"):
        target = os.fspath(scratch / f"vips-%s.jpg[Q={QUALITY}]")
        commands["vipsthumbnail"] = ["vipsthumbnail", "--size", f"{side}x{side}>", "-o", target, *photos]
    else:
        print("vipsthumbnail is not installed; left out")
    if shutil.which("node") and (modules / "sharp").is_dir():
        program = scratch / "sharp.js"
        program.write_text(SHARP % QUALITY)
        commands["sharp"] = ["node", os.fspath(program), side, out, *photos]
        os.environ["NODE_PATH"] = os.fspath(modules.absolute())
    else:
        print("sharp is not installed; left out")
    return commands


def _cpu_s(command: Command) -> float:
    process = subprocess.Popen(command, env=os.environ | {"VIPS_CONCURRENCY": "1"})
    _, status, usage = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        sys.exit(f"{command[0]} failed")
    return usage.ru_utime + usage.ru_stime


# ---- fidelity, threads, memory ----


def _fidelity(photos: Sequence[str]) -> None:
    """The loss against a full decode, on every photo; see `resize_worker.py`."""
    print()
    for side_px in FIDELITY_SIDES_PX:
        answers = _in_worker("losses", str(side_px), "-", *photos)
        losses = sorted((loss, Path(photo).name) for photo, loss in answers.items())
        worst, name = losses[-1]
        mean = statistics.fmean(loss for loss, _ in losses)
        print(
            f"{side_px} px: worst loss {worst:.2f} dB ({name}), mean {mean:.2f} dB; goal 0.4: {_verdict(worst <= 0.4)}"
        )


def _threads(photos: Sequence[str], rounds: int) -> None:
    """Wall time of one worker / of two, on the same photos."""
    speedups = []
    for _ in range(rounds):
        one, two = (_in_worker("threads", str(SIDES_PX[0]), str(workers), *photos)["wall_s"] for workers in (1, 2))
        speedups.append(one / two)
    middle = statistics.median(speedups)
    spread = f"{min(speedups):.2f} to {max(speedups):.2f}"
    print(f"\ntwo workers: {middle:.2f} times as fast as one ({spread}); goal 1.85: {_verdict(middle >= 1.85)}")


def _memory(scratch: Path) -> None:
    """Largest resident memory of a process with two workers on 24 MP JPEGs."""
    source = Image.effect_noise((1500, 1000), 40).convert("RGB").resize(LARGE_SIZE, Image.Resampling.BICUBIC)
    for name, goal_mb in (("baseline", 300), ("progressive", 400)):
        path = scratch / f"large-{name}.jpg"
        source.save(path, quality=92, subsampling="4:2:0", progressive=name == "progressive")
        peak_mb = _in_worker("threads", str(SIDES_PX[0]), "2", *[os.fspath(path)] * 8)["peak_mb"]
        print(f"peak memory, 2 workers, 24 MP {name}: {peak_mb:.0f} MB; goal {goal_mb}: {_verdict(peak_mb < goal_mb)}")


def _in_worker(*arguments: str) -> dict[str, float]:
    done = subprocess.run([sys.executable, os.fspath(WORKER), *arguments], stdout=subprocess.PIPE, check=True)
    answer: dict[str, float] = json.loads(done.stdout)
    return answer


if __name__ == "__main__":
    main()
