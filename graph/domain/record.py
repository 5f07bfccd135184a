"""The complaint's record: every property of its node, declared once.

Who may change a property, whether events keep it, what is copied or sorted by it: projections,
rows, re-imports, replay and ``check`` all read it from ``TABLE``. Pure.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, fields
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from functools import cache
from typing import Any

from graph.domain.enums import (
    AmountBand,
    AttributionSource,
    CaseStatus,
    Channel,
    Level,
    Nature,
    OutcomeKind,
    RemedyKind,
    Severity,
    Timeliness,
    TimePrecision,
    Urgency,
)
from graph.domain.money import Money
from graph.domain.tokens import TokenField

#: A node's properties, or what events keep of them (times as text), by name.
Record = Mapping[str, Any]


class Kind(StrEnum):
    """What a property holds; beside these a node has a vector for each embedding space."""

    TEXT = "TEXT"  # masked words of people: never in an event, redactable
    CODE = "CODE"  # of a catalogue, an id, a name
    ENUM = "ENUM"
    INTEGER = "INTEGER"
    NUMBER = "NUMBER"
    MINOR = "MINOR"  # money in minor units; its currency is a property beside it
    CURRENCY = "CURRENCY"
    TIME = "TIME"
    LIST = "LIST"
    FLAG = "FLAG"
    HASH = "HASH"
    SORT_KEY = "SORT_KEY"
    WORDS = "WORDS"  # what a text index finds it by
    MARK = "MARK"  # work that waits, or was staged


class Owner(StrEnum):
    """Who may change it."""

    SOURCE = "SOURCE"  # a re-import does, unless ``kept`` says that people have taken it over
    DESK = "DESK"  # people, and the clock of their time limits
    RULES = "RULES"  # the rules of escalation
    DERIVED = "DERIVED"  # computed from the others and from relations to other complaints
    SERVICE = "SERVICE"  # the service's own bookkeeping


#: Set once people work on a case: what they decide about is theirs from then on.
WORKED = "worked"
#: Set once a passage was taken out: no text of the source is taken any more, for nobody can tell
#: whether it holds the passage again.
REDACTED = "textRedacted"

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_UNREAD = frozenset({Kind.HASH, Kind.WORDS, Kind.MARK})


@dataclass(frozen=True, slots=True)
class Property:
    """One property of a node.

    ``field``: the attribute of the domain's objects that holds it; ``of``: an ENUM's type, or the
    name of a MINOR's currency. ``event``: events keep it, so it can be replayed. ``relation``: it
    is copied from what this relation leads to. ``kept``: the flag under which a re-import leaves
    it. ``word``: the text index filters by it. ``narrows``: vector indexes do. ``sorts``: a sort
    key is made of it.
    """

    name: str
    kind: Kind
    owner: Owner
    of: Any = None
    field: str = ""
    event: bool = False
    relation: str | None = None
    kept: str | None = None
    word: TokenField | None = None
    narrows: bool = False
    sorts: bool = False

    @property
    def read(self) -> bool:
        """Whether reads of a complaint ask for it."""
        return self.kind not in _UNREAD

    def stays(self, old: Record) -> bool:
        """Whether a re-import leaves it as it stands on the node ``old``."""
        if self.owner is Owner.SOURCE:
            return self.kept is not None and bool(old.get(self.kept))
        return self.owner is not Owner.DERIVED

    def value(self, record: Record) -> Any:
        """What it says to people of a record that has it."""
        raw = record[self.name]
        match self.kind:
            case Kind.ENUM:
                return self.of(raw)
            case Kind.TIME:
                return time_of(raw)
            case Kind.LIST:
                return tuple(raw)
            case Kind.MINOR:
                currency = record.get(self.of)
                return None if currency is None else Money(raw, currency)
            case _:
                return raw

    def stored(self, model: Any) -> Any:
        """What stands on the node for what an object says."""
        value = getattr(model, self.field)
        match self.kind:
            case Kind.MINOR:
                return value.minor if value else None
            case Kind.CURRENCY:
                return value.currency if value else None
            case Kind.LIST:
                return list(value)
            case _:
                return value


def _snake(name: str) -> str:
    return "".join(f"_{c.lower()}" if c.isupper() else c for c in name)


def _property(name: str, kind: Kind, owner: Owner, of: Any = None, **more: Any) -> Property:
    return Property(name, kind, owner, of, **{"field": _snake(name), **more})


def _said(name: str, kind: Kind, of: Any = None, **more: Any) -> Property:
    """The source says it, and events keep it."""
    return _property(name, kind, Owner.SOURCE, of, **{"event": True, **more})


def _decided(name: str, kind: Kind, of: Any = None, **more: Any) -> Property:
    """The source says it until people decide about it."""
    return _said(name, kind, of, **{"kept": WORKED, **more})


def _desk(name: str, kind: Kind, of: Any = None, **more: Any) -> Property:
    return _property(name, kind, Owner.DESK, of, event=True, **more)


def _copied(name: str, kind: Kind, relation: str, field: str, **more: Any) -> Property:
    """Copied from what a relation that the source or people make leads to."""
    return _property(
        name, kind, Owner.SOURCE, field=field, relation=relation, **{"kept": WORKED, **more}
    )


def _derived(name: str, kind: Kind, **more: Any) -> Property:
    return _property(name, kind, Owner.DERIVED, **more)


def _service(name: str, kind: Kind) -> Property:
    return _property(name, kind, Owner.SERVICE)


_T = TokenField
TABLE: tuple[Property, ...] = (
    # What its source says of it.
    _said("id", Kind.CODE, event=False, sorts=True),
    _said("reference", Kind.CODE, sorts=True),
    _said("sourceSystem", Kind.CODE, word=_T.SOURCE, sorts=True),
    _said("sourceId", Kind.CODE, sorts=True),
    _said("contentHash", Kind.HASH, event=False),
    _said("channel", Kind.ENUM, Channel, word=_T.CHANNEL, narrows=True),
    _said("receivedAt", Kind.TIME, sorts=True, narrows=True),
    _said("receivedPrecision", Kind.ENUM, TimePrecision),
    _said("occurredAt", Kind.TIME),
    _said("timeliness", Kind.ENUM, Timeliness),
    _said("vulnerable", Kind.FLAG, word=_T.VULNERABLE, narrows=True),
    # Its texts.
    _said("subject", Kind.TEXT, event=False, kept=REDACTED),
    _said("narrative", Kind.TEXT, event=False, kept=REDACTED, word=_T.TEXT),
    _said("language", Kind.CODE, kept=REDACTED),
    # The version of masking that made them and those of its decisions and events; only ``remask``
    # and re-imports ask for it.
    _said("maskVersion", Kind.HASH, event=False, kept=REDACTED),
    # What people decide about, once they work on it.
    _decided("status", Kind.ENUM, CaseStatus, word=_T.STATUS, narrows=True),
    _decided("level", Kind.ENUM, Level, word=_T.LEVEL, sorts=True, narrows=True),
    _decided("nature", Kind.ENUM, Nature, word=_T.NATURE),
    _decided("type", Kind.CODE, word=_T.TYPE, narrows=True),
    _decided("severity", Kind.ENUM, Severity, word=_T.SEVERITY, narrows=True),
    _decided("urgency", Kind.ENUM, Urgency, word=_T.URGENCY),
    _decided("riskTypes", Kind.LIST, word=_T.RISK_TYPE),
    _decided("amountMinor", Kind.MINOR, "currency", field="amount", sorts=True, narrows=True),
    _decided("currency", Kind.CURRENCY, field="amount", narrows=True),
    _decided("amountBand", Kind.ENUM, AmountBand),
    _decided("dueAt", Kind.TIME, sorts=True, narrows=True),
    _decided("dueSoonAt", Kind.TIME, sorts=True),
    _decided("firstDueAt", Kind.TIME),
    _decided("assignee", Kind.CODE, word=_T.ASSIGNEE, narrows=True),
    _decided("round", Kind.INTEGER),
    _decided("roundStartedAt", Kind.TIME),
    _decided("statusSince", Kind.TIME),
    # Where its relations lead; of codes the narrowest, then with all wider ones.
    _copied("productCode", Kind.CODE, "ABOUT", "product", event=True, narrows=True),
    _copied("productCodes", Kind.LIST, "ABOUT", "products", word=_T.PRODUCT),
    _copied("branchCode", Kind.CODE, "ARISES_AT", "branch", event=True, narrows=True),
    _copied("branchCodes", Kind.LIST, "ARISES_AT", "branches", word=_T.BRANCH),
    _copied(
        "departmentCodes", Kind.LIST, "HANDLED_BY", "departments", event=True, word=_T.DEPARTMENT
    ),
    # Events keep what was said; which wider causes that covers depends on the tree of the day.
    _copied("causeCodes", Kind.LIST, "CAUSED_BY", "causes", event=True),
    _copied("rootCauseCodes", Kind.LIST, "CAUSED_BY", "root_causes", word=_T.ROOT_CAUSE),
    _copied("decided", Kind.FLAG, "RESOLVED_BY", "decided", word=_T.DECIDED, narrows=True),
    _copied("decidedAt", Kind.TIME, "RESOLVED_BY", "decided_at"),
    # Of the latest round.
    _copied("outcome", Kind.ENUM, "RESOLVED_BY", "latest_outcome", of=OutcomeKind, word=_T.OUTCOME),
    _said(
        "customerId", Kind.CODE, field="customer", relation="FILED", word=_T.CUSTOMER, narrows=True
    ),
    _derived("clusterIds", Kind.LIST, relation="MEMBER_OF", word=_T.CLUSTER),
    _derived("duplicate", Kind.FLAG, relation="DUPLICATE_OF", word=_T.DUPLICATE, narrows=True),
    # What the desk keeps beside it.
    _desk("complex", Kind.FLAG, field="complex_case"),
    _desk("extendedDays", Kind.INTEGER),
    _desk("pausedAt", Kind.TIME),
    _desk("pauses", Kind.LIST, field="suspensions"),
    _desk("roundDueAt", Kind.TIME),
    _desk("reviewStartedAt", Kind.TIME),
    _desk("dueNotice", Kind.CODE, sorts=True),
    _desk("answeredAt", Kind.TIME),
    _desk("closedAt", Kind.TIME),
    _desk("reviewConfirmed", Kind.FLAG),
    _desk("classifiedBy", Kind.CODE),
    _desk("classifiedAt", Kind.TIME),
    _desk("proposedOutcome", Kind.ENUM, OutcomeKind, field="outcome"),
    _desk("proposedRemedy", Kind.ENUM, RemedyKind, field="remedy"),
    _desk("proposedMinor", Kind.MINOR, "proposedCurrency", field="compensation"),
    _desk("proposedCurrency", Kind.CURRENCY, field="compensation"),
    _desk("levelBy", Kind.CODE),
    _desk("stepSeconds", Kind.LIST),
    _desk(REDACTED, Kind.FLAG),
    _desk("legalHold", Kind.FLAG),
    _desk("erased", Kind.FLAG),
    _property(WORKED, Kind.FLAG, Owner.DESK),
    # What the rules have said of it.
    _property("ruleLevel", Kind.ENUM, Owner.RULES, Level, event=True),
    # One string for each order, and the words that the text index filters by.
    _derived("receivedKey", Kind.SORT_KEY, narrows=True),
    _derived("dueKey", Kind.SORT_KEY),
    _derived("amountKey", Kind.SORT_KEY),
    _derived("levelKey", Kind.SORT_KEY),
    _derived("filterTokens", Kind.WORDS),
    _derived("referenceKey", Kind.WORDS),
    _derived("noticeKey", Kind.MARK),
    # The service's own.
    _service("version", Kind.INTEGER),
    _service("eventSeq", Kind.INTEGER),
    _service("recordedAt", Kind.TIME),
    _service("textChangedAt", Kind.TIME),
    _service("linkKey", Kind.MARK),
    _service("linkClaim", Kind.MARK),
    _service("linkedKey", Kind.MARK),
    _service("linkFloor", Kind.MARK),
    _service("escalateKey", Kind.MARK),
    _service("escalateClaim", Kind.MARK),
    _service("escalatedKey", Kind.MARK),
    _service("overdueKey", Kind.MARK),
    _service("clusterKey", Kind.MARK),
    _service("clusterNext", Kind.MARK),
    _service("clusterNextWeight", Kind.MARK),
)

#: A decision's node; its id follows from its complaint and its round.
DECISION: tuple[Property, ...] = (
    _said("round", Kind.INTEGER),
    _said("outcome", Kind.ENUM, OutcomeKind),
    _said("remedy", Kind.ENUM, RemedyKind),
    _said("compensationMinor", Kind.MINOR, "currency", field="compensation"),
    _said("currency", Kind.CURRENCY, field="compensation"),
    _said("decidedAt", Kind.TIME),
    _said("satisfaction", Kind.INTEGER),
    _said("timely", Kind.FLAG),
    # The template of the draft that was edited, and how much of it was.
    _said("template", Kind.CODE),
    _said("edited", Kind.NUMBER),
    # What was wrong with the answer by the validator, and was sent all the same.
    _said("insisted", Kind.LIST),
    _said("summary", Kind.TEXT, event=False),
)
#: A relation to a root cause.
ATTRIBUTION: tuple[Property, ...] = (
    _said("source", Kind.ENUM, AttributionSource),
    _said("confidence", Kind.NUMBER),
    _said("share", Kind.NUMBER),
    _said("by", Kind.CODE),
    _said("at", Kind.TIME),
)


def projection(properties: Iterable[Property], *more: str) -> str:
    """The properties of a node as a map projection lists them."""
    return ", ".join([*(f".{each.name}" for each in properties), *more])


def _read(node: str, properties: Iterable[Property]) -> str:
    times = [each.name for each in properties if each.kind is Kind.TIME]
    others = [f".{each.name}" for each in properties if each.kind is not Kind.TIME]
    return ", ".join([*others, times_of(node, *times)])


def times_of(node: str, *names: str) -> str:
    """Times as whole microseconds, which the driver reads eighty times as fast as times."""
    return ", ".join(
        f"{name}: {node}.{name}.epochSeconds * 1000000 + {node}.{name}.microsecond"
        for name in names
    )


def time_of(raw: int | str | datetime) -> datetime:
    """A time as it was read: microseconds, as events write it, or as the driver gives it."""
    if isinstance(raw, int):
        return _EPOCH + timedelta(microseconds=raw)
    return datetime.fromisoformat(raw) if isinstance(raw, str) else raw


#: What reads return of a complaint ``c``: everything but vectors, hashes and marks.
READ = _read("c", [each for each in TABLE if each.read])
#: Of a decision ``r``, and of the relation ``r`` to a root cause.
READ_DECISION = _read("r", DECISION)
READ_ATTRIBUTION = _read("r", ATTRIBUTION)
#: What its events rebuild.
IN_EVENTS = projection(each for each in TABLE if each.event)
#: What copied codes, sort keys and filter words are made of; of the narrative one character tells
#: whether there is any.
COPIED = projection(
    (
        each
        for each in TABLE
        if each.kind is not Kind.TEXT and (each.word or each.sorts or each.relation)
    ),
    "narrative: CASE WHEN c.narrative IS NULL THEN null ELSE '' + left(c.narrative, 1) END",
)
#: The same with what is made of them, to compare.
COPIES = ", ".join(
    [
        COPIED,
        projection(
            e
            for e in TABLE
            if e.owner is Owner.DERIVED and e.kind in {Kind.SORT_KEY, Kind.WORDS, Kind.MARK}
        ),
    ]
)

#: What a search can be narrowed by inside a vector index.
NARROWING = tuple(each.name for each in TABLE if each.narrows)

#: What a registration writes of the case itself; the rest follows from its relations.
OWN = tuple(e for e in TABLE if e.owner is Owner.SOURCE and e.relation is None)

_EVENT_NAMES = frozenset(each.name for each in TABLE if each.event)
_DECISION_NAMES = frozenset({"id", *(each.name for each in DECISION if each.event)})
_WORDS = {each.name: each.word for each in TABLE if each.word}


def attributes(kind: type, table: tuple[Property, ...], record: Record) -> dict[str, Any]:
    """The fields of a dataclass that a record has a value for; the others have their defaults."""
    return {
        each.field: each.value(record)
        for each in _fields(kind, table)
        if record.get(each.name) is not None
    }


@cache
def _fields(kind: type, table: tuple[Property, ...]) -> tuple[Property, ...]:
    names = {field.name for field in fields(kind)}
    return tuple(e for e in table if e.field in names and e.kind is not Kind.CURRENCY)


def stored(table: Iterable[Property], model: Any) -> dict[str, Any]:
    """The properties of an object's node; None for what it does not say."""
    return {each.name: each.stored(model) for each in table}


def word_of(name: str) -> TokenField:
    """Which word of the text index a property is filtered by."""
    return _WORDS[name]


def staying(old: Record) -> dict[str, Any]:
    """The properties that a re-import leaves as they stand on the node ``old``.

    Those of relations stay with their relations; the service writes its own.
    """
    return {
        each.name: old.get(each.name)
        for each in TABLE
        if each.relation is None and each.owner is not Owner.SERVICE and each.stays(old)
    }


def event_state(properties: Record, decisions: Iterable[Record] = ()) -> dict[str, Any]:
    """Codes, numbers and ids of a case, from which its state can be rebuilt: never a text."""
    state = _plain(properties, _EVENT_NAMES)
    kept = [_plain(decision, _DECISION_NAMES) for decision in decisions]
    return {**state, "decisions": kept} if kept else state


def _plain(record: Record, names: frozenset[str]) -> dict[str, Any]:
    return {
        name: value.isoformat() if isinstance(value, datetime) else value
        for name, value in record.items()
        if name in names and value not in (None, [])
    }
