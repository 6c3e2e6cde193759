"""The documentation is true: commands run, help is what the page says, JSON fits its schema."""

import ast
import json
import os
import re
from collections.abc import Iterator
from pathlib import Path

import click
import jsonschema
import pytest
from support.command import Home
from support.pictures import make_jpeg
from update_cli_docs import MANUAL, PAGE, page_with_help

import photopipe
from photopipe import errors
from photopipe.cli.commands import cli
from photopipe.cli.help.man_pages import man_pages
from photopipe.cli.options.options import Option
from photopipe.cli.terminal.exit_codes import ExitCode
from photopipe.settings import DownloadSettings, ResizeSettings, Settings, UploadSettings, WatchSettings

ROOT = Path(__file__).parents[1]
PACKAGE = Path(photopipe.__file__).parent
README = (ROOT / "README.md").read_text()
ARCHITECTURE = (ROOT / "docs" / "ARCHITECTURE.md").read_text()
GLOSSARY = (ROOT / "docs" / "glossary.md").read_text()
JSON_PAGE = (ROOT / "docs" / "json-output.md").read_text()
SCHEMA = json.loads((ROOT / "docs" / "json-output.schema.json").read_text())


def test_the_command_line_page_shows_todays_help() -> None:
    text = PAGE.read_text()
    assert text == page_with_help(text), "run: python tests/update_cli_docs.py"


def test_the_manual_pages_show_todays_help() -> None:
    found = {path.name: path.read_text() for path in MANUAL.iterdir()}
    assert found == man_pages(cli), "run: python tests/update_cli_docs.py"


def test_every_command_is_on_the_command_line_page() -> None:
    for name, _command in commands_in(cli):
        assert f"## photopipe {name}".strip() + "\n" in PAGE.read_text()


def commands_in(group: click.Group, path: str = "") -> Iterator[tuple[str, click.Command]]:
    """Every command with its name, those of a group behind the group's."""
    yield path.strip(), group
    for name, command in group.commands.items():
        if isinstance(command, click.Group):
            yield from commands_in(command, f"{path} {name}")
        else:
            yield f"{path} {name}".strip(), command


def options_in_all_commands() -> Iterator[tuple[str, str, click.Option]]:
    """Name of the command, long name and option."""
    for name, command in commands_in(cli):
        for option in command.params:
            if isinstance(option, click.Option):
                yield name, next(flag for flag in option.opts if flag.startswith("--")), option


def test_every_option_has_help_and_an_environment_variable_of_its_name_unless_the_page_says_flags_only() -> None:
    flags_only = {"--help"}
    for command, flag, option in options_in_all_commands():
        assert option.help, f"{command} {flag}"
        if option.envvar is None:
            flags_only.add(f"{command} {flag}".strip())
        else:
            assert option.envvar == "PHOTOPIPE_" + flag[2:].replace("-", "_").upper()
    said = re.search(r"^- Flags only: (.*?)\. ", PAGE.read_text(), re.MULTILINE)
    assert said is not None
    assert set(re.findall(r"`([^`]+)`", said[1])) == flags_only


def test_a_default_that_is_shown_is_the_one_of_the_settings() -> None:
    settings = {
        "timeout": UploadSettings().read_timeout_s,
        "retry_for": UploadSettings().retry_for_s,
        "size": (ResizeSettings().max_width_px, ResizeSettings().max_height_px),
        "background": ResizeSettings().background,
        "max_pixels": ResizeSettings().max_pixels,
        "rescan": WatchSettings().rescan_s,
        "spool_bytes": DownloadSettings().spool_bytes,
        "lock_wait": Settings(DownloadSettings(()), (("default", ResizeSettings()),), (), "", "").lock_wait_s,
    }
    shown = {
        option.name: option.type.convert(option.shown_default, None, None)
        for _, _, option in options_in_all_commands()
        if isinstance(option, Option) and option.shown_default is not None
    }
    assert shown == settings


def test_every_exit_code_is_on_the_command_line_page() -> None:
    for code in ExitCode:
        assert re.search(rf"^\| .*\b{code.value}\b.* \|", PAGE.read_text(), re.MULTILINE), code


def test_the_readme_fits_one_screen_and_its_links_lead_somewhere() -> None:
    assert len(README.splitlines()) < 75
    for target in re.findall(r"\]\(([^)#]+)(?:#[^)]*)?\)", README):
        assert (ROOT / target).exists(), target


def test_the_readmes_process_commands_run_as_written(tmp_path: Path) -> None:
    """The set-up commands install into a fresh environment in CI; here the rest runs, with all the photos."""
    home = Home(tmp_path)
    assert "    pip install . && photopipe process sample_images\n" in README
    first, second = (home.run("process", "sample_images", cwd=ROOT) for _ in range(2))
    assert (first.code, len(first.lines)) == (0, 12)
    assert (second.code, second.out) == (0, "")


