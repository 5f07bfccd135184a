"""What registering a complaint takes, and how it becomes a record for the pipeline."""

import re
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import fields, replace
from datetime import date, datetime
from typing import Any
from uuid import UUID

import strawberry
from strawberry.utils.str_converters import to_camel_case

from graph.domain.case import LONGEST_TEXT
from graph.domain.enums import CatalogueKind, IdentifierKind
from graph.domain.enums import DepartmentRole as Role
from graph.domain.money import Money, money
from graph.domain.texts import short_text
from graph.errors import InvalidInputError, UnknownCodeError
from graph.queries import catalogue
from graph.queries import complaints as complaint_queries
from ingest.record import Chain, IncomingComplaint, IncomingCustomer
from schema.changing import MutationInput
from schema.enums import Channel, Nature, Severity, Urgency
from schema.money import MoneyInput
from schema.refusals import ANY, UserError, refuses
from schema.request import Uses
from schema.scalars import TimeOrDate

#: Where complaints come from that name no source.
OWN_SYSTEM = "api"
_SYSTEM = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}")
_LONGEST_WORD = 200
_TEXTS = ("narrative", "subject")
#: What the input calls an identifier of the customer.
_IDENTIFIERS = {
    "MOBILE": "mobile",
    "ID_NUMBER": "idNumber",
    "ACCOUNT": "account",
    "SOURCE_ID": "sourceId",
}
_LISTS = {
    CatalogueKind.PRODUCT: "products",
    CatalogueKind.BRANCH: "branches",
    CatalogueKind.DEPARTMENT: "departments",
}


@strawberry.input(
    description="Who files. Names and numbers are used to mask the texts and to recognise the "
    "customer; they are never stored."
)
class CustomerInput:
    name: str | None = strawberry.field(default=None, description="Masked wherever it occurs.")
    mobile: str | None = strawberry.field(default=None, description="Mobile number.")
    id_number: str | None = strawberry.field(default=None, description="Resident ID number.")
    account: str | None = strawberry.field(default=None, description="Account or card number.")
    source_id: str | None = strawberry.field(
        default=None, description="The customer's id in the source system."
    )
    segment: str | None = strawberry.field(default=None, description="Customer segment.")
    region: str | None = strawberry.field(default=None, description="Where the customer lives.")
    vulnerable: bool | None = strawberry.field(
        default=None, description="Whether the customer is vulnerable."
    )

    def to_record(self) -> IncomingCustomer:
        data = (
            (IdentifierKind.MOBILE, self.mobile),
            (IdentifierKind.ID_NUMBER, self.id_number),
            (IdentifierKind.ACCOUNT, self.account),
            (IdentifierKind.SOURCE_ID, self.source_id),
        )
        return IncomingCustomer(
            names=(self.name,) if self.name else (),
            identifiers=tuple((kind, value) for kind, value in data if value),
            segment=self.segment,
            region=self.region,
            vulnerable=self.vulnerable,
        )


@strawberry.input(
    description="A complaint to register, as a whole: what is left out or null is not known. Texts "
    "are masked before they are stored."
)
class RegisterComplaintInput(MutationInput):
    narrative: str = strawberry.field(
        description="What the customer says, up to 100,000 characters."
    )
    subject: str | None = strawberry.field(default=None, description="A subject.")
    channel: Channel | None = strawberry.field(default=Channel.OTHER, description="How it came in.")
    received_at: TimeOrDate | None = strawberry.field(
        default=None, description="When it was received, or only the date; now if left out."
    )
    occurred_at: TimeOrDate | None = strawberry.field(
        default=None, description="When it happened, or only the date."
    )
    product: str | None = strawberry.field(default=None, description="Code of the product.")
    department: str | None = strawberry.field(
        default=None, description="Code of the department that answers for it."
    )
    branch: str | None = strawberry.field(default=None, description="Code of the branch.")
    nature: Nature | None = strawberry.field(
        default=None, description="What the filing is; left out: nobody has said."
    )
    type: str | None = strawberry.field(default=None, description="Code of the type.")
    severity: Severity | None = strawberry.field(default=None, description="How severe it is.")
    urgency: Urgency | None = strawberry.field(default=None, description="How urgent it is.")
    risk_types: list[str] | None = strawberry.field(
        default=None, description="Codes of risks that it bears."
    )
    amount: MoneyInput | None = strawberry.field(default=None, description="The amount in dispute.")
    customer: CustomerInput | None = strawberry.field(default=None, description="Who files.")
    assignee: str | None = strawberry.field(default=None, description="Who works on it.")
    source_system: str | None = strawberry.field(
        default=None,
        description="The system that it comes from. Together with `sourceId` it names the "
        "complaint: the same content again changes nothing, other content updates it.",
    )
    source_id: str | None = strawberry.field(default=None, description="Its id in that system.")


@refuses(*ANY, UnknownCodeError)
class RegisterComplaintError(UserError):
    """Why it was not done."""


@contextmanager
def named_as_sent() -> Iterator[None]:
    """What the pipeline refuses, with paths as the input spells them."""
    try:
        yield
    except InvalidInputError as error:
        error.path = tuple(_IDENTIFIERS.get(name, name) for name in error.path)
        raise


def without(
    data: RegisterComplaintInput, problems: Sequence[InvalidInputError]
) -> RegisterComplaintInput:
    """The input without the fields that cannot be taken.

    Raises:
        InvalidInputError: they are about nothing that was sent.
    """
    reduced = data
    for problem in problems:
        reduced = _reduced(reduced, problem.path)
    if reduced == data:
        raise problems[0]
    return reduced


