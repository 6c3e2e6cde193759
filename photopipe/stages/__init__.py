"""The stages as the line runs them: each plain function with the journal and the claims around it.

In `download/`, `resize/` and `upload/` there is a function of one photo. What makes the line exactly-once is
all here: decide once what is undone, record before acting, ask before sending again, let one
copy of a photo wait for another. Heavy libraries are imported when a stage is set up, so a line with nothing to
do loads none. In the order photos travel: `sorting.py`, `downloading.py`, `resizing.py`, `uploading.py`,
`after_upload.py`.
"""

from photopipe.stages.claims import Claims
from photopipe.stages.delivery_log import DeliveryLog
from photopipe.stages.downloading import download_stage, dry_run_stage
from photopipe.stages.failed_galleries import FailedGalleries
from photopipe.stages.gallery_session import GallerySession
from photopipe.stages.lost_source import LostSource
from photopipe.stages.resizing import resize_stage
from photopipe.stages.sending import Destination
from photopipe.stages.sorting import Sorting
from photopipe.stages.spool import Spool
from photopipe.stages.uploading import upload_stage

__all__ = [
    "Claims",
    "DeliveryLog",
    "Destination",
    "FailedGalleries",
    "GallerySession",
    "LostSource",
    "Sorting",
    "Spool",
    "download_stage",
    "dry_run_stage",
    "resize_stage",
    "upload_stage",
]
