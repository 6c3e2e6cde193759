"""What a worker had sent when it died may reach the gallery a little later: it is waited for, and not sent again."""

from collections import Counter
from pathlib import Path

import pytest
from support.deadline import within_deadline
from support.fault_gallery import FaultGallery
from support.faulty_engine import GONE, FaultyEngine
from support.pictures import make_jpeg

from photopipe.assembly import open_line
from photopipe.cluster import open_cluster
from photopipe.cluster.driver import dispatcher
from photopipe.settings import ClusterSettings, DownloadSettings, ResizeSettings, Settings, UploadSettings

PHOTOS = 6
LATE_S = 0.5


@pytest.mark.parametrize("settle_s", [0.0, 2 * LATE_S])
def test_what_a_dead_worker_had_sent_is_waited_for(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, settle_s: float
) -> None:
    for number in range(PHOTOS):
        make_jpeg(tmp_path / f"{number}.jpg", size=(48, 32), seed=number)
    engine = FaultyEngine([GONE], late_s=LATE_S)  # its worker goes on, as a request on its way does
    monkeypatch.setattr(open_cluster, "SETTLE_S", settle_s)
    monkeypatch.setattr(open_cluster, "open_engine", lambda _cluster: engine)
    monkeypatch.setattr(dispatcher, "LOOK_S", 0.02)
    monkeypatch.setattr(dispatcher, "may_be_taken_over", lambda _lease, _now_s: True)  # nobody sees that it goes on
    with FaultGallery(idempotent=False) as gallery:
        settings = Settings(
            DownloadSettings((str(tmp_path),), settle_s=0.0),
            (("default", ResizeSettings(16, 16)),),
            (UploadSettings(gallery.url),),
            gallery_folder="",
            journal_path=str(tmp_path / "journal.sqlite"),
            cluster=ClusterSettings(workers=2),
        )
        with open_line(settings) as line:
            within_deadline(lambda: list(line.run(0.02, tells_skipped=False)))
        engine.close()
        copies = Counter(photo.sha256 for photo in gallery.stored)
    assert len(copies) == PHOTOS
    assert (max(copies.values()) == 1) == (settle_s > LATE_S)
