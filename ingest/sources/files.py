"""Opening a file of rows: plain, .gz or .zip (told by its first bytes), as one stream of bytes."""

import gzip
import hashlib
import io
import os
import re
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import BinaryIO, cast

from graph.errors import SourceError

#: Bytes that decide about encoding and shape before the rows are read.
SAMPLE_BYTES = 1 << 18
_BUFFER_BYTES = 1 << 18
_GZIP = b"\x1f\x8b"
_ZIP = b"PK\x03\x04"
_EMPTY_ZIP = b"PK\x05\x06"
_OLE = b"\xd0\xcf\x11\xe0"
#: How files begin that hold no table of a format that is read, whatever they are called.
_OTHERS = (
    (re.compile(rb"PK.{28,60}application/vnd\.oasis\.opendocument", re.S), "an OpenDocument file"),
    (re.compile(rb"%PDF-"), "a PDF"),
    (re.compile(rb"\s*<(?:!doctype\s+html|html|head|body|meta|table)\b", re.I), "a page of HTML"),
    (re.compile(rb"\s*(?:<\?xml\b|<\w[^<>]*>\s*<\w)"), "XML"),
    (re.compile(rb"SQLite format 3\0"), "a database file"),
    (re.compile(rb"PAR1"), "a Parquet file"),
)
_HEAD_BYTES = 4096
#: What a file may unpack to: so many bytes, and a larger one so many times its size. Real tables
#: unpack to three to eight times their size, rows that differ by a number alone to 24 times.
LARGEST_UNPACKED, MOST_PACKED = 1 << 30, 100


@dataclass(slots=True)
class Meter:
    """How far the latest reading of a file is, in bytes on disk; never more than ``size``."""

    path: Path
    _file: io.FileIO | None = field(default=None, repr=False)
    _last: int = 0

    @property
    def size(self) -> int:
        return self.path.stat().st_size

    @property
    def position(self) -> int:
        if self._file is not None and not self._file.closed:
            self._last = self._file.tell()
        return self._last

    def watch(self, file: io.FileIO) -> None:
        self._file, self._last = file, 0

    def finish(self) -> None:
        """The whole file was read."""
        self._last, self._file = self.size, None


class _Guarded(io.RawIOBase):
    """A stream whose damage is a ``SourceError``: what was read before it stays read.

    ``packed``: its bytes on disk, if it is unpacked while it is read.
    """

    def __init__(self, stream: BinaryIO, name: str, packed: int | None = None) -> None:
        # read1, where there is one: a longer read loses what it has when it meets the damage.
        self._read = getattr(stream, "read1", stream.read)
        self._name = name
        self._left = None if packed is None else max(LARGEST_UNPACKED, MOST_PACKED * packed)

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: object) -> int:
        view = memoryview(cast("bytearray", buffer)).cast("B")
        try:
            data: bytes = self._read(len(view))
        except EOFError as error:
            raise SourceError(
                f"{self._name} is cut off in the middle of its compressed data; "
                "get the whole file again and repeat the import."
            ) from error
        except (zlib.error, zipfile.BadZipFile, gzip.BadGzipFile) as error:
            raise SourceError(
                f"{self._name} is damaged ({error}); get the file again and repeat the import."
            ) from error
        except OSError as error:
            raise SourceError(
                f"{self._name} cannot be read any further ({error.strerror or error}); "
                "check the disk and repeat the import."
            ) from error
        if self._left is not None:
            self._left -= len(data)
            if self._left < 0:
                raise SourceError(
                    f"{self._name} unpacks to more than {MOST_PACKED} times its size, which no "
                    "table does; unpack it yourself if it is one."
                )
        view[: len(data)] = data
        return len(data)


@contextmanager
def opened(path: Path, meter: Meter | None = None) -> Iterator[io.BufferedReader]:
    """The decompressed bytes of the file, or of the only file in the archive.

    Raises:
        SourceError: no such file, no permission, an archive that is encrypted, damaged or holds
            several files; while reading: a stream that is cut off or damaged.
    """
    with ExitStack() as stack:
        base = stack.enter_context(_base(path))
        if meter is not None:
            meter.watch(base)
        yield stack.enter_context(_decompressed(base, path, stack))


def sample(path: Path, size: int = SAMPLE_BYTES) -> bytes:
    """The first decompressed bytes, fewer where the file is shorter or damaged."""
    with opened(path) as stream:
        parts: list[bytes] = []
        try:
            while size > 0 and (part := stream.read1(size)):
                parts.append(part)
                size -= len(part)
        except SourceError:
            # The rows before the damage are read first; the reading itself meets it again.
            if not parts:
                raise
        return b"".join(parts)


