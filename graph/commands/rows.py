"""A case as parameters of Cypher: node properties and relations."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from functools import cached_property
from typing import Any

from graph.commands.suggestions import suggestion_row
from graph.domain.case import Case
from graph.domain.copies import Related, copies
from graph.domain.enums import CatalogueKind
from graph.domain.identity import Keyring
from graph.domain.notices import notice_key
from graph.domain.people import MOST_PEOPLE
from graph.domain.record import OWN, REDACTED, stored
from graph.domain.suggestions import Suggestion

Lineages = Mapping[CatalogueKind, Mapping[str, tuple[str, ...]]]


@dataclass(frozen=True, slots=True)
class Prepared:
    """A case with its vectors by node property, one for each space that takes writes.

    ``fires``: a rule of escalation fires on what the case itself says.
    ``suggestion``: what was suggested about it, if somebody is going to read it.
    """

    case: Case
    vectors: Mapping[str, Sequence[float]] = field(default_factory=dict)
    fires: bool = False
    suggestion: Suggestion | None = None
    redacted: bool = False


@dataclass(frozen=True, slots=True)
class Act:
    """Who stores, with whose key, when (wall-clock), and for which import, if for one.

    ``token``: under which the caller itself links and escalates what is stored; None leaves that to
    whoever takes the next that waits. ``most_people``: so many may file under one identifier (see
    ``graph.domain.people``).
    """

    actor: str
    now: datetime
    keyring: Keyring
    run: str | None = None
    token: str | None = None
    most_people: int = MOST_PEOPLE


def without_texts(prepared: Prepared) -> Prepared:
    """A case of which no text may be kept, nor anything that was made of one."""
    case = prepared.case
    decisions = tuple(replace(decision, summary=None) for decision in case.decisions)
    return replace(
        prepared,
        case=replace(case, subject=None, narrative=None, decisions=decisions),
        vectors={},
        suggestion=None,
        redacted=True,
    )


def related(case: Case, lineages: Lineages, customer: str | None) -> Related:
    """The codes that the case's relations lead to."""
    times = [d.decided_at for d in case.decisions if d.decided_at is not None]
    return Related(
        products=_with_wider(lineages, CatalogueKind.PRODUCT, case.product),
        branches=_with_wider(lineages, CatalogueKind.BRANCH, case.branch),
        departments=tuple(handling.department for handling in case.handling),
        causes=tuple({cause.cause for cause in case.causes}),
        root_causes=tuple(
            {
                code
                for cause in case.causes
                for code in _with_wider(lineages, CatalogueKind.ROOT_CAUSE, cause.cause)
            }
        ),
        customer=customer,
        decided=case.decided,
        decided_at=min(times, default=None),
        outcome=max(case.decisions, key=lambda made: made.round).outcome
        if case.decisions
        else None,
    )


def _with_wider(lineages: Lineages, kind: CatalogueKind, code: str | None) -> tuple[str, ...]:
    return lineages[kind][code] if code is not None else ()


@dataclass(frozen=True)
class ComplaintRow:
    """One complaint as the statements of ``store`` take it; without slots, so that it remembers."""

    own: Mapping[str, Any]
    related: Related
    vectors: Mapping[str, Sequence[float]]
    product: str | None
    branch: str | None
    handling: Sequence[Mapping[str, Any]]
    causes: Sequence[Mapping[str, Any]]
    decisions: Sequence[Mapping[str, Any]]
    suggestions: Sequence[Mapping[str, Any]] = ()
    fires: bool = False

    @property
    def id(self) -> str:
        return str(self.own["id"])

    @property
    def customer(self) -> str | None:
        return self.related.customer

    @cached_property
    def properties(self) -> Mapping[str, Any]:
        """Everything that stands on the node, None for what is absent."""
        copied = copies(self.own, self.related)
        mark = {"noticeKey": notice_key({**self.own, **copied})}
        return {**self.own, **copied, **mark, **self.vectors}


def complaint_row(prepared: Prepared, lineages: Lineages, customer: str | None) -> ComplaintRow:
    case = prepared.case
    return ComplaintRow(
        own={**stored(OWN, case), **({REDACTED: True} if prepared.redacted else {})},
        related=related(case, lineages, customer),
        vectors=prepared.vectors,
        product=case.product,
        branch=case.branch,
        handling=[handling.to_record() for handling in case.handling],
        causes=[cause.to_record() for cause in case.causes],
        decisions=[decision.to_record(case.id) for decision in case.decisions],
        suggestions=[suggestion_row(prepared.suggestion)] if prepared.suggestion else [],
        fires=prepared.fires,
    )


def as_json(state: Mapping[str, Any]) -> str:
    """Compact and in one order, so that equal states are equal strings."""
    return json.dumps(state, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
