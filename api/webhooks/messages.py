"""What a receiver is sent: ids and codes, signed as the Standard Webhooks specification has it.

https://github.com/standard-webhooks/standard-webhooks/blob/main/spec/standard-webhooks.md
"""

import base64
import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from standardwebhooks import Webhook as Signer

from graph.domain.enums import EventKind
from graph.domain.following import Streamed, StreamedEvent
from graph.domain.identity import Keyring
from graph.domain.recorded import Recorded
from graph.domain.webhooks import Webhook
from schema.ids import NodeKind, global_id

_PREFIX = "whsec_"
_KINDS = {
    Recorded.ALERT: NodeKind.ALERT,
    Recorded.ISSUE: NodeKind.SYSTEMIC_ISSUE,
    Recorded.REMEDIATION: NodeKind.REMEDIATION,
}
_NAMES = {
    Recorded.ALERT: "alert",
    Recorded.ISSUE: "systemic_issue",
    Recorded.REMEDIATION: "remediation",
}
#: What a webhook may ask for: one topic, or all that begin with one word.
TOPICS = (
    "complaint",
    *(f"complaint.{kind.value.lower()}" for kind in EventKind),
    *(name for each in _NAMES.values() for name in (each, f"{each}.changed")),
)


@dataclass(frozen=True, slots=True)
class Message:
    """``id``: the same however often it is sent, so that a receiver knows it again."""

    id: str
    topic: str
    body: bytes


def secret_of(keyring: Keyring, webhook: Webhook, number: int) -> str:
    """One of a webhook's signing keys, as receivers take it; derived, so that none is stored."""
    key = keyring.secret(f"webhook {webhook.id} {number}")
    return _PREFIX + base64.b64encode(key).decode()


def topic_of(streamed: Streamed) -> str:
    """What has happened: ``complaint.answered``, ``alert.changed``."""
    if isinstance(streamed, StreamedEvent):
        return f"complaint.{streamed.event.kind.value.lower()}"
    return f"{_NAMES[streamed.of]}.changed"


def message_of(webhook: Webhook, streamed: Streamed) -> Message:
    """The message of an event or a change. No text, no name, no reference: who wants more asks."""
    topic = topic_of(streamed)
    if isinstance(streamed, StreamedEvent):
        event = streamed.event
        at = event.at
        data = {"complaint": global_id(NodeKind.COMPLAINT, event.complaint)}
    else:
        at = streamed.change.at
        data = {"id": global_id(_KINDS[streamed.of], streamed.id)}
    content = {
        "type": topic,
        "timestamp": at.isoformat(),
        "data": {"position": str(streamed.position), **data},
    }
    number = f"{webhook.id}-{streamed.position}"
    return Message(number, topic, json.dumps(content, separators=(",", ":")).encode())


def headers_of(message: Message, secrets: Sequence[str], now: datetime) -> dict[str, str]:
    """The headers by which a receiver proves who sent it; a signature by each key."""
    signatures = [Signer(secret).sign(message.id, now, message.body.decode()) for secret in secrets]
    return {
        "Content-Type": "application/json",
        "User-Agent": "complaint-graph",
        "webhook-id": message.id,
        "webhook-timestamp": str(int(now.timestamp())),
        "webhook-signature": " ".join(signatures),
    }
