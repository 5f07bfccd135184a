"""From a source's record to a case: checked, masked, identified, with its deadline. Pure."""

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, fields, is_dataclass, replace
from datetime import date, datetime
from decimal import Decimal
from zoneinfo import ZoneInfo

from graph.domain.case import (
    LONGEST_TEXT,
    Attribution,
    Case,
    CustomerFacts,
    Decision,
    Handling,
)
from graph.domain.catalogue import CatalogueEntry
from graph.domain.deadlines import Deadline, TimeLimits
from graph.domain.enums import IdentifierKind
from graph.domain.identity import Keyring
from graph.domain.moments import instant, moment
from graph.domain.money import AmountBands
from graph.domain.people import MOST_PEOPLE
from graph.domain.vocabulary import Vocabulary
from graph.errors import InvalidInputError, UnknownCodeError
from ingest.classification import language_of
from ingest.masking import Masker, MaskKind, normalise_identifier, says_unknown
from ingest.record import IncomingComplaint, IncomingCustomer, IncomingDecision, Problem

#: A source's row number that is itself one of these is kept as a keyed hash only.
_PERSONAL = {MaskKind.ID_NUMBER, MaskKind.MOBILE, MaskKind.EMAIL, MaskKind.BANK_CARD}
_SHORTEST_PERSONAL = 11
_SOURCE_ID = IdentifierKind.SOURCE_ID


@dataclass(frozen=True, slots=True)
class IntakeRules:
    """The bank's own rules for taking complaints in."""

    zone: ZoneInfo = field(default_factory=lambda: ZoneInfo("Asia/Shanghai"))
    bands: AmountBands = field(default_factory=AmountBands)
    limits: TimeLimits = field(default_factory=TimeLimits)
    vocabulary: Vocabulary = field(default_factory=Vocabulary)
    most_people: int = MOST_PEOPLE


