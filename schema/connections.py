"""Pages of a list: edges, nodes and where the page stands."""

from collections.abc import Awaitable, Callable, Sequence
from typing import Generic, TypeVar

import strawberry

from schema.resolved import resolved

T = TypeVar("T")


@strawberry.type(description="Where a page stands in its list.")
class PageInfo:
    has_next_page: bool = strawberry.field(description="Whether more follows after this page.")
    has_previous_page: bool = strawberry.field(description="Whether something comes before it.")
    start_cursor: str | None = strawberry.field(description="Cursor of the first edge.")
    end_cursor: str | None = strawberry.field(description="Cursor of the last edge.")


@strawberry.type(description="One row of a page.")
class Edge(Generic[T]):
    cursor: str = strawberry.field(description="The row's place, for `after` and `before`.")
    node: T = strawberry.field(description="The row itself.")


@strawberry.type(description="A page of a list.")
class Connection(Generic[T]):
    edges: list[Edge[T]] = strawberry.field(description="The page's rows with their cursors.")
    nodes: list[T] = strawberry.field(description="The page's rows.")
    page_info: PageInfo = strawberry.field(description="Where the page stands.")
    count: strawberry.Private[Callable[[], Awaitable[int]]]

    @resolved(
        description="How many rows the whole list has; counted only when asked for. Null if they "
        "could not be counted, which leaves the page as it is.",
        searches=100,
    )
    async def total_count(self) -> int | None:
        return await self.count()


def edges_of(rows: Sequence[T], cursors: Sequence[str]) -> list[Edge[T]]:
    return [Edge(cursor=cursor, node=row) for row, cursor in zip(rows, cursors, strict=True)]


def page_info(cursors: Sequence[str], *, following: bool, preceding: bool) -> PageInfo:
    return PageInfo(
        has_next_page=following,
        has_previous_page=preceding,
        start_cursor=cursors[0] if cursors else None,
        end_cursor=cursors[-1] if cursors else None,
    )
