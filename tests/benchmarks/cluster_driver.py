"""What a run on a cluster can do at most, because one driver gives out the work and writes the journal.

    PYTHONPATH=tests python tests/benchmarks/cluster_driver.py [--photos 50000] [--rounds 3] [--sizes 10000,1000000]

The driver's thread, the source's, the main thread's account and the journal on disk are real. The source makes its
findings as they are asked for; the workers answer at once, in a thread of the same process, after everything was
pickled. A listing without an end is ended after as many photos. Then the same with Dask: two worker processes whose
tasks do nothing, for batches of several sizes, and one by one for more and more photos, to see what Dask keeps of
tasks. Each run is a process of its own, so that its peak memory is its own.
"""

import argparse
import json
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

from support.simulated_cluster import CountingEngine, InstantEngine, Times, found_pages, new_journal, run_driver

from photopipe.settings import ClusterSettings

BATCHES = (1, 8, 64)


def run_one(kind: str, photos: int, batch: int, folder: Path, *, is_timed: bool) -> dict[str, Any]:
    """One run in this process; returns what it cost."""
    times = Times(said_s=0.5 / (batch + 0.5))
    if kind != "dask":
        engine = InstantEngine()
        findings = found_pages(sys.maxsize if kind == "endless" else photos)
        try:
            cost, spent = run_driver(engine, new_journal(folder), findings, photos, times, is_timed=is_timed)
        finally:
            engine.close()
        return {**cost._asdict(), "spent": {**spent, "pickle": [0.0, engine.pickled_s, engine.tasks]}}
    from photopipe.cluster.dask_engine import DaskEngine  # takes half a second

    dask = DaskEngine.opened(ClusterSettings(workers=2))
    try:
        while len(dask.workers()) < 2:
            time.sleep(0.1)
        cost, spent = run_driver(
            CountingEngine(dask), new_journal(folder), found_pages(photos), photos, times, is_timed=is_timed
        )
    finally:
        dask.close()
    return {**cost._asdict(), "spent": spent}


def in_a_process(kind: str, photos: int, batch: int, folder: Path, *flags: str) -> dict[str, Any]:
    """The same in a process of its own."""
    output = folder / "cost.json"
    command = [sys.executable, __file__, "--one", kind, str(photos), str(batch), str(output), "--folder", str(folder)]
    subprocess.run([*command, *flags], check=True)
    cost: dict[str, Any] = json.loads(output.read_text())
    for path in folder.iterdir():
        path.unlink()
    return cost


def median(costs: list[dict[str, Any]], name: str) -> float:
    return float(statistics.median(cost[name] for cost in costs))


def show(title: str, costs: list[dict[str, Any]], photos: int) -> None:
    rates = sorted(cost["rate"] for cost in costs)
    print(
        f"{title:<34} {median(costs, 'rate'):7.0f} photos/s ({rates[0]:.0f} to {rates[-1]:.0f}), "
        f"CPU {1000 * median(costs, 'cpu_s') / photos:.3f} ms a photo, {median(costs, 'tasks'):.0f} tasks, "
        f"peak {median(costs, 'peak_mb'):.0f} MB",
        flush=True,
    )


def show_parts(cost: dict[str, Any], photos: int) -> None:
    for name, (wall_s, cpu_s, calls) in cost["spent"].items():
        print(
            f"    {name:<8} {1e6 * cpu_s / photos:6.0f} us CPU a photo, {1e6 * wall_s / photos:6.0f} us wall, "
            f"{calls:.0f} calls, {1000 * wall_s / max(1, calls):.2f} ms wall a call"
        )
    parts = sum(cpu_s for _, cpu_s, _ in cost["spent"].values())
    rest_us = 1e6 * (cost["cpu_s"] - parts) / photos
    print(f"    {'the rest':<8} {rest_us:6.0f} us CPU a photo: source, line, account, dispatch")


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--photos", type=int, default=50_000)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--sizes", default="10000,100000,1000000", help="findings of the runs whose memory is measured")
    parser.add_argument("--dask-sizes", default="5000,20000", help="the same with Dask")
    parser.add_argument("--no-dask", action="store_true", help="leave out the runs with Dask")
    parser.add_argument("--folder", type=Path, help="where the journal is written (a temporary folder)")
    parser.add_argument(
        "--one", nargs=4, metavar=("KIND", "PHOTOS", "BATCH", "OUT"), help="used by the benchmark itself"
    )
    parser.add_argument("--timed", action="store_true", help="likewise")
    options = parser.parse_args()
    if options.one:
        kind, photos, batch, out = options.one
        cost = run_one(kind, int(photos), int(batch), options.folder, is_timed=options.timed)
        Path(out).write_text(json.dumps(cost))
        return
    with tempfile.TemporaryDirectory(dir=options.folder) as scratch:
        folder = Path(scratch)
        alone_ms = {}
        for batch in BATCHES:
            costs = [in_a_process("instant", options.photos, batch, folder) for _ in range(options.rounds)]
            show(f"driver alone, batches of {batch}", costs, options.photos)
            alone_ms[batch] = 1000 * median(costs, "cpu_s") / options.photos
        show_parts(in_a_process("instant", options.photos, 64, folder, "--timed"), options.photos)
        for size in filter(None, options.sizes.split(",")):
            show(f"{int(size):,} findings", [in_a_process("instant", int(size), 64, folder)], int(size))
            cost = in_a_process("endless", int(size), 64, folder)
            print(f"    of an endless listing: peak {cost['peak_mb']:.0f} MB, the first after {cost['first_s']:.2f} s")
        if options.no_dask:
            return
        for batch in BATCHES:
            photos = min(options.photos, 250 * batch * options.rounds)
            costs = [in_a_process("dask", photos, batch, folder) for _ in range(options.rounds)]
            show(f"Dask, 2 processes, batches of {batch}", costs, photos)
            tasks_a_photo = median(costs, "tasks") / photos
            wall_ms = 1000 / median(costs, "rate") / tasks_a_photo
            cpu_ms = (1000 * median(costs, "cpu_s") / photos - alone_ms[batch]) / tasks_a_photo
            print(
                f"    {wall_ms:.2f} ms a task, two of which are needed for each batch; Dask's client and scheduler, "
                f"which are in this process, take {cpu_ms:.2f} ms CPU of it"
            )
        for size in map(int, filter(None, options.dask_sizes.split(","))):
            show(f"Dask, {size:,} findings", [in_a_process("dask", size, 1, folder)], size)


if __name__ == "__main__":
    main()
