"""The options for what a run says of itself while it goes on: its status every so often, and a log."""

from typing import Final

import click

from photopipe.cli.options.options import DURATION, option

LOG_OPTIONS: Final = (
    option(
        "--stats",
        "stats_every_s",
        type=DURATION,
        section="Output",
        brief="Say every so often how the run is getting on: 1m.",
        help="Say every so often, such as every 1m, how the run is getting on. SIGUSR1 asks for it at once.",
    ),
    option(
        "--log-file",
        type=click.Path(),
        section="Output",
        rare=True,
        help="Append to this file what happens to each photo, and every message, with the time. At 10 MB it is "
        "renamed, and a new one is begun; the last five are kept.",
    ),
    option(
        "--log-json", is_flag=True, section="Output", rare=True, help="Write the log file as a JSON object per line."
    ),
)
