"""`--on`: what it takes, what it refuses, and that nothing of Dask is imported without it."""

import pickle
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from support.command import Home
from support.faulty_engine import FaultyEngine
from support.pictures import make_jpeg

from photopipe.assembly import open_line
from photopipe.cluster import check_workers, dask_engine, open_cluster
from photopipe.cluster.protocol.engine import WorkerState
from photopipe.cluster.protocol.messages import Message
from photopipe.cluster.protocol.versions import version_here
from photopipe.errors import GalleryUnreachable, UsageError
from photopipe.settings import (
    ClusterSettings,
    DownloadSettings,
    ResizeSettings,
    Settings,
    UploadSettings,
    WatchSettings,
)


@pytest.fixture
def chosen(tmp_path: Path) -> Settings:
    (tmp_path / "card").mkdir()
    make_jpeg(tmp_path / "card" / "a.jpg", (40, 30))
    return Settings(
        DownloadSettings((str(tmp_path / "card"),), settle_s=0.0),
        (("default", ResizeSettings(16, 16)),),
        (UploadSettings(str(tmp_path / "gallery"), kind="folder"),),
        gallery_folder="",
        journal_path=str(tmp_path / "journal.sqlite"),
        cluster=ClusterSettings(workers=2),
    )


@pytest.mark.parametrize(
    ("text", "cluster"),
    [
        ("local:2", ClusterSettings(None, 2)),
        ("local:64", ClusterSettings(None, 64)),
        ("dask://scheduler", ClusterSettings("tcp://scheduler:8786")),
        ("dask://10.0.0.1:9000", ClusterSettings("tcp://10.0.0.1:9000")),
        ("dask://[::1]:9000/", ClusterSettings("tcp://[::1]:9000")),
        ("dask+tls://scheduler:8786", ClusterSettings("tls://scheduler:8786")),
    ],
)
def test_a_place_is_a_number_of_processes_or_a_scheduler(text: str, cluster: ClusterSettings) -> None:
    assert ClusterSettings.of(text) == cluster


@pytest.mark.parametrize("text", ["", "local", "local:0", "local:-1", "local:x", "tcp://a:1", "dask://", "dask://a b"])
def test_any_other_place_is_refused_with_what_can_be_written(text: str) -> None:
    with pytest.raises(UsageError, match=r"local:N .*dask://HOST:8786"):
        ClusterSettings.of(text)


def test_a_wrong_place_is_an_error_of_usage(home: Home) -> None:
    result = home.run("process", ".", "--on", "cluster")
    assert (result.code, result.out) == (2, "")
    assert "--on 'cluster': write local:N" in result.err


def test_a_scheduler_that_does_not_answer_ends_with_5_and_what_to_type(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(dask_engine, "CONNECT_S", 0.3)
    with pytest.raises(GalleryUnreachable, match=r"dask://127.0.0.1:1: no Dask scheduler .*`dask scheduler`") as caught:
        dask_engine.DaskEngine.opened(ClusterSettings("tcp://127.0.0.1:1"))
    assert caught.value.exit_code == 5


@pytest.mark.parametrize(
    ("download", "says"),
    [
        ({"after": "delete"}, "--after and --archive"),
        ({"archive": "/archive"}, "--after and --archive"),
        ({"watch": WatchSettings()}, "watched source"),
        ({"sources": ("camera:",)}, "A camera is on a cable"),
    ],
)
def test_what_a_cluster_cannot_do_is_refused_before_anything_is_opened(
    chosen: Settings, download: dict[str, Any], says: str
) -> None:
    chosen = replace(chosen, download=replace(chosen.download, **download))
    with pytest.raises(UsageError, match=says):
        open_cluster.refuse_what_cannot_be(chosen)


def test_the_gallery_of_this_computer_cannot_be_reached_by_a_cluster(chosen: Settings) -> None:
    chosen = replace(chosen, uploads=(UploadSettings(),), cluster=ClusterSettings("tcp://scheduler:8786"))
    with pytest.raises(UsageError, match="name one with --to"):
        open_cluster.refuse_what_cannot_be(chosen)


def test_a_worker_with_other_versions_is_refused_with_both(chosen: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(open_cluster, "open_engine", lambda _cluster: FaultyEngine())
    monkeypatch.setattr(open_cluster, "version_here", lambda: "photopipe 9.9.9, Python 3.99.0")
    with pytest.raises(UsageError) as caught, open_line(chosen):
        pass
    assert "photopipe 9.9.9, Python 3.99.0" in str(caught.value)
    assert version_here() in str(caught.value)
    assert "elsewhere:1" in str(caught.value)


def test_a_worker_without_photopipe_is_refused_with_what_to_install(
    chosen: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Strange(FaultyEngine):
        def ask_all(self, _task: Any, _message: Any) -> Mapping[str, Any]:
            return {"worker-1": None, "worker-2": ModuleNotFoundError("No module named 'photopipe'")}

    monkeypatch.setattr(open_cluster, "open_engine", lambda _cluster: Strange())
    with pytest.raises(UsageError, match=r"worker-2 cannot run photopipe .*'photopipe\[cluster\]'"), open_line(chosen):
        pass


def test_a_source_that_a_worker_does_not_see_is_named(chosen: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    engine = FaultyEngine()
    seen = check_workers.make_ready

    def blind(message: Any, context: Any) -> None:
        seen(message._replace(body=replace(message.body, sources=("/not mounted here",))), context)

    monkeypatch.setattr(open_cluster, "open_engine", lambda _cluster: engine)
    monkeypatch.setattr(check_workers, "make_ready", blind)
    with pytest.raises(Exception, match=r"worker-1 cannot work on this run\. /not mounted here"), open_line(chosen):
        pass


def test_a_cluster_without_workers_is_waited_for_a_little(chosen: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    class Empty(FaultyEngine):
        def workers(self) -> Mapping[str, WorkerState]:
            return {}

    monkeypatch.setattr(open_cluster, "open_engine", lambda _cluster: Empty())
    monkeypatch.setattr(check_workers, "FIRST_WORKER_S", 0.1)
    with pytest.raises(GalleryUnreachable, match="no worker"), open_line(chosen):
        pass


def test_an_engine_that_writes_messages_into_its_log_writes_no_token(chosen: Settings) -> None:
    spec = pickle.dumps(UploadSettings("https://photos.example.org", token="a secret token"))
    assert b"a secret token" in spec
    assert "secret" not in f"{Message('run', spec, chosen)!r}"


def test_neither_help_nor_a_run_on_threads_imports_dask_or_fsspec(home: Home, tmp_path: Path) -> None:
    (tmp_path / "card").mkdir()
    make_jpeg(tmp_path / "card" / "a.jpg", (40, 30))
    program = (
        "import sys\n"
        "from photopipe.cli import main\n"
        "try:\n    main()\n"
        "finally:\n    print([name for name in ('dask', 'distributed', 'fsspec') if name in sys.modules])\n"
    )
    for arguments in (["--help"], ["process", str(tmp_path / "card")]):
        command = [sys.executable, "-c", program, *arguments]
        result = subprocess.run(command, env=home.environment(), capture_output=True, timeout=30, check=False)
        assert result.stdout.decode().splitlines()[-1] == "[]", result
