"""The file of rows that could not be taken, for whoever mends the source.

It repeats what the source says, personal data included, so only its owner can read it.
"""

import csv
import json
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TextIO

from ingest.problems import ProblemTable
from ingest.record import Rejected, Row

COLUMNS = ("line", "field", "reason", "row")


class RejectsFile:
    """Created with its first row: an import without rejects leaves no file."""

    def __init__(self, path: Path | None, table: ProblemTable) -> None:
        self.path = path
        self.table = table
        self._file: TextIO | None = None

    def add(self, row: Row, rejected: Rejected) -> None:
        self.table.reject(rejected)
        if self.path is None:
            return
        if self._file is None:
            self.path.parent.mkdir(parents=True, exist_ok=True)
            descriptor = os.open(self.path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
            self._file = os.fdopen(
                descriptor, "w", encoding="utf-8", errors="backslashreplace", newline=""
            )
            csv.writer(self._file).writerow(COLUMNS)
        raw = json.dumps(dict(row.raw), ensure_ascii=False)
        csv.writer(self._file).writerow([rejected.line, rejected.field, rejected.reason, raw])

    def close(self) -> None:
        if self._file is not None:
            self._file.close()


@contextmanager
def rejects_file(path: Path | None, table: ProblemTable) -> Iterator[RejectsFile]:
    """The rejects of one import; an older file at ``path`` is replaced by the first reject.

    ``table`` counts them; without a path nothing else is kept of them.
    """
    rejects = RejectsFile(path, table)
    try:
        yield rejects
    finally:
        rejects.close()
