"""Lists of complaints and of catalogue entries, page by page."""

from functools import partial
from typing import Any

from graph.domain.enums import CatalogueKind
from graph.domain.filters import ComplaintFilter
from graph.errors import UnknownCodeError
from graph.queries import catalogue
from graph.queries import complaints as complaint_queries
from graph.queries.complaints import Order, Window
from schema.catalogue import TYPES
from schema.complaint import Complaint
from schema.connections import Connection, edges_of, page_info
from schema.cursors import scope
from schema.paging import Slice
from schema.request import Info, Uses
from schema.worklist import ComplaintConnection


async def complaint_page(
    info: Info, filters: ComplaintFilter | None, order: Order, part: Slice
) -> ComplaintConnection:
    """A page of complaints; its cursors hold for this order and filter only."""
    place = scope(order.name, filters)
    window = Window(
        size=part.size,
        after=place.decode(part.after, "after"),
        before=place.decode(part.before, "before"),
        backwards=part.backwards,
    )
    uses = info.context.uses
    narrowed = await uses.finder.compile(filters, info.context.scope)
    page = await complaint_queries.page(uses.database, narrowed, order, window)
    cursors = [place.encode(order.key_of(model)) for model in page.complaints]
    nodes = [Complaint.from_model(model) for model in page.complaints]
    # Beyond the other end lies at least the row whose cursor was given.
    after, before = part.after is not None, part.before is not None
    following, preceding = (before, page.more) if part.backwards else (page.more, after)
    return ComplaintConnection(
        edges=edges_of(nodes, cursors),
        nodes=nodes,
        page_info=page_info(cursors, following=following, preceding=preceding),
        count=partial(complaint_queries.count, uses.database, narrowed),
        narrowed=narrowed,
    )


async def catalogue_page(uses: Uses, asked: catalogue.Asked, part: Slice) -> Connection[Any]:
    """A page of a tree's entries in order of their codes.

    Raises:
        UnknownCodeError: nothing has the code ``asked.under``.
    """
    kind, under = asked.kind, asked.under
    place = scope(kind.value, (under, asked.matching) if asked.matching else under)
    after = place.decode(part.after, "after")
    page = await catalogue.page(uses.database, asked, after=after, first=part.size)
    if under is not None and not page.entries and not asked.matching:
        await _check_known(uses, kind, under)
    nodes = [TYPES[kind].from_model(entry) for entry in page.entries]
    cursors = [place.encode(node.code) for node in nodes]
    return Connection(
        edges=edges_of(nodes, cursors),
        nodes=nodes,
        page_info=page_info(cursors, following=page.more, preceding=after is not None),
        count=partial(catalogue.count, uses.database, asked),
    )


async def _check_known(uses: Uses, kind: CatalogueKind, code: str) -> None:
    if code not in await catalogue.by_codes(uses.database, kind, [code]):
        raise UnknownCodeError(
            f"`under` is no code of a {kind.value}: leave it out to list all.", path=["under"]
        )
