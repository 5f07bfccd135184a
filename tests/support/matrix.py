"""What an identity should get, made of what LOCAL gets and of the oracle; and where it differs."""

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

from graphql import GraphQLNonNull, GraphQLObjectType
from strawberry.types import ExecutionResult

from api.services import Services
from benchmarks.operations.borders import raw
from benchmarks.operations.oracle import Oracle
from benchmarks.operations.wide import SCHEMA, asked
from tests.support.paths import Path

#: Not there for this identity: left out of lists, null elsewhere.
GONE = object()
#: Told of many cases at once, or by chance: held against something else than LOCAL's answer.
ANY = object()
ELSEWHERE = {
    ("Complaint", "precedents"),
    ("Query", "precedents"),
    ("Complaint", "progressToken"),
    ("Complaint", "rootCauseCandidates"),
    ("CaseMatches", "matchedBy"),
    ("CaseMatches", "complaints"),
    ("RepeatComplainer", "times"),
    ("RepeatComplainer", "cases"),
    ("RepeatComplainer", "firstAt"),
    ("RepeatComplainer", "lastAt"),
    ("RepeatComplainer", "complaints"),
    ("Query", "repeatComplainers"),
    ("Query", "outcomeCheck"),
    ("Complaint", "outcomeCheck"),
    ("Query", "explainAccess"),
    ("Query", "personData"),
    ("SuggestionEvidence", "cases"),
    # A rank's worth: among those alone who are seen.
    ("ScoredComplaint", "score"),
    ("Alert", "evidence"),
    ("ComplaintConnection", "byStatus"),
    ("ComplaintConnection", "byLevel"),
    ("ComplaintConnection", "byAssignee"),
}
ANALYSES = {
    "measures", "trend", "hotspots", "branchComparison", "bottlenecks", "rootCauseTree",
}  # fmt: skip
#: Types of which nothing is compared but what hangs on them.
_SKIPPED = {"PageInfo"}


class Part(list[Any]):
    """Values that must be there, in whatever order and beside whatever others."""


class Cut(list[Any]):
    """A list that goes on after what is known of it."""


@dataclass
class Expecting:
    """Turns LOCAL's answer into somebody's. ``first``: what every list was asked with."""

    oracle: Oracle
    first: int

    def of(self, kind: str, value: Any) -> Any:
        """An object of a type, or GONE."""
        if value is None:
            return None
        kind = value.get("__typename", kind)
        if self._gone(kind, value):
            return GONE
        made: dict[str, Any] = {}
        for name, each in value.items():
            if name == "__typename":
                made[name] = each
                continue
            found = self._field(kind, name, each, value)
            if found is GONE and isinstance(_type(kind, name), GraphQLNonNull):
                return GONE
            made[name] = None if found is GONE else found
        return made

    def _gone(self, kind: str, value: dict[str, Any]) -> bool:
        seen, identity = self.oracle.reach, value.get("id")
        if not identity:
            return False
        match kind:
            case "Complaint":
                return raw(identity) not in seen
            case "Resolution" | "CaseEvent":
                return raw(identity).split(".")[0] not in seen
            case "Customer":
                return raw(identity) not in self.oracle.customers
            case "Alert":
                covered = self.oracle.made.groups.get(raw(identity))
                return not (covered or {raw(identity).split(".")[0]}) & seen
        return False

    def _field(self, kind: str, name: str, each: Any, around: dict[str, Any]) -> Any:
        if not self.oracle.may(kind, name):
            return GONE
        if kind in _SKIPPED or (kind, name) in ELSEWHERE or name in ("cursor", "token"):
            return ANY
        if (kind, name) == ("Customer", "complaintCount"):
            filed = [row for row in self.oracle.own if row.customer == raw(around["id"])]
            return sum(not row.duplicate for row in filed)
        if name == "totalCount" and "nodes" in around:
            whole = around["nodes"] is not None and len(around["nodes"]) == each
            return len(self._list(around["nodes"])) if whole else ANY
        if (kind, name) == ("Complaint", "similar"):
            return ANY
        # Without the case in it nothing tells which rows are within reach.
        if (kind, name) == ("Complaint", "linked") and any(
            "complaint" not in row for row in each or ()
        ):
            return ANY
        if (kind, name) == ("LinkedComplaint", "linkedWith"):
            return [other for other in each if raw(other) in self.oracle.reach]
        if (kind, name) == ("Complaint", "linked") and len(each or ()) >= self.first:
            return self._cut_off_links(each)
        return self._value(each)

    def _cut_off_links(self, each: Sequence[Any]) -> list[Any]:
        """Whoever sees fewer of a list that was cut gets further rows, and links with them."""
        rows = self._list(each)
        for row in rows:
            if "linkedWith" in row:
                row["linkedWith"] = Part(row["linkedWith"])
        return rows

    def _value(self, each: Any) -> Any:
        if isinstance(each, list):
            return self._list(each)
        return self.of("", each) if isinstance(each, dict) else each

    def _list(self, each: Sequence[Any]) -> list[Any]:
        found = [self._value(one) for one in each]
        kept = [one for one in found if one is not GONE]
        return Cut(kept) if len(each) >= self.first else kept


def _type(kind: str, name: str) -> Any:
    named = SCHEMA.type_map[kind]
    assert isinstance(named, GraphQLObjectType)
    return named.fields[name].type


