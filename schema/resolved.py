"""Fields that are computed rather than copied."""

from collections.abc import Callable, Sequence
from typing import Any

import strawberry
from graphql import GraphQLField
from strawberry.extensions import FieldExtension
from strawberry.types.field import StrawberryField

#: Where ``limits`` and ``spending`` find what a field declares.
SEARCHES, READS = "searches", "reads"


def resolved(
    *,
    description: str,
    searches: int = 0,
    reads: float = 0.0,
    extensions: Sequence[FieldExtension] = (),
) -> Callable[[Callable[..., Any]], StrawberryField]:
    """A field with a resolver.

    ``searches``: how many objects it looks at for each parent, beside those that it returns.
    ``reads``: points for each complaint that the bank has; such a field is an analysis, and waits
    for its turn. Documents are bounded by the sum.
    """
    declared_values = {
        name: value for name, value in ((SEARCHES, searches), (READS, reads)) if value
    }

    def decorate(resolver: Callable[..., Any]) -> StrawberryField:
        return strawberry.field(
            resolver,
            description=description,
            metadata=declared_values or None,
            extensions=list(extensions),
        )

    return decorate


def declared(field: GraphQLField, what: str) -> float:
    """What a field of the built schema says of itself, by ``SEARCHES`` or ``READS``."""
    made = field.extensions.get("strawberry-definition")
    metadata = getattr(made, "metadata", None) or {}
    return float(metadata.get(what, 0))


def followed(*, description: str) -> Callable[[Callable[..., Any]], StrawberryField]:
    """A field of ``Subscription``: its resolver yields one value for each message."""

    def decorate(resolver: Callable[..., Any]) -> StrawberryField:
        return strawberry.field(resolver, description=description, is_subscription=True)

    return decorate
