"""Every command on every page runs as it stands, or is listed here with the reason why it cannot.

Each page has a home of its own, in which its commands run in their order. Absolute paths and addresses lead to folders
in that home and to servers on loopback; nothing else about a command is changed.
"""

import os
import pty
import re
import shlex
import shutil
import signal
import subprocess
import sys
import tempfile
import tomllib
from collections.abc import Iterator, Mapping
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, Final

import click
import pytest
from support import fake_immich, fake_piwigo
from support.command import Home, Result
from support.deadline import within_deadline
from support.doc_commands import ROOT, Page, pages, read_page
from support.fake_immich import FakeImmich
from support.fake_piwigo import FakePiwigo
from support.fake_s3 import FakeS3
from support.fake_webdav import FakeWebdav
from support.photo_server import photo_server
from support.pictures import make_jpeg

from photopipe.cli.commands import cli

PAGES: Final = {page.name: page for page in pages()}

CARD: Final = "takes the photos of cards that are in, which may be the tester's own; tests/cli/test_cards_command.py"
CAMERA: Final = "needs a camera; tests/download/cameras/ has libgphoto2's own virtual one"
INSTALLS: Final = "installs into the running Python; .ci/run and .ci/release do it in a fresh one"
SCHEDULER: Final = "needs a cluster; tests/cluster/test_scheduler.py has one with a scheduler and two workers"
DOCKER: Final = "needs Docker; tests/cli/test_recipes.py checks what the Dockerfile says"
SYSTEMD: Final = "needs root and systemd; tests/cli/test_recipes.py checks the units"
NOT_RUN: Final = {
    "pip install .": INSTALLS,
    "pip install . && photopipe process sample_images": INSTALLS,
    "pip install -e '.[test]' && pytest": INSTALLS,
    "pip install 'photopipe[camera]'": INSTALLS,
    "pip install 'photopipe[cluster]'": INSTALLS,
    "dask scheduler": SCHEDULER,
    "dask worker tcp://scheduler:8786 --nthreads 2": SCHEDULER,
    "photopipe process s3://originals/2024 --to gallery --on dask://scheduler:8786": SCHEDULER,
    "pip install 'photopipe[remote]'": INSTALLS,
    "pip install 'photopipe[s3]'": INSTALLS,
    "python3 -m venv ~/photopipe": INSTALLS,
    "~/photopipe/bin/pip install .": INSTALLS,
    "~/photopipe/bin/photopipe doctor": INSTALLS,
    "photopipe process --card": CARD,
    "photopipe process --card --eject": CARD,
    "photopipe process --card --eject --to family": CARD,
    "photopipe process camera:": CAMERA,
    "photopipe process camera:D750": CAMERA,
    "photopipe process camera:usb:001,004": CAMERA,
    "photopipe process s3://bucket/2024 sftp://anna@nas/volume1/photos": "tests/download/test_remote_source.py",
    "photopipe process sftp://anna@nas/volume1/photos --to family": "tests/download/test_remote_source.py",
    "inotifywait -m -q -e close_write -e moved_to --format %w%f /inbox | photopipe process --files-from -": (
        "runs until it is stopped; tests/download/test_path_list_source.py has a list that grows"
    ),
    "docker build -t photopipe .": DOCKER,
    "docker run --rm --init --stop-timeout 300 -v /srv/camera:/photos:ro -v photopipe-state:/state"
    " -v /etc/photopipe:/config/photopipe:ro photopipe process -q /photos --to family": DOCKER,
    "systemctl daemon-reload": SYSTEMD,
    "systemctl enable --now photopipe.timer": SYSTEMD,
    "systemctl start photopipe.service": SYSTEMD,
    "journalctl -u photopipe.service": SYSTEMD,
    "python3 -m http.server --directory ./site --bind 127.0.0.1 8000": "Python's own server, at a fixed port",
}
"""Command -> why it is not run. Those of photopipe's own are parsed all the same."""

CODES: Final = {"photopipe process --settle 0s broken": 3}
"""Command -> its exit code, where that is not 0."""

