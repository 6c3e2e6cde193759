"""Everything that is looked at, in the order it is told."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from photopipe.doctor.check_result import CheckResult
from photopipe.doctor.config_file import check_config_file
from photopipe.doctor.disk_space import check_disk_space
from photopipe.doctor.gallery import check_gallery
from photopipe.doctor.journal import check_journal
from photopipe.doctor.libraries import check_libraries
from photopipe.doctor.source import check_source
from photopipe.settings import UploadSettings


@dataclass(frozen=True, slots=True)
class Examined:
    """What a run would use.

    Attributes:
        config_path: the configuration's file, which need not exist.
        has_secrets: whether a token is written in it.
        token_files: files with tokens that it names.
        journal_path: the journal's file, which need not exist.
        gallery_folder: folder of the embedded gallery, or None if no photos would go there.
        sources: folders and files that photos are taken from.
        uploads: galleries they go to, without the embedded one.
    """

    config_path: str
    has_secrets: bool
    token_files: Sequence[str]
    journal_path: str
    gallery_folder: str | None
    sources: Sequence[str]
    uploads: Sequence[UploadSettings]


def examine(examined: Examined) -> Iterator[CheckResult]:
    """Look at everything; each result is there as soon as it is known."""
    yield from check_libraries()
    yield from check_config_file(examined.config_path, examined.token_files, has_secrets=examined.has_secrets)
    yield from check_journal(examined.journal_path)
    yield from check_disk_space(examined.journal_path, examined.gallery_folder)
    for source in examined.sources:
        yield from check_source(source)
    for upload in examined.uploads:
        yield from check_gallery(upload)
