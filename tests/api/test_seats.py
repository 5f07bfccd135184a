"""Places of websockets: of those who wait by address, of all others by person."""

import pytest

from api.seats import Seats
from api.settings import LiveSettings
from graph.domain.access import LOCAL, Identity, Method
from graph.errors import BusyError


def seats(**live: int) -> Seats:
    return Seats(LiveSettings(**{"connections": 3, "per_person": 2, **live}))


def person(actor: str) -> Identity:
    return Identity(actor, method=Method.TOKEN)


def test_one_address_does_not_take_the_places_of_another() -> None:
    made = seats(waiting=3, waiting_per_address=2)
    made.enter("a")
    first = made.enter("a")
    with pytest.raises(BusyError):
        made.enter("a")
    made.enter("b")
    with pytest.raises(BusyError):
        made.enter("c")
    first.leave()
    made.enter("c")


def test_one_person_does_not_take_the_places_of_another() -> None:
    made = seats()
    for _ in range(2):
        made.enter("a").take(person("ann"))
    third = made.enter("a")
    with pytest.raises(BusyError, match="One person"):
        third.take(person("ann"))
    third.take(person("bob"))
    fourth = made.enter("a")
    with pytest.raises(BusyError, match="All 3"):
        fourth.take(person("eve"))
    third.leave()
    fourth.take(person("eve"))


def test_whoever_is_at_this_machine_takes_all_of_them() -> None:
    made = seats()
    for _ in range(3):
        made.enter("a").take(LOCAL)
    with pytest.raises(BusyError):
        made.enter("a").take(LOCAL)


def test_nothing_is_kept_of_who_has_left() -> None:
    made = seats()
    known, waiting = made.enter("a"), made.enter("b")
    known.take(person("ann"))
    assert (dict(made.waiting), dict(made.people)) == ({"b": 1}, {"ann": 1})
    known.leave()
    waiting.leave()
    assert not made.waiting
    assert not made.people
