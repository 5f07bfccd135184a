"""The codes that also stand on the complaint itself, where both indexes can filter by them.

One pure function says what they must be; registration, updates and ``check`` all call it.
"""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from graph.domain.enums import Level
from graph.domain.moments import EARLIEST, milliseconds
from graph.domain.record import TABLE, Kind
from graph.domain.tokens import EVERY, TokenField, token

DUPLICATE_WORD = token(TokenField.DUPLICATE, "true")

_LEVELS = list(Level)
#: Sorts before every digit: in descending order what has no date or amount comes last.
_ABSENT = "-"


@dataclass(frozen=True, slots=True)
class Related:
    """The codes that a complaint's relations lead to, wider ones included (own code first).

    ``causes``: the root causes named, without wider ones; ``decided_at``: of the first round that
    was decided, ``outcome``: of the latest.
    """

    products: Sequence[str] = ()
    branches: Sequence[str] = ()
    departments: Sequence[str] = ()
    causes: Sequence[str] = ()
    root_causes: Sequence[str] = ()
    clusters: Sequence[str] = ()
    customer: str | None = None
    decided: bool = False
    decided_at: datetime | None = None
    outcome: str | None = None
    duplicate: bool = False


def copies(own: Mapping[str, Any], related: Related) -> dict[str, Any]:
    """Copied codes, sort keys and filter words of a complaint, as node properties.

    ``own`` are the complaint's own properties (those of ``record.COPIED``).
    """
    return {
        "productCode": next(iter(related.products), None),
        "productCodes": list(related.products),
        "branchCode": next(iter(related.branches), None),
        "branchCodes": list(related.branches),
        "departmentCodes": sorted(related.departments),
        "causeCodes": sorted(related.causes),
        "rootCauseCodes": sorted(related.root_causes),
        "clusterIds": sorted(related.clusters),
        "customerId": related.customer,
        "decided": related.decided,
        "decidedAt": related.decided_at,
        "outcome": related.outcome,
        "duplicate": related.duplicate,
        "filterTokens": " ".join(_words(own, related)),
        "referenceKey": reference_key(own["reference"]),
        **sort_keys(own),
    }


def with_customer(words: str, customer: str | None) -> str:
    """A complaint's filter words with another customer's, in their order."""
    prefix = TokenField.CUSTOMER.value
    kept = [word for word in words.split(" ") if not word.startswith(prefix)]
    last = (TokenField.CLUSTER.value, TokenField.DUPLICATE.value)
    place = next((i for i, word in enumerate(kept) if word.startswith(last)), len(kept))
    if customer is not None:
        kept.insert(place, token(TokenField.CUSTOMER, customer))
    return " ".join(kept)


def copied(properties: Mapping[str, Any]) -> Related:
    """The relations' codes as they stand on a node: for a change of its own properties alone."""
    return Related(
        products=properties["productCodes"],
        branches=properties["branchCodes"],
        departments=properties["departmentCodes"],
        causes=properties["causeCodes"],
        root_causes=properties["rootCauseCodes"],
        clusters=properties["clusterIds"],
        customer=properties.get("customerId"),
        decided=properties["decided"],
        decided_at=properties.get("decidedAt"),
        outcome=properties.get("outcome"),
        duplicate=properties["duplicate"],
    )


def sort_keys(own: Mapping[str, Any]) -> dict[str, str]:
    """One string per order, unique by the id at its end: a range index then serves any page."""
    identity = own["id"]
    received = _padded(own["receivedAt"])
    source = source_key(own["sourceSystem"], own["sourceId"])
    due = own.get("dueAt")
    amount = own.get("amountMinor")
    return {
        "receivedKey": complaint_key(own["receivedAt"], source, identity),
        "dueKey": f"{_ABSENT if due is None else _padded(due)}:{identity}",
        "amountKey": f"{_ABSENT if amount is None else format(amount, '016d')}:{identity}",
        "levelKey": f"{_LEVELS.index(Level(own['level']))}:{received}:{identity}",
    }


def source_name(system: str, source_id: str) -> str:
    """A source row's name in one line, the same in every installation."""
    # A length before the first part: ("a", "bc") and ("ab", "c") must differ.
    return f"{len(system)}:{system}{source_id}"


def source_key(system: str, source_id: str) -> str:
    """What orders complaints of one moment: a hash of the source row's name, without any key.

    A complaint's id would order them too, but depends on the installation's key: links, groups and
    clusters would be others in every installation.
    """
    content = source_name(system, source_id).encode("utf-8", "surrogatepass")
    return hashlib.blake2b(content, digest_size=8).hexdigest()


def complaint_key(at: datetime, source: str, identity: str) -> str:
    """The sort key of a complaint's receipt; ``source``: its ``source_key``."""
    return f"{_padded(at)}:{source}:{identity}"


def reference_key(reference: str) -> str:
    """A reference as it is found again however it is typed: letters and digits alone."""
    return "".join(sign for sign in reference if sign.isalnum()).upper()


def received_key(at: datetime, identity: str = "") -> str:
    """The sort key of something that happened then; without an id, the smallest at that time."""
    return f"{_padded(at)}:{identity}"


def received_at(key: str) -> datetime:
    """When a complaint with this sort key was received, to the millisecond, in UTC.

    Where thousands are read this is many times faster than the driver's datetimes.
    """
    return EARLIEST + timedelta(milliseconds=int(key.partition(":")[0]))


def _padded(at: datetime) -> str:
    return format(milliseconds(at), "013d")


#: A word for each of these is made of the complaint's own property of that name.
_OWN_WORDS = tuple((each.word, each) for each in TABLE if each.word and each.relation is None)


def _words(own: Mapping[str, Any], related: Related) -> list[str]:
    words = {
        token(word, code)
        for word, each in _OWN_WORDS
        for code in _codes(each.kind, own.get(each.name))
    }
    of_relations = (
        (TokenField.PRODUCT, related.products),
        (TokenField.BRANCH, related.branches),
        (TokenField.DEPARTMENT, related.departments),
        (TokenField.ROOT_CAUSE, related.root_causes),
        (TokenField.DECIDED, ("true",) if related.decided else ()),
        (TokenField.OUTCOME, (related.outcome,) if related.outcome else ()),
    )
    words |= {token(word, code) for word, codes in of_relations for code in codes}
    # These change without the rest, in place or at the end: they stand last, in this order.
    last = [token(TokenField.CUSTOMER, related.customer)] if related.customer else []
    last += [token(TokenField.CLUSTER, cluster) for cluster in sorted(related.clusters)]
    last += [DUPLICATE_WORD] if related.duplicate else []
    return [EVERY, *sorted(words), *last]


def _codes(kind: Kind, value: Any) -> Sequence[str]:
    """What is filtered by: of a flag or a text only whether it is there."""
    match kind:
        case Kind.LIST:
            return value or ()
        case Kind.FLAG | Kind.TEXT:
            return ("true",) if value else ()
        case _:
            return () if value is None else (str(value),)
