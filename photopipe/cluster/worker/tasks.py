"""START HERE for what workers do: the two tasks, read photos and deliver photos, and what they are told meanwhile."""

from photopipe.cluster.protocol.engine import WorkerContext
from photopipe.cluster.protocol.messages import Delivery, DeliveryReport, Message, ReadReport
from photopipe.cluster.worker.worker_run import forget_run, known_run, worker_run
from photopipe.found_photo import FoundPhoto


def read_photos(message: Message, context: WorkerContext) -> ReadReport:
    """Read each photo of the message once, and hash it."""
    photos: list[FoundPhoto] = message.body  # type: ignore[assignment]
    return worker_run(message, context).read(photos)


def deliver_photos(message: Message, context: WorkerContext) -> DeliveryReport:
    """Make and send what is planned of each photo of the message."""
    delivery: Delivery = message.body  # type: ignore[assignment]
    return worker_run(message, context).deliver(delivery)


def pause_uploads(message: Message, context: WorkerContext) -> None:
    """Send nothing to a gallery for a while: it has asked another worker for that."""
    if (run := known_run(message.run, context.process)) is not None:
        run.pause(*message.body)  # type: ignore[misc]


def stop_run(message: Message, context: WorkerContext) -> None:
    """End whatever is being done for a run, at once."""
    if (run := known_run(message.run, context.process)) is not None:
        run.stop.set()


def close_run(message: Message, context: WorkerContext) -> None:
    """Let go of all that is kept for a run."""
    forget_run(message.run, context.process)
