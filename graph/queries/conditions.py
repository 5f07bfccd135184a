"""A complaint filter as three clauses: Cypher, the vector index's own language, and Lucene.

The vector index takes equality, IN and ranges joined by AND; the full-text index takes words
joined by AND, OR and NOT. What one of them cannot say remains for a Cypher predicate behind it,
so each search narrows inside its index as far as that goes.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from math import ceil, floor
from typing import Any

from graph.domain.enums import OPEN_STATUSES
from graph.domain.filters import DEFAULT_CURRENCY, ComplaintFilter
from graph.domain.money import exponent
from graph.domain.record import NARROWING, word_of
from graph.domain.scope import WHOLE_BANK, Scope
from graph.domain.tokens import EVERY, TokenField, token

#: Of the 1,024 clauses that Lucene takes, a filter may use these; a text needs up to 300.
MOST_WORDS = 600


@dataclass(frozen=True, slots=True)
class Condition:
    """One requirement on ``c``; ``index`` and ``lucene`` are None where that language lacks it.

    ``slot``: what it says in the vector index, which takes one value and one bound to each side
    of a property.
    """

    cypher: str
    index: str | None = None
    lucene: str | None = None
    slot: str = ""


@dataclass(frozen=True, slots=True)
class Covered:
    """What the codes of a filter stand for in the graph: see ``queries.codes.cover``."""

    products: Mapping[str, Sequence[str]] = field(default_factory=dict)
    branches: Mapping[str, Sequence[str]] = field(default_factory=dict)
    customers: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class CompiledFilter:
    """A filter within a scope, in every language that a search needs; see ``compile_filter``.

    Parameters start with ``f``, those of the scope with ``scope``.
    """

    scope: Scope
    conditions: tuple[Condition, ...]
    parameters: Mapping[str, Any]

    @property
    def predicate(self) -> str:
        """The whole filter in Cypher."""
        return _and(condition.cypher for condition in self.conditions)

    @property
    def index(self) -> tuple[str, ...]:
        """What the vector index checks itself."""
        return tuple(c.index for c in self._in_index() if c.index is not None)

    @property
    def beside_index(self) -> str | None:
        """What remains for Cypher after the vector index."""
        inside = self._in_index()
        rest = [c.cypher for c in self.conditions if c not in inside]
        return _and(rest) if rest else None

    def _in_index(self) -> list[Condition]:
        """The first condition of each slot."""
        slots: dict[str, Condition] = {}
        for condition in self.conditions:
            if condition.index is not None:
                slots.setdefault(condition.slot, condition)
        return list(slots.values())

    @property
    def lucene(self) -> str:
        """What the full-text index checks itself, as required and prohibited clauses."""
        return " ".join(c.lucene for c in self.conditions if c.lucene is not None)

    @property
    def beside_lucene(self) -> str | None:
        """What remains for Cypher after the full-text index."""
        rest = [c.cypher for c in self.conditions if c.lucene is None]
        return _and(rest) if rest else None

    def and_also(self, *more: Condition) -> "CompiledFilter":
        return CompiledFilter(self.scope, (*self.conditions, *more), self.parameters)


#: Duplicates of a filing stand under the filing itself and are left out of searches and counts.
NO_DUPLICATE = Condition(
    "c.duplicate = false",
    "c.duplicate = false",
    f"-filterTokens:{token(TokenField.DUPLICATE, 'true')}",
    slot="duplicate",
)
_ONLY_DUPLICATES = Condition(
    "c.duplicate = true",
    "c.duplicate = true",
    f"+filterTokens:{token(TokenField.DUPLICATE, 'true')}",
    slot="duplicate",
)
#: Words of assignees alone begin with their sign, so that one prefix stands for all of them.
_ANYBODY = f"filterTokens:{TokenField.ASSIGNEE}*"
_UNASSIGNED = Condition("c.assignee IS NULL", None, f"-{_ANYBODY}")
_ASSIGNED = Condition("c.assignee IS NOT NULL", None, f"+{_ANYBODY}")
HAS_TEXT = Condition(
    "c.narrative IS NOT NULL",
    None,
    f"+filterTokens:{token(TokenField.TEXT, 'true')}",
)
DECIDED = Condition(
    "c.decided = true",
    "c.decided = true",
    f"+filterTokens:{token(TokenField.DECIDED, 'true')}",
    slot="decided",
)


@dataclass(frozen=True, slots=True)
class Within:
    """A scope as a predicate on ``c``, for statements that find complaints by something else."""

    predicate: str
    parameters: Mapping[str, Any]


def within(scope: Scope) -> Within:
    """The same text for every scope but the whole bank: a plan serves all who ask."""
    if scope.everything:
        return Within("true", {})
    return Within(
        "(any(code IN c.branchCodes WHERE code IN $scopeBranches)"
        " OR any(code IN c.departmentCodes WHERE code IN $scopeDepartments)"
        " OR coalesce(c.assignee = $scopeAssignee, false)"
        " OR c.id IN $scopeOpened)",
        {
            "scopeBranches": list(scope.branches),
            "scopeDepartments": list(scope.departments),
            "scopeAssignee": scope.assignee,
            "scopeOpened": list(scope.opened),
        },
    )


def compile_filter(
    filters: ComplaintFilter, covered: Covered, scope: Scope, *, now: datetime
) -> CompiledFilter:
    """What the filter leaves of the scope; its codes must have been looked up (``covered``)."""
    bounds = within(scope)
    compiler = _Compiler(covered, now, bounds.parameters)
    conditions = [*compiler.bounds(scope, bounds), *compiler.conditions(filters)]
    return CompiledFilter(scope, tuple(conditions), compiler.parameters)


#: No filter and no bounds: for what the service does by itself.
EVERY_COMPLAINT = CompiledFilter(WHOLE_BANK, (), {})


class _Compiler:
    def __init__(self, covered: Covered, now: datetime, parameters: Mapping[str, Any]) -> None:
        self.covered = covered
        self.now = now
        self.parameters = dict(parameters)
        self.words_left = MOST_WORDS

    def bounds(self, scope: Scope, bounds: Within) -> list[Condition]:
        """The vector index knows no OR: there the scope is a matter of Cypher behind it."""
        if scope.everything:
            return []
        words = [
            *(token(word_of("branchCodes"), code) for code in scope.branches),
            *(token(word_of("departmentCodes"), code) for code in scope.departments),
            *([token(word_of("assignee"), scope.assignee)] if scope.assignee is not None else ()),
        ]
        self.words_left -= len(words)
        clause = f"+filterTokens:({' '.join(words)})" if words else f"-filterTokens:{EVERY}"
        # What was opened for now is no word of the index: then it is a matter of Cypher, too.
        sayable = self.words_left >= 0 and not scope.opened
        return [Condition(bounds.predicate, None, clause if sayable else None)]

    def conditions(self, filters: ComplaintFilter) -> list[Condition]:
        results = [
            *self._trees(filters),
            *self._codes(filters),
            *self._ranges(filters),
            *self._facts(filters),
        ]
        if filters.excluded is not None:
            results.append(_negated(self.conditions(filters.excluded)))
        return results

    def _trees(self, filters: ComplaintFilter) -> list[Condition]:
        results = []
        for prop, every_prop, codes, covered in (
            ("productCode", "productCodes", filters.products, self.covered.products),
            ("branchCode", "branchCodes", filters.branches, self.covered.branches),
        ):
            if codes is not None:
                every = sorted({narrow for code in codes for narrow in covered[code]})
                clause = f"c.{prop} IN {self._parameter(every)}"
                results.append(Condition(clause, clause, self._words(every_prop, codes), prop))
        for prop, codes in (
            ("departmentCodes", filters.departments),
            ("rootCauseCodes", filters.root_causes),
            ("riskTypes", filters.risk_types),
            ("clusterIds", filters.clusters),
        ):
            if codes is not None:
                clause = f"any(code IN c.{prop} WHERE code IN {self._parameter(list(codes))})"
                results.append(Condition(clause, None, self._words(prop, codes)))
        return results

    def _codes(self, filters: ComplaintFilter) -> list[Condition]:
        results = []
        for prop, codes in (
            ("sourceSystem", filters.source_systems),
            ("type", filters.types),
            ("channel", filters.channels),
            ("status", filters.statuses),
            ("nature", filters.natures),
            ("severity", filters.severities),
            ("urgency", filters.urgencies),
            ("outcome", filters.outcomes),
            ("level", filters.levels),
        ):
            if codes is not None:
                values = [str(code) for code in codes]
                clause = f"c.{prop} IN {self._parameter(values)}"
                # What is no property of the vector indexes, the words of the text index find.
                index = clause if prop in NARROWING else None
                results.append(Condition(clause, index, self._words(prop, values), prop))
        return results

    def _ranges(self, filters: ComplaintFilter) -> list[Condition]:
        currency = filters.currency or DEFAULT_CURRENCY
        scale = exponent(currency)
        low, high = filters.amount_from, filters.amount_to
        results = []
        if filters.currency is not None or low is not None or high is not None:
            clause = f"c.currency = {self._parameter(currency)}"
            results.append(Condition(clause, clause, slot="currency"))
        for prop, operator, bound in (
            ("receivedAt", ">=", filters.received_from),
            ("receivedAt", "<=", filters.received_to),
            ("dueAt", ">=", filters.due_from),
            ("dueAt", "<=", filters.due_to),
            ("decidedAt", ">=", filters.decided_from),
            ("decidedAt", "<=", filters.decided_to),
            ("recordedAt", ">=", filters.recorded_from),
            ("recordedAt", "<=", filters.recorded_to),
            ("amountMinor", ">=", None if low is None else ceil(low.scaleb(scale))),
            ("amountMinor", "<=", None if high is None else floor(high.scaleb(scale))),
        ):
            if bound is not None:
                clause = f"c.{prop} {operator} {self._parameter(bound)}"
                index = clause if prop in NARROWING else None
                results.append(Condition(clause, index, slot=f"{prop} {operator[0]}"))
        return results

    def _facts(self, filters: ComplaintFilter) -> list[Condition]:
        results = []
        if filters.customer is not None:
            customer = self.covered.customers.get(filters.customer, filters.customer)
            clause = f"c.customerId = {self._parameter(customer)}"
            words = self._words("customerId", [customer])
            results.append(Condition(clause, clause, words, "customerId"))
        if filters.assignee is not None:
            clause = f"c.assignee = {self._parameter(filters.assignee)}"
            words = self._words("assignee", [filters.assignee])
            results.append(Condition(clause, clause, words, "assignee"))
        if filters.unassigned is not None:
            results.append(_UNASSIGNED if filters.unassigned else _ASSIGNED)
        for label, keys in (("Alert", filters.group_events), ("SystemicIssue", filters.issues)):
            if keys is not None:
                parameter = self._parameter(list(keys))
                # Read from the few that cover, not from each complaint: the index on ids does it.
                clause = f"""c.id IN COLLECT {{
                  MATCH (a:{label})-[:COVERS]->(n:Complaint) WHERE a.id IN {parameter} RETURN n.id
                }}"""
                results.append(Condition(clause))
        if filters.segments is not None:
            # It is the customer's, and changes without the complaint: no index has it.
            segments = self._parameter(list(filters.segments))
            results.append(
                Condition(f"EXISTS {{ (u:Customer)-[:FILED]->(c) WHERE u.segment IN {segments} }}")
            )
        if filters.vulnerable is not None:
            clause = f"c.vulnerable = {self._parameter(filters.vulnerable)}"
            word = token(TokenField.VULNERABLE, "true")
            sign = "+" if filters.vulnerable else "-"
            results.append(Condition(clause, clause, f"{sign}filterTokens:{word}", "vulnerable"))
        if filters.duplicate is not None:
            results.append(_ONLY_DUPLICATES if filters.duplicate else NO_DUPLICATE)
        if filters.overdue is not None:
            results.extend(self._overdue(filters.overdue))
        return results

    def _overdue(self, filters: bool) -> list[Condition]:
        statuses = self._parameter(sorted(str(status) for status in OPEN_STATUSES))
        open_, late = f"c.status IN {statuses}", f"c.dueAt < {self._parameter(self.now)}"
        if not filters:
            return [_negated([Condition(open_), Condition(late)])]
        return [Condition(open_, open_, slot="status"), Condition(late, late, slot="dueAt <")]

    def _words(self, prop: str, codes: Sequence[str]) -> str | None:
        """A Lucene clause, or None when the filter has used up its part of what Lucene takes."""
        self.words_left -= len(codes)
        if self.words_left < 0:
            return None
        words = " ".join(token(word_of(prop), code) for code in codes)
        return f"+filterTokens:({words})"

    def _parameter(self, value: Any) -> str:
        name = f"f{len(self.parameters)}"
        self.parameters[name] = value
        return f"${name}"


def _negated(conditions: Sequence[Condition]) -> Condition:
    """NOT of all together; an absent value makes a condition false, never null."""
    cypher = "NOT (" + _and(f"coalesce({c.cypher}, false)" for c in conditions) + ")"
    words = [c.lucene for c in conditions if c.lucene is not None]
    if len(words) < len(conditions):
        return Condition(cypher)
    return Condition(cypher, None, f"-(+filterTokens:{EVERY} {' '.join(words)})")


def _and(clauses: Any) -> str:
    return " AND ".join(f"({clause})" for clause in clauses) or "true"