@dataclass(frozen=True, slots=True)
class Preparer:
    """Turns records into cases with this installation's key and rules."""

    masker: Masker
    keyring: Keyring
    rules: IntakeRules

    def prepare(self, incoming: IncomingComplaint, *, now: datetime, strict: bool = False) -> Case:
        """The case to store.

        ``strict``: an identifier that cannot be one (a mistyped number) is an error; otherwise it
        is left out, because under a placeholder such as 000000 strangers would become one person.
        A word for "unknown" (匿名, N/A) is always left out.

        Raises:
            InvalidInputError: with the path of the field that cannot be taken.
        """
        _check(incoming, self.rules.vocabulary)
        zone = self.rules.zone
        received = moment(incoming.received_at, zone, now=now, what="receivedAt")
        content = canonical(incoming)
        source_id = self._source_id(incoming, content)
        limits = self.rules.limits
        due = limits.deadline(received.at, limits.decide_days)
        customer = incoming.customer
        case = Case(
            id=self.keyring.complaint_id(incoming.source_system, source_id),
            reference=self._reference(incoming, source_id),
            source_system=incoming.source_system,
            source_id=source_id,
            content_hash=self._content_hash(incoming, content),
            channel=incoming.channel,
            status=incoming.status,
            level=incoming.level,
            received=received,
            subject=self._masked(incoming.subject, customer),
            narrative=self._masked(incoming.narrative, customer),
            language=language_of(incoming.narrative),
            mask_version=self.masker.version,
            occurred_at=_time(incoming.occurred_at, zone, now, "occurredAt"),
            nature=incoming.nature,
            type=incoming.type,
            severity=incoming.severity,
            urgency=incoming.urgency,
            risk_types=tuple(sorted(set(incoming.risk_types))),
            timeliness=incoming.timeliness,
            amount=incoming.amount,
            amount_band=self.rules.bands.band(incoming.amount) if incoming.amount else None,
            vulnerable=bool(incoming.vulnerable or (customer and customer.vulnerable)),
            due_at=due.due_at,
            due_soon_at=due.due_soon_at,
            assignee=self._label(incoming.assignee),
            product=_code(incoming.product),
            branch=_code(incoming.branch),
            handling=tuple(Handling(chain[-1].code, role) for chain, role in incoming.departments),
            causes=tuple(
                Attribution(c.chain[-1].code, c.source, c.confidence, c.share)
                for c in incoming.causes
            ),
            customer=self._customer(incoming, strict=strict),
            decisions=tuple(
                self._decision(number, decision, customer, due, now)
                for number, decision in enumerate(incoming.decisions, start=1)
            ),
        )
        if case.in_first_round:
            return case
        # The first deadline is none of a later round, of which no source says when it began.
        return replace(case, due_at=None, due_soon_at=None, first_due_at=due.due_at)

    def _source_id(self, incoming: IncomingComplaint, content: str) -> str:
        source_id = incoming.source_id
        if source_id is None:
            return self.keyring.content_hash(content)
        return self.keyring.content_hash(source_id) if self._is_personal(source_id) else source_id

    def _is_personal(self, number: str) -> bool:
        # Shorter than a mobile number and no e-mail: nothing of a person, and nothing to search.
        long = len(number) >= _SHORTEST_PERSONAL or "@" in number
        return long and not _PERSONAL.isdisjoint(self.masker.mask(number).counts)

    def _reference(self, incoming: IncomingComplaint, source_id: str) -> str:
        if incoming.reference and not self._is_personal(incoming.reference):
            return incoming.reference
        return f"{incoming.source_system.upper()}-{source_id}"

    def _content_hash(self, incoming: IncomingComplaint, content: str) -> str:
        """Of what is kept of it: other masking makes other texts of the same content."""
        texts = (incoming.subject, incoming.narrative, *(d.summary for d in incoming.decisions))
        if any(texts):
            content = f"{self.masker.version}\x00{content}"
        return self.keyring.content_hash(content)

    def _label(self, text: str | None) -> str | None:
        return None if text is None else self.masker.mask_label(text)

    def _masked(self, text: str | None, customer: IncomingCustomer | None) -> str | None:
        if text is None or not text.strip():
            return None
        names = customer.names if customer else ()
        secrets = [value for _, value in customer.identifiers] if customer else []
        return self.masker.mask(text.replace("\x00", " "), names=names, secrets=secrets).text

    def _customer(self, incoming: IncomingComplaint, *, strict: bool) -> CustomerFacts | None:
        customer = incoming.customer
        if customer is None:
            return None
        hashed = tuple(
            sorted(
                (kind, self.keyring.identifier(kind, normal))
                for kind, normal in _identifiers(customer, incoming.source_system, strict=strict)
            )
        )
        if not hashed:
            return None
        segment, region = self._label(customer.segment), self._label(customer.region)
        return CustomerFacts(hashed, segment, region, customer.vulnerable)

    def _decision(
        self,
        number: int,
        decision: IncomingDecision,
        customer: IncomingCustomer | None,
        due: Deadline,
        now: datetime,
    ) -> Decision:
        at = _time(decision.at, self.rules.zone, now, "decidedAt")
        satisfaction = decision.satisfaction
        if satisfaction is not None and not 1 <= satisfaction <= 5:
            raise InvalidInputError("Satisfaction is a number from 1 to 5.", path=["satisfaction"])
        timely = decision.timely
        if timely is None and at is not None and number == 1:
            timely = at <= due.due_at
        return Decision(
            round=number,
            outcome=decision.outcome,
            remedy=decision.remedy,
            compensation=decision.compensation,
            decided_at=at,
            satisfaction=satisfaction,
            timely=timely,
            summary=self._masked(decision.summary, customer),
        )


