"""Who asks: a person or a program, with roles, and where its own cases are. Pure."""

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum


class Role(StrEnum):
    """What somebody is at the bank; one may have several."""

    HANDLER = "HANDLER"
    SUPERVISOR = "SUPERVISOR"
    ANALYST = "ANALYST"
    AUDITOR = "AUDITOR"
    ADMINISTRATOR = "ADMINISTRATOR"
    SERVICE = "SERVICE"  # a program: imports, webhooks
    CUSTOMER = "CUSTOMER"


class Method(StrEnum):
    """How it was shown who asks."""

    LOCAL = "LOCAL"  # nothing was shown: whoever is at this machine, in development
    TOKEN = "TOKEN"  # noqa: S105 - a token of the bank's sign-in, sent with the request
    KEY = "KEY"  # an API key
    SESSION = "SESSION"  # a browser that has signed in


@dataclass(frozen=True, slots=True)
class Reach:
    """Where somebody's own cases are, by codes; a branch covers the narrower ones.

    Beside these, what is assigned to a person is the person's own.
    """

    everything: bool = False
    branches: tuple[str, ...] = ()
    departments: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Identity:
    """``actor`` stands in events and never changes; ``name`` is for people.

    ``expires_at``: when what was shown ends; None if it does not. ``opened``: keys of the cases
    beyond reach that the person has opened for now.
    """

    actor: str
    name: str = ""
    roles: frozenset[Role] = frozenset()
    reach: Reach = field(default_factory=Reach)
    method: Method = Method.LOCAL
    expires_at: datetime | None = None
    opened: tuple[str, ...] = ()


#: Who does what the service does by itself.
SYSTEM_ACTOR = "system"
#: Whoever is at this machine, where no sign-in is set up: may do everything.
LOCAL = Identity(
    actor="local",
    name="local",
    roles=frozenset(set(Role) - {Role.CUSTOMER}),
    reach=Reach(everything=True),
)

#: Before it is known who asks: may do nothing.
NOBODY = Identity(actor="nobody")
