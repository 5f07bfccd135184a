"""Fields that are computed rather than copied."""

from collections.abc import Callable, Sequence
from typing import Any

import strawberry
from strawberry.extensions import FieldExtension
from strawberry.types.field import StrawberryField

#: Where ``limits`` finds what a field declares.
SEARCHES = "searches"


def resolved(
    *, description: str, searches: int = 0, extensions: Sequence[FieldExtension] = ()
) -> Callable[[Callable[..., Any]], StrawberryField]:
    """A field with a resolver.

    ``searches``: how many objects it looks at for each parent, beside those that it returns;
    documents are bounded by the sum.
    """

    def decorate(resolver: Callable[..., Any]) -> StrawberryField:
        return strawberry.field(
            resolver,
            description=description,
            metadata={SEARCHES: searches} if searches else None,
            extensions=list(extensions),
        )

    return decorate


def followed(*, description: str) -> Callable[[Callable[..., Any]], StrawberryField]:
    """A field of ``Subscription``: its resolver yields one value for each message."""

    def decorate(resolver: Callable[..., Any]) -> StrawberryField:
        return strawberry.field(resolver, description=description, is_subscription=True)

    return decorate
