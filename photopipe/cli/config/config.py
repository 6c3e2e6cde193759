"""`photopipe config`: the commands about the configuration file."""

import click


@click.group(short_help="Write, show and check the configuration.")
def config() -> None:
    """Write a first configuration file, show which values are in effect, and find what is wrong in it.

    The file is `config.toml` in the platform's configuration folder, or what --config or PHOTOPIPE_CONFIG names.
    """
