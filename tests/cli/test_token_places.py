"""Where a token comes from, in which order, and that it never shows."""

import os
from pathlib import Path

import pytest
from support.command import Home
from support.fault_gallery import FaultGallery

TOKEN = "t0ken-not-to-be-seen"


def configure(home: Home, text: str, mode: int = 0o600) -> None:
    home.config.parent.mkdir(parents=True, exist_ok=True)
    home.config.write_text(text)
    home.config.chmod(mode)


def secret_file(folder: Path, text: str = TOKEN) -> str:
    path = folder / "token"
    path.write_text(text + "\n")
    return str(path)


@pytest.mark.parametrize("place", ["token_file", "token_command list", "token_command text", "token"])
def test_a_configured_gallery_keeps_its_token_in_its_table(home: Home, card: Path, tmp_path: Path, place: str) -> None:
    file = secret_file(tmp_path)
    line = {
        "token_file": f'token_file = "{file}"',
        "token_command list": f'token_command = ["cat", "{file}"]',
        "token_command text": f"token_command = \"sh -c 'cat {file}; echo more'\"",
        "token": f'token = "{TOKEN}"',
    }[place]
    with FaultGallery(token=TOKEN) as gallery:
        configure(home, f'[galleries.home]\nto = "{gallery.url}"\n{line}\n')
        result = home.run("process", str(card), "--to", "home")
        assert result.code == 0, result.err
        assert len(gallery.stored) == 5
    assert TOKEN not in result.out + result.err


@pytest.mark.parametrize(
    "variables",
    [
        {"PHOTOPIPE_TOKEN_HOME": TOKEN, "PHOTOPIPE_TOKEN": "wrong"},
        {"PHOTOPIPE_TOKEN_HOME_FILE": "FILE", "PHOTOPIPE_TOKEN": "wrong"},
        {"PHOTOPIPE_TOKEN": TOKEN},
        {"PHOTOPIPE_TOKEN_FILE": "FILE"},
        {"CREDENTIALS_DIRECTORY": "FOLDER"},
    ],
    ids="+".join,
)
def test_the_environment_beats_the_table(home: Home, card: Path, tmp_path: Path, variables: dict[str, str]) -> None:
    file = secret_file(tmp_path)
    os.symlink(file, tmp_path / "photopipe-home")
    env = {name: {"FILE": file, "FOLDER": str(tmp_path)}.get(value, value) for name, value in variables.items()}
    with FaultGallery(token=TOKEN) as gallery:
        table_token = "" if "FOLDER" in variables.values() else 'token = "wrong"\n'
        configure(home, f'[galleries.home]\nto = "{gallery.url}"\n{table_token}')
        assert home.run("process", str(card), "--to", "home", env=env).code == 0


def test_a_token_among_several_galleries_is_only_for_its_own(home: Home, card: Path) -> None:
    with FaultGallery(token=TOKEN) as closed, FaultGallery() as other:
        configure(home, f'[galleries.home]\nto = "{closed.url}"\n')
        env = {"PHOTOPIPE_TOKEN_HOME": TOKEN, "PHOTOPIPE_TOKEN": "for-whom"}
        result = home.run("process", str(card), "--to", "home", "--to", other.url, env=env)
        assert result.code == 0, result.err
        assert all("authorization" not in photo.headers for photo in other.stored)


def test_one_token_file_for_several_galleries_is_refused(home: Home, card: Path, tmp_path: Path) -> None:
    file = secret_file(tmp_path)
    result = home.run("process", str(card), "--to", "http://a/x", "--to", "http://b/x", "--token-file", file)
    assert (result.code, "[galleries.NAME]" in result.err) == (2, True)


def test_a_configuration_with_a_token_that_others_can_read_is_refused(home: Home, card: Path) -> None:
    configure(home, f'[galleries.home]\nto = "http://127.0.0.1:9/x"\ntoken = "{TOKEN}"\n', mode=0o644)
    result = home.run("process", str(card), "--to", "home")
    assert result.code == 2
    assert f"chmod 600 {home.config}" in result.err
    assert TOKEN not in result.err


@pytest.mark.parametrize(
    "command",
    [
        "false",
        "/no/such/program",
        "sh -c 'printf \"two words\"'",
        "sh -c 'printf \"\\377\"'",
        "sh 'never closed",
        ["x", 7],
    ],
)
def test_a_command_that_gives_no_token_is_said_so(home: Home, card: Path, command: object) -> None:
    written = str(command).replace("'", '"') if isinstance(command, list) else f'"""{command}"""'.replace("\\", "\\\\")
    configure(home, f'[galleries.home]\nto = "http://127.0.0.1:9/x"\ntoken_command = {written}\n')
    result = home.run("process", str(card), "--to", "home")
    assert result.code == 2, result.err
    assert "token_command of [galleries.home]" in result.err


@pytest.mark.parametrize(
    "address", [f"http://anna:{TOKEN}@h/x", f"http://h/x?token={TOKEN}", f"http://h/x?API_KEY={TOKEN}"]
)
def test_a_secret_in_an_address_is_refused_and_not_repeated(home: Home, card: Path, address: str) -> None:
    result = home.run("process", str(card), "--to", address)
    assert (result.code, TOKEN in result.err, "--login-in-url" in result.err) == (2, False, True)


def test_a_login_in_an_address_is_taken_if_asked_for_and_shown_nowhere(home: Home, card: Path) -> None:
    with FaultGallery() as gallery:
        address = gallery.url.replace("http://", f"http://anna:{TOKEN}@")
        result = home.run("process", str(card), "--to", address, "--login-in-url", "--json", "-v")
        assert result.code == 0, result.err
        assert gallery.stored[0].headers["authorization"].startswith("Basic ")
        assert TOKEN not in result.out + result.err
        assert TOKEN.encode() not in home.journal.read_bytes()


def test_a_password_may_have_spaces_and_letters_beyond_ascii(home: Home, card: Path) -> None:
    with FaultGallery() as gallery:
        env = {"PHOTOPIPE_TOKEN": "päss word"}
        result = home.run("process", str(card), "--to", gallery.url, "--user", "anna", env=env)
        assert result.code == 0, result.err
        assert gallery.stored[0].headers["authorization"] == "Basic YW5uYTpww6RzcyB3b3Jk"


def test_netrc_is_read_only_when_asked(home: Home, card: Path) -> None:
    netrc = home.folder / ".netrc"
    netrc.write_text("machine 127.0.0.1 login anna password private\n")
    netrc.chmod(0o600)
    with FaultGallery() as gallery:
        assert home.run("process", str(card), "--to", gallery.url, "--netrc").code == 0
        assert gallery.stored[0].headers["authorization"] == "Basic YW5uYTpwcml2YXRl"
    with FaultGallery() as gallery:
        assert home.run("process", str(card), "--to", gallery.url).code == 0
        assert "authorization" not in gallery.stored[0].headers
