"""The options of commands that run the line, and the settings and the output that they make."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, TypeVar

import click

from photopipe.cli.options.config import default_journal_path
from photopipe.cli.options.download_options import DOWNLOAD_OPTIONS, download_options, download_settings
from photopipe.cli.options.limit_options import LIMIT_OPTIONS, limit_options, limit_settings
from photopipe.cli.options.log_options import LOG_OPTIONS
from photopipe.cli.options.options import DURATION, option, with_options
from photopipe.cli.options.report_options import check_reports, report_options, thumbnail_side_px
from photopipe.cli.options.resize_options import chosen_renditions, original_option, rendition_option, resize_options
from photopipe.cli.options.upload_options import UPLOAD_OPTIONS, upload_options, upload_settings
from photopipe.errors import UsageError
from photopipe.settings import Settings

Command = TypeVar("Command", bound=Callable[..., Any])


@dataclass(frozen=True, slots=True)
class Output:
    """What is written while the line runs.

    Attributes:
        as_json: whether stdout gets a JSON object per photo instead of addresses.
        quiet: whether stderr stays empty unless something is wrong.
        verbose: whether every photo is named.
        reports: files that get what became of each photo, by their extension.
        failed_to: file that gets the paths of photos that are not done, or None.
        trace: file that gets what each worker did, or None.
        stats_every_s: time between two lines about the state of the run, or None.
        log_file: file that gets everything with the time, or None.
        log_json: whether it gets JSON objects.
    """

    as_json: bool
    quiet: bool
    verbose: bool
    reports: tuple[str, ...] = ()
    failed_to: str | None = None
    trace: str | None = None
    stats_every_s: float | None = None
    log_file: str | None = None
    log_json: bool = False

    @property
    def tells_skipped(self) -> bool:
        """Whether anything is written of each photo that needs no work."""
        return self.as_json or self.verbose or bool(self.reports)


OUTPUT_OPTIONS = (
    option(
        "--json",
        "as_json",
        section="Output",
        brief="Write a JSON object per photo to stdout.",
        is_flag=True,
        help="Write a JSON object per photo to stdout, and a summary at the end.",
    ),
    option("-q", "--quiet", section="Output", is_flag=True, help="Write nothing to stderr unless something is wrong."),
    option("-v", "--verbose", section="Output", is_flag=True, help="Name every photo and say what happened to it."),
    *LOG_OPTIONS,
)
LINE_OPTIONS = (
    option(
        "--jobs",
        section="Speed and limits",
        type=click.IntRange(1, 256),
        help="Photos to resize at the same time. Default: one per CPU.",
    ),
    option(
        "--journal",
        rare=True,
        type=click.Path(),
        default=default_journal_path,
        help="File that records what has been uploaded. Default: in your state folder.",
    ),
    option(
        "--lock-wait",
        section="Speed and limits",
        type=DURATION,
        shown_default="0s",
        help="How long to wait for another run to end.",
    ),
)


def run_options(command: Command) -> Command:
    """Give a command the options that `run_settings` and `output` read."""
    command = with_options(*LINE_OPTIONS, *OUTPUT_OPTIONS)(report_options(command))
    command = limit_options(command)
    return upload_options(download_options(resize_options(rendition_option(original_option(command)))))


def output(values: dict[str, Any]) -> Output:
    """Take what the options say about the output out of their values.

    Raises:
        UsageError: they contradict each other.
    """
    names = ("as_json", "quiet", "verbose", "failed_to", "trace", "stats_every_s", "log_file", "log_json")
    chosen = Output(reports=values["report"], **{name: values.pop(name) for name in names})
    check_reports(*chosen.reports, chosen.failed_to, chosen.trace, chosen.log_file)
    if chosen.quiet and chosen.verbose:
        raise UsageError("--quiet and --verbose cannot be used together; leave one of them out.")
    if chosen.log_json and chosen.log_file is None:
        raise UsageError("--log-json needs --log-file, which says where the log is written.")
    if chosen.stats_every_s is not None and chosen.stats_every_s < 1:
        raise UsageError("--stats must be 1s or more.")
    return chosen


def run_settings(
    context: click.Context,
    *,
    sources: tuple[str, ...],
    gallery_dir: str,
    jobs: int | None,
    journal: str,
    lock_wait: float | None,
    report: tuple[str, ...] = (),
    rendition: tuple[str, ...],
    original: str | None,
    **others: Any,
) -> Settings:
    """The settings that the values of the options make; `others` are those of the three stages.

    Raises:
        UsageError: they cannot be used together.
    """
    download = {name: others.pop(name) for name in DOWNLOAD_OPTIONS}
    shard = others.pop("shard")
    limits = {name: others.pop(name) for name in LIMIT_OPTIONS}
    upload = {name: others.pop(name) for name in UPLOAD_OPTIONS}
    return Settings(
        download=download_settings(sources, spool_folder=f"{journal}.sources", shard=shard, **download),
        renditions=chosen_renditions(context, rendition, original, jobs=jobs, **others),
        uploads=upload_settings(context, **upload),
        gallery_folder=gallery_dir,
        journal_path=journal,
        lock_wait_s=lock_wait or 0.0,
        limits=limit_settings(**limits),
        thumbnail_side_px=thumbnail_side_px(report),
    )
