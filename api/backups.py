"""Backups of the embedded graph: one archive, taken while the service runs, and its way back.

An archive is a gzipped tar: first ``manifest.json``, then the store as a kill would leave it
(``graph.embedded.snapshot``) and the classifier's versions. It does not hold the installation key,
without which nobody can tell whose complaints they are; the manifest has the key's fingerprint.
"""

import asyncio
import gzip
import hashlib
import json
import shutil
import tarfile
import tempfile
import zlib
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path
from typing import Any

from api.installation_key import has_key, keyring
from api.services import classifiers, open_database
from api.settings import PREFIX, Settings
from graph.consistency import Report, check
from graph.database import BATCH_SECONDS
from graph.domain.identity import Keyring
from graph.embedded.snapshot import check_empty, place, size, snapshot
from graph.errors import ConfigurationError, EngineError, SourceError
from graph.progress import Progress
from graph.queries.operation import figures
from graph.queries.stream import while_settled

_FORMAT = 1
_MANIFEST = "manifest.json"
#: What reading a damaged archive raises.
_DAMAGE = (tarfile.TarError, gzip.BadGzipFile, zlib.error, EOFError)
_STORE, _CLASSIFIERS = "store", "classifiers"
#: gzip's fastest.
_COMPRESSION = 1


@dataclass(frozen=True, slots=True)
class Manifest:
    """What an archive holds. ``position``: of the last event in it, and no event is missing before;
    ``stopped_seconds``: for how long the graph stood still; ``files``: sha256 by path.
    """

    taken: str
    release: str
    key: str
    position: int
    complaints: int
    stopped_seconds: float
    files: Mapping[str, str]
    format: int = _FORMAT


async def back_up(settings: Settings, file: Path, progress: Progress) -> Manifest:
    """Write an archive of the graph; a service on it goes on, and waits while files are copied.

    Raises:
        ConfigurationError: the graph is no embedded one, or the file exists or cannot be written.
        EngineError: there is no room for the copy.
    """
    if settings.neo4j.uri is not None:
        raise ConfigurationError(
            f"The graph is in a Neo4j of its own ({PREFIX}NEO4J__URI): back it up by its own tools "
            "(`neo4j-admin database dump`, or `backup` of its Enterprise Edition)."
        )
    try:
        _make_room(file)
        with tempfile.TemporaryDirectory(dir=file.parent, prefix=f".{file.name}.") as folder:
            return await _write(settings, file, Path(folder), progress)
    except OSError as error:
        raise ConfigurationError(f"{file} cannot be written: {error.strerror}.") from error


def _make_room(file: Path) -> None:
    if file.exists():
        raise ConfigurationError(f"{file} exists: name another file, or remove it.")
    file.parent.mkdir(parents=True, exist_ok=True)


async def _write(settings: Settings, file: Path, folder: Path, progress: Progress) -> Manifest:
    key = fingerprint(keyring(settings))
    store = folder / _STORE
    async with open_database(settings, progress) as database:
        needed, free = size(settings.engine), shutil.disk_usage(folder).free
        if free < needed:
            raise EngineError(
                f"The disk of {file.parent} has {free >> 20:,} MB free, and the graph takes "
                f"{needed >> 20:,} MB: make room, or name another disk."
            )
        progress("copy", 0, 1)

        async def copied(position: int) -> tuple[int, int, float]:
            shutil.rmtree(store, ignore_errors=True)
            complaints = (await figures(database)).complaints
            seconds = await asyncio.to_thread(snapshot, settings.engine, store)
            return position, complaints, seconds

        position, complaints, seconds = await while_settled(database, copied, seconds=BATCH_SECONDS)
        progress("copy", 1, 1)
    if classifiers(settings).exists():
        shutil.copytree(classifiers(settings), folder / _CLASSIFIERS)

    def archived() -> Manifest:
        made = Manifest(
            taken=datetime.now(UTC).isoformat(timespec="seconds"),
            release=version("complaint-graph"),
            key=key,
            position=position,
            complaints=complaints,
            stopped_seconds=round(seconds, 2),
            files=dict(_hashes(folder)),
        )
        (folder / _MANIFEST).write_text(json.dumps(asdict(made)), "utf-8")
        part = folder / "archive.part"
        part.touch(mode=0o600)
        with tarfile.open(part, "w:gz", compresslevel=_COMPRESSION) as tar:
            for number, name in enumerate((_MANIFEST, *made.files), start=1):
                tar.add(folder / name, name)
                progress("archive", number, len(made.files) + 1)
        part.rename(file)
        return made

    return await asyncio.to_thread(archived)


