"""`photopipe galleries`, and what a name after `--to` means."""

import stat
import tomllib
from pathlib import Path

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from support.command import Home
from support.fake_chevereto import KEY as CHEVERETO_KEY
from support.fake_chevereto import FakeChevereto
from support.fault_gallery import FaultGallery

from photopipe.cli.galleries import with_gallery
from photopipe.cli.options.upload_options import split_address
from photopipe.errors import UsageError

TOKEN = "t0ken-not-to-be-seen"


def test_the_kinds_and_the_configured_galleries_are_listed(home: Home) -> None:
    home.config.parent.mkdir(parents=True)
    home.config.write_text('[galleries.home]\nto = "immich+https://photos.example.org/api?x=1"\n[galleries.odd]\n')
    result = home.run("galleries")
    assert result.code == 0, result.err
    kinds = {line.split()[0] for line in result.lines if line.startswith("  ")}
    assert {"form", "immich", "piwigo", "webdav", "s3", "folder", "home", "odd"} <= kinds
    assert "immich: https://photos.example.org/api" in result.out
    assert "x=1" not in result.out


@pytest.mark.parametrize(
    ("text", "kind", "url"),
    [
        ("https://h/x", "form", "https://h/x"),
        ("immich+https://h", "immich", "https://h"),
        ("WebDAV+HTTPS://h/dav", "webdav", "https://h/dav"),
        ("s3://bucket/prefix", "s3", "s3://bucket/prefix"),
        ("folder:///srv/photos", "folder", "folder:///srv/photos"),
        ("other+http://h", "other", "http://h"),
    ],
)
def test_the_scheme_picks_the_kind(text: str, kind: str, url: str) -> None:
    assert split_address(text)[:2] == (kind, url)


@pytest.mark.parametrize("text", ["folder:photos", "photos.example.org", "://x", "http://[::1/x"])
def test_what_is_no_address_is_refused(text: str) -> None:
    with pytest.raises(UsageError):
        split_address(text)


def test_an_unknown_name_says_which_there_are(home: Home, card: Path) -> None:
    home.config.parent.mkdir(parents=True)
    home.config.write_text('[galleries.home]\nto = "https://h/x"\n')
    result = home.run("process", str(card), "--to", "hoem")
    assert result.code == 2
    assert "Configured: home" in result.err


def test_an_unknown_kind_or_option_is_refused_before_any_photo_is_read(home: Home, card: Path) -> None:
    home.config.parent.mkdir(parents=True)
    home.config.write_text('[galleries.home]\nto = "form+https://h/x"\nalbun = "x"\n')
    for to, words in (("nosuch+https://h/x", "no kind of gallery"), ("home", "no option 'albun'")):
        result = home.run("process", str(card), "--to", to)
        assert result.code == 2
        assert words in result.err
    assert home.journal_states().total() == 0


def test_a_table_sets_what_options_do_and_a_flag_beats_it(home: Home, card: Path) -> None:
    home.config.parent.mkdir(parents=True)
    with FaultGallery() as gallery:
        home.config.write_text(
            f'[galleries.home]\nto = "{gallery.url}"\nca-bundle = "/no/such/file"\nalbum = "{{nope}}"\n'
        )
        result = home.run("process", str(card), "--to", "home")
        assert (result.code, "{nope}" in result.err) == (2, True)
        assert home.run("process", str(card), "--to", "home", "--album", "{folder}").code == 0


def test_test_tells_whether_a_gallery_would_take_photos(home: Home) -> None:
    with FaultGallery() as gallery:
        good = home.run("galleries", "test", gallery.url)
        assert (good.code, gallery.posts) == (0, []), good.err
        assert good.out
    bad = home.run("galleries", "test", "http://127.0.0.1:9/x")
    assert bad.code == 5


def test_add_asks_tests_and_remembers_and_keeps_the_token_private(home: Home, card: Path) -> None:
    with FaultGallery(token=TOKEN) as gallery:
        added = home.run("galleries", "add", "home", "--to", gallery.url, env={"PHOTOPIPE_TOKEN": TOKEN})
        assert added.code == 0, added.err
        token_file = home.config.parent / "home.token"
        assert stat.S_IMODE(token_file.stat().st_mode) == 0o600
        assert TOKEN not in home.config.read_text() + added.out + added.err
        result = home.run("process", str(card), "--to", "home")
        assert result.code == 0, result.err
        assert len(gallery.stored) == 5
        twice = home.run("galleries", "add", "home", "--to", gallery.url)
        assert (twice.code, "already" in twice.err) == (2, True)


def test_add_without_an_answering_gallery_writes_nothing_unless_told_to(home: Home) -> None:
    result = home.run("galleries", "add", "home", "--to", "http://127.0.0.1:9/x", env={"PHOTOPIPE_TOKEN": TOKEN})
    assert result.code != 0
    assert not home.config.exists()


CONFIG = """# mine
[process]   # what I like
size = "1600"

[galleries.home]
to = "https://h/x"  # do not touch

[resize]
quality = 80
"""
CONFIGS = [
    "",
    CONFIG,
    CONFIG.replace("\n", "\r\n"),
    'galleries.home.to = "https://h/x"\n',
    '[galleries]\nhome.to = "x"\n',
]
TEXTS = st.text(st.characters(codec="utf-8"))


@pytest.mark.parametrize("config", CONFIGS)
@given(address=TEXTS, user=TEXTS)
@example(address="https://h/\U0001f3de", user="an\U0001f600na")
@example(address="folder:///a\"b'c\\d\x7f", user='"""\n\\')
def test_whatever_is_added_is_read_back_and_all_else_stays(config: str, address: str, user: str) -> None:
    table = {"to": address, "user": user}
    written = with_gallery(config, "new", table).decode()
    before = tomllib.loads(config)
    assert tomllib.loads(written) == before | {"galleries": {**before.get("galleries", {}), "new": table}}
    assert set(config.splitlines()) <= set(written.splitlines())


