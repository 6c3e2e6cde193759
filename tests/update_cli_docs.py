"""Write the commands' help into `docs/cli.md` and `docs/man/`; `test_docs.py` fails until that was done.

python tests/update_cli_docs.py
"""

import os
import re
import subprocess
import sys
from pathlib import Path

from photopipe.cli.commands import cli
from photopipe.cli.help.man_pages import man_pages

MANUAL = Path(__file__).parents[1] / "docs" / "man"
PAGE = Path(__file__).parents[1] / "docs" / "cli.md"
BLOCK = re.compile(r"(## (photopipe[a-z ]*)\n\n```text\n).*?(```)", re.DOTALL)
PROGRAM = """
import sys
from photopipe.cli.commands import cli
from photopipe.cli.help.command import has_rare_options
for command in sys.argv[1:]:
    words, found = command.split()[1:], cli
    for word in words:
        found = found.commands[word]
    flag = "--help-all" if has_rare_options(found) else "--help"
    cli.main([*words, flag], "photopipe", standalone_mode=False)
    print(end="\\0")
"""


def help_of(commands: list[str]) -> list[str]:
    """All that the help of each command can show, in a terminal of 100 columns and an environment of nobody's."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("PHOTOPIPE_", "XDG_"))}
    arguments = [sys.executable, "-c", PROGRAM, *commands]
    run = subprocess.run(arguments, env=kept | {"COLUMNS": "100"}, capture_output=True, text=True, timeout=60)
    assert run.returncode == 0, run.stderr
    return run.stdout.split("\0")[:-1]


def page_with_help(text: str) -> str:
    """The page with every help block replaced by what the commands say today."""
    helps = iter(help_of([block[2].strip() for block in BLOCK.finditer(text)]))
    return BLOCK.sub(lambda block: block[1] + next(helps) + block[3], text)


def write_manual() -> None:
    """Write the manual pages, and remove those of commands that are gone."""
    MANUAL.mkdir(exist_ok=True)
    pages = man_pages(cli)
    for name, text in pages.items():
        (MANUAL / name).write_text(text)
    for path in MANUAL.iterdir():
        if path.name not in pages:
            path.unlink()


if __name__ == "__main__":
    write_manual()
    PAGE.write_text(page_with_help(PAGE.read_text()))
