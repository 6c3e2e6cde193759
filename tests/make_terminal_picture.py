"""Record a real run in a real terminal as `docs/terminal.svg`; needs tmux.

python tests/make_terminal_picture.py
"""

import os
import re
import subprocess
import sys
import tempfile
from pathlib import Path

from rich.console import Console
from rich.terminal_theme import DIMMED_MONOKAI
from rich.text import Text
from support.deadline import until

ROOT = Path(__file__).parents[1]
PICTURE = ROOT / "docs" / "terminal.svg"
COLUMNS, ROWS = 92, 24
COMMANDS = ("photopipe process sample_images", "photopipe process sample_images", "")
SHOWN_HOME = "/home/anna"


def record(home: Path) -> str:
    """What the terminal shows after the commands were typed, with the escape sequences of its colours.

    Args:
        home: an empty folder, where journal and gallery are put.
    """
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("PHOTOPIPE_", "XDG_", "TMUX"))}
    path = f"{Path(sys.executable).parent}:{os.environ['PATH']}"
    environment = kept | {"HOME": str(home), "PATH": path, "PS1": "$ ", "PHOTOPIPE_SETTLE": "0s"}

    def tmux(*arguments: str) -> str:
        command = ["tmux", "-S", str(home / "tmux"), "-f", os.devnull, *arguments]
        run = subprocess.run(command, env=environment, cwd=ROOT, capture_output=True, text=True, check=True, timeout=20)
        return run.stdout

    def prompts() -> int:
        return len(re.findall(r"^\$( |$)", tmux("capture-pane", "-p"), re.MULTILINE))

    tmux("new-session", "-d", "-x", str(COLUMNS), "-y", str(ROWS), "bash", "--norc", "--noprofile")
    try:
        for number, command in enumerate(COMMANDS):
            until(lambda expected=number + 1: prompts() == expected)  # type: ignore[misc]
            tmux("send-keys", "-l", command)
            if number + 1 < len(COMMANDS):
                tmux("send-keys", "Enter")
        return tmux("capture-pane", "-p", "-e")
    finally:
        tmux("kill-server")


def drawn(screen: str) -> str:
    """The screen as an SVG that loads no font from elsewhere."""
    console = Console(record=True, width=COLUMNS, file=open(os.devnull, "w"))  # noqa: SIM115 - as long as the script
    console.print(Text.from_ansi(screen.rstrip()))
    picture = console.export_svg(title="photopipe", theme=DIMMED_MONOKAI, unique_id="run")
    without_fonts = re.sub(r"\s*@font-face \{.*?\}\n", "", picture, flags=re.DOTALL)
    without_fonts = re.sub(r"\s*<!--.*?-->", "", without_fonts)
    return without_fonts.replace("Fira Code, monospace", "monospace")


def main() -> None:
    """Record and draw."""
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as home:  # tmux may still be removing its socket
        PICTURE.write_text(drawn(record(Path(home)).replace(home, SHOWN_HOME)))


if __name__ == "__main__":
    main()
