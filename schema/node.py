"""Anything that can be fetched again by its id."""

import strawberry


@strawberry.interface(description="Anything that can be fetched again by its id.")
class Node:
    id: strawberry.ID = strawberry.field(
        description="Opaque, the same for the same thing for as long as it exists."
    )
