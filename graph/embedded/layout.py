"""Where the engine's files lie: everything under ``home/neo4j``, readable by its owner only."""

import shutil
import tempfile
from pathlib import Path

from graph.errors import EngineError

#: an empty store and its logs take 70 MB
_NEEDED_BYTES = 200 << 20


class Layout:
    """The folder of one engine, and what lies in it."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.password = root / "password"
        self.version = root / "version"
        self.conf = root / "conf"
        self.data = root / "data"
        self.logs = root / "logs"
        #: Neo4j's own log: what to read when something is wrong
        self.log = self.logs / "neo4j.log"
        self.debug_log = self.logs / "debug.log"
        #: what java itself says, of its last run
        self.console_log = self.logs / "console.log"
        self.crash_log = self.logs / "java-crash.log"
        #: what our own processes say
        self.keeper_log = self.logs / "keeper.log"
        self.run = root / "run"
        #: where java unpacks its native parts; emptied at every start
        self.tmp = self.run / "tmp"
        #: what the keeper says of the engine
        self.state = self.run / "state.json"
        #: a file for each process that uses the engine
        self.users = self.run / "users"
        #: shared by all users; exclusive while the engine is being stopped
        self.lease_lock = self.run / "lease.lock"
        #: held as long as a keeper lives
        self.keeper_lock = self.run / "keeper.lock"
        #: held as long as a keeper or its java lives
        self.engine_lock = self.run / "engine.lock"

    @classmethod
    def of(cls, home: Path) -> "Layout":
        return cls(home.expanduser().absolute() / "neo4j")

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

    def has_space(self) -> bool:
        """Whether an engine could start."""
        return shutil.disk_usage(self.root).free >= _NEEDED_BYTES

    def require_space(self, needed: int = _NEEDED_BYTES) -> None:
        """Refuse to start with fewer free bytes than a store needs."""
        free = shutil.disk_usage(self.root).free
        if free < needed:
            raise EngineError(
                f"The disk of {self.root} is full ({free >> 20} MB free, {needed >> 20} MB "
                "needed): make room or choose another data folder with COMPLAINT_GRAPH_HOME."
            )
