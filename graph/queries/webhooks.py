"""Webhooks, as they are read back."""

from graph.database import Reader, Row
from graph.domain.webhooks import Webhook

_ALL = "CYPHER 25 MATCH (w:Webhook) RETURN w {.*} AS webhook ORDER BY w.createdAt, w.id"


async def webhooks(read: Reader) -> list[Webhook]:
    """All of them, the oldest first."""
    return [_webhook(row["webhook"]) for row in await read(_ALL)]


def _webhook(record: Row) -> Webhook:
    return Webhook(
        id=record["id"],
        url=record["url"],
        topics=tuple(record["topics"]),
        position=record["position"],
        created_at=record["createdAt"],
        created_by=record["createdBy"],
        key=record["key"],
        rotated_at=record.get("rotatedAt"),
        epoch=record["epoch"],
        paused=record["paused"],
        failures=record["failures"],
        failing_since=record.get("failingSince"),
        next_at=record.get("nextAt"),
        error=record.get("error"),
    )