BEFORE: Final = {"docs/journal.md": ("photopipe process /srv/camera --to family",)}
"""What a reader of a page has done before."""

TYPED: Final = {
    "docs/tutorial.md": "immich+https://photos.example.org",
    "README.md": "immich+https://photos.example.org",
    "docs/how-to/immich.md": "immich+https://photos.example.org",
    "docs/how-to/piwigo.md": "piwigo+https://photos.example.org",
    "docs/how-to/nextcloud.md": "webdav+https://cloud.example.org/remote.php/dav/files/anna/Photos",
}
"""What a reader of a page types when `galleries add` asks for the address."""

LONG: Final = {
    *("docs/after.md", "docs/configuration.md", "docs/galleries.md", "docs/gallery-protocol.md", "docs/gallery.md"),
    *("docs/index.md", "docs/journal.md", "docs/reports.md", "docs/sources.md", "docs/tutorial.md"),
}
"""Pages that are left to the campaign, beside the how-tos."""

NO_CONFIGURATION: Final = {"project"}
"""Tables of other files than the configuration."""

FOLDERS: Final = (
    "srv/camera",
    "srv/incoming",
    "media/card",
    "photos",
    "dcim",
    "mnt/nas/photos",
    "mnt/photos",
    "srv/camera/2024",
)
"""Each with a photo of its own."""
EMPTY_FOLDERS: Final = (
    *("srv/backup", "srv/www/photos", "srv/originals", "srv/photopipe"),
    *("mnt/nas/web", "mnt/nas/originals"),
)
PROGRAMS: Final = {
    "bin/photopipe": f'exec "{sys.executable}" -m photopipe "$@"',
    "usr/local/bin/tell-me": "cat > told.json",
}
"""Programs that commands need -> what they do."""
SAMPLE: Final = Path("sample_images", "DCIM", "100PHOTO", "IMG_0001.JPG")
PATHS: Final = re.compile(
    r"(?:(?<=folder://)|(?<![\w./:~]))/(?=(?:srv|media|mnt|photos|inbox|home/anna|home/me|usr/local)\b)"
)


