"""What a caller says to the engine, and what he is told."""

from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

#: The one user of Neo4j Community.
USER = "neo4j"


@dataclass(frozen=True)
class EngineOptions:
    """How the engine of one data folder is run.

    All processes that share a folder should say the same; what the process that starts the
    engine says is what holds.
    """

    #: the data folder; the engine lives in ``home/neo4j``
    home: Path
    heap_mb: int = 512
    page_cache_mb: int = 128
    #: seconds until a start is given up
    start_timeout: float = 180.0
    #: seconds that an engine which nobody uses any more waits for the next user
    linger: float = 3.0
    #: where the jars are kept, for all data folders; None: the user's cache folder
    jar_cache: Path | None = None
    #: Maven repositories to ask before those of jgo's own configuration and Maven Central
    maven_repositories: tuple[str, ...] = ()

    def to_json(self) -> dict[str, Any]:
        """For the command line of another process of ours, which every user of the machine sees:
        the addresses of repositories stay here, as they may hold a password.
        """
        values = asdict(self) | {
            "home": str(self.home.expanduser().absolute()),
            "jar_cache": str(self.jar_cache.expanduser().absolute()) if self.jar_cache else None,
        }
        del values["maven_repositories"]
        return values

    @classmethod
    def from_json(cls, values: dict[str, Any]) -> "EngineOptions":
        """The inverse of :meth:`to_json`."""
        cache = values["jar_cache"]
        paths = {"home": Path(values["home"]), "jar_cache": Path(cache) if cache else None}
        return cls(**{**values, **paths})


@dataclass(frozen=True)
class Connection:
    """Where the engine answers, and as whom."""

    uri: str
    user: str
    password: str = field(repr=False)


@dataclass(frozen=True)
class User:
    """A process that holds a lease on the engine."""

    pid: int
    #: True for the process that ``neo4j start`` leaves behind
    holder: bool = False


@dataclass(frozen=True)
class EngineStatus:
    """The engine of one data folder as it is now."""

    running: bool
    #: "stopped", "starting", "ready", "stopping" or "failed"
    phase: str
    home: Path
    log: Path
    version: str
    uri: str | None = None
    keeper_pid: int | None = None
    java_pid: int | None = None
    users: tuple[User, ...] = ()
    #: why the last start failed
    error: str | None = None
