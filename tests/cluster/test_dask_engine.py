"""What Dask does for a run, and what it costs."""

from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context

import pytest
from support.tasks_in_dask import grown_with

END_S = 120.0


@pytest.mark.campaign
def test_nothing_in_the_drivers_process_grows_with_every_task() -> None:
    with ProcessPoolExecutor(1, mp_context=get_context("spawn")) as pool:
        assert pool.submit(grown_with, 3_000).result(END_S) == []