@dataclass
class Reader:
    """Somebody who types the commands of a page, one after the other.

    Attributes:
        home: theirs; also the working directory.
        page: what they read.
        sites: address on the page -> address of a server on loopback.
        key: the token that these servers want.
        not_installed: programs that commands needed and that this machine lacks.
    """

    home: Home
    page: Page
    sites: dict[str, str]
    key: str
    running: ExitStack
    not_installed: set[str] = field(default_factory=set)

    def here(self, text: str) -> str:
        """The same command or configuration, with paths and addresses of this test."""
        for shown, real in self.sites.items():
            text = text.replace(shown, real)
        text = re.sub(r"(?<![\w/])~(?=/)", str(self.home.folder), text)
        return PATHS.sub(f"{self.home.folder}/", text)

    def run(self, command: str) -> Result | None:
        """Run a command to its end, or until it says that it serves; None if a program is missing."""
        line = self.here(command)
        words = shlex.split(line)
        if words[:2] in (["photopipe", "watch"], ["photopipe", "gallery"]) and not is_inner(words):
            return self._served(words[1:])
        if words[:3] == ["photopipe", "galleries", "add"]:
            return self._answered(words[1:], self.here(TYPED[self.page.name]))
        if words[:2] == ["photopipe", "forget"]:
            return self._answered(words[1:], "y")
        if words[:3] == ["photopipe", "gallery", "password"]:
            return self._password(words[1:])
        if words[0] == "photopipe" and not re.search(r"[|<>$;&]|^PHOTOPIPE", line):
            token = {"PHOTOPIPE_TOKEN": self.key} if "+http" in line else {}  # else it is in the configuration
            return self.home.run(*words[1:], env=self.environment | token, cwd=self.home.folder)
        missing = {word for word in programs_in(line) if shutil.which(word) is None and word != "photopipe"}
        self.not_installed |= missing
        return None if missing else self._in_a_shell(line)

    @property
    def environment(self) -> dict[str, str]:
        """What the commands are started with beside a home."""
        path = f"{self.home.folder}/bin:{os.environ['PATH']}"
        return {"PATH": path, "BROWSER": "true", "PHOTOPIPE_PORT": "0", "PHOTOPIPE_RETRY_FOR": "1s"}

    def _in_a_shell(self, line: str) -> Result:
        command = ["bash", "-e", "-o", "pipefail", "-c", line]
        environment = self.home.environment(self.environment)
        run = subprocess.run(command, cwd=self.home.folder, env=environment, capture_output=True, text=True, timeout=60)
        return Result(run.returncode, run.stdout, run.stderr)

    def _answered(self, arguments: list[str], answer: str) -> Result:
        """A command that asks in a terminal; a token is in the environment."""
        token = fake_piwigo.PASSWORD if "--user" in arguments else self.key
        terminal, stdin = pty.openpty()
        with open(terminal, "wb", buffering=0) as keyboard, open(stdin, "rb") as screen:
            keyboard.write(f"{answer}\n".encode())
            return self._ended(arguments, screen, env={"PHOTOPIPE_TOKEN": token})

    def _password(self, arguments: list[str]) -> Result:
        """The command that reads a password from a pipe."""
        with tempfile.TemporaryFile() as file:
            file.write(f"{fake_piwigo.PASSWORD}\n".encode())
            file.seek(0)
            return self._ended(arguments, file)

    def _ended(self, arguments: list[str], stdin: IO[bytes], env: Mapping[str, str] | None = None) -> Result:
        return self.home.run(*arguments, env=self.environment | dict(env or {}), cwd=self.home.folder, stdin=stdin)

    def _served(self, arguments: list[str]) -> Result:
        """A command that goes on until it is stopped: it is, once it has said that it is ready."""
        process = self.home.start(*arguments, env=self.environment, cwd=self.home.folder)
        self.running.callback(stop, process)
        assert process.stderr is not None
        said = within_deadline(process.stderr.readline).decode()
        if found := re.search(r"127\.0\.0\.1:\d+", said):
            self.sites["127.0.0.1:8642"] = found[0]
        if self.page.name != "docs/gallery-protocol.md":  # there the next commands talk to it
            self.running.close()
        return Result(0 if re.search(r"Watching|is at http", said) else 1, "", said)


def stop(process: "subprocess.Popen[bytes]") -> None:
    """End it as a service manager does."""
    process.send_signal(signal.SIGTERM)
    process.communicate(timeout=20)
    assert process.returncode in {0, 143}


def is_inner(words: list[str]) -> bool:
    """Whether `photopipe gallery` is followed by a command of the group."""
    return words[1] == "gallery" and len(words) > 2 and not words[2].startswith("-")


def programs_in(line: str) -> set[str]:
    """The first word of each part of a pipe or list."""
    lexer = shlex.shlex(line, posix=True, punctuation_chars="|&;")
    lexer.whitespace_split = True
    words = [word for word in lexer if not re.match(r"\w+=", word)]
    return {word for before, word in zip(["|", *words], words, strict=False) if set(before) <= set("|&;")}


def prepare(folder: Path) -> None:
    """Put what pages speak of into a home: photos, folders, lists, and the command itself."""
    for number, name in enumerate(FOLDERS):
        (folder / name).mkdir(parents=True, exist_ok=True)
        make_jpeg(folder / name / f"IMG_{number}.JPG", seed=number)
    for name in EMPTY_FOLDERS:
        (folder / name).mkdir(parents=True)
    (folder / SAMPLE).parent.mkdir(parents=True)
    shutil.copy(ROOT / SAMPLE, folder / SAMPLE)
    make_jpeg(folder / "srv" / "camera" / "IMG_0042.JPG", seed=41)
    make_jpeg(folder / "last.jpg", seed=40)
    os.utime(folder / "last.jpg", (0, 0))
    shutil.copy(folder / "dcim" / "IMG_4.JPG", folder / "IMG_0042.jpg")
    (folder / "list.txt").write_text("dcim/IMG_4.JPG\n")
    (folder / ".curlrc").write_text("fail\n")  # an answer that is an error is a failure
    for program, script in PROGRAMS.items():
        (folder / program).parent.mkdir(parents=True)
        (folder / program).write_text(f"#!/bin/sh\n{script}\n")
        (folder / program).chmod(0o755)


