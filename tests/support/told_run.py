"""A run that a report is told of, of any size, without any photo."""

from collections.abc import Sequence

from photopipe.photo import Rendition
from photopipe.pipeline import LineStats, QueueStats, Span, SpanRecorder, WorkerStats
from photopipe.report import Account, FoundSoFar, PhotoOutcome, RunEnd
from photopipe.settings import DownloadSettings, ResizeSettings, Settings, UploadSettings

SETTINGS = Settings(
    DownloadSettings(("/card",)),
    (("default", ResizeSettings()),),
    (UploadSettings("https://photos.example.org", name="family"),),
    "/gallery",
    "/journal",
)


class ToldRun:
    """What a listener may look at: one worker for each of two stages, which were busy for half a second.

    Args:
        account: the totals.
    """

    galleries: Sequence[str] = ("family",)
    stopped_by: str | None = None
    dashboard: str | None = None

    def __init__(self, account: Account) -> None:
        self.account = account
        self.recorder = SpanRecorder()

    def waiting(self) -> dict[str, int]:
        """Nothing waits."""
        return {}

    def stats(self) -> LineStats:
        """Half a second of work."""
        queues = (queue("resize", 0.4, 0.0), queue("upload", 0.0, 0.3), queue("results", 0.0, 0.0))
        return LineStats(queues, (worker("resize", 0.5), worker("upload", 0.1)))

    def found(self) -> FoundSoFar:
        """Nothing yet."""
        return FoundSoFar(0, 0, is_all=False)

    def record_spans(self) -> SpanRecorder:
        """Spans that a test adds."""
        return self.recorder

    def add_span(self, stage: str, started_s: float, ended_s: float, *, failed: bool = False) -> None:
        """Add that the stage's worker was busy."""
        self.recorder.add(Span(f"{stage}-1", stage, 0, "/card/a.jpg", started_s, ended_s, failed))


def worker(stage: str, busy_s: float) -> WorkerStats:
    """The only worker of a stage."""
    return WorkerStats(f"{stage}-1", stage, 5, 0, busy_s, is_busy=False)


def queue(name: str, put_wait_s: float, get_wait_s: float) -> QueueStats:
    """A queue with room for four."""
    return QueueStats(name, 4, 0, 3, 5, 5, 0, put_wait_s, get_wait_s)


def uploaded(number: int, thumbnail: bytes = b"") -> PhotoOutcome:
    """A photo that has arrived."""
    rendition = Rendition(
        file_name=f"IMG_{number:05}.jpg",
        content_type="image/jpeg",
        size_bytes=410_000,
        sha256="2" * 64,
        sha1="1" * 40,
        md5="5" * 32,
        width_px=2048,
        height_px=1536,
        taken_at="2024-05-01T12:33:10+02:00",
        source_width_px=4032,
        source_height_px=3024,
        thumbnail=thumbnail,
    )
    return PhotoOutcome(
        f"/card/DCIM/{number // 1000 + 100}PHOTO/IMG_{number:05}.JPG",
        "uploaded",
        url=f"https://photos.example.org/{number}",
        rendition=rendition,
        gallery="family",
        source_bytes=5_100_000,
    )


def ended(
    account: Account, exit_code: int = 0, *, error: Exception | None = None, stopped_by: str | None = None
) -> RunEnd:
    """The end of a run that took a minute."""
    return RunEnd(account, 60.0, exit_code, error, stopped_by)
