"""Real signals to a real process: every parcel is accounted for, however it ends."""

import json
import os
import signal
import subprocess
import sys
import textwrap

import pytest
from support.deadline import DEADLINE_S

PROGRAM = textwrap.dedent(
    """
    import json, signal, sys, time
    from photopipe.pipeline import Pipeline, Stage

    presses = 0
    def count(*_):
        global presses
        presses += 1
    # A shell lets what it starts in the background ignore SIGINT: without a handler of its own it would never stop.
    signal.signal(signal.SIGINT, count if sys.argv[1] == "counting" else signal.default_int_handler)

    def work(number):
        time.sleep(0.005)
        return number

    yielded = []
    line = Pipeline(iter(range(10**9)), [Stage.of(name, work, workers=2, maxsize=3) for name in "abc"], maxsize=3)
    interrupted = False
    try:
        with line:
            for parcel in line.results(tick_s=0.01):
                if parcel is not None:
                    yielded.append(parcel.sequence)
                    if len(yielded) == 5:
                        print("going", flush=True)
                if presses == 1:
                    line.drain()
                if presses >= 2:
                    line.abort()
    except KeyboardInterrupt:
        interrupted = True
    left = [parcel.sequence for parcel in line.leftovers]
    print(json.dumps({"yielded": yielded, "left": left, "pulled": line.pulled, "interrupted": interrupted}))
    """
)


def run_and_interrupt(mode: str, presses: int) -> dict[str, list[int]]:
    process = subprocess.Popen([sys.executable, "-c", PROGRAM, mode], stdout=subprocess.PIPE, text=True)
    assert process.stdout is not None
    try:
        assert process.stdout.readline() == "going\n"
        for _ in range(presses):
            os.kill(process.pid, signal.SIGINT)
        output, _ = process.communicate(timeout=DEADLINE_S)
    finally:
        process.kill()
        process.wait()
        process.stdout.close()
    outcome: dict[str, list[int]] = json.loads(output)
    return outcome


@pytest.mark.parametrize("attempt", range(3))
def test_a_plain_ctrl_c_conserves_every_parcel(attempt: int) -> None:
    outcome = run_and_interrupt("plain", 1)
    assert outcome["interrupted"]
    assert sorted(outcome["yielded"] + outcome["left"]) == list(range(int(str(outcome["pulled"]))))


def test_one_counted_press_drains_the_line() -> None:
    outcome = run_and_interrupt("counting", 1)
    assert outcome["left"] == []
    assert sorted(outcome["yielded"]) == list(range(int(str(outcome["pulled"]))))


def test_two_counted_presses_account_for_every_parcel() -> None:
    outcome = run_and_interrupt("counting", 2)
    assert sorted(outcome["yielded"] + outcome["left"]) == list(range(int(str(outcome["pulled"]))))
