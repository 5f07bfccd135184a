"""Read texts again that another version of masking has made, without their source."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from graph.commands.remasking import Remasked, count_older, page_older, remask
from graph.commands.texts import CaseTexts, texts_of
from graph.database import Database
from graph.progress import Progress, silent
from ingest.masking import Masker
from similarity.spaces import SpaceBook

#: Complaints read and written at once.
BATCH = 200
#: So often texts are read again that somebody wrote while they were masked.
_ROUNDS = 5


@dataclass(slots=True)
class RemaskReport:
    """``complaints``: how many were read; ``changed``: in how many masking left something else."""

    complaints: int = 0
    changed: int = 0


class Remasker:
    """Masks what is stored as the present version does; any number of processes may do it."""

    def __init__(self, database: Database, book: SpaceBook, masker: Masker) -> None:
        self._database = database
        self._book = book
        self._masker = masker

    async def older(self) -> int:
        """How many complaints have texts of another version."""
        return await count_older(self._database, self._masker.version)

    async def run(self, progress: Progress = silent) -> RemaskReport:
        """Go through all texts of other versions, by receipt; a killed run goes on where it was.

        What is changed waits to be linked again.
        """
        report = RemaskReport()
        for _ in range(_ROUNDS):
            if not (older := await self.older()):
                break
            await self._pass(report, report.complaints + older, progress)
        return report

    async def _pass(self, report: RemaskReport, total: int, progress: Progress) -> None:
        after = ""
        while page := await page_older(
            self._database, self._masker.version, after=after, limit=BATCH
        ):
            after = page[-1][0]
            report.changed += await self.remask([identity for _, identity in page])
            report.complaints += len(page)
            progress("mask", report.complaints, total)

    async def remask(self, ids: Sequence[str]) -> int:
        """Mask all texts of these complaints again; how many were changed."""
        texts = await texts_of(self._database.read, ids)
        results = await asyncio.to_thread(self._masked, list(texts.values()))
        same = [read for read, masked in results if read == masked]
        changed = [(read, masked) for read, masked in results if read != masked]
        vectors = await self._book.vectors(
            {
                masked.id: masked.encoded
                for read, masked in changed
                if masked.encoded and read.encoded != masked.encoded
            }
        )
        return await remask(
            self._database,
            same,
            [Remasked(read, masked, vectors.get(masked.id, {})) for read, masked in changed],
            self._masker.version,
            actor="remask",
            now=datetime.now(UTC),
        )

    def _masked(self, texts: Sequence[CaseTexts]) -> list[tuple[CaseTexts, CaseTexts]]:
        return [(each, each.mapped(lambda text: self._masker.mask(text).text)) for each in texts]
