"""The weight of words in this bank's complaints, learnt from a bounded sample of its texts."""

import asyncio

from graph.database import Database
from graph.queries.samples import recent_texts
from similarity.terms import TermWeights


class WordWeights:
    """Weights shared by all requests of a process; ``refresh`` learns them anew."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._weights = TermWeights.from_texts([])

    @property
    def current(self) -> TermWeights:
        return self._weights

    async def refresh(self) -> None:
        texts = await recent_texts(self._database)
        self._weights = await asyncio.to_thread(TermWeights.from_texts, texts)
