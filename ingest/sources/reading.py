"""One record of a table as a complaint, by its mapping."""

from collections.abc import Callable, Mapping
from datetime import datetime
from functools import partial
from typing import Any
from zoneinfo import ZoneInfo

from graph.domain.case import LONGEST_TEXT
from graph.domain.enums import CaseStatus, CatalogueKind, DepartmentRole, IdentifierKind
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
from ingest.sources.mapping_values import Causes, Departments, Table, Value, Values
from ingest.sources.record import FieldError, Flaw, Record
from ingest.sources.source import Problems
from ingest.sources.values import as_code, as_identifier, as_number, as_rating, as_truth

LONGEST_ID = 200
LONGEST_SUBJECT = 1_000

#: The readers of some fields, by the names of the dataclass's arguments. The values' types are
#: those of the arguments: each reader is made for its field.
_Plan = dict[str, Reader[Any]]


class TableReader:
    """Makes a complaint of each record, or says all that is wrong with it."""

    def __init__(
        self, mapping: TableMapping, zone: ZoneInfo, now: datetime, vocabulary: Vocabulary
    ) -> None:
        file_zone = ZoneInfo(mapping.file.timezone) if mapping.file.timezone else zone
        time = partial(read.moment_of, zone=file_zone, now=now)
        _check_codes(mapping.fields, vocabulary)
        self._system = mapping.system
        self._fields = _field_plan(mapping.fields, vocabulary, time)
        self._customer = _customer_plan(mapping.customer)
        self._decision = _decision_plan(mapping.decision, time)
        self._keys = mapping.decision

    def complaint(self, record: Record) -> IncomingComplaint | Flaw:
        problems = Problems()
        fields = _read(self._fields, record.cells, problems, "")
        customer = _read(self._customer, record.cells, problems, "customer.")
        decision = self._decided(record.cells, problems)
        if problems:
            return problems.flaw()
        if "status" not in fields:
            decided = self._keys.status if self._keys else CaseStatus.CLOSED
            fields["status"] = decided if decision else CaseStatus.REGISTERED
        return IncomingComplaint(
            source_system=self._system,
            source_id=fields.pop("source_id", None),
            customer=IncomingCustomer(**customer) if customer else None,
            decisions=(IncomingDecision(**decision),) if decision else (),
            **fields,
        )

    def _decided(self, cells: Cells, problems: Problems) -> dict[str, Any] | None:
        """The decision's arguments, or None for a complaint that is not decided."""
        if self._keys is None:
            return None
        when = self._keys.when
        if when is not None and not str(cells.get(when, "")).strip():
            return None
        result = _read(self._decision, cells, problems, "decision.")
        if "outcome" in result:
            return result
        if when is not None and not problems:
            problems.add("decision.outcome", FieldError(f"{self._keys.outcome.label} is missing"))
        return None


def _read(plan: _Plan, cells: Cells, problems: Problems, table: str) -> dict[str, Any]:
    """The arguments that the record has something for."""
    results = {}
    for name, reader in plan.items():
        try:
            value = reader(cells)
        except FieldError as error:
            problems.add(f"{table}{name}", error)
        else:
            if value is not None and value != ():
                results[name] = value
    return results


def _field_plan(fields: Fields, vocabulary: Vocabulary, time: Callable[..., Reader[Any]]) -> _Plan:
    plan: _Plan = {
        "received_at": read.needed(time(fields.received_at), fields.received_at.label),
    }
    if fields.source_id:
        plan["source_id"] = _source_id(fields.source_id)
    longest = {
        "reference": LONGEST_ID,
        "subject": LONGEST_SUBJECT,
        "narrative": LONGEST_TEXT,
        "assignee": LONGEST_ID,
    }
    plan |= _texts(fields, longest)
    plan |= _each(fields, FIELD_SETS, read.member)
    if fields.occurred_at:
        plan["occurred_at"] = time(fields.occurred_at)
    if fields.amount:
        plan["amount"] = read.amount(fields.amount)
    if fields.vulnerable:
        plan["vulnerable"] = read.converted(fields.vulnerable, as_truth)
    if fields.type:
        plan["type"] = read.code(fields.type, vocabulary.types)
    if fields.risk_types:
        plan["risk_types"] = read.texts(fields.risk_types, partial(as_code, vocabulary.risk_types))
    return plan | _tree_plan(fields)


