"""Which value counts, for every pair of places that it can come from."""

from itertools import combinations
from pathlib import Path
from typing import Any

import click
import pytest

from photopipe.cli.commands import cli
from photopipe.cli.config.values_in_effect import values_in_effect
from photopipe.cli.config_file.layers import Layers, default_map
from photopipe.cli.options.config import read_config
from photopipe.cli.options.profile_options import chosen_sources
from photopipe.cli.options.resize_options import chosen_renditions, resize_settings
from photopipe.cli.options.upload_options import UPLOAD_OPTIONS, upload_settings

PLACES = (
    "flag",
    "environment",
    "recipe of a flag",
    "profile",
    "recipe of the profile",
    "command",
    "recipe of the command",
    "defaults",
    "recipe of the defaults",
)
"""The strongest first."""
RECIPES = [place for place in PLACES if place.startswith("recipe")]


def parsed(config: Path, *arguments: str, command: str = "process") -> click.Context:
    """The context of a command whose options are read as in a run."""
    configuration = read_config(str(config), cli.commands).require_good()
    defaults = default_map(configuration, cli.commands)
    root = click.Context(cli, obj=configuration, default_map=defaults, **cli.context_settings)
    return cli.commands[command].make_context(command, list(arguments), parent=root)


def config_of(places: tuple[str, ...], key: str, values: dict[str, Any]) -> str:
    """A configuration with the key in each of the places that are in it."""

    def table(header: str, place: str, extra: str = "") -> str:
        value = f"{key} = {values[place]!r}\n" if place in places else ""
        named = f'recipe = "{recipe_name(extra)}"\n' if extra in places else ""
        return f"[{header}]\n{value}{named}"

    recipes = [f"[recipes.{recipe_name(place)}]\n{key} = {values[place]!r}\n" for place in RECIPES if place in places]
    tables = [
        table("profile.mine", "profile", "recipe of the profile"),
        table("process", "command", "recipe of the command"),
        table("defaults", "defaults", "recipe of the defaults"),
    ]
    return "".join(tables + recipes)


def recipe_name(place: str) -> str:
    return place.replace(" ", "-")


@pytest.mark.parametrize(("stronger", "weaker"), list(combinations(PLACES, 2)))
def test_of_two_places_the_stronger_counts(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, stronger: str, weaker: str
) -> None:
    places = (stronger, weaker)
    values = {place: 10 + number for number, place in enumerate(PLACES)}
    config = tmp_path / "config.toml"
    config.write_text(config_of(places, "quality", values))
    arguments = ["--profile", "mine"]
    arguments += ["--quality", str(values["flag"])] if "flag" in places else []
    recipe = recipe_name("recipe of a flag") if "recipe of a flag" in places else None
    arguments += ["--recipe", recipe] if recipe else []
    if "environment" in places:
        monkeypatch.setenv("PHOTOPIPE_QUALITY", str(values["environment"]))
    assert parsed(config, *arguments).params["quality"] == values[stronger]
    if "flag" not in places:
        layers = Layers(read_config(str(config), cli.commands), cli.commands["process"], "process")
        found = values_in_effect(layers, cli.commands["process"], "process", "mine", recipe)
        (shown,) = (value.value for value in found if value.key == "quality")
        assert str(shown) == str(values[stronger]), "what is shown is what counts"


GALLERY_PLACES = ("flag", "environment", "profile", "gallery", "command", "defaults")


@pytest.mark.parametrize(("stronger", "weaker"), list(combinations(GALLERY_PLACES, 2)))
def test_of_two_places_for_a_gallery_the_stronger_counts(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, stronger: str, weaker: str
) -> None:
    places = (stronger, weaker)
    tables = {"profile": "profile.mine", "gallery": "galleries.one", "command": "process", "defaults": "defaults"}
    extra = {"profile": 'galleries = ["one"]\n', "gallery": 'to = "https://photos.example.org"\n'}
    text = "".join(
        f"[{header}]\n{extra.get(place, '')}" + (f'album = "{place}"\n' if place in places else "")
        for place, header in tables.items()
    )
    (tmp_path / "config.toml").write_text(text)
    if "environment" in places:
        monkeypatch.setenv("PHOTOPIPE_ALBUM", "environment")
    flags = ["--album", "flag"] if "flag" in places else []
    context = parsed(tmp_path / "config.toml", "--profile", "mine", *flags)
    values = {name: context.params[name] for name in UPLOAD_OPTIONS}
    (settings,) = upload_settings(context, **values)
    assert (settings.name, settings.album) == ("one", stronger)