def test_a_gallery_with_an_emoji_in_its_address_can_be_used(home: Home, card: Path, tmp_path: Path) -> None:
    folder = tmp_path / "\U0001f3de"
    folder.mkdir()
    assert home.run("galleries", "add", "new", "--to", f"folder://{folder}", "--user", "an\U0001f600na").code == 0
    result = home.run("process", str(card), "--to", "new")
    assert result.code == 0, result.err
    assert len(list(folder.rglob("*.jpg"))) == 5


def test_adding_keeps_links_and_permissions_and_leaves_nothing_behind(home: Home, tmp_path: Path) -> None:
    home.config.parent.mkdir(parents=True)
    real = tmp_path / "dotfiles.toml"
    real.write_text('[galleries.home]\nto = "https://h/x"\ntoken = "t"\n')
    real.chmod(0o600)
    home.config.symlink_to(real)
    (tmp_path / "photos").mkdir()
    added = home.run("galleries", "add", "new", "--to", f"folder://{tmp_path}/photos", env={"PHOTOPIPE_TOKEN": TOKEN})
    assert added.code == 0, added.err
    assert home.config.is_symlink()
    assert set(tomllib.loads(real.read_text())["galleries"]) == {"home", "new"}
    assert stat.S_IMODE(real.stat().st_mode) == 0o600
    assert {path.name for path in home.config.parent.iterdir()} == {"config.toml", "new.token"}


def test_a_new_configuration_is_private(home: Home, tmp_path: Path) -> None:
    (tmp_path / "photos").mkdir()
    assert home.run("galleries", "add", "new", "--to", f"folder://{tmp_path}/photos").code == 0
    assert stat.S_IMODE(home.config.stat().st_mode) == 0o600


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["new", "--to", "https://h/\udcff"], "not valid UTF-8"),
        (["new", "--to", "https://h/x", "--user", "\udcff"], "cannot be printed"),
        (["New", "--to", "https://h/x"], "lower-case letters"),
    ],
)
def test_what_cannot_be_written_down_is_refused(home: Home, arguments: list[str], words: str) -> None:
    result = home.run("galleries", "add", *arguments)
    assert (result.code, words in result.err) == (2, True), result.err
    assert not home.config.exists()


def test_a_configuration_that_is_not_utf8_is_wrong_usage(home: Home, card: Path) -> None:
    home.config.parent.mkdir(parents=True)
    home.config.write_bytes(b'[process]\nartist = "\xff"\n')
    result = home.run("process", str(card))
    assert (result.code, "config.toml: the configuration cannot be read" in result.err) == (2, True), result.err


PLUGIN = '''
"""A gallery of somebody else's: it keeps photos in a folder, by their hash."""

import os

from photopipe.photo import Receipt
from photopipe.upload.galleries.contract import Gallery, Health


class Shoebox(Gallery):
    OPTIONS = {"folder": "where photos are put"}
    IS_REMOTE = False

    def _place(self, photo):
        return os.path.join(self.settings.options["folder"], photo.sought.sha256)

    def send(self, photo):
        with photo.photo.open() as file, open(self._place(photo), "wb") as box:
            box.write(file.read())
        return Receipt(photo.rendition.sha256, "file://" + self._place(photo))

    def find(self, photo):
        there = os.path.exists(self._place(photo))
        return Receipt(photo.sought.sha256, "file://" + self._place(photo)) if there else None

    def check(self):
        return Health("a shoebox")
'''


def test_a_kind_of_somebody_elses_is_found_by_its_entry_point(home: Home, card: Path, tmp_path: Path) -> None:
    info = tmp_path / "site" / "shoebox-1.0.dist-info"
    info.mkdir(parents=True)
    (tmp_path / "site" / "shoebox.py").write_text(PLUGIN)
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: shoebox\nVersion: 1.0\n")
    (info / "entry_points.txt").write_text("[photopipe.galleries]\nshoebox = shoebox:Shoebox\n")
    (tmp_path / "box").mkdir()
    home.config.parent.mkdir(parents=True)
    home.config.write_text(f'[galleries.mine]\nto = "shoebox://here"\nfolder = "{tmp_path / "box"}"\n')
    env = {"PYTHONPATH": str(tmp_path / "site")}
    assert "shoebox" in home.run("galleries", env=env).out
    assert home.run("galleries", "test", "mine", env=env).out == "a shoebox\n"
    result = home.run("process", str(card), "--to", "mine", env=env)
    assert result.code == 0, result.err
    assert len(list((tmp_path / "box").iterdir())) == len(result.lines) == 5
    assert home.run("process", str(card), "--to", "mine", env=env).lines == []


def test_a_presets_name_in_front_of_the_address_is_enough(home: Home, card: Path) -> None:
    with FakeChevereto() as gallery:
        env = {"PHOTOPIPE_TOKEN": CHEVERETO_KEY}
        result = home.run("process", str(card), "--to", f"chevereto+{gallery.site}", env=env)
        assert result.code == 0, result.err
        assert len(gallery.images) == len(result.lines) == 5
        assert "chevereto" in home.run("galleries").out


@pytest.mark.parametrize(
    ("arguments", "instead"),
    [((), "give it with --to"), (("--to", "https://photos.example.org/x"), "set PHOTOPIPE_TOKEN")],
)
def test_nobody_is_asked_where_there_is_no_terminal(home: Home, arguments: tuple[str, ...], instead: str) -> None:
    result = home.run("galleries", "add", "new", *arguments)
    assert (result.code, "nobody can be asked for this" in result.err) == (2, True)
    assert instead in result.err
    assert not home.config.exists()
