"""What all mutations have in common: retries, who asks, and how a refusal is told."""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Generic, Protocol, TypeVar

import strawberry

from graph.commands.requests import RequestKey
from graph.commands.versioned import Change, StaleVersionError
from graph.domain.changes import changes
from graph.errors import ComplaintGraphError
from schema.enums import EventKind
from schema.refusals import UserError
from schema.request import Info
from schema.request_keys import request_key
from schema.resolved import resolved
from schema.staff import NAME, name_of

T = TypeVar("T")


@strawberry.input(description="What every mutation takes.")
class MutationInput:
    idempotency_key: str | None = strawberry.field(
        default=None,
        description="A UUID that makes a retry safe: for seven days the same input under it acts "
        "once, and another one is refused.",
    )
    client_mutation_id: str | None = strawberry.field(
        default=None, description="Comes back as it is."
    )


@strawberry.type(description="A change that the person had not seen.")
class UnseenChange:
    seq: int = strawberry.field(description="Its number among the changes of the same thing.")
    kind: EventKind | None = strawberry.field(description="What happened, of a complaint.")
    actor: str = strawberry.field(description="Who did it.")
    at: datetime = strawberry.field(description="When.")
    fields: list[str] = strawberry.field(
        description="What it changed: names of fields; of a complaint those of `CaseField`."
    )

    @resolved(description=NAME)
    async def actor_name(self, info: Info) -> str | None:
        return await name_of(info, self.actor)

    @classmethod
    def from_model(cls, model: Change) -> "UnseenChange":
        if model.kind is None:
            names = sorted((model.before.keys() | model.after.keys()) - {"note"})
        else:
            names = [change.field.value for change in changes(model.before, model.after)]
        return cls(seq=model.seq, kind=model.kind, actor=model.actor, at=model.at, fields=names)


def errors_field() -> Any:
    """The field of a payload, each with its own type of errors."""
    return strawberry.field(description="What has to be mended; empty if it was done.")


@strawberry.type(description="What every mutation answers.")
class MutationPayload:
    errors: Sequence[UserError] = errors_field()
    client_mutation_id: str | None = strawberry.field(description="As it was sent.")


@strawberry.type(description="What a mutation answers that changes what a person saw.")
class ChangePayload(MutationPayload):
    changed_since: list[UnseenChange] = strawberry.field(
        description="What others did since the version that the person saw, if that was stale."
    )


class ChangeInput(Protocol):
    """An input that is a ``MutationInput``."""

    idempotency_key: str | None
    client_mutation_id: str | None


@dataclass(frozen=True, slots=True)
class Acted(Generic[T]):
    """What a mutation came to: its result, or why nothing was done."""

    data: ChangeInput
    result: T | None = None
    errors: Sequence[UserError] = ()
    unseen: tuple[Change, ...] = ()

    def payload(self) -> dict[str, Any]:
        """The fields of a ``MutationPayload``."""
        return {"errors": list(self.errors), "client_mutation_id": self.data.client_mutation_id}

    def change_payload(self) -> dict[str, Any]:
        """The fields of a ``ChangePayload``."""
        changes = [UnseenChange.from_model(change) for change in self.unseen]
        return {**self.payload(), "changed_since": changes}


async def acted(
    info: Info,
    data: ChangeInput,
    act: Callable[[RequestKey | None], Awaitable[T]],
    errors: type[UserError],
) -> Acted[T]:
    """Act once for each key; what ``errors`` declare is told, everything else is raised."""
    info.context.forget()
    try:
        return Acted(data, await act(request_key(info, data)))
    except ComplaintGraphError as refusal:
        if not errors.declares(refusal):
            raise
        unseen = refusal.changes if isinstance(refusal, StaleVersionError) else ()
        return Acted(data, None, [errors.from_model(refusal, "input")], unseen)
