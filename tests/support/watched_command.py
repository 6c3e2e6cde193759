"""`photopipe` with leases that end sooner or later than usual, and a list of the leases it gives.

    python -P watched_command.py LEASE_SECONDS LEASES_FILE ARGUMENT...

Each lease adds its attempt to LEASES_FILE, a line each. 0 seconds: the usual time.
"""

import sys
from collections.abc import Sequence
from pathlib import Path


def main(lease_s: float, leases_file: str) -> int:
    """Run the command that is left in `sys.argv`; its exit code."""
    from photopipe.cli.commands import run
    from photopipe.cluster import open_cluster
    from photopipe.cluster.driver.in_flight import InFlight
    from photopipe.cluster.driver.recording import Recording
    from photopipe.journal import Lease
    from photopipe.settings import UploadSettings

    usual_lease = Recording.lease

    def lease(self: Recording, photos: Sequence[InFlight], leases: Sequence[Lease]) -> None:
        usual_lease(self, photos, leases)
        with Path(leases_file).open("a") as file:
            file.writelines(f"{one.attempt}\n" for one in leases)

    Recording.lease = lease  # type: ignore[method-assign]
    if lease_s:
        open_cluster.LEASE_S = lease_s - UploadSettings().retry_after_cap_s  # type: ignore[misc]
    return run()


if __name__ == "__main__":  # worker processes import this file, too
    chosen_s, file = float(sys.argv.pop(1)), sys.argv.pop(1)
    sys.exit(main(chosen_s, file))
