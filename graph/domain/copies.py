"""The codes that also stand on the complaint itself, where both indexes can filter by them.

One pure function says what they must be; registration, updates and ``check`` all call it.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from graph.domain.enums import Level
from graph.domain.moments import EARLIEST, milliseconds
from graph.domain.tokens import EVERY, TokenField, token

DUPLICATE_WORD = token(TokenField.DUPLICATE, "true")

_LEVELS = list(Level)
#: Sorts before every digit: in descending order what has no date or amount comes last.
_ABSENT = "-"


@dataclass(frozen=True, slots=True)
class Related:
    """The codes that a complaint's relations lead to, wider ones included (own code first)."""

    products: Sequence[str] = ()
    branches: Sequence[str] = ()
    departments: Sequence[str] = ()
    root_causes: Sequence[str] = ()
    clusters: Sequence[str] = ()
    customer: str | None = None
    decided: bool = False
    decided_at: datetime | None = None
    duplicate: bool = False


def copies(own: Mapping[str, Any], related: Related) -> dict[str, Any]:
    """Copied codes, sort keys and filter words of a complaint, as node properties.

    ``own`` are the complaint's own properties (id, receivedAt, dueAt, amountMinor, level, type,
    channel, status, severity, riskTypes, assignee, vulnerable).
    """
    return {
        "productCode": next(iter(related.products), None),
        "productCodes": list(related.products),
        "branchCode": next(iter(related.branches), None),
        "branchCodes": list(related.branches),
        "departmentCodes": sorted(related.departments),
        "rootCauseCodes": sorted(related.root_causes),
        "clusterIds": sorted(related.clusters),
        "customerId": related.customer,
        "decided": related.decided,
        "decidedAt": related.decided_at,
        "duplicate": related.duplicate,
        "filterTokens": " ".join(_words(own, related)),
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
        root_causes=properties["rootCauseCodes"],
        clusters=properties["clusterIds"],
        customer=properties.get("customerId"),
        decided=properties["decided"],
        decided_at=properties.get("decidedAt"),
        duplicate=properties["duplicate"],
    )


def sort_keys(own: Mapping[str, Any]) -> dict[str, str]:
    """One string per order, unique by the id at its end: a range index then serves any page."""
    identity = own["id"]
    received = _padded(own["receivedAt"])
    due = own.get("dueAt")
    amount = own.get("amountMinor")
    return {
        "receivedKey": f"{received}:{identity}",
        "dueKey": f"{_ABSENT if due is None else _padded(due)}:{identity}",
        "amountKey": f"{_ABSENT if amount is None else format(amount, '016d')}:{identity}",
        "levelKey": f"{_LEVELS.index(Level(own['level']))}:{received}:{identity}",
    }


def reference_key(reference: str) -> str:
    """A reference as it is found again however it is typed: letters and digits alone."""
    return "".join(sign for sign in reference if sign.isalnum()).upper()


def received_key(at: datetime, identity: str = "") -> str:
    """The sort key of a receipt; without an id, the smallest key at that time."""
    return f"{_padded(at)}:{identity}"


def received_at(key: str) -> datetime:
    """When a complaint with this sort key was received, to the millisecond, in UTC.

    Where thousands are read this is many times faster than the driver's datetimes.
    """
    return EARLIEST + timedelta(milliseconds=int(key.partition(":")[0]))


def _padded(at: datetime) -> str:
    return format(milliseconds(at), "013d")


def _words(own: Mapping[str, Any], related: Related) -> list[str]:
    codes: list[tuple[TokenField, Sequence[str]]] = [
        (TokenField.PRODUCT, related.products),
        (TokenField.BRANCH, related.branches),
        (TokenField.DEPARTMENT, related.departments),
        (TokenField.ROOT_CAUSE, related.root_causes),
        (TokenField.RISK_TYPE, own.get("riskTypes") or ()),
    ]
    single = (
        (TokenField.TYPE, own.get("type")),
        (TokenField.CHANNEL, own.get("channel")),
        (TokenField.STATUS, own.get("status")),
        (TokenField.SEVERITY, own.get("severity")),
        (TokenField.LEVEL, own.get("level")),
        (TokenField.ASSIGNEE, own.get("assignee")),
        (TokenField.VULNERABLE, "true" if own.get("vulnerable") else None),
        (TokenField.DECIDED, "true" if related.decided else None),
        (TokenField.TEXT, "true" if own.get("narrative") else None),
    )
    codes += [(kind, (code,)) for kind, code in single if code is not None]
    words = {token(kind, str(code)) for kind, some in codes for code in some}
    # These change without the rest, in place or at the end: they stand last, in this order.
    last = [token(TokenField.CUSTOMER, related.customer)] if related.customer else []
    last += [token(TokenField.CLUSTER, cluster) for cluster in sorted(related.clusters)]
    last += [DUPLICATE_WORD] if related.duplicate else []
    return [EVERY, *sorted(words), *last]
