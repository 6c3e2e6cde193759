"""The one table of file kinds: whatever a scan lets in can be decoded or sent, and the embedded gallery takes it."""

import itertools
from collections.abc import Iterator
from pathlib import Path

from gallery.running_gallery import GalleryClient, running_gallery
from hypothesis import given
from hypothesis import strategies as st
from support.photos import downloaded, sent

from photopipe.files.kinds import (
    HEAD_BYTES,
    KINDS,
    PHOTO_EXTENSIONS,
    RAW_EXTENSIONS,
    FileKind,
    fitting_extensions,
    kind_named,
    kind_of,
)
from photopipe.resize.decoders.decoders import DECODERS
from photopipe.resize.resize import resize
from photopipe.settings import ResizeSettings


def heads_of(kind: FileKind) -> Iterator[bytes]:
    """How a file of a kind may begin, and not a byte of it that says more."""
    for signature in kind.signatures:
        head = bytearray(HEAD_BYTES)
        for offset, part in signature:
            head[offset : offset + len(part)] = part
        yield bytes(head)
    for brand in sorted(kind.brands):
        yield (b"\0\0\0\x18ftyp" + brand + b"\0\0\0\0mp42abcd").ljust(HEAD_BYTES, b"\0")


def test_the_first_bytes_of_each_kind_tell_it_or_what_it_is_built_on() -> None:
    for kind in KINDS:
        for head in heads_of(kind):
            told = kind_of(head)
            assert told
            assert {*kind.extensions, *kind.vague_extensions} <= {*fitting_extensions(told)}


def test_the_files_own_brand_counts_unless_it_is_a_containers() -> None:
    def told(*brands: bytes) -> str | None:
        size = (16 + 4 * (len(brands) - 1)).to_bytes(4, "big")
        kind = kind_of(size + b"ftyp" + brands[0] + bytes(4) + b"".join(brands[1:]))
        return kind.name if kind else None

    assert told(b"heic", b"mif1", b"avif") == "HEIF"
    assert told(b"mif1", b"avif") == told(b"isom", b"mif1", b"avis") == "AVIF"
    assert told(b"mif1") == told(b"isom", b"heic") == "HEIF"
    assert told(b"crx ", b"isom") == "RAW"
    assert told(b"isom", b"mp42") is told(b"qt  ") is None


@given(st.sampled_from(KINDS), st.binary(max_size=HEAD_BYTES), st.data())
def test_what_stands_behind_a_signature_changes_nothing(kind: FileKind, behind: bytes, data: st.DataObject) -> None:
    if kind.signatures:
        ends = [max(offset + len(part) for offset, part in signature) for signature in kind.signatures]
        head, end = data.draw(st.sampled_from(list(zip(heads_of(kind), ends, strict=False))))
        assert kind_of((head[:end] + behind)[:HEAD_BYTES]) == kind_of(head)


def test_a_signature_counts_before_brands_further_on() -> None:
    assert kind_of(b"II*\0ftyp") == kind_of(b"II*\0\0\0\0\0")


def test_an_extension_leads_to_one_kind() -> None:
    extensions = list(itertools.chain.from_iterable(kind.extensions + kind.vague_extensions for kind in KINDS))
    assert len(extensions) == len(set(extensions))
    assert all(
        extension in kind_named(kind.name, extension).extensions for kind in KINDS for extension in kind.extensions
    )


def test_every_kind_has_a_decoder() -> None:
    from photopipe.resize.input.openers import OPENERS

    assert {kind.name for kind in KINDS} == OPENERS.keys() | {"RAW"}
    assert all(decoder.extensions <= PHOTO_EXTENSIONS for decoder in DECODERS)
    assert RAW_EXTENSIONS in [decoder.extensions for decoder in DECODERS]


def test_the_embedded_gallery_takes_every_original_that_can_be_sent(tmp_path: Path) -> None:
    with running_gallery(tmp_path / "gallery") as gallery:
        for kind in KINDS:
            extensions = kind.extensions + kind.vague_extensions
            for number, head in enumerate(heads_of(kind)):
                for extension in extensions if number == 0 else extensions[:1]:
                    assert_taken(gallery, tmp_path / f"{number}-{kind.media_type[6:]}{extension}", head)
        assert len(gallery.photos(limit="1000")) > len(PHOTO_EXTENSIONS)


def assert_taken(gallery: GalleryClient, path: Path, head: bytes) -> None:
    path.write_bytes(head + path.name.encode())
    photo = resize(downloaded(path), ResizeSettings(original=True))
    answer = gallery.post(sent(photo), name=photo.rendition.file_name)
    assert answer.status_code == 201, path.name
    assert answer.json()["url"].endswith(f"/{path.name}"), "the file keeps its extension"
