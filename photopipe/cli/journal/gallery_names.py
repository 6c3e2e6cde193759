"""What people call the galleries that the journal knows by their ids."""

from collections.abc import Iterable, Mapping
from typing import Any, Final
from urllib.parse import urlsplit

import click

from photopipe.cli.options.config import gallery_folder_of_runs
from photopipe.cli.options.upload_options import configured_galleries, options_of_kind, split_address
from photopipe.errors import UsageError
from photopipe.journal_api import embedded_gallery_id, id_of_gallery
from photopipe.settings import UploadSettings

EMBEDDED: Final = "embedded"


def gallery_names(context: click.Context, gallery_ids: Iterable[str]) -> dict[str, str]:
    """The name of each gallery that has one: in the configuration, or as the embedded gallery in its usual folder.

    No token is looked up, and no gallery is asked.

    Args:
        context: knows the configuration.
        gallery_ids: as the journal has them.
    """
    wanted = set(gallery_ids)
    names = {}
    for name, table in configured_galleries(context)[0].items():
        gallery_id = _id_of(name, table, wanted)
        if gallery_id in wanted:
            names[gallery_id] = name
    if any(gallery_id.startswith("photopipe-gallery:") for gallery_id in wanted):
        embedded_id = embedded_gallery_id(gallery_folder_of_runs())
        names |= {gallery_id: EMBEDDED for gallery_id in wanted & {embedded_id} if gallery_id}
    return names


def gallery_id_of(context: click.Context, name: str, gallery_ids: Iterable[str]) -> str:
    """The id of a gallery that the journal knows, from its id or its name.

    Raises:
        UsageError: it knows none.
    """
    known = list(gallery_ids)
    if name in known:
        return name
    by_name = {called: gallery_id for gallery_id, called in gallery_names(context, known).items()}
    if name not in by_name:
        listed = ", ".join([*by_name, *known]) or "none"
        raise UsageError(f"--gallery {name}: the journal knows no gallery of this name or id. It knows: {listed}.")
    return by_name[name]


def _id_of(name: str, table: Mapping[str, Any], wanted: Iterable[str]) -> str:
    """The id of a configured gallery; empty if its table cannot be used, or no wanted id looks like it.

    Loading a kind of gallery takes time: only those are loaded whose host is that of a gallery in the journal.
    """
    try:
        kind, url, (user, _) = split_address(str(table.get("to", "")), login_in_url=True)
        host = urlsplit(url).hostname or kind
        if not any(gallery_id.startswith(f"{host}-") for gallery_id in wanted):
            return ""
        user = table.get("user") or user
        return id_of_gallery(UploadSettings(url, kind=kind, name=name, username=user, options=options_of_kind(table)))
    except UsageError:
        return ""
