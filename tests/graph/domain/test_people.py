"""Who is one person: by shared identifiers, and by what people have recorded."""

from random import Random

from hypothesis import given
from hypothesis import strategies as st

from graph.domain.people import Filed, People, customer_id, people_behind, sort_people


def groups(people: People) -> set[frozenset[str]]:
    return {group.complaints for group in people.groups}


def filed(complaint: str, *identifiers: str, record: str | None = None) -> Filed:
    return Filed(complaint, frozenset(identifiers), record)


def test_a_shared_identifier_joins_and_one_of_too_many_does_not() -> None:
    filings = [filed("a", "M", "X"), filed("b", "M"), filed("c", "X"), filed("d", "Y", "M")]
    assert groups(sort_people(filings, (), ())) == {frozenset("abcd")}
    apart = sort_people(filings, {"M"}, ())
    assert groups(apart) == {frozenset("ac"), frozenset("d")}
    assert "M" not in apart.leads


def test_what_leads_to_two_people_leads_to_neither() -> None:
    filings = [
        filed("a", "M", "X", record="p"),
        filed("b", "M", record="p"),
        filed("c", "M", "Y", record="q"),
    ]
    later = [filed("d", "M"), filed("e", "M", "Y"), filed("f", "X", "Y"), filed("g", "M", "Z")]
    found = sort_people([*filings, *later], (), {frozenset("pq")})
    assert groups(found) == {frozenset("ab"), frozenset("ce"), frozenset("g")}
    assert {group.complaints for group in found.leads["M"]} == {frozenset("ab"), frozenset("ce")}


def test_records_join_whom_nothing_else_does() -> None:
    filings = [filed("a", "X", record="p"), filed("b", "Y", record="p"), filed("c", "Y")]
    found = sort_people(filings, (), ())
    assert groups(found) == {frozenset("abc")}
    keys = {"X": "2", "Y": "1"}
    assert customer_id(found.groups[0], keys, {"p": "0"}) == "1"


def test_a_person_without_an_identifier_of_his_own_has_the_id_of_the_record() -> None:
    filings = [filed("a", "M", record="p"), filed("b", "M", record="q")]
    found = sort_people(filings, (), {frozenset("pq")})
    assert sorted(customer_id(group, {}, {"p": "1", "q": "2"}) for group in found.groups) == [
        "1",
        "2",
    ]


def test_several_accounts_and_telephones_are_one_person_several_identity_numbers_are_not() -> None:
    assert people_behind({"ACCOUNT": "abcdef", "MOBILE": "abc"}) == 1
    assert people_behind({"ID_NUMBER": "abcd"}) == 4
    assert people_behind({}) == 1


@given(
    st.lists(
        st.tuples(
            st.sets(st.sampled_from("UVWXYZ"), max_size=3), st.sampled_from([None, "p", "q"])
        ),
        max_size=9,
    ),
    st.sets(st.sampled_from("UVWXYZ"), max_size=2),
    st.booleans(),
    st.integers(0, 99),
)
def test_it_does_not_depend_on_the_order_and_apart_stays_apart(
    rows: list[tuple[set[str], str | None]], shared: set[str], apart: bool, seed: int
) -> None:
    filings = [filed(str(n), *ids, record=record) for n, (ids, record) in enumerate(rows)]
    pairs = {frozenset("pq")} if apart else set()
    found = sort_people(filings, shared, pairs)
    shuffled = Random(seed).sample(filings, len(filings))
    again = sort_people(shuffled, shared, pairs)
    assert groups(again) == groups(found)
    assert {k: {g.complaints for g in v} for k, v in again.leads.items()} == {
        k: {g.complaints for g in v} for k, v in found.leads.items()
    }
    for record in "pq":
        of = {f.complaint for f in filings if f.record == record}
        assert not of or any(of <= group for group in groups(found))
    if apart:
        assert not any({"p", "q"} <= group.records for group in found.groups)
    for group in found.groups:
        for filing in filings:
            for identifier in filing.identifiers - shared:
                leads = found.leads.get(identifier, frozenset())
                if len(leads) == 1 and filing.complaint in group.complaints:
                    assert leads == {group}
