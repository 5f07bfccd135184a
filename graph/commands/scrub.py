"""Write over what erased data has left in the store's files.

A database marks places as free; the bytes stay until something else is written there, and in the
transaction log until it is rotated and pruned. So strings that fill places to their last byte are
written and deleted again, more than a log file holds; the text index is built anew. The log is
pruned at the engine's next checkpoint: the embedded one's comes within five minutes, and when it
ends.
"""

import asyncio
import secrets

from graph.database import Database, Transaction
from graph.migrations.runner import await_indexes
from graph.migrations.steps import STEPS, TEXT_INDEX

#: What a place of the store of strings holds (bytes). A string that filled its last place only in
#: part would leave what stood behind it.
_PLACE = 120
#: Long strings, in all rounds more than ``db.tx_log.rotation.size`` of the embedded engine.
_STRINGS = 200
_CHARACTERS = 800 * _PLACE
_BATCH = 40
#: Beside them in each batch, short ones of one to sixteen places: a single place that is free is
#: not taken by a long string.
_PIECES = 400
_ROUNDS = 2
#: Freed places can be taken again once the engine has looked after them (every second).
_PAUSE = 2.0

_FILL = f"""
CYPHER 25
UNWIND $texts AS text
CREATE (:Filler {{text: text}})
WITH head(collect(text)) AS text
UNWIND range(0, {_PIECES - 1}) AS i
CREATE (:Filler {{text: substring(text, i, {_PLACE} * (1 + i % 16))}})
"""
_CLEAR = "CYPHER 25 MATCH (f:Filler) WITH f LIMIT $limit DELETE f RETURN count(*) AS deleted"


async def scrub(database: Database) -> None:
    """Leave no byte of what was deleted; takes seconds, and as long as the text index needs.

    Of an engine that we do not start ourselves only its operator can say when its log is pruned.
    """
    await _rebuild_texts(database)
    for _ in range(_ROUNDS):
        await asyncio.sleep(_PAUSE)
        for _ in range(0, _STRINGS, _BATCH):
            await database.write(_fill)
        while await database.write(_clear):
            pass


async def _rebuild_texts(database: Database) -> None:
    await database.run(f"DROP INDEX {TEXT_INDEX} IF EXISTS")
    for step in STEPS:
        for statement in step.statements:
            if f"CREATE FULLTEXT INDEX {TEXT_INDEX}" in statement:
                await database.run(statement)
    await await_indexes(database)


async def _fill(transaction: Transaction) -> None:
    texts = [secrets.token_hex(_CHARACTERS // 2) for _ in range(_BATCH)]
    await transaction.run(_FILL, texts=texts)


async def _clear(transaction: Transaction) -> int:
    return int((await transaction.run(_CLEAR, limit=_BATCH + _PIECES))[0]["deleted"])
