"""The stages as the line runs them: each plain function with the journal and the claims around it.

Whoever reads `download/`, `resize/` or `upload/` finds a function of one photo. What makes the line
exactly-once is all here: record before acting, ask before sending again, let one twin wait for the
other. Heavy libraries are imported when a stage is set up, so a line with nothing to do loads none.
Read `ledger.py` first.
"""

from photopipe.stages.door import Door
from photopipe.stages.downloading import download_stage, plan_stage
from photopipe.stages.given_up import GivenUp
from photopipe.stages.ledger import Ledger
from photopipe.stages.resizing import resize_stage
from photopipe.stages.sending import Destination, upload_stage

__all__ = ["Destination", "Door", "GivenUp", "Ledger", "download_stage", "plan_stage", "resize_stage", "upload_stage"]
