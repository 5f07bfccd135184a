"""Clusters keep their ids over fits, by their members."""

from hypothesis import given
from hypothesis import strategies as st

from graph.domain.clusters import DescentKind, lineage


def _members(prefix: str, count: int) -> list[str]:
    return [f"{prefix}{n}" for n in range(count)]


def test_a_cluster_that_grows_keeps_its_id() -> None:
    old = dict.fromkeys(_members("a", 10), "A")
    found = lineage("s", [_members("a", 14)], old)
    assert (found.ids, found.descents, found.ended) == (("A",), (), frozenset())


def test_a_split_is_on_record_and_the_larger_part_keeps_the_id() -> None:
    old = dict.fromkeys(_members("a", 20), "A")
    every = _members("a", 20)
    found = lineage("s", [every[:8], every[8:]], old)
    assert found.ids[1] == "A"
    descent = found.descents[0]
    assert (descent.cluster, descent.came_from) == (found.ids[0], "A")
    assert (descent.kind, descent.members) == (DescentKind.SPLIT, 8)


def test_a_merger_is_on_record_and_the_smaller_one_ends() -> None:
    old = dict.fromkeys(_members("a", 20), "A") | dict.fromkeys(_members("b", 9), "B")
    found = lineage("s", [[*_members("a", 20), *_members("b", 9)]], old)
    assert found.ids == ("A",)
    assert found.ended == {"B"}
    assert [(d.came_from, d.kind, d.members) for d in found.descents] == [
        ("B", DescentKind.MERGE, 9)
    ]


def test_what_is_left_of_a_cluster_in_small_part_is_another_one() -> None:
    old = dict.fromkeys(_members("a", 100), "A")
    found = lineage("s", [[*_members("a", 10), *_members("new", 50)]], old)
    assert found.ids[0] != "A"
    assert found.ended == {"A"}


def test_an_id_is_never_given_twice() -> None:
    first = lineage("s", [_members("a", 6)], {}).ids[0]
    assert lineage("s", [_members("a", 6)], {}, taken=[first]).ids[0] != first


_OLD = st.dictionaries(st.sampled_from(_members("c", 40)), st.sampled_from("ABCD"))


@given(_OLD, st.lists(st.integers(0, 4), min_size=40, max_size=40))
def test_every_cluster_has_an_id_of_its_own_and_every_old_one_a_fate(
    old: dict[str, str], places: list[int]
) -> None:
    groups = [
        [m for m, p in zip(_members("c", 40), places, strict=True) if p == n] for n in range(5)
    ]
    new = [group for group in groups if group]
    found = lineage("s", new, old)
    assert len(set(found.ids)) == len(new)
    assert found.kept | found.ended == set(old.values())
    assert found.kept <= set(found.ids)
