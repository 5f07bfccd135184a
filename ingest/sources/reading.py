"""One record of a table as a complaint, by its mapping."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from functools import partial
from typing import Any, TypeVar, cast
from zoneinfo import ZoneInfo

from graph.domain.case import LONGEST_TEXT
from graph.domain.enums import CaseStatus, CatalogueKind, DepartmentRole, IdentifierKind
from graph.domain.money import Money
from graph.domain.vocabulary import Label, Vocabulary
from graph.errors import SourceError
from ingest.record import (
    Chain,
    IncomingCause,
    IncomingComplaint,
    IncomingCustomer,
    IncomingDecision,
)
from ingest.sources import cells as read
from ingest.sources.cells import Cells, Reader
from ingest.sources.mapping import (
    DECISION_SETS,
    FIELD_SETS,
    CustomerKeys,
    DecisionKeys,
    Fields,
    TableMapping,
)
from ingest.sources.mapping_values import (
    Amount,
    Causes,
    Departments,
    Table,
    TimeValue,
    Value,
    Values,
)
from ingest.sources.profile import Profile
from ingest.sources.record import FieldError, Flaw, Record
from ingest.sources.source import Problems
from ingest.sources.times import TimeColumn
from ingest.sources.values import as_code, as_identifier, as_number, as_rating, as_truth
from ingest.sources.words import Words

_T = TypeVar("_T")

LONGEST_ID = 200
LONGEST_SUBJECT = 1_000

#: The readers of some fields, by the names of the dataclass's arguments. The values' types are
#: those of the arguments: each reader is made for its field.
_Plan = dict[str, Reader[Any]]


#: What the graph cannot do without.
_NEEDED = frozenset({"received_at", "source_id"})


class TableReader:
    """Makes a complaint of each record; what cannot be read of it is a problem, and left out."""

    def __init__(
        self,
        mapping: TableMapping,
        profile: Profile,
        context: "ReadingContext",
        *,
        from_1904: bool = False,
    ) -> None:
        words, zone, now = context.words, context.zone_of(mapping), context.now

        def time(value: TimeValue) -> Reader[datetime | date | None]:
            column = TimeColumn(
                value.date_formats,
                zone,
                context.latest_year,
                profile.order(value),
                from_1904,
                profile.day_second(value),
            )
            return read.moment_of(value, column, now, words)

        def amount(value: Amount) -> Reader[Money | None]:
            return read.amount(value, profile.decimal(value), words)

        plans = _Plans(words, context.vocabulary, time, amount)
        self._system = mapping.system
        self._words = words
        self._fields = plans.fields(mapping.fields)
        self._customer = plans.customer(mapping.customer)
        self._decision = plans.decision(mapping.decision)
        self._keys = mapping.decision
        when = mapping.decision.when if mapping.decision else None
        self._when = read.raw_text(when) if when else None
        self._outcome = read.raw_text(self._keys.outcome) if self._keys else None
        self._outcome_cell = (
            read.raw_text(read.unmapped(mapping.decision.outcome)) if mapping.decision else _nothing
        )

    def complaint(self, record: Record, problems: Problems) -> IncomingComplaint | None:
        fields = _read(self._fields, record.cells, problems, "")
        customer = _read(self._customer, record.cells, problems, "customer.")
        decided, decision = self._decided(record.cells, problems)
        if problems:
            return None
        if "status" not in fields:
            # A case that its source has decided is not open because its outcome cannot be read.
            fields["status"] = (
                self._keys.status if self._keys and decided else CaseStatus.REGISTERED
            )
        return IncomingComplaint(
            source_system=self._system,
            source_id=fields.pop("source_id", None),
            customer=IncomingCustomer(**customer) if customer else None,
            decisions=(IncomingDecision(**decision),) if decision else (),
            **fields,
        )

    def _decided(self, cells: Cells, problems: Problems) -> tuple[bool, dict[str, Any] | None]:
        """Whether the source says that the complaint is decided, and the decision's arguments."""
        keys = self._keys
        if keys is None or self._outcome is None:
            return False, None
        when: str | None = None
        try:
            when = self._when(cells) if self._when else None
        except FieldError as error:
            # A cell that cannot be read has content all the same.
            problems.warn(Flaw("decision.when", error.reason, error.value))
        outcome = _content(self._outcome, cells)
        if self._says_undecided(when if self._when else outcome) or self._is_open(outcome, cells):
            return False, None
        result = _read(self._decision, cells, problems, "decision.")
        if "outcome" in result:
            return True, result
        if outcome == "":
            of = keys.when.label if keys.when else ""
            reason = f"{keys.outcome.label} is missing, although {of} is not"
            problems.warn(Flaw("decision.outcome", reason))
        return True, None

    def _is_open(self, outcome: str | None, cells: Cells) -> bool:
        """Whether the outcome says that nothing is decided: by its words, or as it is mapped."""
        if outcome:
            return self._says_undecided(outcome)
        return outcome == "" and bool(_content(self._outcome_cell, cells))

    def _says_undecided(self, text: str | None) -> bool:
        return text is not None and self._words.says_undecided(text)


