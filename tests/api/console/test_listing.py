"""The desk's address and what it lists say the same."""

from urllib.parse import parse_qsl, urlsplit

import pytest
from hypothesis import given
from hypothesis import strategies as st

from api.console import filters
from api.console.listing import (
    EVERYBODY,
    FILTER_NAMES,
    MINE,
    MOST,
    NOBODY,
    PAGE,
    Listing,
    opening,
)
from graph.domain.enums import OPEN_STATUSES, CaseStatus, Level
from graph.queries.complaints import Order
from schema.build import build_schema

KNOWN = filters.fields(build_schema()._schema)
CODES = st.lists(st.text("ABC-1", min_size=1, max_size=5), min_size=1, unique=True).map(tuple)
MORE = st.dictionaries(
    st.sampled_from(["products", "branches", "also.branches", "rootCauses"]), CODES
).map(lambda made: tuple(made.items()))
LISTINGS = st.builds(
    Listing,
    whose=st.sampled_from([EVERYBODY, MINE, NOBODY]),
    statuses=st.lists(st.sampled_from([s.value for s in CaseStatus]), unique=True).map(tuple),
    levels=st.lists(st.sampled_from([level.value for level in Level]), unique=True).map(tuple),
    order=st.sampled_from(sorted(Order.__members__)),
    more=MORE,
    rows=st.integers(PAGE, MOST),
)


def read(address: str) -> Listing:
    return Listing.of(parse_qsl(urlsplit(address).query), KNOWN)


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
    variables = Listing.of(sent, KNOWN).variables("ann", KNOWN)
    assert set(variables["filter"]["statuses"]) <= set(CaseStatus)
    assert set(variables["filter"]) <= {*KNOWN, "not"}
    assert variables["order"] in Order.__members__


def test_without_a_status_the_open_ones_are_listed() -> None:
    assert set(Listing.of([], KNOWN).variables("ann", KNOWN)["filter"]["statuses"]) == OPEN_STATUSES
    mine = Listing.of([("whose", "mine")], KNOWN).variables("ann", KNOWN)["filter"]
    assert mine["assignee"] == "ann"
    nobody = Listing.of([("whose", "nobody")], KNOWN).variables("ann", KNOWN)["filter"]
    assert nobody["unassigned"] is True


def test_fields_of_the_filter_are_taken_with_values_of_their_kind_and_no_others() -> None:
    sent = [
        ("branches", "BJ"),
        ("branches", "SH"),
        ("channels", "PHONE"),
        ("channels", "PIGEON"),
        ("duplicate", "false"),
        ("vulnerable", "perhaps"),
        ("receivedFrom", "2026-01-01T00:00:00Z"),
        ("receivedTo", "yesterday"),
        ("amountFrom", "12.50"),
        ("amountTo", "much"),
        ("also.branches", "BJ-01"),
        ("also.not", "BJ"),
        ("not", "BJ"),
        ("unassigned", "true"),
        ("password", "x"),
    ]
    assert Listing.of(sent, KNOWN).variables("ann", KNOWN)["filter"] == {
        "branches": ["BJ", "SH"],
        "channels": ["PHONE"],
        "duplicate": False,
        "receivedFrom": "2026-01-01T00:00:00Z",
        "amountFrom": "12.50",
        "not": {"not": {"branches": ["BJ-01"]}},
        "statuses": sorted(status.value for status in OPEN_STATUSES),
    }


def test_every_further_field_has_a_name() -> None:
    assert set(KNOWN) - {"statuses", "levels", "assignee", "unassigned"} == set(FILTER_NAMES)


def test_a_figure_opens_cases_of_any_status_and_within_what_was_analysed() -> None:
    narrowing = {"branches": ["HO"], "levels": ["RED"], "products": None, "duplicate": False}
    address = opening(narrowing, (("branches", ("BJ",)), ("products", ("CARD",))))
    assert address is not None
    assert read(address).variables("ann", KNOWN)["filter"] == {
        "branches": ["HO"],
        "duplicate": False,
        "levels": ["RED"],
        "products": ["CARD"],
        "not": {"not": {"branches": ["BJ"]}},
    }
    assert opening(None) is None


def test_a_list_grows_in_place_up_to_its_most_and_then_goes_on_as_another_page() -> None:
    assert read("/desk").grown(PAGE) == "/desk?rows=100"
    assert read("/desk?after=x&shown=50").grown(PAGE) == "/desk?rows=150"
    assert read(f"/desk?rows={MOST}").grown(MOST) is None
    assert read(f"/desk?after=x&shown={MOST - PAGE}").grown(PAGE) is None
    # A later page does not begin where the list begins.
    assert read("/desk?after=x").grown(PAGE) is None
    assert read("/desk?before=x").grown(PAGE) is None


@pytest.mark.parametrize(
    ("sent", "rows"),
    [("10", PAGE), ("-9", PAGE), ("9999999", PAGE), ("x", PAGE), ("200", 200), ("501", MOST)],
)
def test_a_page_has_a_number_of_rows_that_it_can_have(sent: str, rows: int) -> None:
    assert Listing.of([("rows", sent)], KNOWN).variables("ann", KNOWN)["first"] == rows
