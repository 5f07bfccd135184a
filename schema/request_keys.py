"""The keys under which clients may retry a mutation."""

import json
from dataclasses import fields, is_dataclass
from typing import Any

import strawberry

from graph.commands.requests import RequestKey
from schema.request import Info

#: What a retry need not repeat, and what no content is.
_ASIDE = ("idempotency_key", "client_mutation_id")


def request_key(info: Info, data: Any) -> RequestKey | None:
    """The key of a mutation's input, if it has one; everything else in it a retry must repeat."""
    if data.idempotency_key is None:
        return None
    content = json.dumps(_content(data), default=str, sort_keys=True)
    return RequestKey(
        actor=info.context.identity.actor,
        mutation=info.field_name,
        key=data.idempotency_key,
        input_hash=info.context.uses.keyring.content_hash(content),
    )


def _content(data: Any) -> Any:
    """An input as JSON has it: what was left out is not there, what was sent as null is null."""
    if isinstance(data, strawberry.Some):
        return {"sent": _content(data.value)}
    if is_dataclass(data):
        values = {field.name: getattr(data, field.name) for field in fields(data)}
        return {
            name: _content(value)
            for name, value in values.items()
            if name not in _ASIDE and value is not None
        }
    if isinstance(data, list):
        return [_content(each) for each in data]
    return data