def consistent(
    line: int, incoming: IncomingComplaint, zone: ZoneInfo
) -> tuple[IncomingComplaint, tuple[Problem, ...]]:
    """The record without the times of decisions that lie before its receipt, and what they were.

    Such a time would count as a decision within no time.
    """
    early = [d for d in incoming.decisions if d.at and _precedes(d.at, incoming.received_at, zone)]
    if not early:
        return incoming, ()
    decisions = tuple(replace(d, at=None) if d in early else d for d in incoming.decisions)
    reason = "lies before the time of receipt"
    problems = tuple(
        Problem(line, "decision.at", reason, f"{d.at} < {incoming.received_at}") for d in early
    )
    return replace(incoming, decisions=decisions), problems


def _precedes(first: datetime | date, second: datetime | date, zone: ZoneInfo) -> bool:
    """Whether one time lies before another; by days, where either is only a day."""
    at = [instant(value, zone) for value in (first, second)]
    if isinstance(first, datetime) and isinstance(second, datetime):
        return at[0] < at[1]
    days = [value.astimezone(zone).date() for value in at]
    return days[0] < days[1]


def _check(incoming: IncomingComplaint, vocabulary: Vocabulary) -> None:
    for name in ("subject", "narrative"):
        text = getattr(incoming, name)
        if text is not None and len(text) > LONGEST_TEXT:
            raise InvalidInputError(
                f"The {name} has {len(text):,} characters; at most {LONGEST_TEXT:,} are taken.",
                path=[name],
            )
    if incoming.type is not None and incoming.type not in vocabulary.types:
        raise UnknownCodeError(
            f"There is no such type; use one of {', '.join(vocabulary.types)}.",
            path=["type"],
        )
    for risk in incoming.risk_types:
        if risk not in vocabulary.risk_types:
            raise UnknownCodeError(
                f"There is no such risk type; use one of {', '.join(vocabulary.risk_types)}.",
                path=["riskTypes"],
            )


def _identifiers(
    customer: IncomingCustomer, source_system: str, *, strict: bool
) -> Iterator[tuple[IdentifierKind, str]]:
    for kind, value in customer.identifiers:
        normal = normalise_identifier(kind, value)
        if normal is not None:
            # Two systems may number their customers alike.
            yield kind, f"{source_system}:{normal}" if kind is _SOURCE_ID else normal
        elif strict and not says_unknown(value):
            raise InvalidInputError(
                f"The customer's {kind.value} is not valid: check it for typing errors.",
                path=["customer", kind.value],
            )


def _time(
    value: datetime | date | None, zone: ZoneInfo, now: datetime, what: str
) -> datetime | None:
    return None if value is None else moment(value, zone, now=now, what=what).at


def _code(chain: Sequence[CatalogueEntry]) -> str | None:
    return chain[-1].code if chain else None


def entries(incoming: IncomingComplaint) -> Iterator[CatalogueEntry]:
    """All catalogue entries that the record mentions, wider ones first."""
    yield from incoming.product
    yield from incoming.branch
    for chain, _ in incoming.departments:
        yield from chain
    for cause in incoming.causes:
        yield from cause.chain


def canonical(incoming: IncomingComplaint) -> str:
    """The record as one string: equal records are equal strings, whatever file they came in."""
    return json.dumps(incoming, default=_plain, ensure_ascii=False, separators=(",", ":"))


#: Fields that records did not always have are left out while they say nothing: a row without an id
#: is known by this string, and must stay the same row under a newer version.
_LATER = frozenset({"nature"})
_FIELD_NAMES: dict[type, tuple[str, ...] | None] = {}


def _field_names(kind: type) -> tuple[str, ...] | None:
    """A dataclass's fields, remembered: asked for every part of every row."""
    if kind not in _FIELD_NAMES:
        _FIELD_NAMES[kind] = tuple(f.name for f in fields(kind)) if is_dataclass(kind) else None
    return _FIELD_NAMES[kind]


def _plain(value: object) -> object:
    names = _field_names(type(value))
    if names is not None:
        values = {name: getattr(value, name) for name in names}
        return {n: v for n, v in values.items() if v is not None or n not in _LATER}
    if isinstance(value, date | datetime):
        return value.isoformat()
    if isinstance(value, Decimal):
        return str(value)
    raise TypeError(f"not part of a record: {type(value).__name__}")