def servers(page: Page, stack: ExitStack) -> tuple[dict[str, str], str]:
    """Start what the page's addresses stand for: the addresses on loopback, and the token they want."""
    if page.name == "docs/how-to/piwigo.md":
        piwigo = stack.enter_context(FakePiwigo())
        return {"https://photos.example.org": piwigo.url}, fake_piwigo.KEY
    if page.name == "docs/how-to/nextcloud.md":
        webdav = stack.enter_context(FakeWebdav())
        return {"https://cloud.example.org/remote.php/dav/files/anna/Photos": webdav.url}, fake_immich.KEY
    if page.name == "docs/how-to/s3.md":
        s3 = stack.enter_context(FakeS3())
        return {"https://s3.example.org": s3.site}, fake_immich.KEY
    if page.name == "docs/sources.md":
        site = stack.enter_context(photo_server(IMG_1=(ROOT / SAMPLE).read_bytes()))
        return {"https://example.org/trip": site.url}, fake_immich.KEY
    immich = stack.enter_context(FakeImmich())
    return {"https://photos.example.org": immich.site}, fake_immich.KEY


def configure(reader: Reader) -> None:
    """Describe every gallery that the page's commands name and do not add: as the page does, else as a folder."""
    text = "\n".join(reader.page.commands)
    named = set(re.findall(r"(?:--to|--gallery|galleries test) ([a-z][\w-]*)(?= |$)", text, re.MULTILINE))
    shown = {name: block for block in reader.page.configurations for name in tomllib.loads(block).get("galleries", {})}
    tables = []
    for name in sorted(named - set(re.findall(r"galleries add (\w+)", text))):
        (reader.home.folder / "galleries" / name).mkdir(parents=True)
        plain = f'[galleries.{name}]\nto = "folder://{reader.home.folder}/galleries/{name}"\n'
        tables.append(reader.here(shown.get(name, plain)))
    for name in set(re.findall(r"--profile (\w+)", text)):
        tables += [here for here in map(reader.here, reader.page.configurations) if f"[profile.{name}]" in here]
    write_configuration(reader.home, "\n".join(tables), reader.key)


def write_configuration(home: Home, text: str, key: str) -> None:
    """Write a configuration, and the token into the files that it names."""
    home.config.parent.mkdir(parents=True, exist_ok=True)
    home.config.write_text(text)
    home.config.chmod(0o600)
    for named in re.findall(r'token[-_]file = "([^"]+)"', text):
        token_file = home.config.parent / named.replace("~", str(home.folder))
        token_file.parent.mkdir(parents=True, exist_ok=True)
        token_file.write_text(f"{key}\n")
        token_file.chmod(0o600)


@pytest.fixture
def stack() -> Iterator[ExitStack]:
    with ExitStack() as stack:
        yield stack


def pages_with_commands() -> Iterator[object]:
    """Names of pages; most of those that take longer are left to the campaign."""
    for page in PAGES.values():
        if set(page.commands) - set(NOT_RUN):
            is_long = page.name.startswith("docs/how-to/") or page.name in LONG
            yield pytest.param(page.name, marks=pytest.mark.campaign if is_long else ())


@pytest.mark.parametrize("name", list(pages_with_commands()))
def test_the_commands_of_a_page_run_in_their_order(name: str, tmp_path: Path, stack: ExitStack) -> None:
    page = PAGES[name]
    prepare(tmp_path)
    sites, key = servers(page, stack)
    reader = Reader(Home(tmp_path), page, sites, key, stack.enter_context(ExitStack()))
    (tmp_path / "addresses.txt").write_text(reader.here("https://example.org/trip/IMG_1.jpg\n"))
    configure(reader)
    for command in (*BEFORE.get(name, ()), *page.commands):
        if command in NOT_RUN:
            continue
        result = reader.run(command)
        if result is not None:
            assert result.code == CODES.get(command, 0), f"{command}\n{result.out}\n{result.err}"
    if reader.not_installed:
        pytest.skip(f"all but the commands that need {', '.join(reader.not_installed)} were run")


