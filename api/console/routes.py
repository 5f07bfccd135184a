"""The console: every page is one named GraphQL document, executed as its visitor."""

import asyncio

from fastapi import APIRouter

from api.console import (
    audit,
    case,
    choosing,
    clusters,
    desk,
    drill,
    imports,
    insight,
    jobs,
    live,
    progress,
    register,
    steering,
    team,
    watch,
)
from api.console.asking import Console


def console_routes(console: Console, ending: asyncio.Event) -> APIRouter:
    """``ending``: set when the server closes."""
    router = APIRouter(include_in_schema=False)
    # Forms before what they are about, whose addresses end in any id.
    rooms = (
        choosing,
        desk,
        register,
        case,
        team,
        insight,
        steering,
        watch,
        clusters,
        audit,
        drill,
        progress,
    )
    for room in (*rooms, imports, jobs):
        router.include_router(room.routes(console))
    router.include_router(live.routes(console, ending))
    return router