@dataclass
class Differences:
    """Cells that were held against the oracle, and those that differ."""

    cells: Counter[str] = field(default_factory=Counter)
    found: list[str] = field(default_factory=list)

    def compare(self, expected: Any, actual: Any, place: str, kind: str = "") -> None:
        if expected is ANY:
            return
        if isinstance(expected, dict) and isinstance(actual, dict):
            kind = expected.get("__typename", kind)
            for name in actual:
                self.cells[f"{kind}.{name}"] += 1
                if name in expected:
                    self.compare(expected[name], actual[name], f"{place}.{name}", kind)
        elif isinstance(expected, Part) and isinstance(actual, list):
            if missing := [each for each in expected if each not in actual]:
                self.found.append(f"{place}: {_short(missing)} missing")
        elif isinstance(expected, list) and isinstance(actual, list):
            if place.endswith(".searchComplaints"):
                self._found(expected, actual, place)
                return
            if len(expected) > len(actual) or (
                len(expected) < len(actual) and not isinstance(expected, Cut)
            ):
                self.found.append(f"{place}: {len(expected)} expected, {len(actual)} there")
            for n, (one, other) in enumerate(zip(expected, actual, strict=False)):
                self.compare(one, other, f"{place}[{n}]", kind)
        elif expected != actual:
            self.found.append(f"{place}: {_short(expected)} expected, {_short(actual)} there")

    def _found(self, expected: list[Any], actual: list[Any], place: str) -> None:
        """What a search finds: ranks are those among what is seen, so the order is another."""
        known = {each["complaint"]["id"]: each for each in actual}
        for each in expected:
            identity = each["complaint"]["id"]
            self.compare(each, known.get(identity), f"{place}[{identity}]", "ScoredComplaint")


def _short(value: Any) -> str:
    text = str(value)
    return text if len(text) < 90 else text[:90] + "…"


def refusals(result: ExecutionResult) -> list[tuple[str, ...]]:
    """Places of the document that were refused, without the rows."""
    return [
        tuple(part for part in error.path or () if isinstance(part, str))
        for error in result.errors or ()
        if (error.extensions or {}).get("code") == "FORBIDDEN"
    ]


def denied_places(oracle: Oracle, value: Any, place: tuple[str, ...] = ()) -> Iterator[Any]:
    """Places of an answer where something stands, or null, that is not permitted."""
    if isinstance(value, list):
        for one in value:
            yield from denied_places(oracle, one, place)
    elif isinstance(value, dict):
        kind = value.get("__typename", "Query")
        for name, each in value.items():
            if not oracle.may(kind, name):
                yield (*place, name), each
            else:
                yield from denied_places(oracle, each, (*place, name))


def held(oracle: Oracle, result: ExecutionResult, differences: Differences, path: Path) -> None:
    """Nothing foreign anywhere, and a refusal exactly where one belongs."""
    name, beyond = path.name, bool(path.case) and path.case not in oracle.reach
    told = [error.formatted for error in result.errors or ()]
    if found := oracle.leaks([result.data, told]):
        differences.found.append(f"{name}: leaks {found[:6]}")
    # What is beyond reach is not there.
    meant = {"FORBIDDEN", "NOT_FOUND"} if beyond else {"FORBIDDEN"}
    others = [e for e in told if e.get("extensions", {}).get("code") not in meant]
    if others:
        differences.found.append(f"{name}: errors {others[:2]}")
    refused = refusals(result)
    if len(refused) != len(set(refused)):
        differences.found.append(f"{name}: refused twice {Counter(refused).most_common(2)}")
    denied = list(denied_places(oracle, result.data))
    if wrong := [place for place, each in denied if each is not None]:
        differences.found.append(f"{name}: not null though denied {wrong[:3]}")
    places = {place for place, _ in denied}
    if silent := places - set(refused):
        differences.found.append(f"{name}: no error for {sorted(silent)[:3]}")
    if denied_filter(oracle, path):
        places.add((path.root,))
    if extra := set(refused) - places:
        differences.found.append(f"{name}: refused though permitted {sorted(extra)[:3]}")


def reached(oracle: Oracle, kind: str) -> bool:
    """Whether something of the type may be shown at all."""
    return oracle.may(kind, "id") if "id" in SCHEMA.type_map[kind].fields else True  # type: ignore[union-attr]


def denied_filter(oracle: Oracle, path: Path) -> bool:
    """Whether it is asked with a field of the filter that is not for everybody."""
    many = ("clusters", "groupEvents", "issues")
    groups = {"customer": "customers", **dict.fromkeys(many, "watch")}
    return any(
        f"filter: {{{field}:" in path.call and group not in oracle.groups
        for field, group in groups.items()
    )


async def cell(
    services: Services,
    oracle: Oracle,
    path: Path,
    local: ExecutionResult,
    differences: Differences,
) -> None:
    """One identity on one path: every field of the answer against what it should be."""
    name = path.name
    if not oracle.may("Query", path.root):
        inside = "{ __typename }" if path.of else ""
        result = await asked(services, oracle.identity, f"{{ {path.call} {inside} }}")
        held(oracle, result, differences, path)
        differences.compare({path.root: None}, result.data, name, "Query")
        return
    result = await asked(services, oracle.identity, path.document(oracle))
    held(oracle, result, differences, path)
    expected = expected_of(oracle, path, local.data)
    differences.compare(expected, result.data, name, "Query")


def expected_of(oracle: Oracle, path: Path, local: Any) -> Any:
    expecting = Expecting(oracle, path.first)
    if path.root in ANALYSES or ("Query", path.root) in ELSEWHERE:
        return {path.root: ANY}
    if denied_filter(oracle, path):
        return {path.root: None}
    if path.root == "node" and not reached(oracle, path.of):
        return {path.root: None}
    return expecting.of("Query", {"__typename": "Query", **local})