def test_every_exception_is_on_a_page() -> None:
    shown = {command for page in PAGES.values() for command in page.commands}
    assert (set(NOT_RUN) | set(CODES)) - shown == set()
    assert set(TYPED) - {page.name for page in PAGES.values() if "galleries add" in str(page.commands)} == set()


def found_in(group: click.Group, words: list[str]) -> click.Command:
    """The command that the words begin with; its names are taken off them."""
    command: click.Command = group
    while isinstance(command, click.Group) and words and words[0] in command.commands:
        command = command.commands[words.pop(0)]
    return command


def parsed(words: list[str]) -> None:
    """Parse arguments of photopipe as it does itself, without running anything."""
    found_in(cli, words).make_context("photopipe", list(words), parent=click.Context(cli, **cli.context_settings))


@pytest.mark.parametrize("command", [command for command in NOT_RUN if command.startswith("photopipe ")])
def test_a_command_that_is_not_run_is_at_least_right(command: str) -> None:
    parsed(shlex.split(command)[1:])


def test_examples_in_the_help_are_right() -> None:
    for page in PAGES.values():
        for example in page.examples:
            assert unknown_in(example) == set(), example


def unknown_in(span: str) -> set[str]:
    """What photopipe does not know of a command in the text, which may have placeholders in it."""
    words = span.replace("`", "").split()[1:]
    command = found_in(cli, words)
    if isinstance(command, click.Group) and words and re.fullmatch(r"[a-z][a-z-]*", words[0]):
        return {words[0]}
    known = {flag for one in command.params for flag in (*one.opts, *one.secondary_opts)} | {"--help", "-h"}
    return {word for word in words if re.fullmatch(r"--?[a-z0-9-]*[a-z0-9]", word) and word not in known}


@pytest.mark.parametrize("name", PAGES)
def test_commands_in_the_text_name_commands_and_options_there_are(name: str) -> None:
    for span in PAGES[name].spans:
        if span.startswith("photopipe "):
            assert unknown_in(span) == set(), span


def test_a_configuration_that_is_shown_is_right(tmp_path: Path) -> None:
    home = Home(tmp_path)
    blocks = [(page.name, block) for page in PAGES.values() for block in page.configurations]
    assert len(blocks) > 8
    for name, block in blocks:
        if not NO_CONFIGURATION & tomllib.loads(block).keys():
            write_configuration(home, PATHS.sub(f"{tmp_path}/", block), fake_immich.KEY)
            result = home.run("config", "check")
            assert result.code == 0, f"{name}: {result.out}\n{block}"


def test_the_collector_sees_commands_wherever_they_stand() -> None:
    text = "\n".join(
        [
            "Text with `photopipe cards`.\n",
            "    photopipe process a \\\n        --dry-run   # a remark\n",
            "- a list\n\n      0 * * * * photopipe process -q b > /dev/null\n",
            "```console\n$ photopipe cards\nno card\n```\n",
            "```text\nno command\n\n  photopipe cards --json  Lists them.\n```\n```toml\nsize = 1\n```",
        ]
    )
    page = read_page(text, "x.md")
    expected = ("photopipe process a --dry-run", "photopipe process -q b > /dev/null", "photopipe cards")
    assert (page.commands, page.configurations, page.spans) == (expected, ("size = 1\n",), ("photopipe cards",))
    assert page.examples == ("photopipe cards --json",)
    with pytest.raises(ValueError, match="not known"):
        read_page("```\nphotopipe cards\n```\n", "x.md")
    assert unknown_in("photopipe process --no-such FOLDER") == {"--no-such"}
    assert unknown_in("photopipe nothing") == {"nothing"}
