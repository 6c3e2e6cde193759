"""`photopipe config init` and `photopipe config show`."""

import json
import stat
import tomllib
from pathlib import Path

from support.command import Home

from photopipe.cli.commands import cli
from photopipe.cli.config.example import WRITTEN_OTHERWISE, example_config, example_of, uncommented
from photopipe.cli.config_file.values import keys_of


def configure(home: Home, text: str) -> None:
    home.config.parent.mkdir(parents=True, exist_ok=True)
    home.config.write_text(text)
    home.config.chmod(0o600)


def test_init_writes_a_file_in_which_nothing_is_set(home: Home) -> None:
    result = home.run("config", "init")
    assert (result.code, result.out) == (0, f"{home.config}\n"), result.err
    assert stat.S_IMODE(home.config.stat().st_mode) == 0o600
    assert tomllib.loads(home.config.read_text()) == {}
    assert home.run("config", "check").code == 0


def test_init_never_changes_a_file(home: Home) -> None:
    configure(home, "[process]\n")
    result = home.run("config", "init")
    assert (result.code, home.config.read_text()) == (2, "[process]\n")
    assert "is there already" in result.err


def test_init_writes_where_it_is_told(home: Home) -> None:
    path = home.folder / "new" / "mine.toml"
    assert home.run("--config", str(path), "config", "init").out == f"{path}\n"
    assert path.exists()


def test_everything_switched_on_is_a_valid_configuration(home: Home) -> None:
    text = example_config(cli.commands)
    configure(home, uncommented(text.splitlines(keepends=True)))
    (home.config.parent / "family.token").touch(mode=0o600)
    result = home.run("config", "check")
    assert (result.code, result.out) == (0, ""), result.out
    tables = tomllib.loads(home.config.read_text())
    assert {"process", "watch", "gallery", "profile", "recipes", "galleries", "defaults"} <= tables.keys()


def test_every_option_has_an_example_with_its_help(home: Home) -> None:
    text = example_config(cli.commands)
    for key, option in keys_of(cli.commands["process"]).items():
        assert example_of(key, option) is not None, f"{key}: give it a value in EXAMPLES of example.py"
        assert key in WRITTEN_OTHERWISE or f"\n#{key} = " in text
    assert "# Quality of JPEG, WebP and AVIF.\n#quality = 85\n" in text


def test_galleries_are_added_to_the_file_that_init_writes(home: Home) -> None:
    home.run("config", "init")
    before = home.config.read_text()
    (home.folder / "g").mkdir()
    added = home.run("galleries", "add", "here", "--to", f"folder://{home.folder}/g")
    assert added.code == 0, added.err
    after = home.config.read_text()
    assert after.startswith(before.rstrip("\n"))
    assert home.run("config", "check").code == 0


SHOWN = """\
[process]
quality = 70
[profile.camera]
sources = "/card"
recipe = "web"
[recipes.web]
size = 300
quality = 60
[galleries.family]
to = "https://a.example/?x=1"
token = "tell-nobody"
headers = { X-Key = "tell-nobody" }
"""


def test_show_says_what_is_in_effect(home: Home) -> None:
    configure(home, SHOWN)
    env = {"PHOTOPIPE_SETTLE": ""}
    assert home.run("config", "show", env=env).lines[:2] == ["[process]", "quality = 70"]
    lines = home.run("config", "show", "--profile", "camera", env=env).lines
    assert lines[:5] == ["[process]", 'sources = ["/card"]', 'profile = "camera"', 'recipe = "web"', "size = 300"]


def test_show_says_where_each_value_comes_from(home: Home) -> None:
    configure(home, SHOWN)
    env = {"PHOTOPIPE_FIT": "cover", "PHOTOPIPE_PROFILE": "camera"}
    records = home.run("config", "show", "--json", env=env).records
    origins = {record["key"]: (record["value"], record["origin"], record["line"]) for record in records}
    assert origins["fit"] == ("cover", "PHOTOPIPE_FIT", None)
    assert origins["quality"] == (60, "[recipes.web]", 8)
    assert origins["sources"] == (["/card"], "[profile.camera]", 4)
    assert origins["recipe"] == ("web", "[profile.camera]", 5)
    assert origins["transfers"] == (4, "default", None)
    flag = home.run("config", "show", "--json", "--recipe", "web", env={"PHOTOPIPE_RECIPE": "none"}).records
    assert [record["origin"] for record in flag if record["key"] == "recipe"] == ["flag"]
    text = home.run("config", "show", "--origin", "--profile", "camera").out
    assert f"quality = 60                              # [recipes.web] ({home.config}:8)\n" in text
    assert "# album is not set\n" in text


def test_show_never_shows_a_secret_and_says_where_it_is(home: Home) -> None:
    configure(home, SHOWN)
    env = {"PHOTOPIPE_TO": "https://me:tell-nobody@a.example/?token=tell-nobody", "PHOTOPIPE_PING_URL": "tell-nobody"}
    for arguments in (("--origin",), ("--json",)):
        result = home.run("config", "show", *arguments, env=env)
        assert result.code == 0, result.err
        assert "tell-nobody" not in result.out + result.err
    result = home.run("config", "show", "--json")
    (token,) = [record for record in result.records if record["key"] == "token"]
    assert token["origin"] == "[galleries.family] token"
    token_in_environment = home.run("config", "show", "--json", env={"PHOTOPIPE_TOKEN_FAMILY": "tell-nobody"})
    assert "PHOTOPIPE_TOKEN_FAMILY" in token_in_environment.out
    assert "tell-nobody" not in token_in_environment.out


def test_show_of_what_does_not_exist_is_wrong_usage(home: Home) -> None:
    assert "Did you mean process?" in home.run("config", "show", "proces").err
    result = home.run("config", "show", "--profile", "none")
    assert (result.code, "no profile called 'none'" in result.err) == (2, True)


def test_show_of_another_command(home: Home) -> None:
    configure(home, '[gallery]\nport = 99\n[defaults]\ngallery-dir = "/g"\n')
    assert home.run("config", "show", "gallery").lines == ["[gallery]", 'gallery-dir = "/g"', "port = 99"]


def test_defaults_are_for_commands_inside_a_group_too(home: Home, tmp_path: Path) -> None:
    configure(home, '[defaults]\ngallery-dir = "g"\njson = true\n')
    folder = home.config.parent / "g"
    assert home.run("process", "sample_images/DCIM", "--newest", "1", cwd=Path(__file__).parents[3]).code == 0
    assert folder.exists()
    assert json.loads(home.run("gallery", "verify").lines[0])
