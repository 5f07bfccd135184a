"""Asking the API in this process, page by page: its checks, its figures, its words."""

import asyncio
from collections.abc import AsyncIterator, Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Protocol

from graphql import print_ast
from strawberry.types import ExecutionResult

from graph.errors import ComplaintGraphError, InvalidInputError, ThrottledError
from schema.exports.documents import Export

if TYPE_CHECKING:
    from schema.request import RequestContext

#: As many as the API gives at once.
MOST = 100


class Executor(Protocol):
    """The schema, whoever has built it."""

    async def execute(
        self, query: str, *, variable_values: dict[str, Any], context_value: "RequestContext"
    ) -> ExecutionResult: ...


@dataclass(frozen=True, slots=True)
class Asking:
    """The schema, and a context for each operation of whoever asks."""

    schema: Executor
    context: Callable[[], "RequestContext"]

    async def answer(self, document: str, variables: Mapping[str, Any]) -> Any:
        """The data of one operation; where who asks has spent too much, it is waited for.

        Raises:
            InvalidInputError: it was refused, in the API's words.
        """
        while True:
            result = await self.schema.execute(
                document, variable_values=dict(variables), context_value=self.context()
            )
            waiting = _pause(result)
            await asyncio.sleep(waiting)
            if result.errors and waiting:
                continue  # nothing was answered
            if result.errors:
                raise _refusal(result.errors[0])
            assert result.data is not None
            return result.data

    async def pages(self, export: Export, arguments: Mapping[str, Any]) -> AsyncIterator[Any]:
        """What the root field answers, one page after the other."""
        most = arguments.get("first")
        after, taken = None, 0
        while True:
            size = MOST if most is None else min(MOST, most - taken)
            page = {**arguments, "first": size, "after": after}
            answer = await self._page(
                export, page if export.paged else {"first": size, **arguments}
            )
            yield answer
            if not export.paged:
                return
            taken += len(answer["nodes"])
            after = answer["pageInfo"]["endCursor"]
            if not answer["pageInfo"]["hasNextPage"] or taken == most:
                return

    async def _page(self, export: Export, variables: Mapping[str, Any]) -> Any:
        known = {name: value for name, value in variables.items() if name in export.variables}
        data = await self.answer(print_ast(export.operation), known)
        return data[export.root.name.value]


def _pause(result: ExecutionResult) -> float:
    """Seconds until who asks has half of the points again: the other half is for the desk."""
    for error in result.errors or ():
        if (error.extensions or {}).get("code") == ThrottledError.code:
            return float((error.extensions or {})["retryAfter"])
    throttle = ((result.extensions or {}).get("cost") or {}).get("throttle")
    if throttle is None:
        return 0.0
    missing = throttle["maximum"] / 2 - throttle["remaining"]
    return float(max(missing / throttle["restorePerMinute"] * 60, 0.0))


def _refusal(error: Any) -> ComplaintGraphError:
    path = (error.extensions or {}).get("path", ())
    return InvalidInputError(error.message, path=path)
