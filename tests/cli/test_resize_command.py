"""`photopipe resize` as a Unix filter."""

import io
import os
import resource
import stat
import subprocess
import sys
from pathlib import Path

import pytest
from PIL import Image
from support.command import Home
from support.pictures import make_jpeg


@pytest.fixture
def photo(tmp_path: Path) -> Path:
    return make_jpeg(tmp_path / "photo.jpg", (320, 240))


def size_of(data: bytes) -> tuple[int, int]:
    with Image.open(io.BytesIO(data)) as image:
        image.load()
        return image.size


@pytest.mark.parametrize(
    ("options", "size"),
    [
        (["--size", "100"], (100, 75)),
        (["--size", "100x50"], (67, 50)),
        (["--size", "100x50", "--fit", "cover"], (100, 50)),
        (["--size", "100x100", "--fit", "exact"], (100, 100)),
        (["--size", "640"], (320, 240)),
        (["--size", "640", "--enlarge"], (640, 480)),
        (["--size", "640x640", "--fit", "cover"], (240, 240)),
        (["--size", "400x400", "--fit", "exact"], (400, 400)),
    ],
)
def test_a_box_a_fit_and_a_size(
    home: Home, photo: Path, tmp_path: Path, options: list[str], size: tuple[int, int]
) -> None:
    result = home.run("resize", str(photo), str(tmp_path / "out.jpg"), *options)
    assert (result.code, result.out, result.err) == (0, "", "")
    assert size_of((tmp_path / "out.jpg").read_bytes()) == size


def test_it_is_a_filter(home: Home, photo: Path) -> None:
    command = [sys.executable, "-m", "photopipe", "resize", "-", "-", "--size", "64"]
    run = subprocess.run(command, input=photo.read_bytes(), env=home.environment(), capture_output=True, timeout=60)
    assert run.returncode == 0, run.stderr
    assert size_of(run.stdout) == (64, 48)


def test_it_writes_the_very_bytes_that_would_be_sent(home: Home, photo: Path, tmp_path: Path) -> None:
    home.run("resize", str(photo), str(tmp_path / "out.jpg"), "--size", "99")
    home.run("process", str(photo), "--size", "99")
    (sent,) = home.photos()
    assert (home.pictures / sent).read_bytes() == (tmp_path / "out.jpg").read_bytes()


def test_a_broken_photo_is_exit_code_3_and_leaves_nothing(home: Home, photo: Path, tmp_path: Path) -> None:
    photo.write_bytes(photo.read_bytes()[:2000])
    result = home.run("resize", str(photo), str(tmp_path / "out.jpg"))
    assert result.code == 3
    assert "photo.jpg: cannot be resized: the file ends early" in result.err
    assert sorted(path.name for path in tmp_path.iterdir()) == ["home", "photo.jpg"]


def test_the_photo_itself_is_never_written(home: Home, photo: Path) -> None:
    before = photo.read_bytes()
    result = home.run("resize", str(photo), str(photo))
    assert result.code == 2
    assert "sources are never changed" in result.err
    assert photo.read_bytes() == before


@pytest.mark.parametrize(
    "options",
    [
        ["--size", "0"],
        ["--size", "1600x"],
        ["--size", "big"],
        ["--background", "mauve"],
        ["--max-bytes", "none"],
        ["--fit", "x"],
    ],
)
def test_wrong_options_are_exit_code_2_and_say_what_to_write(
    home: Home, photo: Path, tmp_path: Path, options: list[str]
) -> None:
    result = home.run("resize", str(photo), str(tmp_path / "out.jpg"), *options)
    assert result.code == 2
    assert options[0] in result.err


def test_a_fifo_is_written_into(home: Home, photo: Path, tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "out.jpg")
    with subprocess.Popen(["cat", str(tmp_path / "out.jpg")], stdout=subprocess.PIPE) as reader:
        try:
            result = home.run("resize", str(photo), str(tmp_path / "out.jpg"), "--size", "64")
            assert stat.S_ISFIFO((tmp_path / "out.jpg").stat().st_mode)
        except BaseException:
            reader.kill()
            raise
        assert reader.stdout is not None
        data = reader.stdout.read()
    assert (result.code, result.err, size_of(data)) == (0, "", (64, 48))


