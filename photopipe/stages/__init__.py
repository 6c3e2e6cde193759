"""The stages as the line runs them: each plain function with the journal and the claims around it.

Whoever reads `download/`, `resize/` or `upload/` finds a function of one photo. What makes the line
exactly-once is all here: record before acting, ask before sending again, let one twin wait for the
other. Heavy libraries are imported when a stage is set up, so a line with nothing to do loads none.
Read `ledger.py` first.
"""

from photopipe.stages.delivery_log import DeliveryLog
from photopipe.stages.downloading import download_stage, plan_stage
from photopipe.stages.failed_galleries import FailedGalleries
from photopipe.stages.gallery_session import GallerySession
from photopipe.stages.resizing import resize_stage
from photopipe.stages.uploading import Destination, upload_stage

__all__ = [
    "DeliveryLog",
    "Destination",
    "FailedGalleries",
    "GallerySession",
    "download_stage",
    "plan_stage",
    "resize_stage",
    "upload_stage",
]