def _reduced(data: Any, path: Sequence[str]) -> Any:
    """The same with what a path names left out; what cannot be null is empty."""
    names = {to_camel_case(each.name): each.name for each in fields(data)}
    name = names.get(path[0]) if path else None
    if name is None:
        return data
    value = getattr(data, name)
    if isinstance(value, CustomerInput) and len(path) > 1:
        return replace(data, **{name: _reduced(value, path[1:])})
    return replace(data, **{name: "" if name == "narrative" else None})


async def to_record(
    uses: Uses, data: RegisterComplaintInput, now: datetime, *, partial: bool = False
) -> tuple[IncomingComplaint | None, list[InvalidInputError]]:
    """The record for the pipeline, or what has to be mended first.

    ``partial``: the narrative may still be empty.
    """
    problems = list(_problems(data, partial=partial))
    chains = {}
    for kind, name, code in (
        (CatalogueKind.PRODUCT, "product", data.product),
        (CatalogueKind.BRANCH, "branch", data.branch),
        (CatalogueKind.DEPARTMENT, "department", data.department),
    ):
        chains[name] = await _chain(uses, kind, code)
        if code is not None and not chains[name]:
            problems.append(_unknown(kind, name))
    amount = _amount(data.amount, problems)
    if problems:
        return None, problems
    received = data.received_at or await _known_receipt(uses, data) or now
    return _record(data, chains, amount, received), []


def _record(
    data: RegisterComplaintInput,
    chains: Mapping[str, Chain],
    amount: Money | None,
    received_at: date,
) -> IncomingComplaint:
    return IncomingComplaint(
        source_system=data.source_system or OWN_SYSTEM,
        source_id=_source_id(data),
        received_at=received_at,
        channel=data.channel or Channel.OTHER,
        subject=data.subject,
        narrative=data.narrative,
        occurred_at=data.occurred_at,
        nature=data.nature,
        type=data.type,
        severity=data.severity,
        urgency=data.urgency,
        risk_types=tuple(data.risk_types or ()),
        amount=amount,
        assignee=data.assignee,
        product=chains["product"],
        branch=chains["branch"],
        departments=((chains["department"], Role.LEAD),) if chains["department"] else (),
        customer=data.customer.to_record() if data.customer else None,
    )


def _source_id(data: RegisterComplaintInput) -> str | None:
    """Without an id of its own the key names the complaint, so that acting twice stores one."""
    if data.source_id is not None or data.idempotency_key is None:
        return data.source_id
    return str(UUID(data.idempotency_key))


async def _known_receipt(uses: Uses, data: RegisterComplaintInput) -> date | None:
    """When the complaint was received, if it is known already: sent again, it is the same."""
    source_id = _source_id(data)
    if source_id is None:
        return None
    identity = uses.keyring.complaint_id(data.source_system or OWN_SYSTEM, source_id)
    return await complaint_queries.received_at(uses.database, identity)


async def _chain(uses: Uses, kind: CatalogueKind, code: str | None) -> Chain:
    if code is None:
        return ()
    entry = (await catalogue.by_codes(uses.database, kind, [code])).get(code)
    return (entry,) if entry else ()


def _unknown(kind: CatalogueKind, name: str) -> UnknownCodeError:
    return UnknownCodeError(
        f"There is no {kind.value} with this code; the query `{_LISTS[kind]}` lists those in use.",
        path=[name],
    )


def _amount(data: MoneyInput | None, problems: list[InvalidInputError]) -> Money | None:
    try:
        return None if data is None else money(data.value, data.currency)
    except InvalidInputError as error:
        problems.append(error)
        return None


def _problems(data: RegisterComplaintInput, *, partial: bool) -> Iterator[InvalidInputError]:
    """What can be told from the input alone."""
    if not partial and not data.narrative.strip():
        yield InvalidInputError(
            "The narrative is empty: write what the customer says.", path=["narrative"]
        )
    for path, value in _strings(data):
        name = path[-1]
        if "\x00" in value:
            yield InvalidInputError(f"{name} contains a NUL character: remove it.", path=path)
        most = LONGEST_TEXT if name in _TEXTS else _LONGEST_WORD
        if len(value) > most:
            yield InvalidInputError(
                f"{name} has {len(value):,} characters; at most {most:,} are taken.", path=path
            )
    yield from _blank(data)
    if data.source_system is not None and not _SYSTEM.fullmatch(data.source_system):
        yield InvalidInputError(
            "sourceSystem takes letters, digits, dots, dashes and underscores, at most 64.",
            path=["sourceSystem"],
        )
    if data.idempotency_key is not None and not _is_uuid(data.idempotency_key):
        yield InvalidInputError(
            "idempotencyKey must be a UUID, such as one from uuidgen.", path=["idempotencyKey"]
        )


def _blank(data: RegisterComplaintInput) -> Iterator[InvalidInputError]:
    """Who works on it is a name, or left out."""
    try:
        if data.assignee is not None:
            short_text(data.assignee, "assignee", LONGEST_TEXT)
    except InvalidInputError as error:
        yield error


def _strings(data: object, above: tuple[str, ...] = ()) -> Iterator[tuple[tuple[str, ...], str]]:
    """Every text of the input, with its path in the API's spelling."""
    for name, value in vars(data).items():
        path = (*above, to_camel_case(name))
        if type(value) is str:
            yield path, value
        elif isinstance(value, list):
            yield from ((path, part) for part in value if isinstance(part, str))
        elif isinstance(value, CustomerInput | MoneyInput):
            yield from _strings(value, path)


def _is_uuid(text: str) -> bool:
    try:
        UUID(text)
    except ValueError:
        return False
    return True
