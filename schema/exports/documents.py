"""What can be exported: for each a document of the API, and how its answer becomes rows."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from functools import cached_property

from graphql import FieldNode, OperationDefinitionNode, parse

_LABELS = "labelZh: label(language: ZH) labelEn: label(language: EN)"
_GROUP = f"group: key {{ facet code {_LABELS} }}"
_FIGURE = "{ value low high count }"
_PLACE = "{ count value expected innerLow innerHigh outerLow outerHigh verdict dispersion }"
_MONEY = "{ value currency }"
_MONEY_PLACE = f"""{{ count value {_MONEY} expected {_MONEY} innerLow {_MONEY} innerHigh {_MONEY}
  outerLow {_MONEY} outerHigh {_MONEY} verdict dispersion }}"""
_CHANGE = "{ count before expected ratio low high probability verdict dispersion }"
_OPENS = """narrowing { products branches departments types rootCauses channels levels
  receivedFrom receivedTo duplicate }"""
_PERIOD = "$filter: ComplaintFilter, $from: DateTime, $to: DateTime"
_SCOPE = "filter: $filter, from: $from, to: $to"


def _labels(prefix: str) -> str:
    """Labels of what stands in a union, so that no two types share a column."""
    return f"{prefix}LabelZh: label(language: ZH) {prefix}LabelEn: label(language: EN)"


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
    ALERTS = "alerts"
    ISSUES = "issues"
    REMEDIATIONS = "remediations"
    REPEATS = "repeats"
    COMPLAINTS = "complaints"


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
        result = parse(self.document).definitions[0]
        assert isinstance(result, OperationDefinitionNode)
        return result

    @cached_property
    def root(self) -> FieldNode:
        result = self.operation.selection_set.selections[0]
        assert isinstance(result, FieldNode)
        return result

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
    series {{
      {_GROUP}
      points {{ day count complete perThousandOutlets perTenMillionCustomers {_OPENS} }}
      compared againstBefore {_CHANGE} againstYearBefore {_CHANGE} }}
    from to older }} }}"""

_HOTSPOTS = f"""query ({_PERIOD}, $by: [HotspotDimension!], $first: Int) {{
  hotspots(dimensions: $by, {_SCOPE}, first: $first) {{
    key {{ dimension code {_LABELS} }}
    count expected excess ratio low high probability corrected
    reasonZh: reason(language: ZH) reasonEn: reason(language: EN) {_OPENS} }} }}"""

_BRANCHES = f"""query ({_PERIOD}, $depth: Int, $first: Int) {{
  branchComparison({_SCOPE}, depth: $depth, first: $first) {{
    {_GROUP} total
    handlingDays {_PLACE} escalation {_PLACE} repeats {_PLACE}
    compensated {_PLACE} compensation {_MONEY_PLACE} {_OPENS} }} }}"""

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

_TITLES = "titleZh: title(language: ZH) titleEn: title(language: EN)"
_CAUSE = f"{{ code {_LABELS} }}"
_SENTENCES = "summaryZh: summary(language: ZH) summaryEn: summary(language: EN)"

_REPEATS = """query ($filter: ComplaintFilter, $first: Int, $after: String) {
  repeatComplainers(filter: $filter, first: $first, after: $after) {
    nodes { customer { id segment region vulnerable } times cases firstAt lastAt }
    pageInfo { hasNextPage endCursor } } }"""

_ALERTS = f"""query ($first: Int, $after: String) {{
  alerts(first: $first, after: $after) {{
    nodes {{ id kind rule level at until
      subject {{
        ... on Branch {{ branch: code {_labels("branch")} }}
        ... on RootCause {{ rootCause: code {_labels("rootCause")} }}
        ... on Cluster {{ cluster: id clusterLabel: label }} }}
      evidence {{
        ... on RiseEvidence {{
          rise: figures {{ count total pastCount pastTotal expected probability since until }}
          {_OPENS} }}
        ... on TopicEvidence {{ topic: figures {{ recent size expected probability since }} }}
        ... on GroupEvidence {{ group: figures {{
          customers unknownCustomers size days branches past expected probability }} }} }}
      handling {{ state by at reason }} issue {{ id {_TITLES} }} {_SENTENCES} }}
    pageInfo {{ hasNextPage endCursor }} }} }}"""

_ISSUES = f"""query ($first: Int, $after: String) {{
  systemicIssues(first: $first, after: $after) {{
    nodes {{ id {_TITLES} state: status level owner createdAt createdBy rootCauses {_CAUSE}
      complaintCount figures {{ customers firstReceivedAt lastReceivedAt escalated undecided
        medianDays unknownCustomers compensation {_MONEY} satisfaction }} }}
    pageInfo {{ hasNextPage endCursor }} }} }}"""

_REMEDIATIONS = f"""query ($first: Int, $after: String) {{
  remediations(first: $first, after: $after) {{
    nodes {{ id title owner state: status startedAt completedAt
      rootCause {_CAUSE} issue {{ id {_TITLES} }}
      effect {{ verdict before {{ start end }} after {{ start end }}
        countBefore countAfter othersBefore othersAfter expected ratio low high trend
        {_SENTENCES} }} }}
    pageInfo {{ hasNextPage endCursor }} }} }}"""


def _complaints(personal: str = "") -> Export:
    document = f"""query ($filter: ComplaintFilter, $first: Int, $after: String) {{
  complaints(filter: $filter, orderBy: RECEIVED_ASC, first: $first, after: $after) {{
    nodes {{ id reference sourceSystem status level ruleLevel nature severity urgency channel
      type {_CAUSE} riskTypes {{ code }} receivedAt recordedAt occurredAt dueAt decidedAt
      overdue duplicate amount {_MONEY} amountBand product {_CAUSE} branch {_CAUSE}
      department {_CAUSE} rootCauses {{ rootCause {{ code }} }}
      resolution {{ round outcome remedy compensation {_MONEY} decidedAt satisfaction timely }}
      {personal} }}
    pageInfo {{ hasNextPage endCursor }} }} }}"""
    return Export(document, frozenset({"nodes"}), paged=True)


#: The rows of cases with what is told of people, and with their masked texts.
PERSONAL = _complaints(
    "sourceId assignee vulnerable customer { id segment region } subject narrative "
    "answered: resolution { summary }"
)

EXPORTS: Mapping[What, Export] = {
    What.MEASURES: Export(_MEASURES),
    What.TREND: Export(_TREND, frozenset({"series", "points"})),
    What.HOTSPOTS: Export(_HOTSPOTS, keyed={"key": "dimension"}),
    What.BRANCHES: Export(_BRANCHES),
    What.BOTTLENECKS: Export(_BOTTLENECKS, frozenset({"steps"})),
    What.CAUSES: Export(_CAUSES, frozenset({"entries"})),
    What.CLUSTERS: Export(_CLUSTERS, frozenset({"nodes"}), {"outcomes": "outcome"}, paged=True),
    What.DRIVERS: Export(_DRIVERS, frozenset({"nodes", "drivers"}), paged=True),
    What.ALERTS: Export(_ALERTS, frozenset({"nodes"}), paged=True),
    What.ISSUES: Export(_ISSUES, frozenset({"nodes"}), paged=True),
    What.REPEATS: Export(_REPEATS, frozenset({"nodes"}), paged=True),
    What.REMEDIATIONS: Export(_REMEDIATIONS, frozenset({"nodes"}), paged=True),
    What.COMPLAINTS: _complaints(),
}
