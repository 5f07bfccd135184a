"""Fields that name an entry of a tree: a list to choose from, or suggestions where it is long.

Of a bank with thousands of branches no list holds all. A field then takes the code or the name of
an entry, whoever types it; scripts add what fits so far.
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import Response

from api.console.asking import Console, Visit
from api.console.forms import Field
from api.console.pages import page
from api.console.room import ConsoleRoute
from api.console.scope import Scope
from graph.errors import NotFoundError

#: The trees whose entries are suggested, by their names in documents.
TREES = ("products", "branches", "departments", "rootCauses")
_SUGGESTED = 20
#: Among so many that hold a name, the one of exactly this name is looked for.
_SOUGHT = 500


def routes(console: Console) -> APIRouter:
    router = APIRouter(route_class=ConsoleRoute)

    @router.get("/choices/{tree}")
    async def choices(request: Request, tree: str) -> Response:
        """The one value that is sent is what was typed, whatever its field is called."""
        visit = await console.visit(request)
        if tree not in TREES:
            raise NotFoundError("There is no such tree.")
        typed = next(iter(request.query_params.values()), "")
        entries = await _matching(console, visit, tree, typed, _SUGGESTED)
        return page(visit, "choices.html", {"entries": entries})

    return router


async def resolved(
    console: Console, visit: Visit, wanted: Sequence[Field], sent: Mapping[str, list[str]]
) -> dict[str, list[str]]:
    """A form with codes for the names that were typed."""
    made = dict(sent)
    for field in wanted:
        if field.values in TREES:
            typed = [each for each in sent.get(field.name, ()) if each.strip()]
            made[field.name] = [await code_of(console, visit, field.values, t) for t in typed]
    return made


async def scope_of(console: Console, visit: Visit, scope: Scope) -> Scope:
    """An analysis' scope with codes for the names that were typed."""
    branch, product = scope.branch, scope.product
    return replace(
        scope,
        branch=branch and await code_of(console, visit, "branches", branch),
        product=product and await code_of(console, visit, "products", product),
    )


async def code_of(console: Console, visit: Visit, tree: str, typed: str) -> str:
    """The code that was typed, or of the only entry of this name; else what was typed."""
    text = typed.strip()
    entries = await _matching(console, visit, tree, text, _SOUGHT)
    if any(each["code"] == text for each in entries):
        return text
    called = {each["code"] for each in entries if text.lower() in _names(each)}
    return called.pop() if len(called) == 1 else text


def _names(entry: Mapping[str, Any]) -> set[str]:
    return {str(entry[name]).lower() for name in ("code", "zh", "en")}


async def _matching(
    console: Console, visit: Visit, tree: str, typed: str, first: int
) -> Sequence[Mapping[str, Any]]:
    variables = {"matching": typed, "first": first, tree: True}
    answer = await console.ask(visit, "choices", **variables)
    found = answer.data[tree]
    return found["nodes"] if found else ()
