"""`photopipe config`: the commands about the configuration file."""

import click

from photopipe.cli.config.check import check
from photopipe.cli.config.init import init
from photopipe.cli.config.show import show


@click.group(short_help="Write, show and check the configuration.")
def config() -> None:
    """Write a first configuration file, show which values are in effect, and find what is wrong in it.

    The file is `config.toml` in the platform's configuration folder, or what --config or PHOTOPIPE_CONFIG names.
    """


config.add_command(init)
config.add_command(show)
config.add_command(check)