def _nothing(cells: Cells) -> str:
    return ""


def _content(read_text: Reader[str], cells: Cells) -> str | None:
    """The text of cells; None where it cannot be read."""
    try:
        return read_text(cells)
    except FieldError:
        return None


def _read(plan: _Plan, cells: Cells, problems: Problems, table: str) -> dict[str, Any]:
    """The arguments that the record has something for."""
    results = {}
    for name, reader in plan.items():
        try:
            value = reader(cells)
        except FieldError as error:
            value = error.instead
            flaw = Flaw(f"{table}{name}", error.reason, error.value)
            if name in _NEEDED and not table:
                problems.reject(flaw)
            else:
                problems.warn(flaw)
        if value is not None and value != ():
            results[name] = value
    return results


@dataclass(frozen=True, slots=True)
class ReadingContext:
    """What reading needs beside the file: ``zone``: of times that name none, if the mapping names
    none; ``now``: no time is much later.
    """

    zone: ZoneInfo
    now: datetime
    vocabulary: Vocabulary
    words: Words

    @property
    def latest_year(self) -> int:
        """Two-digit years are not later."""
        return self.now.astimezone(self.zone).year

    def zone_of(self, mapping: TableMapping) -> ZoneInfo:
        return ZoneInfo(mapping.file.timezone) if mapping.file.timezone else self.zone


@dataclass(frozen=True, slots=True)
class _Plans:
    """Makes the readers of a mapping's tables."""

    words: Words
    vocabulary: Vocabulary
    time: Callable[[TimeValue], Reader[datetime | date | None]]
    amount: Callable[[Amount], Reader[Money | None]]

    def fields(self, fields: Fields) -> _Plan:
        plan: _Plan = {
            "received_at": read.needed(fields.received_at, self.time(fields.received_at))
        }
        if fields.source_id:
            plan["source_id"] = self._source_id(fields.source_id)
        plan |= self._texts(fields, {"reference": LONGEST_ID, "assignee": LONGEST_ID})
        plan |= _each(fields, {"subject": LONGEST_SUBJECT, "narrative": LONGEST_TEXT}, read.prose)
        plan |= self._members(fields, FIELD_SETS)
        if fields.occurred_at:
            plan["occurred_at"] = self.time(fields.occurred_at)
        if fields.amount:
            plan["amount"] = self.amount(fields.amount)
        if fields.vulnerable:
            plan["vulnerable"] = self._truth(fields.vulnerable)
        if fields.type:
            plan["type"] = read.code(fields.type, self.vocabulary.types, self.words)
        if fields.risk_types:
            codes = partial(as_code, self.vocabulary.risk_types)
            plan["risk_types"] = read.texts(fields.risk_types, codes, self.words)
        return plan | self._trees(fields)

    def customer(self, keys: CustomerKeys | None) -> _Plan:
        if keys is None:
            return {}
        plan = self._texts(keys, {"segment": LONGEST_ID, "region": LONGEST_ID})
        if keys.names:
            plan["names"] = read.texts(keys.names, str, self.words)
        if keys.vulnerable:
            plan["vulnerable"] = self._truth(keys.vulnerable)
        identifiers = [
            self._identifiers(value, kind)
            for kind in IdentifierKind
            if (value := getattr(keys, kind.value.lower())) is not None
        ]
        return plan | {"identifiers": _joined(identifiers)}

    def decision(self, keys: DecisionKeys | None) -> _Plan:
        if keys is None:
            return {}
        plan = self._members(keys, DECISION_SETS)
        plan |= _each(keys, {"summary": LONGEST_TEXT}, read.prose)
        if keys.compensation:
            plan["compensation"] = self.amount(keys.compensation)
        if keys.at:
            plan["at"] = self.time(keys.at)
        if keys.satisfaction:
            plan["satisfaction"] = read.converted(keys.satisfaction, as_rating, self.words)
        if keys.timely:
            plan["timely"] = self._truth(keys.timely)
        return plan

    def _trees(self, fields: Fields) -> _Plan:
        plan: _Plan = {}
        if fields.product:
            plan["product"] = read.tree(fields.product, CatalogueKind.PRODUCT, self.words)
        if fields.branch:
            levels = fields.branch.levels
            plan["branch"] = read.tree(fields.branch, CatalogueKind.BRANCH, self.words, levels)
        if fields.departments:
            plan["departments"] = _joined([self._departments(keys) for keys in fields.departments])
        if fields.causes:
            plan["causes"] = _joined([self._causes(keys) for keys in fields.causes])
        return plan

    def _texts(self, keys: Table, longest: Mapping[str, int]) -> _Plan:
        return _each(keys, longest, lambda value, most: read.text(value, most, self.words))

    def _members(self, keys: Table, sets: Mapping[str, type[StrEnum]]) -> _Plan:
        return _each(keys, sets, lambda value, kind: read.member(value, kind, self.words))

    def _truth(self, value: Value) -> Reader[bool | None]:
        return read.converted(value, lambda text: as_truth(text, self.words), self.words)

    def _source_id(self, value: Value) -> Reader[str]:
        text = read.text(value, LONGEST_ID, self.words)

        def reader(cells: Cells) -> str | None:
            result = text(cells)
            return None if result is None else read.named(value.label, as_identifier, result)

        return read.needed(value, reader)

    def _identifiers(self, value: Values, kind: IdentifierKind) -> Reader[tuple[Any, ...]]:
        return read.texts(value, lambda text: (kind, as_identifier(text)), self.words)

    def _departments(self, keys: Departments) -> Reader[tuple[tuple[Chain, DepartmentRole], ...]]:
        chains = read.trees(keys, CatalogueKind.DEPARTMENT, self.words)
        return lambda cells: _of_each(chains, cells, lambda chain: (chain, keys.role))

    def _causes(self, keys: Causes) -> Reader[tuple[IncomingCause, ...]]:
        chains = read.trees(keys, CatalogueKind.ROOT_CAUSE, self.words)
        plan = _each(keys, {"share": None, "confidence": None}, self._share)

        def reader(cells: Cells) -> tuple[IncomingCause, ...]:
            problem: FieldError | None = None
            rest: dict[str, Any] = {}
            for name, part in plan.items():
                try:
                    rest[name] = part(cells)
                except FieldError as error:
                    problem = problem or error
            results = _of_each(
                chains, cells, lambda chain: IncomingCause(chain, keys.source, **rest)
            )
            if problem is not None:
                problem.instead = results
                raise problem
            return results

        return reader

    def _share(self, value: Value, _: None) -> Reader[float | None]:
        return read.converted(value, partial(as_number, least=0, most=1), self.words)


