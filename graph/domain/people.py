"""Which complaints one person filed: by identifiers that they share, and by what people recorded.

A *record* is a person whom a handler named: all complaints of one record are that person's. Two
records may be known to be different people (*apart*). Everything here is a pure function of who
filed under what and of the records, so it does not depend on the order of arrival.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from graph.domain.enums import IdentifierKind

#: How many identifiers of a kind one person may have in a bank's records.
USUAL: Mapping[str, int] = {
    IdentifierKind.ID_NUMBER: 1,
    IdentifierKind.SOURCE_ID: 1,
    IdentifierKind.MOBILE: 3,
    IdentifierKind.ACCOUNT: 6,
}
#: People behind one identifier up to which it still says who somebody is: a family's telephone.
MOST_PEOPLE = 3


@dataclass(frozen=True, slots=True)
class Filed:
    """What a complaint says of who filed it: hashes of identifiers, and the record of a person."""

    complaint: str
    identifiers: frozenset[str]
    record: str | None = None


@dataclass(frozen=True, slots=True)
class Group:
    """One person's complaints, the identifiers that lead to no other, and records of the person."""

    complaints: frozenset[str]
    identifiers: frozenset[str]
    records: frozenset[str]


@dataclass(frozen=True, slots=True)
class People:
    """``leads``: the groups to which each joining identifier leads; several: it tells nothing."""

    groups: tuple[Group, ...]
    leads: Mapping[str, frozenset[Group]]


#: A complaint, an identifier or a record, by its kind and id.
_Node = tuple[str, str]
_COMPLAINT, _IDENTIFIER, _RECORD = "complaint", "identifier", "record"


def people_behind(others: Mapping[str, Collection[str]]) -> int:
    """How many people file under an identifier at least; ``others``: those beside it, by kind.

    One person has one identity number, but may have several telephones and accounts.
    """
    return max(
        (-(-len(hashes) // USUAL.get(kind, 1)) for kind, hashes in others.items()), default=1
    )


def sort_people(
    filings: Iterable[Filed], shared: Collection[str], apart: Collection[frozenset[str]]
) -> People:
    """The people who filed these complaints.

    ``shared``: identifiers that do not join, for too many file under them. Where identifiers lead
    from one record to another that is apart from it, each complaint and identifier belongs to the
    record that it is nearest to; what is as near to two belongs to neither.
    """
    edges = _edges(filings, set(shared))
    results = [
        part
        for component in _components(edges, edges)
        for part in (
            _divided(component, edges)
            if _has_apart(component, apart)
            else [(component, frozenset[_Node]())]
        )
    ]
    groups: list[Group] = []
    leads: dict[str, set[Group]] = defaultdict(set)
    for nodes, contested in results:
        group = Group(_ids(nodes, _COMPLAINT), _ids(nodes, _IDENTIFIER), _ids(nodes, _RECORD))
        if group.complaints and (group.identifiers or group.records):
            groups.append(group)
            for identifier in group.identifiers | _ids(contested, _IDENTIFIER):
                leads[identifier].add(group)
    return People(tuple(groups), {key: frozenset(people) for key, people in leads.items()})


def _edges(filings: Iterable[Filed], shared: Collection[str]) -> dict[_Node, set[_Node]]:
    edges: dict[_Node, set[_Node]] = defaultdict(set)
    for filed in filings:
        complaint = (_COMPLAINT, filed.complaint)
        beside = [(_IDENTIFIER, each) for each in filed.identifiers - set(shared)]
        beside += [(_RECORD, filed.record)] if filed.record is not None else []
        for node in beside:
            edges[complaint].add(node)
            edges[node].add(complaint)
    return dict(edges)


def _components(
    nodes: Iterable[_Node], edges: Mapping[_Node, Collection[_Node]]
) -> Iterator[frozenset[_Node]]:
    """Connected parts of these nodes, going over no others."""
    left = set(nodes)
    while left:
        component, frontier = set[_Node](), [left.pop()]
        while frontier:
            node = frontier.pop()
            component.add(node)
            new = left.intersection(edges[node])
            left -= new
            frontier += new
        yield frozenset(component)


def _has_apart(component: Collection[_Node], apart: Collection[frozenset[str]]) -> bool:
    records = _ids(component, _RECORD)
    return any(pair <= records for pair in apart)


def _divided(
    component: frozenset[_Node], edges: Mapping[_Node, Collection[_Node]]
) -> Iterator[tuple[frozenset[_Node], frozenset[_Node]]]:
    """Each record's part, with what it is as near to as another; then what no record reaches."""
    owner: dict[_Node, _Node] = {node: node for node in component if node[0] == _RECORD}
    contested: dict[_Node, set[_Node]] = {}
    # A complaint of a record is that person's, whatever else leads to it.
    frontier = list(owner)
    while frontier:
        reached: dict[_Node, set[_Node]] = defaultdict(set)
        for node in frontier:
            for beside in edges[node]:
                if beside not in owner and beside not in contested:
                    reached[beside].add(owner[node])
        alone = {node: by for node, by in reached.items() if len(by) == 1}
        contested |= {node: by for node, by in reached.items() if len(by) > 1}
        owner |= {node: next(iter(by)) for node, by in alone.items()}
        frontier = list(alone)
    for record in sorted(set(owner.values())):
        part = frozenset(node for node, by in owner.items() if by == record)
        yield part, frozenset(node for node, by in contested.items() if record in by)
    rest = component - owner.keys() - contested.keys()
    for part in _components(rest, edges):
        yield part, frozenset()


def _ids(nodes: Iterable[_Node], kind: str) -> frozenset[str]:
    return frozenset(identity for of, identity in nodes if of == kind)


def customer_id(group: Group, keys: Mapping[str, str], records: Mapping[str, str]) -> str:
    """The smallest of the ids that a person's identifiers stand for; of the records without any."""
    own: Sequence[str] = [keys[each] for each in group.identifiers]
    return min(own or [records[each] for each in group.records])
