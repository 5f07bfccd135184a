"""The holder: a process that only holds a lease, so that the engine outlives a command."""

import signal
import sys
import threading

from graph.embedded.engine import engine
from graph.embedded.options import EngineOptions
from graph.embedded.process import daemonize, read_task


def main() -> int:
    """Hold a lease until a signal comes: ``python -m graph.embedded.holder OPTIONS``."""
    options = EngineOptions.from_json(read_task())
    daemonize()
    told_to_end = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: told_to_end.set())
    with engine(options, holder=True):
        told_to_end.wait()
    return 0


if __name__ == "__main__":
    sys.exit(main())