@pytest.mark.parametrize("order", [("--profile", "mine", "--recipe", "web"), ("--recipe", "web", "--profile", "mine")])
def test_profile_and_recipe_may_be_given_in_any_order(tmp_path: Path, order: tuple[str, ...]) -> None:
    config = tmp_path / "config.toml"
    config.write_text('[profile.mine]\nquality = 20\nfit = "cover"\n[recipes.web]\nquality = 30\n')
    params = parsed(config, *order).params
    assert (params["quality"], params["fit"]) == (30, "cover")


def test_the_environment_may_name_the_profile_and_the_recipe(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    config = tmp_path / "config.toml"
    config.write_text('[profile.mine]\nquality = 20\nfit = "cover"\n[recipes.web]\nquality = 30\n')
    monkeypatch.setenv("PHOTOPIPE_PROFILE", "mine")
    monkeypatch.setenv("PHOTOPIPE_RECIPE", "web")
    params = parsed(config).params
    assert (params["quality"], params["fit"]) == (30, "cover")


def test_a_profile_has_options_of_process_and_of_watch(tmp_path: Path) -> None:
    config = tmp_path / "config.toml"
    config.write_text("[profile.mine]\nrescan = 60\ncard = true\n")
    assert parsed(config, "--profile", "mine").params["card"] is True
    assert parsed(config, "--profile", "mine", command="watch").params["rescan"] == 60


def test_photos_named_on_the_command_line_take_the_place_of_the_profiles_sources(tmp_path: Path) -> None:
    config = tmp_path / "config.toml"
    config.write_text('[profile.mine]\nsources = ["/card"]\n')

    def sources(*arguments: str) -> tuple[str, ...]:
        context = parsed(config, "--profile", "mine", *arguments)
        return chosen_sources(context, context.params["sources"])

    assert sources() == ("/card",)
    assert sources("/other") == ("/other",)
    assert sources("--files-from", "-") == ()
    assert sources("--card") == ()


def recipe_id(config: Path, *arguments: str) -> str:
    values = dict(parsed(config, *arguments, "in", "out.jpg", command="resize").params)
    del values["source"], values["target"]
    return resize_settings(**values).recipe_id


def test_a_recipe_is_the_same_as_its_flags_whatever_it_is_called(tmp_path: Path) -> None:
    body = 'size = "100x80"\nfit = "cover"\nmetadata = "keep"\ntime-shift = "+01:00"\nwatermark = "me"\n'
    flags = ["--size", "100x80", "--fit", "cover", "--metadata", "keep", "--time-shift", "+01:00", "--watermark", "me"]
    config = tmp_path / "config.toml"
    config.write_text(f"[recipes.web]\n{body}[recipes.renamed]\n{body}")
    assert recipe_id(config, "--recipe", "web") == recipe_id(config, "--recipe", "renamed") == recipe_id(config, *flags)
    assert recipe_id(config, *flags) != recipe_id(config)


@pytest.mark.parametrize("renditions", ['["web"]', '{ other = "web" }'])
def test_a_recipe_as_a_rendition_is_the_same_as_its_flags(tmp_path: Path, renditions: str) -> None:
    config = tmp_path / "config.toml"
    config.write_text(
        f'[recipes.web]\nsize = 90\nquality = 30\n[profile.mine]\nrenditions = {renditions}\nfit="cover"\n'
    )
    values = dict(parsed(config, "--profile", "mine").params)
    names = {str(one.name) for one in cli.commands["resize"].params if isinstance(one, click.Option)} - {"recipe"}
    context = parsed(config, "--profile", "mine")
    options = {name: values[name] for name in names}
    ((name, settings),) = chosen_renditions(context, values["rendition"], None, **options)
    assert name == ("web" if "[" in renditions else "other")
    assert settings.recipe_id == recipe_id(config, "--size", "90", "--quality", "30", "--fit", "cover")