def test_a_device_is_written_into(home: Home, photo: Path, tmp_path: Path) -> None:
    (tmp_path / "full.jpg").symlink_to("/dev/full")
    result = home.run("resize", str(photo), str(tmp_path / "full.jpg"))
    assert (result.code, "full.jpg: cannot be written: No space left on device" in result.err) == (1, True), result.err
    assert (tmp_path / "full.jpg").is_symlink()


@pytest.mark.parametrize("is_there", [True, False])
def test_a_link_is_followed_and_stays(home: Home, photo: Path, tmp_path: Path, is_there: bool) -> None:
    (tmp_path / "disk").mkdir()
    real = tmp_path / "disk" / "real.jpg"
    if is_there:
        real.write_bytes(b"old")
        real.chmod(0o604)
    (tmp_path / "out.jpg").symlink_to("disk/real.jpg")
    result = home.run("resize", str(photo), str(tmp_path / "out.jpg"), "--size", "64")
    assert (result.code, result.err) == (0, "")
    assert (os.readlink(tmp_path / "out.jpg"), size_of(real.read_bytes())) == ("disk/real.jpg", (64, 48))
    assert [path.name for path in (tmp_path / "disk").iterdir()] == ["real.jpg"]
    assert not is_there or stat.S_IMODE(real.stat().st_mode) == 0o604


def test_a_temporary_folder_without_room_for_stdin_is_named(home: Home, photo: Path, tmp_path: Path) -> None:
    """A real limit on file size: the kernel refuses the write, whoever runs this."""
    limit = photo.stat().st_size // 2
    with photo.open("rb") as stdin:
        result = home.run(
            *("resize", "-", str(tmp_path / "out.jpg")),
            stdin=stdin,
            preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (limit, limit)),
        )
    assert (result.code, "stdin cannot be stored: File too large" in result.err) == (1, True), result.err
    assert "TMPDIR" in result.err
    assert "this is a bug" not in result.err


def test_stdin_that_cannot_be_read_is_the_photos_failure(home: Home, tmp_path: Path) -> None:
    write_only = os.open(os.devnull, os.O_WRONLY)
    result = home.run("resize", "-", str(tmp_path / "out.jpg"), stdin=write_only)
    os.close(write_only)
    assert (result.code, result.err) == (3, "-: cannot be read: Bad file descriptor.\n")


def test_a_name_that_says_no_format_wants_one(home: Home, photo: Path, tmp_path: Path) -> None:
    assert home.run("resize", str(photo), str(tmp_path / "out")).code == 2
    assert home.run("resize", str(photo), str(tmp_path / "out"), "--format", "jpeg").code == 0


def test_a_missing_photo_is_exit_code_13_and_an_unwritable_place_1(home: Home, photo: Path, tmp_path: Path) -> None:
    assert home.run("resize", str(tmp_path / "none.jpg"), str(tmp_path / "out.jpg")).code == 13
    assert home.run("resize", str(photo), str(tmp_path / "none" / "out.jpg")).code == 1


@pytest.mark.parametrize(("extension", "kind"), [("jpg", "JPEG"), ("webp", "WEBP"), ("avif", "AVIF"), ("png", "PNG")])
def test_the_name_of_the_target_chooses_the_format(
    home: Home, photo: Path, tmp_path: Path, extension: str, kind: str
) -> None:
    target = tmp_path / f"out.{extension}"
    assert home.run("resize", str(photo), str(target), "--size", "80").code == 0
    with Image.open(target) as image:
        assert (image.format, image.size) == (kind, (80, 60))


def test_a_limit_of_bytes_is_kept(home: Home, photo: Path, tmp_path: Path) -> None:
    target = tmp_path / "out.jpg"
    assert home.run("resize", str(photo), str(target), "--max-bytes", "5k").code == 0
    assert target.stat().st_size <= 5000


def test_a_watermark_is_text_or_a_picture(home: Home, photo: Path, tmp_path: Path) -> None:
    Image.new("RGBA", (40, 20), (255, 0, 0, 255)).save(tmp_path / "logo.png")
    made = []
    for options in (
        [],
        ["--watermark", "mine"],
        ["--watermark", str(tmp_path / "logo.png"), "--watermark-opacity", "1"],
    ):
        assert home.run("resize", str(photo), str(tmp_path / "out.jpg"), *options).code == 0
        made.append((tmp_path / "out.jpg").read_bytes())
    assert len(set(made)) == 3
    assert home.run("resize", str(photo), str(tmp_path / "out.jpg"), "--watermark", "none.png").code == 2
