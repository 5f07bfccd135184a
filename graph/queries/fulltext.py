"""Complaints by words: the CJK full-text index, narrowed by a filter."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from graph.database import Database
from graph.domain.tokens import EVERY
from graph.migrations.steps import TEXT_INDEX
from graph.queries.conditions import CompiledFilter


@dataclass(frozen=True, slots=True)
class WordMatch:
    """``score`` is Lucene's BM25: it compares within one answer only."""

    id: str
    score: float


@dataclass(frozen=True, slots=True)
class Words:
    """A Lucene clause made of escaped terms; ``without`` is the complaint to leave out."""

    key: str
    clause: str
    without: str | None = None


async def search_words(
    database: Database,
    sought: Sequence[Words],
    narrowed: CompiledFilter,
    first: int,
    *,
    required: bool = True,
) -> Mapping[str, list[WordMatch]]:
    """The ``first`` best of each, best first, by key; one statement for all of them.

    ``required``: a complaint must have one of the words. Otherwise all that the filter leaves are
    found, those with none of the words last.
    """
    rest = narrowed.beside_lucene
    # Without a rest the index itself may stop; with one it must go on until enough fit.
    options = "" if rest else ", {limit: $first + 1}"
    statement = f"""
    CYPHER 25
    UNWIND $sought AS s
    CALL (s) {{
      CALL db.index.fulltext.queryNodes('{TEXT_INDEX}', s.query{options}) YIELD node AS c, score
      WITH c, score, s WHERE c.id <> s.without AND ({rest or "true"})
      LIMIT $first
      RETURN collect({{id: c.id, score: score}}) AS found
    }}
    RETURN s.key AS key, found
    """
    rows = await database.read(
        statement,
        sought=[_row(s, narrowed, required) for s in sought],
        first=first,
        **narrowed.parameters,
    )
    return {row["key"]: [WordMatch(f["id"], f["score"]) for f in row["found"]] for row in rows}


def _row(words: Words, narrowed: CompiledFilter, required: bool) -> dict[str, Any]:
    sign = "+" if required else ""
    # Weight zero: the filter narrows and does not rank.
    query = f"{sign}({words.clause}) +filterTokens:{EVERY}^0 {_unweighted(narrowed.lucene)}"
    return {"key": words.key, "query": query, "without": words.without or ""}


def _unweighted(lucene: str) -> str:
    return f"+({lucene} filterTokens:{EVERY})^0" if lucene else ""
