"""Places of websockets in one process: few for those that have not said who they are, by address;
for all others by person.
"""

from collections import Counter
from dataclasses import dataclass, field

from api.settings import LiveSettings
from graph.domain.access import Identity, Method
from graph.errors import BusyError


@dataclass(slots=True)
class Seats:
    """``waiting``: that nobody has introduced yet, by address; ``people``: all others, by actor."""

    live: LiveSettings
    waiting: Counter[str] = field(default_factory=Counter)
    people: Counter[str] = field(default_factory=Counter)

    def enter(self, address: str) -> "Seat":
        """A place for as long as it takes to say who one is.

        Raises:
            BusyError: so many of that address, or of all, wait already.
        """
        if (
            self.waiting[address] >= self.live.waiting_per_address
            or self.waiting.total() >= self.live.waiting
        ):
            raise BusyError("Too many websockets have not introduced themselves yet.")
        self.waiting[address] += 1
        return Seat(self, address)


@dataclass(slots=True)
class Seat:
    """The place of one websocket; ``actor``: who it turned out to be."""

    seats: Seats
    address: str
    actor: str | None = None

    def take(self, identity: Identity) -> None:
        """Somebody is known: no place is held among those who wait any more.

        Raises:
            BusyError: this person has as many as one may have, or all are taken.
        """
        seats, live = self.seats, self.seats.live
        if seats.people.total() >= live.connections:
            raise BusyError(f"All {live.connections} websockets are taken.")
        # Whoever is at this machine is everybody there.
        own = identity.method is not Method.LOCAL
        if own and seats.people[identity.actor] >= live.per_person:
            raise BusyError(f"One person takes {live.per_person} websockets.")
        _less(seats.waiting, self.address)
        self.actor = identity.actor
        seats.people[identity.actor] += 1

    def leave(self) -> None:
        if self.actor is None:
            _less(self.seats.waiting, self.address)
        else:
            _less(self.seats.people, self.actor)


def _less(counted: Counter[str], name: str) -> None:
    """One fewer; who has none is forgotten, as nobody bounds how many names there are."""
    counted[name] -= 1
    if counted[name] <= 0:
        del counted[name]
