"""What can be exported: for each a document of the API, and how its answer becomes rows."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from functools import cached_property

from graphql import FieldNode, OperationDefinitionNode, parse

_LABELS = "labelZh: label(language: ZH) labelEn: label(language: EN)"
_GROUP = f"group: key {{ facet code {_LABELS} }}"
_FIGURE = "{ value low high count }"
_PLACE = "{ count value expected innerLow innerHigh outerLow outerHigh verdict }"
_CHANGE = "{ count before expected ratio low high probability verdict }"
_OPENS = """narrowing { products branches departments types rootCauses channels levels
  receivedFrom receivedTo duplicate }"""
_PERIOD = "$filter: ComplaintFilter, $from: DateTime, $to: DateTime"
_SCOPE = "filter: $filter, from: $from, to: $to"


class What(StrEnum):
    """The analyses that can be exported."""

    MEASURES = "measures"
    TREND = "trend"
    HOTSPOTS = "hotspots"
    BRANCHES = "branches"
    BOTTLENECKS = "bottlenecks"
    CAUSES = "causes"
    CLUSTERS = "clusters"
    DRIVERS = "drivers"


@dataclass(frozen=True)
class Export:
    """A document with one root field.

    ``unrolled``: lists whose items make a row each. ``keyed``: lists whose items stand side by
    side, by the field that tells them apart. ``paged``: the list goes on over several pages.
    """

    document: str
    unrolled: frozenset[str] = frozenset()
    keyed: Mapping[str, str] = field(default_factory=dict)
    paged: bool = False

    @cached_property
    def operation(self) -> OperationDefinitionNode:
        found = parse(self.document).definitions[0]
        assert isinstance(found, OperationDefinitionNode)
        return found

    @cached_property
    def root(self) -> FieldNode:
        found = self.operation.selection_set.selections[0]
        assert isinstance(found, FieldNode)
        return found

    @cached_property
    def variables(self) -> tuple[str, ...]:
        """The names of its variables: what its user may choose."""
        return tuple(each.variable.name.value for each in self.operation.variable_definitions or ())


_MEASURES = f"""query ({_PERIOD}) {{ measures({_SCOPE}) {{
  total waiting unsettled
  handlingDays {{ median {_FIGURE} mean {_FIGURE} p90 {_FIGURE} }}
  repeatRate {_FIGURE} firstTimeRight {_FIGURE} {_OPENS} }} }}"""

_TREND = f"""query ({_PERIOD}, $by: Facet, $interval: Interval, $depth: Int, $first: Int) {{
  trend(groupBy: $by, interval: $interval, {_SCOPE}, depth: $depth, first: $first) {{
    {_GROUP}
    points {{ day count complete perThousandOutlets perTenMillionCustomers {_OPENS} }}
    compared againstBefore {_CHANGE} againstYearBefore {_CHANGE} }} }}"""

_HOTSPOTS = f"""query ({_PERIOD}, $by: [HotspotDimension!], $first: Int) {{
  hotspots(dimensions: $by, {_SCOPE}, first: $first) {{
    key {{ dimension code {_LABELS} }}
    count expected excess ratio low high probability corrected
    reasonZh: reason(language: ZH) reasonEn: reason(language: EN) {_OPENS} }} }}"""

_BRANCHES = f"""query ({_PERIOD}, $depth: Int, $first: Int) {{
  branchComparison({_SCOPE}, depth: $depth, first: $first) {{
    {_GROUP} total
    handlingDays {_PLACE} escalation {_PLACE} repeats {_PLACE}
    compensated {_PLACE} compensation {_PLACE} {_OPENS} }} }}"""

_BOTTLENECKS = f"""query ({_PERIOD}, $by: Facet, $depth: Int, $first: Int) {{
  bottlenecks(groupBy: $by, {_SCOPE}, depth: $depth, first: $first) {{
    {_GROUP}
    steps {{ status ended waiting medianDays {_FIGURE} p90Days {_FIGURE} overdue {_FIGURE} }}
    {_OPENS} }} }}"""

_CAUSES = f"""query ({_PERIOD}, $depth: Int) {{ rootCauseTree({_SCOPE}, depth: $depth) {{
  entries {{ rootCause: key {{ code {_LABELS} }} parent depth direct total share {_FIGURE}
    {_OPENS} }}
  known unknown }} }}"""

_CLUSTERS = """query ($filter: ComplaintFilter, $first: Int, $after: String) {
  clusters(filter: $filter, first: $first, after: $after) {
    nodes { id label terms size cohesion since fittedAt satisfaction { mean count }
      outcomes { outcome count share } }
    pageInfo { hasNextPage endCursor } } }"""

_DRIVERS = """query ($filter: ComplaintFilter, $first: Int, $after: String) {
  clusters(filter: $filter, first: $first, after: $after) {
    nodes { clusterId: id clusterLabel: label clusterSize: size
      drivers(first: 100) { kind value count share restShare lift low high p } }
    pageInfo { hasNextPage endCursor } } }"""

EXPORTS: Mapping[What, Export] = {
    What.MEASURES: Export(_MEASURES),
    What.TREND: Export(_TREND, frozenset({"points"})),
    What.HOTSPOTS: Export(_HOTSPOTS, keyed={"key": "dimension"}),
    What.BRANCHES: Export(_BRANCHES),
    What.BOTTLENECKS: Export(_BOTTLENECKS, frozenset({"steps"})),
    What.CAUSES: Export(_CAUSES, frozenset({"entries"})),
    What.CLUSTERS: Export(_CLUSTERS, frozenset({"nodes"}), {"outcomes": "outcome"}, paged=True),
    What.DRIVERS: Export(_DRIVERS, frozenset({"nodes", "drivers"}), paged=True),
}
