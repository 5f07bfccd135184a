"""The desk's address and what it lists say the same."""

from urllib.parse import parse_qsl, urlsplit

from hypothesis import given
from hypothesis import strategies as st

from api.console.listing import EVERYBODY, MINE, NOBODY, Listing
from graph.domain.enums import OPEN_STATUSES, CaseStatus, Level
from graph.queries.complaints import Order

LISTINGS = st.builds(
    Listing,
    whose=st.sampled_from([EVERYBODY, MINE, NOBODY]),
    statuses=st.lists(st.sampled_from([s.value for s in CaseStatus]), unique=True).map(tuple),
    levels=st.lists(st.sampled_from([level.value for level in Level]), unique=True).map(tuple),
    order=st.sampled_from(sorted(Order.__members__)),
)


def read(address: str) -> Listing:
    return Listing.of(parse_qsl(urlsplit(address).query))


@given(LISTINGS)
def test_an_address_is_read_back(listing: Listing) -> None:
    assert read(listing.address()) == listing


@given(LISTINGS, st.sampled_from([level.value for level in Level]))
def test_toggling_twice_is_nothing(listing: Listing, level: str) -> None:
    once = read(listing.toggled("level", level))
    assert (level in once.levels) is (level not in listing.levels)
    assert set(read(once.toggled("level", level)).levels) == set(listing.levels)


@given(st.lists(st.tuples(st.text(max_size=8), st.text(max_size=20)), max_size=6))
def test_whatever_stands_in_an_address_is_a_list(sent: list[tuple[str, str]]) -> None:
    variables = Listing.of(sent).variables("ann")
    assert set(variables["filter"]["statuses"]) <= set(CaseStatus)
    assert variables["order"] in Order.__members__


def test_without_a_status_the_open_ones_are_listed() -> None:
    assert set(Listing.of([]).variables("ann")["filter"]["statuses"]) == OPEN_STATUSES
    mine = Listing.of([("whose", "mine")]).variables("ann")["filter"]
    assert mine["assignee"] == "ann"
    assert Listing.of([("whose", "nobody")]).variables("ann")["filter"]["unassigned"] is True