def _tree_plan(fields: Fields) -> _Plan:
    plan: _Plan = {}
    if fields.product:
        plan["product"] = read.tree(fields.product, CatalogueKind.PRODUCT)
    if fields.branch:
        plan["branch"] = read.tree(fields.branch, CatalogueKind.BRANCH, fields.branch.levels)
    if fields.departments:
        plan["departments"] = _joined([_departments(keys) for keys in fields.departments])
    if fields.causes:
        plan["causes"] = _joined([_causes(keys) for keys in fields.causes])
    return plan


def _customer_plan(keys: CustomerKeys | None) -> _Plan:
    if keys is None:
        return {}
    plan: _Plan = _texts(keys, {"segment": LONGEST_ID, "region": LONGEST_ID})
    if keys.names:
        plan["names"] = read.texts(keys.names, str)
    if keys.vulnerable:
        plan["vulnerable"] = read.converted(keys.vulnerable, as_truth)
    identifiers = [
        _identifiers(value, kind)
        for kind in IdentifierKind
        if (value := getattr(keys, kind.value.lower())) is not None
    ]
    return plan | {"identifiers": _joined(identifiers)}


def _decision_plan(keys: DecisionKeys | None, time: Callable[..., Reader[Any]]) -> _Plan:
    if keys is None:
        return {}
    plan: _Plan = _each(keys, DECISION_SETS, read.member) | _texts(keys, {"summary": LONGEST_TEXT})
    if keys.compensation:
        plan["compensation"] = read.amount(keys.compensation)
    if keys.at:
        plan["at"] = time(keys.at)
    if keys.satisfaction:
        plan["satisfaction"] = read.converted(keys.satisfaction, as_rating)
    if keys.timely:
        plan["timely"] = read.converted(keys.timely, as_truth)
    return plan


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


def _texts(keys: Table, longest: Mapping[str, int]) -> _Plan:
    return _each(keys, longest, read.text)


def _joined(readers: list[Reader[tuple[Any, ...]]]) -> Reader[tuple[Any, ...]]:
    return lambda cells: tuple(item for reader in readers for item in reader(cells))


def _source_id(value: Value) -> Reader[str]:
    result = read.needed(read.text(value, LONGEST_ID), value.label)

    def reader(cells: Cells) -> str:
        try:
            return as_identifier(result(cells))
        except FieldError as error:
            raise FieldError(f"{value.label} {error.reason}") from error

    return reader


def _identifiers(value: Values, kind: IdentifierKind) -> Reader[tuple[Any, ...]]:
    result = read.texts(value, as_identifier)
    return lambda cells: tuple((kind, text) for text in result(cells))


def _departments(keys: Departments) -> Reader[tuple[tuple[Chain, DepartmentRole], ...]]:
    chains = read.trees(keys, keys.separator, CatalogueKind.DEPARTMENT)
    return lambda cells: tuple((chain, keys.role) for chain in chains(cells))


def _causes(keys: Causes) -> Reader[tuple[IncomingCause, ...]]:
    chains = read.trees(keys, keys.separator, CatalogueKind.ROOT_CAUSE)
    plan = _each(keys, {"share": None, "confidence": None}, _share)

    def reader(cells: Cells) -> tuple[IncomingCause, ...]:
        rest = {name: part(cells) for name, part in plan.items()}
        return tuple(IncomingCause(chain, keys.source, **rest) for chain in chains(cells))

    return reader


def _share(value: Value, _: None) -> Reader[float | None]:
    return read.converted(value, partial(as_number, least=0, most=1))


def _check_codes(fields: Fields, vocabulary: Vocabulary) -> None:
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
                raise SourceError(f"The mapping's fields.{key}: {error.reason}.") from error
