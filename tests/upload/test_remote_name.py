import re
from urllib.parse import unquote

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from support.uploading import make_photo

from photopipe.errors import UsageError
from photopipe.upload.galleries.contract import OutgoingPhoto
from photopipe.upload.galleries.remote_name import (
    candidates,
    candidates_sought,
    encoded,
    folders_above,
    part_path,
    path_template,
    short_key,
)
from photopipe.upload.galleries.template import Template

KEY = "ab" * 32


def names(path: str = "{file_name}", album: str | None = None, **changes: object) -> tuple[str, str]:
    return candidates(OutgoingPhoto(make_photo(**changes), KEY, album), Template(path))  # type: ignore[arg-type]  # values of a rendition


@pytest.mark.parametrize(
    ("path", "album", "first"),
    [
        ("{file_name}", None, "IMG_0001.jpg"),
        ("{taken_at:%Y/%m}/{file_name}", None, "2024/05/IMG_0001.jpg"),
        ("{file_name}", "Trip", "Trip/IMG_0001.jpg"),
        ("{taken_at:%Y}/{file_name}", "Family/Trip", "Family/Trip/2024/IMG_0001.jpg"),
        ("//a///b/./../{file_name}", "/", "a/b/IMG_0001.jpg"),
        (".hidden/.{file_name}", None, "hidden/photo.IMG_0001.jpg"),
        ("{title}.{ext}", None, "photo.jpg"),
        ("{title}/", None, "photo"),
        ('a<b>:"|?*\\c.jpg', None, "a_b_______c.jpg"),
        ("con tent. /x .jpg", None, "con tent/x.jpg"),
    ],
)
def test_a_path_is_made_of_clean_names(path: str, album: str | None, first: str) -> None:
    assert names(path, album, taken_at="2024-05-01T12:33:10")[0] == first


def test_the_second_place_is_told_apart_by_the_key() -> None:
    assert names() == ("IMG_0001.jpg", f"IMG_0001-{short_key(KEY)}.jpg")
    other = candidates(OutgoingPhoto(make_photo(), "cd" * 32), Template("{file_name}"))
    assert other[0] == names()[0]
    assert other[1] != names()[1]
    assert names("{stem}") == ("IMG_0001", f"IMG_0001-{short_key(KEY)}")


def test_what_an_earlier_try_sent_has_its_own_name() -> None:
    sent = make_photo(file_name="IMG_0001.webp").rendition
    assert (
        candidates_sought(OutgoingPhoto(make_photo(), KEY, earlier=sent), Template("{file_name}"))[0] == "IMG_0001.webp"
    )


@given(st.text(st.characters(), max_size=400), st.text(st.characters(), max_size=300))
@example(title=" ", album="")
@example(title="\u200e", album="")
def test_any_text_gives_safe_names(title: str, album: str) -> None:
    for path in names("{title}/{title}.{ext}", album, title=title):
        parts = path.split("/")
        for part in (*parts, part_path(path, KEY).split("/")[-1]):
            assert 0 < len(part.encode()) <= 255
            assert part.isprintable() or not re.search(r"[\x00-\x1f\x7f\u2028\u2029\u202e]", part)
            assert not part.startswith((".", " "))
            assert not part.endswith((".", " "))
        assert unquote(encoded(path)) == path
        assert re.fullmatch(r"[A-Za-z0-9._~%/-]+", encoded(path))
        assert path.endswith(".jpg")


@pytest.mark.parametrize("title", ["", " ", "\u202e", " \u200f "])
def test_a_name_with_nothing_before_the_dot_keeps_its_extension(title: str) -> None:
    assert names("{title}/{title}.{ext}", title=title)[0] == "photo.jpg"


def test_a_long_name_keeps_its_end_and_stays_apart() -> None:
    first, second = names("{title}.{ext}", title="ä" * 300)
    assert first.endswith("ä.jpg")
    assert second.endswith(f"-{short_key(KEY)}.jpg")
    assert len(part_path(f".{second}", KEY).encode()) <= 255


def test_every_folder_above_is_named_the_outermost_first() -> None:
    assert folders_above("a/b/c.jpg") == ["a", "a/b"]
    assert folders_above("c.jpg") == []


@pytest.mark.parametrize("path", ["", "  ", 7, None, "{nobody}", "{"])
def test_a_path_that_is_none_is_refused(path: object) -> None:
    with pytest.raises(UsageError):
        path_template({"path": path})
