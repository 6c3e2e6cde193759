"""CPU time of a line of 12 workers that waits for its source.

    python tests/benchmarks/idle_line.py [--seconds 10]

The main thread looks at signals four times a second meanwhile, as in a real run.
"""

import argparse
import resource
import threading
from collections.abc import Iterator

from photopipe.pipeline import Pipeline, Stage

WORKERS = 4


def cpu_s() -> float:
    usage = resource.getrusage(resource.RUSAGE_SELF)
    return usage.ru_utime + usage.ru_stime


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--seconds", type=float, default=10.0)
    seconds: float = parser.parse_args().seconds
    over = threading.Event()

    def silent_source() -> Iterator[int]:
        yield 0
        over.wait()

    stages = [Stage.of(name, lambda payload: payload, workers=WORKERS) for name in ("download", "resize", "upload")]
    with Pipeline(silent_source(), stages) as line:
        results = line.results(tick_s=0.25)
        while next(results) is not None:
            continue
        before, ticks = cpu_s(), 0
        while ticks * 0.25 < seconds:
            next(results)
            ticks += 1
        used = cpu_s() - before
        over.set()
    print(f"{3 * WORKERS} workers waiting for {seconds:.0f} s: {1000 * used / seconds:.2f} ms CPU per second")


if __name__ == "__main__":
    main()
