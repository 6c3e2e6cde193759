"""The command lines and configurations that the pages show, found by a real Markdown parser.

An indented block holds commands, one a line, and nothing else; what is no command stands in a fence that says what
it is. In a `console` fence commands begin with `$ `, and the other lines are what they print.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from markdown_it import MarkdownIt

ROOT: Final = Path(__file__).parents[2]
OTHER: Final = frozenset({"dockerfile", "http", "ini", "json", "nginx", "python", "text", "toml", "udev", "yaml"})
"""Kinds of fences that hold no commands."""
TIMES: Final = re.compile(r"(?:@\w+|[\d*][\d*/,-]*(?:\s+[\d*][\d*/,a-z-]*){4})\s+")
"""When cron runs the command behind it."""

EXAMPLE: Final = re.compile(r"^  (photopipe .*?)(?:  .*)?$", re.MULTILINE)
"""A command in a help text, with what it does behind it."""


@dataclass(frozen=True)
class Page:
    """A page of the documentation.

    Attributes:
        name: path in the repository.
        commands: every command, in the order of the page, continuation lines joined.
        configurations: every TOML block.
        spans: what stands in backticks inside text.
        examples: commands in the help that a page shows.
    """

    name: str
    commands: tuple[str, ...]
    configurations: tuple[str, ...]
    spans: tuple[str, ...]
    examples: tuple[str, ...]


def pages() -> list[Page]:
    """README and every page in `docs/`."""
    paths = [ROOT / "README.md", *sorted((ROOT / "docs").rglob("*.md"))]
    return [read_page(path.read_text(), str(path.relative_to(ROOT))) for path in paths]


def read_page(text: str, name: str) -> Page:
    """What a page shows.

    Raises:
        ValueError: a block does not say what it holds.
    """
    commands: list[str] = []
    configurations: list[str] = []
    spans: list[str] = []
    examples: list[str] = []
    for token in MarkdownIt("commonmark").enable("table").parse(text):
        kind = token.info.strip()
        if token.type == "inline":
            spans += [child.content for child in token.children or () if child.type == "code_inline"]
        elif token.type == "code_block" or (token.type == "fence" and kind in {"bash", "console", "sh", "shell"}):
            commands += _commands(token.content, has_output=kind == "console")
        elif kind == "text":
            examples += EXAMPLE.findall(token.content)
        elif kind == "toml":
            configurations.append(token.content)
        elif token.type == "fence" and kind not in OTHER and not kind.startswith("{"):
            raise ValueError(f"{name}: a block of kind {kind!r} is not known: {token.content[:60]!r}")
    return Page(name, tuple(commands), tuple(configurations), tuple(spans), tuple(examples))


def _commands(block: str, *, has_output: bool) -> Iterator[str]:
    joined = block.replace("\\\n", " ")
    for line in joined.splitlines():
        if has_output and not line.startswith("$ "):
            continue
        command = TIMES.sub("", re.sub(r"\s+#\s.*$", "", line.removeprefix("$ ").strip()), count=1)
        if command and not command.startswith("#"):
            yield re.sub(r"\s{2,}", " ", command)
