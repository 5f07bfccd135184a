"""One step on many cases: each is taken or refused by itself."""

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import MISSING, dataclass, field, fields, replace
from datetime import UTC, datetime
from typing import Any
from uuid import UUID, uuid5

import strawberry

from graph.commands.requests import RequestKey, claim
from graph.commands.versioned import Change, StaleVersionError
from graph.domain.desk import DeskStep
from graph.domain.lifecycle import Step
from graph.errors import ComplaintGraphError, InvalidInputError, UnknownCodeError
from schema.changing import (
    MutationInput,
    MutationPayload,
    UnseenChange,
    acted,
    errors_field,
)
from schema.complaint import Complaint
from schema.desk import inputs
from schema.desk.refusal import CaseStepError
from schema.ids import NodeKind, global_id, key_of
from schema.reach import beyond, beyond_reach
from schema.refusals import ANY, UserError, refuses
from schema.request import Info

#: Cases that one request may take a step on.
MOST_CASES = 100
#: Steps taken at once: alike cases wait for one another's neighbours.
AT_ONCE = 4
#: What belongs to one case, or to the request.
_ASIDE = frozenset({"complaint", "version", "idempotency_key", "client_mutation_id"})


def _without_case(kind: type[Any]) -> type[Any]:
    """What a step says beside which case it is taken on, as an input of its own."""
    namespace: dict[str, Any] = {"__annotations__": {}, "__module__": __name__}
    types = {name: type_ for base in kind.__mro__ for name, type_ in _annotations(base).items()}
    described = {f.python_name: f.description for f in kind.__strawberry_definition__.fields}
    for each in fields(kind):
        if each.name in _ASIDE:
            continue
        namespace["__annotations__"][each.name] = types[each.name]
        default = {} if each.default is MISSING else {"default": each.default}
        namespace[each.name] = strawberry.field(description=described[each.name], **default)
    name = f"{kind.__name__.removesuffix('Input')}InBulkInput"
    made = type(name, (), namespace)
    return strawberry.input(description=kind.__strawberry_definition__.description)(made)


def _annotations(kind: type[Any]) -> Mapping[str, Any]:
    return dict(vars(kind).get("__annotations__", {}))


def _choice(kinds: Mapping[str, type[Any]]) -> type[Any]:
    namespace: dict[str, Any] = {"__annotations__": {}, "__module__": __name__}
    for name, kind in kinds.items():
        namespace["__annotations__"][name] = _without_case(kind) | None
        namespace[name] = strawberry.field(
            default=None, description=f"As `{inputs.MUTATIONS[Step(name.upper())]}` takes it."
        )
    made = type("BulkStep", (), namespace)
    return strawberry.input(description="The step: exactly one of these.")(made)


_KINDS = {step.value.lower(): kind for step, kind in inputs.KINDS.items()}
BulkStep = _choice(_KINDS)


@strawberry.input(description="A case as the person saw it.")
class CaseVersionInput:
    complaint: strawberry.ID = strawberry.field(description="Id of the complaint.")
    version: int = strawberry.field(description="Its version as the person saw it.")


@strawberry.input(description="One step, and the cases to take it on.")
class TakeStepInBulkInput(MutationInput):
    cases: list[CaseVersionInput] = strawberry.field(
        description=f"At most {MOST_CASES}, each once."
    )
    step: BulkStep = strawberry.field(description="The step: exactly one.")  # type: ignore[valid-type]


@strawberry.type(description="What became of the step on one case.")
class BulkStepResult:
    complaint_id: strawberry.ID = strawberry.field(description="The case's id, as it was sent.")
    complaint: Complaint | None = strawberry.field(
        description="The case as it stands now, also when the step was refused."
    )
    errors: list[CaseStepError] = strawberry.field(
        description="Why it was refused; empty if it was taken."
    )
    changed_since: list[UnseenChange] = strawberry.field(
        description="What others did since the version that the person saw, if that was stale."
    )


@refuses(*ANY, UnknownCodeError)
class TakeStepInBulkError(UserError):
    """Why the request as a whole was refused."""


@strawberry.type(description="What became of a step on many cases.")
class TakeStepInBulkPayload(MutationPayload):
    errors: list[TakeStepInBulkError] = errors_field()
    taken: int = strawberry.field(description="On how many cases it was taken.")
    refused: int = strawberry.field(description="On how many it was not.")
    results: list[BulkStepResult] = strawberry.field(
        description="Each case's, in the order in which they were sent; empty where the request "
        "as a whole was refused."
    )


