"""Where the engine's files lie: everything under ``home/neo4j``, readable by its owner only."""

import shutil
import tempfile
from dataclasses import dataclass
from pathlib import Path

from graph.errors import EngineError

#: an empty store and its logs take 70 MB
_NEEDED_BYTES = 200 << 20


@dataclass(frozen=True)
class Layout:
    """The folder of one engine."""

    root: Path

    @classmethod
    def of(cls, home: Path) -> "Layout":
        return cls(home.expanduser().absolute() / "neo4j")

    @property
    def password(self) -> Path:
        return self.root / "password"

    @property
    def version(self) -> Path:
        return self.root / "version"

    @property
    def conf(self) -> Path:
        return self.root / "conf"

    @property
    def data(self) -> Path:
        return self.root / "data"

    @property
    def logs(self) -> Path:
        return self.root / "logs"

    @property
    def log(self) -> Path:
        """Neo4j's own log: what to read when something is wrong."""
        return self.logs / "neo4j.log"

    @property
    def debug_log(self) -> Path:
        """Neo4j's log of details."""
        return self.logs / "debug.log"

    @property
    def console_log(self) -> Path:
        """What java itself says, of its last run."""
        return self.logs / "console.log"

    @property
    def crash_log(self) -> Path:
        """What java leaves when it crashes."""
        return self.logs / "java-crash.log"

    @property
    def keeper_log(self) -> Path:
        """What our own processes say."""
        return self.logs / "keeper.log"

    @property
    def run(self) -> Path:
        return self.root / "run"

    @property
    def tmp(self) -> Path:
        """Where java unpacks its native parts; emptied at every start."""
        return self.run / "tmp"

    @property
    def state(self) -> Path:
        """What the keeper says of the engine."""
        return self.run / "state.json"

    @property
    def users(self) -> Path:
        """A file for each process that uses the engine."""
        return self.run / "users"

    @property
    def lease_lock(self) -> Path:
        """Shared by all users; exclusive while the engine is being stopped."""
        return self.run / "lease.lock"

    @property
    def keeper_lock(self) -> Path:
        """Held as long as a keeper lives."""
        return self.run / "keeper.lock"

    @property
    def engine_lock(self) -> Path:
        """Held as long as a keeper or its java lives."""
        return self.run / "engine.lock"

    def create(self) -> None:
        """Make the folders; :class:`EngineError` when the place cannot be written."""
        try:
            self.root.mkdir(parents=True, exist_ok=True)
            self.root.chmod(0o700)
            folders = (self.conf, self.data / "dbms", self.logs, self.run, self.users)
            for folder in (*folders, self.root / "plugins", self.root / "import"):
                folder.mkdir(parents=True, exist_ok=True)
            with tempfile.TemporaryFile(dir=self.run) as probe:
                probe.write(b"?")
        except OSError as error:
            raise EngineError(
                f"The data folder {self.root} cannot be written ({error.strerror}): "
                "make it writable or choose another with COMPLAINT_GRAPH_HOME."
            ) from error

    def require_space(self, needed: int = _NEEDED_BYTES) -> None:
        """Refuse to start with fewer free bytes than a store needs."""
        free = shutil.disk_usage(self.root).free
        if free < needed:
            raise EngineError(
                f"The disk of {self.root} is full ({free >> 20} MB free, {needed >> 20} MB "
                "needed): make room or choose another data folder with COMPLAINT_GRAPH_HOME."
            )
