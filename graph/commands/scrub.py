"""Write over what erased data has left in the store's files.

A database marks places as free; the bytes stay until something else is written there, and in the
transaction log until it is rotated and pruned. So as much is written and deleted again as a log
file holds, the text index is built anew, and a checkpoint prunes the log.
"""

import secrets

from graph.database import Database, Transaction
from graph.migrations.runner import await_indexes
from graph.migrations.steps import STEPS, TEXT_INDEX

#: More than ``db.tx_log.rotation.size`` of the embedded engine, in strings of 100,000 characters.
_STRINGS = 400
_BATCH = 40
_CHARACTERS = 100_000

_FILL = """
CYPHER 25
UNWIND $texts AS text
CREATE (:Filler {text: text, note: left(text, 200), short: left(text, 20)})
"""
_CLEAR = "CYPHER 25 MATCH (f:Filler) WITH f LIMIT $limit DELETE f RETURN count(*) AS deleted"
_CHECKPOINT = "CALL db.checkpoint()"


async def scrub(database: Database) -> None:
    """Leave no byte of what was deleted; takes seconds, and as long as the text index needs.

    Of an engine that we do not start ourselves only its operator can say when its log is pruned.
    """
    await _rebuild_texts(database)
    for _ in range(2):
        for _ in range(0, _STRINGS, _BATCH):
            await database.write(_fill)
        while await database.write(_clear):
            pass
    await database.run(_CHECKPOINT)


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
    return int((await transaction.run(_CLEAR, limit=_BATCH))[0]["deleted"])
