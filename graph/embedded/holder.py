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
    stopping = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stopping.set())
    with engine(options, holder=True):
        stopping.wait()
    return 0


if __name__ == "__main__":
    sys.exit(main())
