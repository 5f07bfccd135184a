"""The locked set of jars that is Neo4j, and how it comes onto this machine.

``jars.lock`` names every jar by its Maven coordinates and its sha256; no address stands in it.
The jars come through jgo's Maven client and are kept once for all data folders.
"""

import errno
import hashlib
import json
import os
import platform
import shutil
import sys
import tempfile
import threading
import tomllib
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor, as_completed
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from graph.embedded.lock import locked
from graph.embedded.options import EngineOptions
from graph.embedded.repositories import repositories
from graph.errors import EngineError
from graph.progress import Progress

_THREADS = 8
_ATTEMPTS = 5
_REQUEST_SECONDS = 20
#: another process may be installing on a slow line
_INSTALL_SECONDS = 3600.0
_TASK = "Install Neo4j"
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


class RepositoryError(EngineError):
    """No Maven repository gives what is needed: most often there is no network."""


class _DamagedError(Exception):
    """What came over the line is not what the lock says."""


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


def install(options: EngineOptions, progress: Progress) -> Path:
    """The folder with all jars of the lock, installing what is missing.

    Safe beside another process that does the same, and after one that was killed.

    Raises:
        EngineError: no repository in reach, a jar that is not the locked one, or no space.
    """
    return install_lock(jar_lock(), _cache_folder(options), options.maven_repositories, progress)


def install_lock(
    lock: JarLock, cache_folder: Path, asked: tuple[str, ...], progress: Progress
) -> Path:
    """Like :func:`install` for any lock and folder; ``asked``: repositories to ask first."""
    folder = cache_folder / f"neo4j-{lock.version}-{lock.digest}"
    try:
        if _is_complete(folder, lock):
            return folder
        folder.mkdir(parents=True, exist_ok=True)
        progress(_TASK, 0, len(lock.jars))
        with locked(folder / "install.lock", _INSTALL_SECONDS) as had:
            if not had:
                raise EngineError(
                    f"Another process has been installing Neo4j in {folder} for an hour: "
                    "end it and try again."
                )
            if not _is_complete(folder, lock):
                _fill(folder, lock, repositories(asked), progress)
    except OSError as error:
        raise _unwritable(folder, error) from error
    return folder


def _cache_folder(options: EngineOptions) -> Path:
    if options.jar_cache is not None:
        return options.jar_cache.expanduser().absolute()
    from platformdirs import user_cache_path

    return user_cache_path("complaint-graph", appauthor=False) / "jars"


def _is_complete(folder: Path, lock: JarLock) -> bool:
    """Whether all jars were verified once and no file has changed since."""
    try:
        manifest = json.loads((folder / "manifest.json").read_text("utf-8"))
        return bool(manifest == _manifest(folder, lock))
    except (FileNotFoundError, ValueError):
        return False


def _manifest(folder: Path, lock: JarLock) -> dict[str, list[int]]:
    stats = {jar.name: (folder / jar.name).stat() for jar in lock.jars}
    # whole seconds survive an archive or an image
    return {name: [stat.st_size, int(stat.st_mtime)] for name, stat in stats.items()}


def _fill(folder: Path, lock: JarLock, remotes: dict[str, str], progress: Progress) -> None:
    for left in folder.glob("partial-*"):  # of an installation that was killed
        shutil.rmtree(left)
    with tempfile.TemporaryDirectory(prefix="partial-", dir=folder) as scratch:
        fetch = _fetcher(Path(scratch), remotes)
        _all_jars(folder, lock, fetch, progress)
        manifest = Path(scratch) / "manifest.json"
        manifest.write_text(json.dumps(_manifest(folder, lock)), "utf-8")
        manifest.replace(folder / manifest.name)


def _all_jars(
    folder: Path, lock: JarLock, fetch: Callable[[Jar], Path], progress: Progress
) -> None:
    """Bring every jar in, several at a time; the first that fails for good ends it all."""
    given_up = threading.Event()

    def one(jar: Jar) -> None:
        target = folder / jar.name
        if given_up.is_set() or (target.exists() and _sha256(target) == jar.sha256):
            return
        try:
            fetch(jar).replace(target)
        except BaseException:
            given_up.set()
            raise

    with ThreadPoolExecutor(_THREADS, thread_name_prefix="jars") as pool:
        running = [pool.submit(one, jar) for jar in lock.jars]
        try:
            for done, future in enumerate(as_completed(running), start=1):
                future.result()
                progress(_TASK, done, len(lock.jars))
        except BaseException:
            given_up.set()
            raise


def _fetcher(scratch: Path, remotes: dict[str, str]) -> Callable[[Jar], Path]:
    """A function that downloads a jar into ``scratch``, checks it and returns its path."""
    from jgo.maven import MavenContext
    from tenacity import Retrying, retry_if_exception, stop_after_attempt
    from tenacity import wait_random_exponential as wait

    context = MavenContext(repo_cache=scratch, remote_repos=remotes, timeout=_REQUEST_SECONDS)
    retrying = Retrying(
        retry=retry_if_exception(lambda error: not _is_final(error)),
        stop=stop_after_attempt(_ATTEMPTS),
        wait=wait(multiplier=0.5, max=8),
        reraise=True,
    )

    def fetch(jar: Jar) -> Path:
        try:
            return retrying.copy()(_download, context, jar)
        except _DamagedError as error:
            raise EngineError(
                f"The jar {jar.coordinates} is not the one that this release was made with "
                "(its sha256 differs): look whether the Maven repository you use alters files."
            ) from error
        except (OSError, RuntimeError) as error:
            if _is_final(error):
                raise
            raise RepositoryError(
                f"Neo4j cannot be installed, as {jar.coordinates} is not to be had from "
                f"{_names(remotes)}: connect to the network, name a mirror (central = address, "
                "in the section [repositories] of ~/.config/jgo.conf), or set "
                "COMPLAINT_GRAPH_NEO4J__URI to a Neo4j server of your own."
            ) from error

    return fetch


def _download(context: Any, jar: Jar) -> Path:
    group, artifact, version, *classifier = jar.coordinates.split(":")
    component = context.project(group, artifact).at_version(version)
    wanted = component.artifact(classifier[0] if classifier else "", "jar")
    if wanted.cached_path is not None:
        wanted.cached_path.unlink(missing_ok=True)  # what an attempt before has left
    path = Path(wanted.resolve())
    if _sha256(path) != jar.sha256:
        raise _DamagedError(jar.coordinates)
    with path.open("rb") as file:
        os.fsync(file.fileno())  # a name that survives a power cut must not outlive its content
    return path


def _is_final(error: BaseException) -> bool:
    """Whether trying again is of no use: the disk is full or cannot be written."""
    finals = (errno.ENOSPC, errno.EDQUOT, errno.EROFS, errno.EACCES)
    return isinstance(error, OSError) and error.errno in finals


def _names(remotes: dict[str, str]) -> str:
    from jgo.constants import MAVEN_CENTRAL_URL

    hosts = [urlsplit(url).hostname or name for name, url in remotes.items()]
    central = urlsplit(MAVEN_CENTRAL_URL).hostname
    return ", ".join("Maven Central" if host == central else host for host in hosts)


def _sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _unwritable(folder: Path, error: OSError) -> EngineError:
    if error.errno in {errno.ENOSPC, errno.EDQUOT}:
        return EngineError(f"The disk of {folder} is full: Neo4j needs 200 MB there; make room.")
    return EngineError(
        f"Neo4j's jars cannot be kept in {folder} ({error.strerror or error}): make it writable "
        "or choose another folder for them with the jar cache setting."
    )
