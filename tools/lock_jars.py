"""Write ``graph/embedded/jars.lock`` for a version of Neo4j: a tool for developers.

``python -m tools.lock_jars 2026.08.1`` resolves Neo4j's dependencies with jgo, leaves out what
a server of ours does without, and writes coordinates and sha256 of the rest. Run the tests of the
embedded engine afterwards: they prove that nothing needed was left out.
"""

import hashlib
import tempfile
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Annotated, Any

import typer

from graph.embedded import jars

#: Groups (ending in ``:``) and artifacts that no server of ours touches: it speaks Bolt only,
#: without TLS, and imports no files by itself.
WITHOUT = (
    # libraries for tests that stand among the dependencies
    "net.bytebuddy:",
    "org.mockito:",
    "org.objenesis:",
    "junit:",
    "org.hamcrest:",
    # bulk import from Parquet files, and sending a database to a cloud
    "org.apache.hadoop:",
    "org.apache.parquet:",
    "blue.strategic.parquet:",
    "org.xerial.snappy:",
    "org.locationtech.jts:",
    "commons-pool:",
    "org.neo4j:neo4j-push-to-cloud",
    # self-signed certificates for TLS
    "org.bouncycastle:",
    # the HTTP server and its marshalling; only the server's start refers to the servlet API
    "org.glassfish.jersey.core:",
    "org.glassfish.jersey.containers:",
    "org.glassfish.jersey.inject:",
    "org.glassfish.hk2:",
    "org.glassfish.hk2.external:",
    "org.glassfish.jaxb:",
    "com.fasterxml.jackson.jaxrs:",
    "com.fasterxml.jackson.module:jackson-module-jaxb-annotations",
    "com.sun.istack:",
    "com.sun.xml.fastinfoset:",
    "org.jvnet.staxex:",
    "jakarta.activation:",
    "jakarta.validation:",
    "jakarta.xml.bind:",
    "javax.xml.bind:",
    "org.javassist:",
    "org.eclipse.jetty:",
    "org.eclipse.jetty.ee:",
    "org.eclipse.jetty.ee8:",
    "org.eclipse.jetty.http2:",
    # reflection at compile time of Scala
    "org.scala-lang:scala-reflect",
    # processes of Windows
    "com.profesorfalken:",
    "org.jprocesses:",
)

_HEADER = """\
# The jars of Neo4j {version}: Maven coordinates and sha256, written by tools/lock_jars.py.
# [jars] are for every platform, [natives.*] for one.
"""


def main(version: Annotated[str, typer.Argument(help="a release of Neo4j")]) -> None:
    """Resolve, download, hash and write the lock."""
    with tempfile.TemporaryDirectory() as scratch:
        lines = _lock(version, Path(scratch))
    path = Path(jars.__file__).with_name("jars.lock")
    path.write_text(lines, "utf-8")
    typer.echo(f"{path}: {lines.count(' = ') - 1} jars")


def _lock(version: str, scratch: Path) -> str:
    from jgo.maven import MavenContext

    context = MavenContext(repo_cache=scratch, timeout=30)
    root = context.create_dependency(f"org.neo4j:neo4j:{version}")
    roots, rest = context.resolver.resolve([root])
    jar_deps = [dep for dep in [*roots, *rest] if dep.type == "jar"]
    wanted = [dep for dep in jar_deps if not is_left_out(f"{dep.groupId}:{dep.artifactId}")]
    with ThreadPoolExecutor(8) as pool:
        hashes = list(pool.map(_sha256, wanted))
    tables: dict[str, list[str]] = {"jars": []}
    for dep, sha in sorted(zip(wanted, hashes, strict=True), key=lambda pair: _name(pair[0])):
        table = f"natives.{dep.classifier}" if dep.classifier else "jars"
        tables.setdefault(table, []).append(f'"{_name(dep)}" = "{sha}"\n')
    parts = [f"\n[{table}]\n{''.join(lines)}" for table, lines in tables.items()]
    return _HEADER.format(version=version) + f'version = "{version}"\n' + "".join(parts)


def _name(dep: Any) -> str:
    parts = (dep.groupId, dep.artifactId, dep.version, dep.classifier)
    return ":".join(part for part in parts if part)


def is_left_out(name: str) -> bool:
    """Whether ``group:artifact`` is one that we do without."""
    return any(name == entry or (entry[-1] == ":" and name.startswith(entry)) for entry in WITHOUT)


def _sha256(dep: Any) -> str:
    from tenacity import retry, stop_after_attempt, wait_random_exponential

    resolve = retry(stop=stop_after_attempt(5), wait=wait_random_exponential(max=8), reraise=True)
    return hashlib.sha256(Path(resolve(dep.artifact.resolve)()).read_bytes()).hexdigest()


if __name__ == "__main__":
    typer.run(main)