def _each(
    keys: Table,
    arguments: Mapping[str, Any],
    make: Callable[[Value, Any], Reader[Any]],
) -> _Plan:
    """A reader for each of these keys that the mapping has."""
    return {
        name: make(value, argument)
        for name, argument in arguments.items()
        if (value := getattr(keys, name)) is not None
    }


def _of_each(
    chains: Reader[tuple[Chain, ...]], cells: Cells, make: Callable[[Chain], _T]
) -> tuple[_T, ...]:
    """Something of each chain, also of those that can be taken beside one that cannot."""
    try:
        return tuple(map(make, chains(cells)))
    except FieldError as error:
        error.instead = tuple(map(make, cast("tuple[Chain, ...]", error.instead or ())))
        raise


def _joined(readers: list[Reader[tuple[Any, ...]]]) -> Reader[tuple[Any, ...]]:
    """Everything that several readers give; one that fails does not cost the others."""

    def reader(cells: Cells) -> tuple[Any, ...]:
        results: list[Any] = []
        problem: FieldError | None = None
        for each in readers:
            try:
                results += each(cells)
            except FieldError as error:
                problem = problem or error
                if isinstance(error.instead, tuple):
                    results += error.instead
        if problem is not None:
            problem.instead = tuple(results)
            raise problem
        return tuple(results)

    return reader


def check_codes(fields: Fields, vocabulary: Vocabulary) -> None:
    """Refuse business codes in the mapping that nobody knows, before the first row."""
    checks: list[tuple[str, Value | None, Mapping[str, Label]]] = [
        ("type", fields.type, vocabulary.types),
        ("risk_types", fields.risk_types, vocabulary.risk_types),
    ]
    for key, value, labels in checks:
        for text in value.texts() if value else ():
            try:
                as_code(labels, text)
            except FieldError as error:
                raise SourceError(
                    f"The mapping's fields.{key}: {text!r} {error.reason}."
                ) from error
