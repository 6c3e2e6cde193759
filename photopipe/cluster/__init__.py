"""A run on a cluster: the same source, stages, journal and report; the work is done in other processes.

In: photos to be worked on. Out: the parcels that the line on threads would give, each once, although workers die,
tasks run twice and answers get lost. The driver alone writes the journal; it leases each photo to a worker before
that may send it. Read `driver/dispatcher.py` first, then `worker/tasks.py`. Which engine moves tasks is known to
`dask_engine.py` alone; `protocol/engine.py` says what it must do.
"""
