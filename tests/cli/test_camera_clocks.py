"""`--camera-tz` and `--time-shift`, and what is said about capture times that are guesses."""

from pathlib import Path

import click
import pytest
from support.command import Home
from support.pictures import camera_exif, make_jpeg

from photopipe.cli.options.resize_options import resize_options, resize_settings
from photopipe.errors import UsageError
from photopipe.settings import ResizeSettings


def settings_of(*flags: str) -> ResizeSettings:
    """The settings that flags make, without running anything."""
    made: list[ResizeSettings] = []

    @click.command()
    @resize_options
    def command(**options: object) -> None:
        made.append(resize_settings(**options))  # type: ignore[arg-type]  # as click passes them

    command.main([*flags], standalone_mode=False)
    return made[0]


def test_zones_and_shifts_are_the_same_recipe_however_they_are_typed() -> None:
    one = settings_of("--camera-tz", "Canon  EOS R6=Europe/Oslo", "--camera-tz", "*=UTC", "--time-shift", "-00:01")
    other = settings_of("--camera-tz", "*=UTC", "--camera-tz", "canon eos r6 = Europe/Oslo", "--time-shift=*=-0:01:00")
    assert one == other
    assert one.camera_tz == (("*", "UTC"), ("canon eos r6", "Europe/Oslo"))
    assert one.time_shift == (("*", -60),)
    assert one.recipe_id == other.recipe_id != ResizeSettings().recipe_id


@pytest.mark.parametrize(("text", "seconds"), [("+00:03:12", 192), ("-1:00", -3600), ("+8760:00:00", 8760 * 3600)])
def test_a_shift_is_hours_minutes_and_perhaps_seconds(text: str, seconds: int) -> None:
    assert settings_of("--time-shift", f"X=Y Z={text}").time_shift == (("x=y z", seconds),)


@pytest.mark.parametrize(
    ("flag", "value", "said"),
    [
        ("--camera-tz", "Europe/Oslo", "write CAMERA=ZONE"),
        ("--camera-tz", "X=Europe/Olso", "there is no time zone 'Europe/Olso'. Did you mean Europe/Oslo?"),
        ("--camera-tz", "X=../../etc/passwd", "there is no time zone"),
        ("--camera-tz", "X=", "there is no time zone ''"),
        ("--camera-tz", "X=Europe", "there is no time zone 'Europe'"),
        ("--time-shift", "00:03:12", "with a sign"),
        ("--time-shift", "+00:60", "with a sign"),
        ("--time-shift", "X=+3h", "with a sign"),
    ],
)
def test_what_cannot_be_understood_is_refused_at_once(flag: str, value: str, said: str) -> None:
    with pytest.raises(click.UsageError) as caught:
        settings_of(flag, value)
    assert said in caught.value.format_message()


def test_two_zones_for_one_camera_are_refused() -> None:
    with pytest.raises(UsageError, match="two values for 'x'"):
        settings_of("--camera-tz", "X=UTC", "--camera-tz", "x=Europe/Oslo")


def test_json_and_the_verbose_text_say_where_the_time_is_from(home: Home, tmp_path: Path) -> None:
    (tmp_path / "in").mkdir()
    make_jpeg(tmp_path / "in" / "IMG_20240501_123310.jpg", (32, 32), seed=1)
    make_jpeg(tmp_path / "in" / "a.jpg", (32, 32), exif=camera_exif())
    environment = {"PHOTOPIPE_CAMERA_TZ": "Acme Shooter 3=Europe/Oslo;*=UTC", "PHOTOPIPE_TIME_SHIFT": "+00:03:12"}
    result = home.run("process", str(tmp_path / "in"), "--json", "-v", env=environment)
    assert result.code == 0, result.err
    told = {(photo["taken_at"], photo["taken_at_from"]) for photo in result.records[:-1]}
    assert told == {("2024-05-01T12:36:22+00:00", "file_name"), ("2024-05-01T12:36:22+02:00", "exif")}
    assert (
        "IMG_20240501_123310.jpg: capture time 2024-05-01T12:36:22+00:00, guessed from the name of its file"
        in result.err
    )
    assert "a.jpg: capture time" not in result.err
