"""Pages of lists that are read newest first, by a unique sort key."""

from collections.abc import Awaitable, Callable, Sequence
from typing import Any, TypeVar

from graph.errors import InvalidInputError
from schema.connections import Connection, edges_of, page_info
from schema.cursors import scope
from schema.paging import page_slice

M = TypeVar("M")
N = TypeVar("N")


async def newest_first(
    name: str,
    window: tuple[int | None, str | None],
    narrowed: object,
    read: Callable[[str | None, int], Awaitable[Sequence[M]]],
    count: Callable[[], Awaitable[int]],
    node: Callable[[M], N],
) -> Connection[N]:
    """A page of a list; ``read`` takes the key before which it begins, and how many at most.

    ``window``: ``first`` and ``after`` as they were sent. ``narrowed``: what a cursor holds for;
    models have their sort key as ``key``.
    """
    part = page_slice(*window, None, None)
    cursors = scope(name, narrowed)
    before = cursors.decode(part.after, "after")
    results: Sequence[Any] = await read(before, part.size + 1)
    rows = results[: part.size]
    places = [cursors.encode(model.key) for model in rows]
    nodes = [node(model) for model in rows]
    return Connection(
        edges=edges_of(nodes, places),
        nodes=nodes,
        page_info=page_info(
            places, following=len(results) > part.size, preceding=before is not None
        ),
        count=count,
    )


def check_not_empty(**lists: Sequence[object] | None) -> None:
    """Raises InvalidInputError for an empty list: it would find nothing."""
    for name, values in lists.items():
        if values is not None and not values:
            raise InvalidInputError("An empty list finds nothing: leave it out.", path=[name])
