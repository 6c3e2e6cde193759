"""How many workers one driver keeps busy, and what bounds it: Dask workers whose tasks sleep, the rest is real.

    PYTHONPATH=tests python tests/benchmarks/cluster_simulation.py [--fleets 8,16,32,64,128,256,512] [--seconds 30]
    PYTHONPATH=tests python tests/benchmarks/cluster_simulation.py --fleets 64 --photos 100000

Each simulated worker is a thread of one of four worker processes; it sleeps as long as reading, resizing and uploading
a photo take elsewhere (each photo between a half and one and a half of that), so that many of them need few cores.
Each fleet gets as many photos as it should do in `--seconds`, or `--photos`. Printed beside what was measured is what
the model says:

    photos/s = min(workers / photo_s, 1 / driver_s, cores / all_s)
    driver_s = (fixed_s + tasks * task_s) / (1 - idle_s)

where `tasks` is how many tasks a photo took (two divided by the size of batches), and `idle_s`, `fixed_s` and `task_s`
are the processor time of the driver's process, Dask's scheduler and client included, for a second, a photo and a task.
"""

import argparse
import json
import logging
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

import dask
import numpy as np
import psutil
from distributed import Client, LocalCluster
from support.simulated_cluster import CountingEngine, Times, found_pages, new_journal, run_driver

from photopipe.cluster.dask_engine import QUIET_DASK, DaskEngine

PROCESSES = 4


def run_one(workers: int, photos: int, times: Times, folder: Path) -> dict[str, Any]:
    """One fleet, in this process."""
    logging.getLogger("distributed").setLevel(logging.CRITICAL)
    dask.config.set(QUIET_DASK)
    processes = min(PROCESSES, workers)
    cluster = LocalCluster(
        n_workers=processes, threads_per_worker=workers // processes, dashboard_address="127.0.0.1:0", silence_logs=50
    )
    engine = DaskEngine(Client(cluster), cluster)
    try:
        while len(engine.workers()) < processes:
            time.sleep(0.1)
        counting = CountingEngine(engine)
        before_s = _children_s()
        cost, spent = run_driver(counting, new_journal(folder), found_pages(photos), photos, times, is_timed=True)
        children_s = _children_s() - before_s
    finally:
        engine.close()
    return {**cost._asdict(), "spent": spent, "children_s": children_s}


def _children_s() -> float:
    """Processor time of the worker processes so far."""
    return sum(sum(one.cpu_times()[:2]) for one in psutil.Process().children(recursive=True))


def in_a_process(workers: int, photos: int, options: argparse.Namespace, folder: Path) -> dict[str, Any]:
    """The same in a process of its own."""
    output = folder / "cost.json"
    times = [str(one) for one in (options.read_ms, options.resize_ms, options.upload_ms)]
    command = [sys.executable, __file__, "--one", str(workers), str(photos), str(output), "--folder", str(folder)]
    command += ["--read-ms", times[0], "--resize-ms", times[1], "--upload-ms", times[2]]
    subprocess.run(command, check=True)
    cost: dict[str, Any] = json.loads(output.read_text())
    for path in folder.iterdir():
        path.unlink()
    return cost


def show(workers: int, photos: int, cost: dict[str, Any], ideal: float) -> None:
    """Print what one fleet did."""
    journal = ", ".join(
        f"{name} {wall_s / cost['wall_s']:.2f} ({1000 * wall_s / calls:.1f} ms each)"
        for name, (wall_s, _cpu_s, calls) in cost["spent"].items()
        if name != "finish"
    )
    rate, driver_s, wall_s = cost["rate"], cost["cpu_s"], cost["wall_s"]
    print(
        f"{workers:4} workers, {photos:6} photos: {rate:7.1f} photos/s, {rate / ideal:.2f} of {ideal:.1f}; "
        f"{cost['tasks'] / photos:.3f} tasks a photo; peak {cost['peak_mb']:.0f} MB\n"
        f"    CPU: driver's process {1000 * driver_s / photos:.3f} ms a photo, {driver_s / wall_s:.2f} of a core, "
        f"workers' {1000 * cost['children_s'] / photos:.3f} ms; driver's thread busy with the journal: {journal}",
        flush=True,
    )


def fitted(measured: list[tuple[int, int, dict[str, Any]]]) -> tuple[float, float, float]:
    """What the driver's process takes for each second, photo and task [CPU seconds], by least squares of ratios."""
    rows = np.array([[cost["wall_s"] / photos, 1.0, cost["tasks"] / photos] for _, photos, cost in measured])
    taken = np.array([cost["cpu_s"] / photos for _, photos, cost in measured])
    second, photo, task = np.linalg.lstsq(rows / taken[:, None], np.ones(len(taken)), rcond=None)[0]
    return float(second), float(photo), float(task)


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--fleets", default="8,16,32,64,128,256,512")
    parser.add_argument("--photos", type=int, help="for each fleet, in place of --seconds")
    parser.add_argument("--seconds", type=float, default=30)
    parser.add_argument("--read-ms", type=float, default=5)
    parser.add_argument("--resize-ms", type=float, default=80)
    parser.add_argument("--upload-ms", type=float, default=60)
    parser.add_argument("--folder", type=Path, help="where the journal is written (a temporary folder)")
    parser.add_argument("--one", nargs=3, metavar=("WORKERS", "PHOTOS", "OUT"), help="used by the benchmark itself")
    options = parser.parse_args()
    times = Times(options.read_ms / 1000, options.resize_ms / 1000, options.upload_ms / 1000)
    if options.one:
        workers, count, out = options.one
        Path(out).write_text(json.dumps(run_one(int(workers), int(count), times, options.folder)))
        return
    photo_s = times.read_s + times.resize_s + times.upload_s
    measured = []
    with tempfile.TemporaryDirectory(dir=options.folder) as scratch:
        for workers in map(int, options.fleets.split(",")):
            photos = options.photos or int(options.seconds * workers / photo_s)
            cost = in_a_process(workers, photos, options, Path(scratch))
            show(workers, photos, cost, workers / photo_s)
            measured.append((workers, photos, cost))
    if len(measured) < len(("second", "photo", "task")):
        return
    idle_s, fixed_s, task_s = fitted(measured)
    print(f"driver_s = {1000 * fixed_s:.3f} ms + tasks * {1000 * task_s:.3f} ms, and {100 * idle_s:.1f} % of a core")
    for workers, photos, cost in measured:
        driver_s = (fixed_s + cost["tasks"] / photos * task_s) / (1 - idle_s)
        all_s = (cost["cpu_s"] + cost["children_s"]) / photos
        bounds = {
            "workers": workers / photo_s,
            "driver": 1 / driver_s,
            "cores": (os.cpu_count() or 1) / all_s,
        }
        bound = min(bounds, key=lambda name: bounds[name])
        print(
            f"{workers:4} workers: modelled {bounds[bound]:7.1f} photos/s ({bound}), measured {cost['rate']:7.1f}, "
            f"{cost['rate'] / bounds[bound]:.2f} of it"
        )


if __name__ == "__main__":
    main()
