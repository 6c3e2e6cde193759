"""What `photopipe doctor` looks at: this installation, the configuration, the journal, disks, sources and galleries.

In: what a run would use. Out: a `CheckResult` for each thing looked at. Read `doctor.py` first; nothing is changed.
"""

from photopipe.doctor.check_result import CheckResult, Verdict
from photopipe.doctor.doctor import Examined, examine

__all__ = ["CheckResult", "Examined", "Verdict", "examine"]