@dataclass(frozen=True, slots=True)
class Restored:
    """What stands in the graph now, and what ``check`` says of it."""

    manifest: Manifest
    position: int
    complaints: int
    report: Report


async def restore(settings: Settings, file: Path, progress: Progress) -> Restored:
    """Bring an archive into a data folder that has no graph, and check it.

    Raises:
        SourceError: the file is no archive, or it is damaged.
        ConfigurationError: the installation key is another one, or the folder cannot be written.
        EngineError: the data folder holds a graph, or a newer Neo4j wrote the archive's.
    """
    check_empty(settings.engine)
    try:
        settings.home.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=settings.home, prefix=".restore.") as part:
            folder = Path(part)
            manifest = await asyncio.to_thread(_unpack, settings, file, folder, progress)
            place(settings.engine, folder / _STORE)
            if (folder / _CLASSIFIERS).exists() and not classifiers(settings).exists():
                (folder / _CLASSIFIERS).rename(classifiers(settings))
    except OSError as error:
        raise ConfigurationError(
            f"{error.filename or settings.home} cannot be used: {error.strerror}."
        ) from error
    async with open_database(settings, progress) as database:
        now = await figures(database)
        report = await check(database, limits=settings.intake.limits, progress=progress)
    return Restored(manifest, now.position, now.complaints, report)


def _unpack(settings: Settings, file: Path, folder: Path, progress: Progress) -> Manifest:
    """All files of the archive in the folder, each proven by its hash."""
    try:
        with tarfile.open(file, "r:gz") as tar:
            first = tar.next()
            if first is None or first.name != _MANIFEST:
                raise _no_archive(file)
            tar.extract(first, folder, filter="data")
            manifest = _manifest(file, json.loads((folder / _MANIFEST).read_text("utf-8")))
            _check_key(settings, manifest)
            for number, member in enumerate(iter(tar.next, None), start=1):
                tar.extract(member, folder, filter="data")
                progress("unpack", number, len(manifest.files))
    except (*_DAMAGE, ValueError, KeyError, TypeError) as error:
        raise _no_archive(file) from error
    if dict(_hashes(folder)) != manifest.files:
        raise SourceError(f"{file} is damaged: files in it are not as they were written.")
    return manifest


def _manifest(file: Path, read: Any) -> Manifest:
    if not isinstance(read, dict) or read.get("format") != _FORMAT:
        raise _no_archive(file)
    return Manifest(**read)


def _check_key(settings: Settings, manifest: Manifest) -> None:
    if not has_key(settings) or fingerprint(keyring(settings)) != manifest.key:
        raise ConfigurationError(
            f"The backup was made under the installation key {manifest.key}, which is not this "
            f"installation's: supply it by {PREFIX}PRIVACY__KEY, or as {settings.home}/"
            "installation.key."
        )


def _no_archive(file: Path) -> SourceError:
    return SourceError(f"{file} is no backup of complaint-graph, or it is cut off or damaged.")


def _hashes(folder: Path) -> Iterator[tuple[str, str]]:
    """The sha256 of each file of the store and the classifiers, by its path."""
    for path in sorted(folder.rglob("*")):
        name = path.relative_to(folder)
        if path.is_file() and name.parts[0] in {_STORE, _CLASSIFIERS}:
            with path.open("rb") as opened:
                yield str(name), hashlib.file_digest(opened, "sha256").hexdigest()


def fingerprint(keys: Keyring) -> str:
    """What tells an installation key from another, and nothing of it: 16 hex digits."""
    return keys.secret("fingerprint").hex()[:16]
