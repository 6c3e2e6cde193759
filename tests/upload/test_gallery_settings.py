"""Whatever no photo could be sent with is refused before the first photo, and kinds answer for themselves."""

import ast
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from support.command import Home
from support.fault_gallery import FaultGallery
from support.pictures import make_jpeg

import photopipe
from photopipe.api import needs_token
from photopipe.errors import UsageError
from photopipe.settings import UploadSettings
from photopipe.upload.galleries.kinds import check_gallery_settings, gallery_class, gallery_kinds

PACKAGE = Path(photopipe.__file__).parent
WEB, BUCKET, FOLDER = "https://photos.example.org/x", "s3://photos", "folder:///srv/photos"
PIWIGO = {"token": "pkid-1:secret"}

REFUSED: list[tuple[str, str, dict[str, Any], str]] = [
    ("nosuch", WEB, {}, "no kind of gallery"),
    ("", "ftp://h/x", {}, "http"),
    ("", WEB, {"token": "two words"}, "token"),
    ("", WEB, {"album": "{nobody}"}, "there is no {nobody}"),
    ("folder", FOLDER, {"album": "{"}, "template"),
    ("immich", WEB, {"bwlimit": "fast"}, "bandwidth"),
    ("immich", WEB, {"options": {"tags": "perhaps"}}, "'tags'"),
    ("immich", WEB, {"options": {"captions": 1}}, "'captions'"),
    ("immich", WEB, {"options": {"albun": "x"}}, "have no option 'albun'"),
    ("piwigo", WEB, {}, "wants a login"),
    ("piwigo", WEB, PIWIGO | {"options": {"level": 3}}, "'level'"),
    ("piwigo", WEB, PIWIGO | {"options": {"category": "first"}}, "'category'"),
    ("piwigo", WEB, PIWIGO | {"options": {"tags": "x"}}, "'tags'"),
    ("webdav", WEB, {"options": {"verify": "md5"}}, "verify"),
    ("webdav", WEB, {"options": {"path": "{nobody}"}}, "there is no {nobody}"),
    ("webdav", WEB, {"options": {"public_url": "photos.example.org"}}, "public_url"),
    ("s3", BUCKET, {"username": "id"}, "access key id"),
    ("s3", BUCKET, {"options": {"path_style": "yes"}}, "path_style"),
    ("s3", "s3://photos/../x", {}, "prefix"),
    ("folder", "folder://srv/photos", {}, "three slashes"),
    ("folder", FOLDER, {"options": {"mtime": "then"}}, "mtime"),
    ("folder", FOLDER, {"options": {"mount": "photos"}}, "mount"),
    ("folder", FOLDER, {"options": {"path": 7}}, "path"),
    ("folder", FOLDER, {"options": {"public_url": 7}}, "public_url"),
    ("", WEB, {"options": {"method": "PATCH"}}, "method"),
    ("", WEB, {"options": {"auth": "basic"}}, "--user"),
    ("", WEB, {"options": {"url": "https://elsewhere.example.org/{key}"}}, "same host"),
    ("chevereto", WEB, {"options": {"success": []}}, "success"),
    ("", WEB, {"options": {"preset": "nosuch"}}, "preset"),
]


@pytest.mark.parametrize(
    ("kind", "url", "more", "message"), REFUSED, ids=[str(number) for number in range(len(REFUSED))]
)
def test_what_cannot_be_used_is_refused(kind: str, url: str, more: dict[str, Any], message: str) -> None:
    with pytest.raises(UsageError) as caught:
        check_gallery_settings(UploadSettings(url, kind=kind, **more))
    assert message in str(caught.value)


@pytest.mark.parametrize(
    ("kind", "url", "address"),
    [
        ("", "https://H:443", "https://h/api/photos"),
        ("lychee", "https://H/gallery/", "https://h/gallery/"),
        ("immich", "https://H/", "https://h"),
        ("webdav", "https://h/dav/anna/", "https://h/dav/anna"),
        ("s3", " s3://photos/x/ ", "s3://photos/x"),
        ("folder", "folder:///srv/photos/", "folder:///srv/photos"),
    ],
)
def test_an_address_gets_one_spelling_and_keeps_it(kind: str, url: str, address: str) -> None:
    checked = check_gallery_settings(UploadSettings(url, kind=kind))
    assert checked.endpoint_url == address
    assert check_gallery_settings(checked) == checked


def test_the_embedded_gallery_is_checked_without_an_address() -> None:
    assert check_gallery_settings(UploadSettings()).endpoint_url is None
    with pytest.raises(UsageError, match="nobody"):
        check_gallery_settings(UploadSettings(album="{nobody}"))


def test_a_bad_option_of_the_second_gallery_is_refused_before_the_first_gets_a_photo(tmp_path: Path) -> None:
    home, card, site = Home(tmp_path / "home"), tmp_path / "card", tmp_path / "site"
    card.mkdir()
    site.mkdir()
    make_jpeg(card / "IMG_1.JPG")
    home.config.parent.mkdir(parents=True)
    home.config.write_text(f'[galleries.second]\nto = "folder://{site}"\nmtime = "then"\n')
    with FaultGallery() as first:
        for more in ((), ("--dry-run",)):
            result = home.run("process", str(card), "--to", first.url, "--to", "second", *more)
            assert (result.code, result.out) == (2, "")
            assert "mtime" in result.err
    assert first.posts == []


def test_checking_settings_of_any_kind_loads_no_http_library() -> None:
    program = """
import sys
from photopipe.settings import UploadSettings
from photopipe.upload.galleries.kinds import check_gallery_settings, gallery_kinds
urls = {"s3": "s3://photos", "folder": "folder:///srv/photos"}
for kind in gallery_kinds():
    check_gallery_settings(UploadSettings(urls.get(kind, "https://h/x"), kind=kind, token="pkid-1:x", username="a"))
print(*{name.split(".")[0] for name in sys.modules} & {"requests", "urllib3", "boto3", "botocore", "http"})
"""
    run = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True, timeout=60)
    assert set(run.stdout.split()) <= {"http"}


def strings_in(path: Path) -> Iterator[tuple[int, str]]:
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Constant) and isinstance(node.value, str):
            yield node.lineno, node.value


def test_no_code_outside_the_galleries_names_a_kind() -> None:
    # In `download/` the same words name sources and file systems.
    elsewhere, kinds = {PACKAGE / "upload" / "galleries", PACKAGE / "download"}, set(gallery_kinds())
    named = {
        (path.relative_to(PACKAGE).as_posix(), text)
        for path in PACKAGE.rglob("*.py")
        if elsewhere.isdisjoint(path.parents)
        for _, text in strings_in(path)
        if text in kinds
    }
    assert named == set()


def test_a_token_is_asked_for_before_the_settings_are_whole() -> None:
    for kind in ("", "piwigo", "lychee", "s3"):
        assert needs_token(UploadSettings(WEB, kind=kind))
    assert not needs_token(UploadSettings(FOLDER, kind="folder"))


def test_only_a_folder_is_on_this_machine() -> None:
    local = {kind for kind in gallery_kinds() if not gallery_class(kind).IS_REMOTE}
    assert local == {"folder"}
    assert gallery_class("folder").local_folder("folder:///srv/my%20photos") == "/srv/my photos"
    assert gallery_class("").local_folder(WEB) is None
