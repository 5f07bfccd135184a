"""Places in the one order of all events and changes, without gaps.

The counter's lock is held to the commit, so positions follow the order of commits; that is why
whoever takes some does it in the last statements of the transaction.
"""

from graph.database import Transaction

# Positions stay as they are; how many have gone is on record, so that a gap that nobody made on
# purpose is still found.
_GONE = """
CYPHER 25
MERGE (k:Counter {name: 'removedEvents'})
SET k.value = coalesce(k.value, 0) + $count
"""


def placed(rows: str, row: str) -> str:
    """The begin of a statement: each of a parameter's ``rows`` as ``row``, with its ``position``.

    A batch takes a block of them.
    """
    return f"""
    MERGE (k:Counter {{name: 'events'}})
    SET k.value = coalesce(k.value, 0) + size(${rows})
    WITH k.value - size(${rows}) AS base
    UNWIND range(0, size(${rows}) - 1) AS i
    WITH base + i + 1 AS position, ${rows}[i] AS {row}"""


async def count_gone(transaction: Transaction, count: int) -> None:
    """So many events and changes were removed with their positions."""
    await transaction.run(_GONE, count=count)