def json_of_a_mixed_run(home: Home, card: Path) -> list[dict[str, object]]:
    card.mkdir()
    make_jpeg(card / "good.jpg", seed=1)
    make_jpeg(card / os.fsdecode(b"bad\xffname.jpg"), seed=2)
    (card / "copy.jpg").write_bytes((card / "good.jpg").read_bytes())
    (card / "broken.jpg").write_bytes(b"\xff\xd8\xff\xe0")
    dry = home.run("process", "--json", "--dry-run", str(card))
    runs = [home.run("process", "--json", str(card)) for _ in range(2)]
    return [record for run in (dry, *runs) for record in run.records]


def test_every_json_line_fits_the_schema(tmp_path: Path) -> None:
    (tmp_path / "home").mkdir()
    records = json_of_a_mixed_run(Home(tmp_path / "home"), tmp_path / "card")
    validator = jsonschema.Draft202012Validator(SCHEMA)
    for record in records:
        validator.validate(record)
    statuses = {record.get("status") for record in records}
    assert statuses == {"uploaded", "skipped", "failed", "would_upload", None}
    with pytest.raises(jsonschema.ValidationError):
        validator.validate(records[0] | {"status": "perhaps"})


def test_every_reason_is_in_the_schema_and_on_the_page() -> None:
    kinds = [kind for kind in vars(errors).values() if isinstance(kind, type) and issubclass(kind, errors.ItemError)]
    reasons = {kind.reason for kind in kinds} - {errors.ItemError.reason, errors.SourceLost.reason}  # never printed
    assert reasons <= set(SCHEMA["$defs"]["photo"]["properties"]["reason"]["enum"])
    for reason in reasons:
        assert f"`{reason}`" in JSON_PAGE


def test_the_error_tree_in_the_docstring_is_the_tree() -> None:
    names = {name for name, kind in vars(errors).items() if isinstance(kind, type) and issubclass(kind, Exception)}
    drawn = set(re.findall(r"\+-- (\w+)|^    (PhotopipeError)", errors.__doc__ or "", re.MULTILINE))
    assert {name for pair in drawn for name in pair if name} == names


def test_the_changelog_names_the_version_or_what_is_unreleased() -> None:
    changelog = (ROOT / "CHANGELOG.md").read_text()
    assert "## Unreleased" in changelog or f"## {photopipe.__version__}" in changelog


def paths_named_in(text: str) -> set[str]:
    """Files and folders in backticks; those with a name to be filled in are left out."""
    named = set(re.findall(r"`(?:python )?([\w./]+(?:\.\w+|/))(?: --\w+)?`", text))
    return {path for path in named if "NAME" not in path}


def classes_of_the_package() -> set[str]:
    trees = [ast.parse(path.read_text()) for path in PACKAGE.rglob("*.py")]
    return {node.name for tree in trees for node in ast.walk(tree) if isinstance(node, ast.ClassDef)}


def test_every_file_the_architecture_and_the_glossary_name_exists() -> None:
    named = {path for path in paths_named_in(ARCHITECTURE + GLOSSARY) if "/" in path or path.endswith(".py")}
    assert len(named) > 40
    assert {
        path for path in named if not any((top / path).exists() for top in (PACKAGE, PACKAGE.parent, ROOT))
    } == set()


def test_every_room_is_in_the_architecture_and_it_fits_one_page() -> None:
    assert len(ARCHITECTURE.splitlines()) <= 120
    modules = {path.name for path in PACKAGE.glob("*.py") if not path.name.startswith("__")}
    rooms = {f"{path.parent.name}/" for depth in ("*", "*/*") for path in PACKAGE.glob(f"{depth}/__init__.py")}
    assert {name for name in modules | rooms if not re.search(rf"(?<!\w){re.escape(name)}", ARCHITECTURE)} == set()


def test_every_class_the_architecture_and_the_glossary_name_exists() -> None:
    named = set(re.findall(r"`([A-Z]\w*[a-z]\w*)(?:\.\w+)?`", ARCHITECTURE + GLOSSARY))
    aliases = {"Finding"}
    assert len(named) > 60
    assert named - classes_of_the_package() == aliases


def test_the_glossary_explains_each_word_once() -> None:
    terms = re.findall(r"^\| ([^|]+?) \|", GLOSSARY, re.MULTILINE)
    assert sorted(set(terms) - {"term", "---"}) == sorted(term for term in terms if term not in {"term", "---"})


def test_files_and_tests_that_a_page_names_exist() -> None:
    files = {path.name for folder in (PACKAGE, ROOT / "tests") for path in folder.rglob("*.*")}
    sources = [path.read_text() for path in (ROOT / "tests").rglob("test_*.py")]
    tests = {name for source in sources for name in re.findall(r"def (test_\w+)", source)}
    readmes = [page for page in (ROOT / "tests").rglob("README.md") if "node_modules" not in page.parts]
    for page in [*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md"), *readmes]:
        text = page.read_text()
        named = {path.rpartition("/")[2] for path in re.findall(r"[\w/]+\.py\b", text)}
        assert {name for name in named if name not in files and not name.startswith("NAME")} == set(), page
        assert set(re.findall(r"`(test_\w+)`", text)) <= tests, page
