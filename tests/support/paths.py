"""Every way to a case: one root field each, with arguments that name cases on both sides."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from graphql import get_named_type

from benchmarks.operations.bank import START
from benchmarks.operations.borders import Borders, Row, gid
from benchmarks.operations.oracle import Oracle
from benchmarks.operations.wide import SCHEMA
from tests.support.selections import Selecting

#: What costs a search for each row: asked of single cases only.
SEARCHES = frozenset(
    ("Complaint", name) for name in ("similar", "precedents", "suggestion", "context")
)
#: Sentences for people, that say again what is asked beside them, and other arguments needed.
ARGUMENTS = {("IssueFigures", "shares"): "(by: BRANCH, first: 50)"}


@dataclass(frozen=True)
class Path:
    """``of``: the type behind a root field; ``hops``: how often it comes back to a complaint."""

    name: str
    root: str
    call: str
    of: str = ""
    hops: int = 0
    first: int = 50
    #: With which case it was asked, if with one.
    case: str = ""

    def document(self, oracle: Oracle, operation: str = "query") -> str:
        """As much of it as somebody may ask for; empty if not even the root field."""
        selecting = Selecting(
            oracle.may, self.first, ARGUMENTS, frozenset() if self.hops else SEARCHES
        )
        if not self.of:
            return f"{operation} {{ {self.call} }}"
        inside = selecting.of(self.of, self.hops)
        if self.root == "node":
            inside = f"{{ __typename id ... on {self.of} {inside} }}"
        return f"{operation} {{ {self.call} {inside} }}"


def paths(made: Borders) -> list[Path]:
    return [*_cases(made), *_nodes(made), *_lists(made), *_searches(made), *_many(made)]


def examples(made: Borders) -> dict[str, Row]:
    """Of every branch one decided and one not, and those that were handed over."""
    found: dict[str, Row] = {}
    for row in sorted(made.rows.values(), key=lambda row: row.reference):
        key = f"at {row.branch}{', decided' if row.decided else ''}"
        if row.reference.startswith("BORDER"):
            found.setdefault(key, row)
    chosen = dict(found)
    for name, case in made.moved.items():
        chosen[name] = made.rows[case]
    return chosen


def deep(made: Borders) -> dict[str, Row]:
    """Of every branch one with alerts or events, and one of a family."""
    found: dict[str, Row] = {}
    rows = sorted(made.rows.values(), key=lambda row: (-len(row.events), row.reference))
    for row in rows:
        found.setdefault(f"{row.branch} worked on", row)
    for row in made.rows.values():
        if (row.customer or "") in _families(made) and row.reference.startswith("BORDER"):
            found.setdefault(f"{row.branch} with a family", row)
    return found


def _families(made: Borders) -> set[str]:
    branches: dict[str, set[str | None]] = {}
    for row in made.rows.values():
        if row.customer:
            branches.setdefault(row.customer, set()).add(row.branch)
    return {customer for customer, at in branches.items() if len(at) > 1}


def quoted(value: str) -> str:
    return json.dumps(value, ensure_ascii=False)


def _cases(made: Borders) -> Iterator[Path]:
    for name, row in deep(made).items():
        call = f"complaint(id: {quoted(gid('Complaint', row.id))})"
        yield Path(f"complaint {name}", "complaint", call, "Complaint", 1, 30, row.id)
    for name, row in examples(made).items():
        reference = quoted(row.reference)
        call = f"complaint(reference: {reference})"
        yield Path(f"complaint by reference {name}", "complaint", call, "Complaint", 0, 50, row.id)
        call = f'complaint(reference: {reference}, at: "2026-11-01T00:00:00Z")'
        yield Path(f"complaint earlier {name}", "complaint", call, "Complaint", 0, 50, row.id)
    for name, row in deep(made).items():
        proposed = '{outcome: UPHELD, remedy: MONETARY, compensation: {value: 30, currency: "CNY"}}'
        case = quoted(gid("Complaint", row.id))
        yield Path(
            f"outcomeCheck {name}",
            "outcomeCheck",
            f"outcomeCheck(complaint: {case}, proposed: {proposed})",
            "OutcomeCheck",
            1,
            30,
            row.id,
        )
        for somebody in ("", ', somebody: {person: "ann", roles: [HANDLER], branches: ["BJ"]}'):
            yield Path(
                f"explainAccess {name}{somebody}",
                "explainAccess",
                f'explainAccess(complaint: {case}, field: "Complaint.narrative"{somebody})',
                "AccessExplanation",
                0,
                50,
                row.id,
            )


def _nodes(made: Borders) -> Iterator[Path]:
    for name, row in deep(made).items():
        things = [
            ("Complaint", row.id),
            ("Customer", row.customer),
            ("Alert", next(iter(sorted(row.alerts)), None)),
        ]
        for kind, key in things:
            if key is None:
                continue
            identity = quoted(gid(kind, key))
            yield Path(f"node {kind} {name}", "node", f"node(id: {identity})", kind, 0, 50, row.id)
            if kind == "Customer":
                call = f"customer(id: {identity})"
                yield Path(f"customer {name}", "customer", call, "Customer", 1)
                call = f"personData(customer: {identity})"
                yield Path(f"personData {name}", "personData", call)
            if kind == "Alert":
                call = f"alert(id: {identity})"
                yield Path(f"alert {name}", "alert", call, "Alert", 1)
    for place, group in enumerate(sorted(made.groups)):
        call = f"node(id: {quoted(gid('Alert', group))})"
        yield Path(f"node Alert of a group {place}", "node", call, "Alert", 1)
        call = f"alert(id: {quoted(gid('Alert', group))})"
        yield Path(f"alert of a group {place}", "alert", call, "Alert", 1)
    many = (
        ("SystemicIssue", "systemicIssue", made.issue),
        ("Cluster", "cluster", made.clusters[0] if made.clusters else ""),
        ("Remediation", "", made.remediation),
        ("Branch", "", gid("Branch", "SH")),
        ("Department", "", gid("Department", "CARDS")),
        ("Product", "", gid("Product", "LOAN")),
        ("RootCause", "", gid("RootCause", "SLOW")),
    )
    for kind, root, identity in many:
        yield Path(f"node {kind}", "node", f"node(id: {quoted(identity)})", kind, 1, 30)
        if root:
            yield Path(root, root, f"{root}(id: {quoted(identity)})", kind, 1, 30)


ORDERS = (
    "RECEIVED_DESC", "RECEIVED_ASC", "DUE_DESC", "DUE_ASC", "AMOUNT_DESC", "AMOUNT_ASC",
    "LEVEL_DESC", "LEVEL_ASC",
)  # fmt: skip


def _lists(made: Borders) -> Iterator[Path]:
    yield Path("complaints", "complaints", "complaints(first: 100)", "ComplaintConnection", 1)
    for name, given in {
        "branch": '{branches: ["SH"]}',
        "wider branch": '{branches: ["BJ"]}',
        "department": '{departments: ["CREDIT"]}',
        "assignee": '{assignee: "ann"}',
        "not at a branch": '{not: {branches: ["BJ"]}}',
        "duplicates": "{duplicate: true}",
        "amount": '{amountFrom: 1100, currency: "CNY"}',
        "overdue": "{overdue: true}",
    }.items():
        call = f"complaints(filter: {given}, first: 100)"
        yield Path(f"complaints by {name}", "complaints", call, "ComplaintConnection", 1, 5)
    for customer in sorted(_families(made))[:4]:
        call = f"complaints(filter: {{customer: {quoted(gid('Customer', customer))}}}, first: 100)"
        yield Path(f"complaints of {customer}", "complaints", call, "ComplaintConnection", 1, 5)
    for cluster in made.clusters[:1]:
        call = f"complaints(filter: {{clusters: [{quoted(cluster)}]}}, first: 100)"
        yield Path("complaints of a cluster", "complaints", call, "ComplaintConnection", 1, 5)
    call = f"complaints(filter: {{issues: [{quoted(made.issue)}]}}, first: 100)"
    yield Path("complaints of an issue", "complaints", call, "ComplaintConnection", 1, 5)
    for group in sorted(made.groups)[:1]:
        alert = quoted(gid("Alert", group))
        call = f"complaints(filter: {{groupEvents: [{alert}]}}, first: 100)"
        yield Path("complaints of a group event", "complaints", call, "ComplaintConnection", 1, 5)
    call = "repeatComplainers(first: 50)"
    yield Path("repeatComplainers", "repeatComplainers", call, "RepeatComplainerConnection", 1)
    for name in ("products", "departments", "branches", "rootCauses"):
        kind = get_named_type(_root(name).type).name
        yield Path(name, name, f"{name}(first: 50)", kind)


def _root(name: str):  # type: ignore[no-untyped-def]
    assert SCHEMA.query_type is not None
    return SCHEMA.query_type.fields[name]


def _searches(made: Borders) -> Iterator[Path]:
    for mode in ("VECTOR", "LEXICAL", "HYBRID"):
        call = f'searchComplaints(text: "年费没有告知就扣款", mode: {mode}, first: 100)'
        yield Path(f"searchComplaints {mode}", "searchComplaints", call, "ScoredComplaint", 1, 5)
    for name, row in deep(made).items():
        for word in sorted(row.shown)[:1]:
            call = f"searchComplaints(text: {quoted(word)}, first: 10)"
            yield Path(f"search its word {name}", "searchComplaints", call, "ScoredComplaint", 1, 5)
        for what, text in (
            ("reference", row.reference),
            ("part of a reference", row.reference[4:14]),
            ("words", "年费没有告知 " + " ".join(sorted(row.shown))),
        ):
            call = f"findCases(text: {quoted(text)}, first: 50)"
            yield Path(f"findCases {what} {name}", "findCases", call, "CaseMatches", 1, 5)
    for number in ("X1", "X2", "D1", "D5", "D7"):
        call = f"findCases(text: {quoted(number)}, first: 50)"
        yield Path(f"findCases customer {number}", "findCases", call, "CaseMatches", 1, 5)
    for name, given in {
        "": "",
        " by product": ', filter: {products: ["CARD-FEE"]}',
        " by branch": ', filter: {branches: ["SH"]}',
        " by amount": ', filter: {amountFrom: 1, currency: "CNY"}',
        " by assignee": ', filter: {assignee: "ann"}',
        " by time": ', filter: {receivedFrom: "2026-02-01T00:00:00Z"}',
        " not at a branch": ', filter: {not: {branches: ["BJ"]}}',
    }.items():
        call = f'precedents(text: "年费没有提前告知就扣款，要求退还"{given}, first: 50)'
        yield Path(f"precedents{name}", "precedents", call, "Precedent", 1, 5)


FACETS = ("PRODUCT", "BRANCH", "DEPARTMENT", "TYPE", "CHANNEL", "ROOT_CAUSE", "LEVEL", "OUTCOME")


def _many(made: Borders) -> Iterator[Path]:
    yield Path("clusters", "clusters", "clusters(first: 20)", "ClusterConnection", 1, 10)
    yield Path("alerts", "alerts", "alerts(first: 20)", "AlertConnection", 1, 10)
    groups = "alerts(first: 20, kinds: [GROUP_EVENT])"
    yield Path("groupEvents", "alerts", groups, "AlertConnection", 1, 10)
    for name, kind in (
        ("systemicIssues", "SystemicIssueConnection"),
        ("remediations", "RemediationConnection"),
    ):
        yield Path(name, name, f"{name}(first: 20)", kind, 1, 10)
    yield Path("precedentQuality", "precedentQuality", "precedentQuality", "PrecedentReport")
    for name, call, kind in analyses(""):
        yield Path(name, name.split()[0], call, kind)


def analyses(given: str) -> Iterator[tuple[str, str, str]]:
    """Name, call and type of each analysis over a filter, from the first case until now."""
    tomorrow = datetime.now(UTC) + timedelta(days=1)
    whole = f'from: "{START.isoformat()}", to: "{tomorrow:%Y-%m-%dT%H:00:00Z}"{given}'
    yield "measures", f"measures({whole})", "Measures"
    yield "rootCauseTree", f"rootCauseTree({whole})", "RootCauseTree"
    yield "branchComparison", f"branchComparison({whole})", "BranchComparison"
    yield "hotspots", f"hotspots({whole})", "Hotspot"
    for other in ("PRODUCT", "CHANNEL"):
        yield (
            f"hotspots {other}",
            f"hotspots(dimensions: [{other}, BRANCH], {whole}, first: 50)",
            "Hotspot",
        )
    for facet in FACETS:
        yield f"trend {facet}", f"trend(groupBy: {facet}, interval: MONTH, {whole})", "Trend"
        yield f"bottlenecks {facet}", f"bottlenecks(groupBy: {facet}, {whole})", "Bottleneck"
