"""The keys under which clients may retry a mutation."""

import json
from dataclasses import asdict, replace
from typing import Any

from graph.commands.requests import RequestKey
from schema.request import Info


def request_key(info: Info, mutation: str, given: Any) -> RequestKey | None:
    """The key of an input that has ``idempotency_key`` and ``client_mutation_id``, if it has one.

    Everything else in it is what a retry must repeat.
    """
    if given.idempotency_key is None:
        return None
    alone = asdict(replace(given, idempotency_key=None, client_mutation_id=None))
    content = json.dumps(alone, default=str, sort_keys=True)
    return RequestKey(
        actor=info.context.identity.actor,
        mutation=mutation,
        key=given.idempotency_key,
        input_hash=info.context.uses.keyring.content_hash(content),
    )