def digest(path: Path) -> str:
    """A digest of the file's bytes: tells whether a resumed import reads the same file."""
    with _base(path) as base:
        return hashlib.file_digest(base, "blake2b").hexdigest()[:32]


def inner_name(path: Path) -> str:
    """The name of what is inside the file: without .gz, or that of the archive's only file."""
    if path.suffix.lower() == ".gz":
        return path.stem
    if path.suffix.lower() == ".zip":
        with _base(path) as base, _archive(base, path) as archive:
            return Path(_only_member(archive, path).filename).name
    return path.name


def is_old_workbook(head: bytes) -> bool:
    """Whether these first bytes are of an .xls or of an encrypted workbook (both are OLE)."""
    return head.startswith(_OLE)


def refuse_other_formats(path: Path) -> None:
    """
    Raises:
        SourceError: the content is of a format that is not read, whatever the name says.
    """
    with _base(path) as base:
        head = base.read(_HEAD_BYTES)
    if head.startswith(_GZIP) or (head.startswith(_ZIP) and _is_of_one_file(path)):
        head = sample(path, _HEAD_BYTES)
    if is_old_workbook(head):
        raise SourceError(
            f"{path.name} is an old .xls workbook or has a password; "
            "save it as .xlsx without one, or save the sheet as CSV UTF-8."
        )
    if kind := _kind(head):
        raise SourceError(
            f"{path.name} is {kind}, which is not read; open it where it comes from, or in Excel, "
            "and save the table as CSV UTF-8 or .xlsx."
        )


def _is_of_one_file(path: Path) -> bool:
    try:
        with zipfile.ZipFile(path) as archive:
            names = archive.namelist()
            return len(names) == 1 and names[0] != "[Content_Types].xml"
    except zipfile.BadZipFile:
        return False


def _kind(head: bytes) -> str | None:
    head = head.removeprefix(b"\xef\xbb\xbf")
    return next((kind for pattern, kind in _OTHERS if pattern.match(head)), None)


def _base(path: Path) -> io.FileIO:
    try:
        base = io.FileIO(path)
    except FileNotFoundError as error:
        raise SourceError(f"There is no file {path.name}; check the path.") from error
    except IsADirectoryError as error:
        raise SourceError(f"{path.name} is a folder; name one file.") from error
    except OSError as error:
        raise SourceError(
            f"{path.name} cannot be opened ({error.strerror or error}); check its permissions."
        ) from error
    if os.fstat(base.fileno()).st_size == 0:
        base.close()
        raise SourceError(f"{path.name} is empty; there is nothing to import.")
    return base


def _decompressed(base: io.FileIO, path: Path, stack: ExitStack) -> io.BufferedReader:
    head = base.read(len(_ZIP)) or b""
    base.seek(0)
    stream: BinaryIO = cast("BinaryIO", base)
    packed: int | None = os.fstat(base.fileno()).st_size
    if head.startswith(_GZIP):
        stream = cast("BinaryIO", stack.enter_context(gzip.GzipFile(fileobj=stream)))
    elif head in {_ZIP, _EMPTY_ZIP}:
        archive = stack.enter_context(_archive(base, path))
        stream = cast("BinaryIO", stack.enter_context(_member(archive, path)))
    else:
        packed = None
    return io.BufferedReader(_Guarded(stream, path.name, packed), _BUFFER_BYTES)


def _archive(base: io.FileIO, path: Path) -> zipfile.ZipFile:
    try:
        return zipfile.ZipFile(cast("BinaryIO", base))
    except zipfile.BadZipFile as error:
        raise SourceError(
            f"{path.name} is no complete zip archive ({error}); get the file again."
        ) from error


def _member(archive: zipfile.ZipFile, path: Path) -> zipfile.ZipExtFile:
    member = _only_member(archive, path)
    if member.flag_bits & 1:
        raise SourceError(f"{path.name} is encrypted; unpack it with its password first.")
    try:
        return cast("zipfile.ZipExtFile", archive.open(member))
    except (NotImplementedError, zipfile.BadZipFile) as error:
        raise SourceError(
            f"{path.name} cannot be unpacked here ({error}); unpack it yourself."
        ) from error


def _only_member(archive: zipfile.ZipFile, path: Path) -> zipfile.ZipInfo:
    members = [
        info
        for info in archive.infolist()
        if not info.is_dir() and not info.filename.startswith("__MACOSX/")
    ]
    if any(info.filename == "[Content_Types].xml" for info in members):
        raise SourceError(
            f"{path.name} is an Office document: bring a workbook by "
            "`complaint-graph import table … --mapping …`, or save its sheet as CSV UTF-8."
        )
    if len(members) != 1:
        raise SourceError(
            f"{path.name} holds {len(members)} files; an import takes an archive of exactly one."
        )
    return members[0]
