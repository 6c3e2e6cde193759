"""Loaded into workers that are started for one run: Ctrl-C is for the driver, which lets them finish."""

import signal


def dask_setup(_worker: object) -> None:
    """Called by Dask when the worker starts, in its main thread."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
