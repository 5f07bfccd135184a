"""How the locked jars come onto this machine: whole, checked, once for all data folders."""

import errno
import json
import shutil
import tempfile
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor, as_completed
from pathlib import Path

from graph.embedded.download import THREADS, Downloads
from graph.embedded.jars import Jar, JarLock, jar_lock, sha256_of
from graph.embedded.lock import locked
from graph.embedded.maven import Repository
from graph.embedded.options import EngineOptions
from graph.embedded.repositories import repositories
from graph.errors import EngineError
from graph.progress import Progress

#: another process may be installing on a slow line
_INSTALL_SECONDS = 3600.0
_TASK = "Install Neo4j"


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


def _fill(folder: Path, lock: JarLock, remotes: tuple[Repository, ...], progress: Progress) -> None:
    for left in folder.glob("partial-*"):  # of an installation that was killed
        shutil.rmtree(left)
    with tempfile.TemporaryDirectory(prefix="partial-", dir=folder) as scratch:
        _all_jars(folder, lock, Downloads(Path(scratch), remotes).fetch, progress)
        manifest = Path(scratch) / "manifest.json"
        manifest.write_text(json.dumps(_manifest(folder, lock)), "utf-8")
        manifest.replace(folder / manifest.name)


def _all_jars(
    folder: Path, lock: JarLock, fetch: Callable[[Jar], Path], progress: Progress
) -> None:
    """Bring every jar in, several at a time; the first that fails for good ends it all."""
    failed = threading.Event()

    def one(jar: Jar) -> None:
        target = folder / jar.name
        if failed.is_set() or (target.exists() and sha256_of(target) == jar.sha256):
            return
        try:
            fetch(jar).replace(target)
        except BaseException:
            failed.set()
            raise

    with ThreadPoolExecutor(THREADS, thread_name_prefix="jars") as pool:
        running = [pool.submit(one, jar) for jar in lock.jars]
        try:
            for done, future in enumerate(as_completed(running), start=1):
                future.result()
                progress(_TASK, done, len(lock.jars))
        except BaseException:
            failed.set()
            raise


def _unwritable(folder: Path, error: OSError) -> EngineError:
    if error.errno in {errno.ENOSPC, errno.EDQUOT}:
        return EngineError(f"The disk of {folder} is full: Neo4j needs 200 MB there; make room.")
    return EngineError(
        f"Neo4j's jars cannot be kept in {folder} ({error.strerror or error}): make it writable "
        "or choose another folder for them with the jar cache setting."
    )
