"""Whether the process lives, and whether it can do its work."""

import asyncio
from collections.abc import Awaitable, Callable

from fastapi import APIRouter
from starlette.responses import JSONResponse

from api.services import Services
from graph.commands.waiting import Work, waiting_count
from graph.errors import ComplaintGraphError, UnavailableError
from graph.queries.indexes import unusable_indexes

#: Whoever asks for readiness asks again soon; the driver itself retries for longer.
_SECONDS = 5.0
#: More that wait are not counted: whoever asks often must not cost much.
_COUNTED = 10_000


def health_routes(services: Callable[[], Services], ending: asyncio.Event) -> APIRouter:
    """``ending``: set when the server closes, which takes nothing new from then on."""
    router = APIRouter(prefix="/health")

    @router.get("/live")
    async def live() -> JSONResponse:
        return JSONResponse({"alive": True})

    @router.get("/ready")
    async def ready() -> JSONResponse:
        if ending.is_set():
            return JSONResponse(
                {"ready": False, "service": "The service is being stopped."}, status_code=503
            )
        try:
            opened = services()
        except UnavailableError as error:
            return JSONResponse({"ready": False, "service": error.message}, status_code=503)
        parts = await readiness(opened)
        able = all(problem is None for problem in parts.values())
        states = {name: problem or "ready" for name, problem in parts.items()}
        waiting = await backlog(opened) if able else {}
        return JSONResponse(
            {"ready": able, **states, "waiting": waiting}, status_code=200 if able else 503
        )

    return router


async def readiness(services: Services) -> dict[str, str | None]:
    """What is wrong with each part, None if nothing is."""
    return {
        "graph": await _problem(lambda: _graph(services)),
        "indexes": await _problem(lambda: _indexes(services)),
        "encoder": None if services.encoder.is_ready else "The language model is not loaded.",
    }


async def backlog(services: Services) -> dict[str, int]:
    """Complaints that wait to be linked or for the rules, counted up to ten thousand."""
    return {
        work.value: await waiting_count(services.database, work, most=_COUNTED) for work in Work
    }


async def _problem(check: Callable[[], Awaitable[str | None]]) -> str | None:
    try:
        async with asyncio.timeout(_SECONDS):
            return await check()
    except TimeoutError:
        return f"No answer within {_SECONDS:.0f} seconds."
    except ComplaintGraphError as error:
        return error.message


async def _graph(services: Services) -> str | None:
    await services.database.read("RETURN 1 AS one")
    return None


async def _indexes(services: Services) -> str | None:
    missing = await unusable_indexes(services.database, services.book.active.space.index)
    return f"Not online: {', '.join(missing)}." if missing else None
