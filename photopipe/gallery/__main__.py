"""`python -m photopipe.gallery --folder F`: the gallery a run starts for itself; see `embedded.py`.

The first line of standard input is the token. Standard output gets one line of JSON: the address,
or why there is none. The gallery serves until standard input ends, which it does however the
parent ends.
"""

import argparse
import gc
import json
import os
import signal
import sys
import threading
from collections.abc import Sequence

from photopipe.errors import PhotopipeError


def main(arguments: Sequence[str] | None = None) -> int:
    """Serve until the parent is gone.

    Returns:
        Exit status: 0, or 1 if the gallery could not start.
    """
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, signal.SIG_IGN)  # the parent decides when to end, and may still be sending
    parser = argparse.ArgumentParser(prog="photopipe.gallery", description=__doc__)
    parser.add_argument("--folder", required=True)
    try:
        _serve(parser.parse_args(arguments).folder)
    except (PhotopipeError, OSError) as error:
        _say({"error": str(error)})
        return 1
    return 0


def _serve(folder: str) -> None:
    gc.disable()  # what is imported stays: looking through it again and again is a tenth of the time to start
    from photopipe.gallery.server.serve import Openness, serve

    token = sys.stdin.buffer.readline().decode().strip()
    if not token:
        raise PhotopipeError("no token came on standard input")
    stop = threading.Event()
    # A daemon: if the gallery cannot start, the process does not wait for the parent to end.
    threading.Thread(target=_wait_for_parent, args=(stop,), name="gallery-parent", daemon=True).start()
    serve(
        folder,
        host="127.0.0.1",
        port=0,
        token=token,
        public_url=None,
        ready=_announce,
        stop=stop,
        openness=Openness(is_private=True),
    )


def _announce(address: str) -> None:
    _say({"url": address})
    # The first photo needs it. The parent prepares its request meanwhile.
    import photopipe.resize.picture_details  # noqa: F401

    gc.freeze()
    gc.enable()


def _wait_for_parent(stop: threading.Event) -> None:
    while os.read(0, 4096):
        pass
    stop.set()


def _say(answer: dict[str, str]) -> None:
    print(json.dumps(answer), flush=True)


if __name__ == "__main__":
    sys.exit(main())
