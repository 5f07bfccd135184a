"""Global ids: opaque to clients, a type's name and a key inside."""

import base64
import binascii
from enum import StrEnum

import strawberry

from graph.errors import InvalidInputError

#: No id of ours is longer; codes of a bank's own are bounded by its catalogue.
_LONGEST = 1_000


class NodeKind(StrEnum):
    """What has a global id; the value is the GraphQL type's name."""

    COMPLAINT = "Complaint"
    CUSTOMER = "Customer"
    PRODUCT = "Product"
    BRANCH = "Branch"
    DEPARTMENT = "Department"
    ROOT_CAUSE = "RootCause"
    RESOLUTION = "Resolution"
    CASE_EVENT = "CaseEvent"
    OPENING = "Opening"
    CLUSTER = "Cluster"
    ALERT = "Alert"
    REMEDIATION = "Remediation"
    SYSTEMIC_ISSUE = "SystemicIssue"
    JOB = "Job"


def global_id(kind: NodeKind, key: str) -> strawberry.ID:
    return strawberry.ID(base64.b64encode(f"{kind.value}:{key}".encode()).decode())


def parse_id(value: str, *, path: tuple[str, ...] = ("id",)) -> tuple[NodeKind, str]:
    """The type and key of a global id.

    Raises:
        InvalidInputError: it is none of ours; the message does not repeat it.
    """
    try:
        raw = base64.b64decode(value[:_LONGEST], validate=True)
        name, separator, key = raw.decode().partition(":")
        kind = NodeKind(name)
    except (binascii.Error, ValueError) as error:
        raise _refusal(path) from error
    if not separator or not key or global_id(kind, key) != value:
        raise _refusal(path)
    return kind, key


def key_of(value: str, kind: NodeKind, *, path: tuple[str, ...] = ("id",)) -> str:
    """The key of a global id that must be of this type."""
    result, key = parse_id(value, path=path)
    if result is not kind:
        raise InvalidInputError(
            f"{'.'.join(path)} is the id of a {result.value}; the id of a {kind.value} is needed.",
            path=path,
        )
    return key


def _refusal(path: tuple[str, ...]) -> InvalidInputError:
    return InvalidInputError(
        f"{'.'.join(path)} is not an id of this service: send the `id` field of what you mean.",
        path=path,
    )
