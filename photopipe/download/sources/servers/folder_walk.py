"""Photos below a folder on a server, found page by page of its listing, however many there are."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass

from photopipe.download.fetching.remote_system import reason_of
from photopipe.download.file_names.groups import COMPANION_EXTENSIONS, stem_of
from photopipe.download.sources.pages import find_photos, with_others
from photopipe.download.sources.selection import Selection
from photopipe.download.sources.servers.listing import Entry, Listing, ListingPage
from photopipe.download.sources.source import Finding
from photopipe.errors import LoginRefused, SourceMissing
from photopipe.files.kinds import extension_of
from photopipe.files.names import GALLERY_MARKER
from photopipe.photo import UnreadablePath


@dataclass(frozen=True, slots=True)
class FolderWalk:
    """A look at a folder on a server and all below it.

    In memory are one page of each folder on the way down, and of earlier pages the files that may still get a
    companion: in the order of their names, all that begin with `STEM.` stand side by side.

    Attributes:
        listing: of the folder.
        selection: which files are wanted.
    """

    listing: Listing
    selection: Selection

    def find(self) -> Iterator[Finding]:
        """Find every photo: those of a page of a listing, then those in its sub-folders, then those of the next page.

        Raises:
            SourceMissing, LoginRefused: the folder itself cannot be read.
        """
        walk = [self._find_in("")]
        while walk:
            step = next(walk[-1], None)
            if step is None:
                walk.pop()
            elif isinstance(step, str):
                walk.append(self._find_in(step))
            else:
                yield step

    def _find_in(self, below: str) -> Iterator[Finding | str]:
        """What is found in a folder, and each of its sub-folders when it is to be looked into."""
        kept: list[Entry] = []
        try:
            for number, page in enumerate(self.listing.pages(below)):
                if number == 0 and self._is_gallery(below, page):
                    return
                entries, kept = kept + page.entries, self._waiting(kept, page)
                yield from self._photos_in(below, [entry for entry in entries if entry not in kept])
                yield from self._folders_in(below, page)
        except (SourceMissing, LoginRefused) as error:
            if not below:
                raise
            self.listing.check()
            yield UnreadablePath(self.listing.shown(below), reason_of(error.__cause__ or error))

    def _is_gallery(self, below: str, page: ListingPage) -> bool:
        """True for a folder with the marker of a gallery, by its first page; seldom is that not past the marker."""
        names = [entry.name for entry in page.entries]
        if GALLERY_MARKER in names:
            return True
        return page.goes_on and max(names, default="") < GALLERY_MARKER and self.listing.has(below, GALLERY_MARKER)

    def _waiting(self, kept: list[Entry], page: ListingPage) -> list[Entry]:
        """The files up to a page's end to which files of the next page may belong."""
        if not page.goes_on or not page.entries:
            return kept if page.goes_on else []
        last = page.entries[-1].name
        return [one for one in kept + page.entries if last.startswith(f"{stem_of(one.name)}.") and self._groups(one)]

    def _groups(self, entry: Entry) -> bool:
        extension = extension_of(entry.name)
        return not entry.is_folder and (extension in self.selection.extensions or extension in COMPANION_EXTENSIONS)

    def _photos_in(self, below: str, entries: list[Entry]) -> Iterator[Finding]:
        others = Counter[str]()
        wanted = (entry for entry in entries if not entry.is_folder and self._counts(entry.name, below, others))
        files = {entry.name: entry for entry in wanted}
        look_at = self.listing.look_at(below, files)
        found = find_photos(self.listing.shown(below), sorted(files), look_at, self.selection.pairs)
        yield from with_others(found, others)

    def _counts(self, name: str, below: str, others: Counter[str]) -> bool:
        """True if a file is a photo that is wanted, or may belong to one; what is no photo is counted."""
        extension = extension_of(name)
        if not self.selection.passes(name, below) or self.selection.leaves(name, below, others):
            return False
        if extension in self.selection.extensions:
            return self.selection.includes(name, below)
        others[extension] += 1
        return extension in COMPANION_EXTENSIONS

    def _folders_in(self, below: str, page: ListingPage) -> Iterator[str]:
        for entry in page.entries:
            if entry.is_folder and self.selection.wants_folder(entry.name, below):
                yield f"{below}{entry.name}/"
