"""Where the pages find each other."""

from dataclasses import dataclass
from urllib.parse import quote, urlencode


@dataclass(frozen=True, slots=True)
class Links:
    """Addresses of the pages and of what they load; the defaults are those of the server.

    Attributes:
        home: the page of all photos.
        albums: the page of all albums.
        album_pattern: the page of one album; `{id}` stands for its number.
        photo_pattern: the page of one photo, likewise.
        static: what the addresses of style sheets and scripts begin with.
        can_search: whether `home` takes a search.
        may_be_on_disk: whether the pages may be opened without a server.
        logout: where a visitor logs out, or None.
    """

    home: str = "/"
    albums: str = "/albums"
    album_pattern: str = "/albums/{id}"
    photo_pattern: str = "/photo/{id}"
    static: str = "/static/"
    can_search: bool = True
    may_be_on_disk: bool = False
    logout: str | None = None

    def album(self, number: int) -> str:
        """The page of an album."""
        return self.album_pattern.replace("{id}", str(number))

    def photo(self, number: int | str) -> str:
        """The page of a photo."""
        return self.photo_pattern.replace("{id}", str(number))

    def keyword(self, keyword: str) -> str:
        """The search for a keyword."""
        query = urlencode({"q": f'"{keyword}"'}, quote_via=quote)
        return f"{self.home}?{query}"


@dataclass(frozen=True, slots=True)
class Feed:
    """What the script of a grid page reads.

    Attributes:
        days: address of the number of photos of each day.
        day_pattern: address of a day's photos; `{day}` stands for `2025-10-03`.
        events: address that tells of new photos, or None.
        write_pattern: address that deletes a photo; `{id}` stands for its number; None if visitors cannot delete.
    """

    days: str
    day_pattern: str
    events: str | None = None
    write_pattern: str | None = None
