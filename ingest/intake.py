"""Sources that send complaints by themselves: a monitor of opinions, the regulator's referrals.

What comes is a few records at a time. Each source has a mapping, as files have, and they go the
same way.
"""

import asyncio
import json
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryFile
from zoneinfo import ZoneInfo

from graph.errors import ConfigurationError, InvalidInputError, NotFoundError, SourceError
from ingest.importer import Importer, ImportReport
from ingest.jobs.uploads import Upload
from ingest.masking import Masker
from ingest.sources import TableMapping, load_mapping, table

#: Records that are taken at once: they are stored before the answer.
MOST = 500
_FORMATS = frozenset({None, "json", "jsonl"})


def load_intakes(folder: Path | None) -> Mapping[str, TableMapping]:
    """The mapping of each source, by the name of its file.

    Raises:
        ConfigurationError: there is no such folder, or a mapping in it is wrong.
    """
    if folder is None:
        return {}
    if not folder.is_dir():
        raise ConfigurationError(
            f"There is no folder {folder}: check COMPLAINT_GRAPH_JOBS__INTAKE."
        )
    return {path.stem: _mapping(path) for path in sorted(folder.glob("*.toml"))}


def _mapping(path: Path) -> TableMapping:
    try:
        mapping = load_mapping(path)
    except SourceError as error:
        raise ConfigurationError(error.message) from error
    if mapping.file.format not in _FORMATS:
        raise ConfigurationError(
            f"The mapping {path.name} is of a {mapping.file.format}; sources send json or jsonl."
        )
    return mapping


class Intake:
    """Takes records of the sources that are known."""

    def __init__(
        self,
        importer: Importer,
        masker: Masker,
        zone: ZoneInfo,
        mappings: Mapping[str, TableMapping],
    ) -> None:
        self._importer = importer
        self._masker = masker
        self._zone = zone
        self._mappings = mappings

    async def take(self, source: str, data: bytes) -> ImportReport:
        """Store the records; those that have come before change nothing. Links follow soon.

        Raises:
            NotFoundError: there is no such source.
            InvalidInputError: it is no JSON, or has more than ``MOST`` records.
            SourceError: the mapping does not fit.
        """
        mapping = self._mappings.get(source)
        if mapping is None:
            names = ", ".join(self._mappings) or "none"
            raise NotFoundError(f"There is no such source; sources are: {names}.", path=["source"])
        lines = mapping.file.format == "jsonl"
        if not lines:
            await asyncio.to_thread(_check_whole, data)
        one = mapping.file.records is None and data.lstrip().startswith(b"{")
        with TemporaryFile() as file:
            file.write(b"[" + data + b"]" if one and not lines else data)
            name = f"{source}.jsonl" if lines else f"{source}.json"
            upload = Upload(file, name, self._masker)
        try:
            rows = table(upload.path, mapping, self._zone, datetime.now(UTC))
            report = await self._importer.run(rows, link=False, keep=False, most=MOST)
        finally:
            upload.close()
        if report.damage:
            raise InvalidInputError(report.damage, path=["body"])
        return report


def _check_whole(data: bytes) -> None:
    """Raises InvalidInputError: it is no JSON. A part of it would otherwise be stored before."""
    try:
        json.loads(data)
    except (ValueError, RecursionError) as error:
        raise InvalidInputError(
            "This is no JSON; nothing of it was stored.", path=["body"]
        ) from error
