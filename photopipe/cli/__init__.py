"""The command line: commands, options, configuration, progress, messages, exit codes, signals.

In: a command line. Out: data on stdout, everything else on stderr, and an exit code. Only the main
thread prints. Read `commands.py` first, then `run.py`.
"""

from photopipe.cli.terminal.signals import STATUS_REQUESTS

__all__ = ["main"]


def main(arguments: list[str] | None = None) -> None:
    """Run the command line and exit; a signal that asks for the status must not end it while it is being loaded.

    Args:
        arguments: instead of `sys.argv[1:]`.
    """
    STATUS_REQUESTS.listen()
    from photopipe.cli.commands import main as run_command

    run_command(arguments)
