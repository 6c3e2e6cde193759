"""The real command in a real process, with a home of its own."""

import json
import os
import sqlite3
import subprocess
import sys
from collections import Counter
from collections.abc import Mapping
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from support.command_server import command_server
from support.secret_watch import secret_in, secret_in_file

COMMAND_DEADLINE_S = 60.0


@dataclass(frozen=True)
class Result:
    """What a command left behind.

    Attributes:
        code: its exit code.
        out: what it wrote to stdout.
        err: what it wrote to stderr.
    """

    code: int
    out: str
    err: str

    @property
    def lines(self) -> list[str]:
        """The lines of stdout."""
        return self.out.splitlines()

    @property
    def records(self) -> list[dict[str, Any]]:
        """The lines of stdout, each a JSON object."""
        return [json.loads(line) for line in self.lines]


@dataclass(frozen=True)
class Home:
    """A user's home: where journal, configuration and gallery of a test live.

    Attributes:
        folder: the home folder.
    """

    folder: Path

    @property
    def pictures(self) -> Path:
        """Where the embedded gallery puts photos by default."""
        return self.folder / "Pictures" / "photopipe"

    @property
    def journal(self) -> Path:
        """Where the journal is by default."""
        return self.folder / "state" / "photopipe" / "journal.sqlite"

    @property
    def config(self) -> Path:
        """Where the configuration is looked for."""
        return self.folder / "config" / "photopipe" / "config.toml"

    def environment(self, extra: Mapping[str, str] | None = None) -> dict[str, str]:
        """The environment of a command in this home; nothing of the tester's own settings."""
        kept = {name: value for name, value in os.environ.items() if not name.startswith(("PHOTOPIPE_", "XDG_"))}
        own = {
            "HOME": str(self.folder),
            "XDG_STATE_HOME": str(self.folder / "state"),
            "XDG_CONFIG_HOME": str(self.folder / "config"),
            "PYTHONWARNINGS": "error::ResourceWarning",
            "PHOTOPIPE_SETTLE": "0s",  # tests use files that were just written
        }
        return kept | own | dict(extra or {})

    def start(self, *arguments: str, env: Mapping[str, str] | None = None, **options: Any) -> "subprocess.Popen[Any]":
        """Start `photopipe ARGUMENTS`."""
        command = [sys.executable, "-m", "photopipe", *arguments]
        options = {"stdin": subprocess.DEVNULL, "stdout": subprocess.PIPE, "stderr": subprocess.PIPE} | options
        return subprocess.Popen(command, env=self.environment(env), **options)

    def run(self, *arguments: str, env: Mapping[str, str] | None = None, **options: Any) -> Result:
        """Run `photopipe ARGUMENTS` to its end, in a forked process unless `options` or the environment ask for more.

        What Python itself reads at its start is not read anew there.
        """
        if options.keys() <= {"cwd"} and not any(name.startswith(("PYTHON", "LC_", "LANG")) for name in env or ()):
            folder = os.fspath(options.get("cwd", os.getcwd()))
            code, *written = command_server().run(arguments, self.environment(env), folder, COMMAND_DEADLINE_S)
            return self._checked(arguments, Result(code, *map(_text, written)))
        with self.start(*arguments, env=env, **options) as process:
            try:
                out, err = process.communicate(timeout=COMMAND_DEADLINE_S)
            except subprocess.TimeoutExpired:
                process.kill()
                raise
        return self._checked(arguments, Result(process.returncode, _text(out), _text(err)))

    def _checked(self, arguments: tuple[str, ...], result: Result) -> Result:
        for shown in (secret_in(result.out), secret_in(result.err), secret_in_file(self.journal)):
            assert shown is None, f"photopipe {' '.join(arguments)} shows a secret: {shown!r}"
        return result

    def journal_states(self) -> Counter[str]:
        """How many rows the journal has in each state."""
        if not self.journal.exists():
            return Counter()
        with closing(sqlite3.connect(self.journal)) as connection:
            try:
                rows = connection.execute("SELECT state, count(*) FROM deliveries GROUP BY state").fetchall()
            except sqlite3.OperationalError:  # killed before the tables were made
                return Counter()
        return Counter(dict(rows))

    def photos(self) -> list[str]:
        """What the embedded gallery holds, relative to its folder, in order."""
        files = (path.relative_to(self.pictures) for path in self.pictures.rglob("*") if path.is_file())
        return sorted(str(path) for path in files if path.parts[0] != ".photopipe")


def _text(raw: bytes | None) -> str:
    return (raw or b"").decode("utf-8", "surrogateescape")