@dataclass(slots=True)
class _Case:
    """One case of the request, and what became of it."""

    key: str
    version: int
    place: int
    refusal: ComplaintGraphError | None = None
    unseen: Sequence[Change] = field(default_factory=tuple)


async def take_in_bulk(info: Info, data: TakeStepInBulkInput) -> TakeStepInBulkPayload:
    """Take a step on many cases; those that refuse it keep nobody else from it."""

    async def act(key: RequestKey | None) -> list[_Case]:
        await _claim(info, key)
        cases = _cases(data)
        step = await _step(info, data)
        await _check_reached(info, cases, key)
        await _take_all(info, cases, step, key)
        return cases

    done = await acted(info, data, act, TakeStepInBulkError)
    cases = done.result or []
    load = info.context.loaders.complaint().load_many
    complaints = await load([case.key for case in cases])
    results = [_result(case, found) for case, found in zip(cases, complaints, strict=True)]
    refused = sum(bool(result.errors) for result in results)
    return TakeStepInBulkPayload(
        taken=len(results) - refused, refused=refused, results=results, **done.payload()
    )


async def _claim(info: Info, key: RequestKey | None) -> None:
    """Hold the request's key to its input; what was done stands under the keys of its cases."""
    now = datetime.now(UTC)
    await info.context.uses.database.write(lambda t: claim(t, key, {}, now))


def _cases(data: TakeStepInBulkInput) -> list[_Case]:
    if not 0 < len(data.cases) <= MOST_CASES:
        raise InvalidInputError(f"Name 1 to {MOST_CASES} cases.", path=["cases"])
    cases = []
    for number, each in enumerate(data.cases):
        path = ("cases", str(number), "complaint")
        key = key_of(each.complaint, NodeKind.COMPLAINT, path=path)
        cases.append(_Case(key, each.version, number))
    if len({case.key for case in cases}) < len(cases):
        raise InvalidInputError("A case stands there twice: name each once.", path=["cases"])
    return cases


async def _step(info: Info, data: TakeStepInBulkInput) -> DeskStep:
    chosen = {name: getattr(data.step, name) for name in _KINDS}
    chosen = {name: value for name, value in chosen.items() if value is not None}
    if len(chosen) != 1:
        raise InvalidInputError("Give exactly one step.", path=["step"])
    ((name, value),) = chosen.items()
    said = {each.name: getattr(value, each.name) for each in fields(value)}
    kind = _KINDS[name]
    try:
        made: inputs.StepData = kind(complaint=strawberry.ID(""), version=0, **said)
        return await made.to_step(info.context.uses.desk)
    except InvalidInputError as error:
        error.path = ("step", name, *error.path)
        raise


async def _check_reached(info: Info, cases: Sequence[_Case], key: RequestKey | None) -> None:
    """Those beyond reach are refused, each by itself."""
    refused = await beyond_reach(info, {case.key: _key_of_case(key, case) for case in cases})
    for case in cases:
        if case.key in refused:
            case.refusal = beyond("complaint")


async def _take_all(
    info: Info, cases: Sequence[_Case], step: DeskStep, key: RequestKey | None
) -> None:
    """Raises, once all others are through, what is no refusal: a retry under the key goes on."""
    turns = asyncio.Semaphore(AT_ONCE)

    async def take(case: _Case) -> None:
        async with turns:
            try:
                await info.context.uses.desk.take(
                    case.key,
                    case.version,
                    step,
                    actor=info.context.identity.actor,
                    key=_key_of_case(key, case),
                )
            except ComplaintGraphError as error:
                if not CaseStepError.declares(error):
                    raise
                case.refusal = error
                case.unseen = error.changes if isinstance(error, StaleVersionError) else ()

    pending = [take(case) for case in cases if case.refusal is None]
    for outcome in await asyncio.gather(*pending, return_exceptions=True):
        if isinstance(outcome, BaseException):
            raise outcome


def _key_of_case(key: RequestKey | None, case: _Case) -> RequestKey | None:
    """Each case is retried under a key of its own."""
    return None if key is None else replace(key, key=str(uuid5(UUID(key.key), case.key)))


def _result(case: _Case, complaint: Any) -> BulkStepResult:
    above = ("input", "cases", str(case.place))
    errors = [] if case.refusal is None else [CaseStepError.from_model(case.refusal, *above)]
    return BulkStepResult(
        complaint_id=global_id(NodeKind.COMPLAINT, case.key),
        complaint=Complaint.from_optional(complaint),
        errors=errors,
        changed_since=[UnseenChange.from_model(change) for change in case.unseen],
    )
