"""Which complaints somebody sees in full. Pure."""

from collections.abc import Collection
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Protocol

from graph.domain.access import Identity


class Standing(Protocol):
    """Where a case stands; a ``ComplaintRecord`` and a ``StreamedEvent`` have it.

    ``branches``: the codes of its branch and of the wider ones.
    """

    @property
    def id(self) -> str: ...
    @property
    def branches(self) -> Collection[str]: ...
    @property
    def departments(self) -> Collection[str]: ...
    @property
    def assignee(self) -> str | None: ...


class CaseReach(StrEnum):
    """How much of a case somebody sees."""

    FULL = "FULL"
    PRECEDENT = "PRECEDENT"  # of a decided one elsewhere: what it teaches


@dataclass(frozen=True, slots=True)
class Scope:
    """The complaints that somebody sees in full: one of these must hold of each.

    ``everything``: of the whole bank; ``branches``: it arose at one of these or at a narrower one;
    ``departments``: one of these handles it; ``assignee``: this person works on it; ``opened``: it
    is one of these, which lie beyond the person's reach and were opened for now. Without any of
    them there are none.
    """

    everything: bool = False
    branches: tuple[str, ...] = ()
    departments: tuple[str, ...] = ()
    assignee: str | None = None
    opened: tuple[str, ...] = ()

    @classmethod
    def of(cls, identity: Identity) -> "Scope":
        """What is within somebody's reach, is assigned to the person, or was opened for now."""
        reach = identity.reach
        if reach.everything:
            return WHOLE_BANK
        return cls(False, reach.branches, reach.departments, identity.actor, identity.opened)

    @property
    def lasting(self) -> "Scope":
        """Without what was opened for now: for what may last longer, and for what changes cases."""
        return replace(self, opened=())

    def holds(self, case: Standing) -> bool:
        """Whether a case that was read otherwise is one of them."""
        return (
            self.everything
            or not {*self.branches}.isdisjoint(case.branches)
            or not {*self.departments}.isdisjoint(case.departments)
            or (self.assignee is not None and self.assignee == case.assignee)
            or case.id in self.opened
        )


#: Every complaint: what the service does by itself, and whoever is nowhere held back.
WHOLE_BANK = Scope(everything=True)
#: None.
NOTHING = Scope()
