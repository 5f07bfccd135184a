"""The locked set of jars that is Neo4j.

``jars.lock`` names every jar by its Maven coordinates and its sha256; no address stands in it.
"""

import hashlib
import platform
import sys
import tomllib
from dataclasses import dataclass
from functools import cache
from pathlib import Path

_LOCK_FILE = Path(__file__).with_name("jars.lock")


@dataclass(frozen=True)
class Jar:
    """One jar: ``group:artifact:version`` or ``group:artifact:version:classifier``."""

    coordinates: str
    sha256: str

    @property
    def name(self) -> str:
        """The file's name, unique in the lock."""
        return "-".join(self.coordinates.split(":")[1:]) + ".jar"

    @property
    def path(self) -> str:
        """Where it lies in a Maven repository."""
        group, artifact, version, *_ = self.coordinates.split(":")
        return "/".join((*group.split("."), artifact, version, self.name))


@dataclass(frozen=True)
class JarLock:
    """What is to be installed on this platform."""

    version: str
    jars: tuple[Jar, ...]

    @property
    def digest(self) -> str:
        """Changes when any jar does."""
        lines = "".join(f"{jar.coordinates} {jar.sha256}\n" for jar in self.jars)
        return hashlib.sha256(lines.encode()).hexdigest()[:12]


@cache
def jar_lock() -> JarLock:
    """The lock of this release, for the platform we run on."""
    return read_lock(_LOCK_FILE.read_text("utf-8"), platform_name())


def read_lock(text: str, platform_: str) -> JarLock:
    """Parse a lock file; natives of other platforms are left out."""
    table = tomllib.loads(text)
    jars = {**table["jars"], **table["natives"].get(platform_, {})}
    return JarLock(table["version"], tuple(Jar(name, sha) for name, sha in sorted(jars.items())))


def platform_name() -> str:
    """``linux-x86_64``, ``linux-aarch_64``, ``osx-x86_64`` or ``osx-aarch_64`` (netty's names)."""
    system = "osx" if sys.platform == "darwin" else "linux"
    machine = platform.machine().lower()
    return f"{system}-{'aarch_64' if machine in {'arm64', 'aarch64'} else 'x86_64'}"


def sha256_of(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
