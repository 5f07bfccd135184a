"""Which rule allows or denies somebody something."""

from collections.abc import Iterator
from dataclasses import dataclass

from graph.domain.access import Identity
from graph.domain.scope import Scope, Standing
from graph.errors import InvalidInputError
from graph.validation import nearest
from schema.policy.groups import Grant, Group
from schema.policy.rules import field_rules
from schema.policy.table import Policy

_ROOTS = ("Query", "Mutation", "Subscription")


@dataclass(frozen=True, slots=True)
class Explained:
    """``because``: what puts the case within reach; nothing: it is beyond."""

    allowed: bool
    group: Group
    grant: Grant | None
    because: tuple[str, ...]


def explained(policy: Policy, identity: Identity, case: Standing | None, field: str) -> Explained:
    """Whether somebody may see a field, ``Type.field``, of a case; None is one that there is not.

    Raises:
        InvalidInputError: there is no such field.
    """
    type_, _, name = field.partition(".")
    groups = field_rules().groups
    if (type_, name) not in groups:
        near = nearest(field, [".".join(each) for each in groups])
        raise InvalidInputError(f"There is no field so called{near}.", path=["field"])
    group = groups[type_, name]
    because = () if case is None else tuple(_reasons(policy.scope(identity, Group.CASES), case))
    allowed = group in policy.permitted(identity) and bool(because)
    return Explained(allowed, group, policy.grant(identity, group), because)


def operation_group(operation: str) -> Group:
    """The group of a field of one of the roots.

    Raises:
        InvalidInputError: there is no such operation.
    """
    groups = field_rules().groups
    for root in _ROOTS:
        if (root, operation) in groups:
            return groups[root, operation]
    names = [name for type_, name in groups if type_ in _ROOTS]
    raise InvalidInputError(
        f"There is no operation so called{nearest(operation, names)}.", path=["operation"]
    )


def _reasons(scope: Scope, case: Standing) -> Iterator[str]:
    if scope.everything:
        yield "everything"
    yield from (f"branch {code}" for code in scope.branches if code in case.branches)
    yield from (f"department {code}" for code in scope.departments if code in case.departments)
    if scope.assignee is not None and scope.assignee == case.assignee:
        yield "assignee"
    if case.id in scope.opened:
        yield "opened"
