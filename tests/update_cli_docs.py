"""Write the commands' help into `docs/cli.md`; `test_docs.py` fails until that was done.

python tests/update_cli_docs.py
"""

import os
import re
import subprocess
import sys
from pathlib import Path

PAGE = Path(__file__).parents[1] / "docs" / "cli.md"
BLOCK = re.compile(r"(## (photopipe[a-z ]*)\n\n```text\n).*?(```)", re.DOTALL)


def help_of(command: str) -> str:
    """What `COMMAND --help` prints in a terminal of 100 columns, with the reader's own paths made general."""
    arguments = [sys.executable, "-m", "photopipe", *command.split()[1:], "--help"]
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("PHOTOPIPE_", "XDG_"))}
    run = subprocess.run(arguments, env=kept | {"COLUMNS": "100"}, capture_output=True, text=True, timeout=60)
    assert run.returncode == 0, run.stderr
    return run.stdout


def page_with_help(text: str) -> str:
    """The page with every help block replaced by what the commands say today."""
    return BLOCK.sub(lambda block: block[1] + help_of(block[2].strip()) + block[3], text)


if __name__ == "__main__":
    PAGE.write_text(page_with_help(PAGE.read_text()))
