"""Sources whose complaints say something else than what they said: for measuring."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TypeAlias

from ingest.record import IncomingComplaint, Row, RowSource

#: A subject and a narrative.
Words: TypeAlias = tuple[str | None, str | None]


@dataclass(frozen=True, slots=True)
class Rewritten:
    """A source whose complaints say something else; ``name`` tells those so rewritten apart."""

    source: RowSource
    name: str
    rewrite: Callable[[IncomingComplaint], Words]

    @property
    def system(self) -> str:
        return self.source.system

    @property
    def path(self) -> Path:
        return self.source.path

    def rows(self) -> Iterator[Row]:
        for row in self.source.rows():
            content = row.content
            if isinstance(content, IncomingComplaint):
                subject, narrative = self.rewrite(content)
                content = replace(content, subject=subject, narrative=narrative)
            yield replace(row, content=content)

    def fingerprint(self) -> str:
        return f"{self.source.fingerprint()}-{self.name}"


def textless(source: RowSource) -> Rewritten:
    """A source's complaints without their texts: what most rows of public files are."""
    return Rewritten(source, "textless", lambda _: (None, None))
