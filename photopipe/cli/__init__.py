"""The command line: commands, options, configuration, progress, messages, exit codes, signals.

In: a command line. Out: data on stdout, everything else on stderr, and an exit code. Only the main
thread prints. Read `commands.py` first, then `run.py`.
"""

from photopipe.cli.commands import main

__all__ = ["main"]
