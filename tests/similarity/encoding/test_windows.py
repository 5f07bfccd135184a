from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from similarity.encoding.windows import batches, head, spans


@given(tokens=st.integers(0, 10_000), room=st.integers(1, 600), most=st.integers(1, 8))
def test_spans_cover_the_beginning_without_gap_or_overlap(
    tokens: int, room: int, most: int
) -> None:
    ranges = spans(tokens, room, most)

    assert ranges[0][0] == 0
    assert ranges[-1][1] == min(tokens, room * most)
    assert all(before[1] == after[0] for before, after in pairwise(ranges))
    lengths = [end - start for start, end in ranges]
    assert max(lengths) <= room
    assert max(lengths) - min(lengths) <= 1
    assert len(ranges) <= most


@given(
    lengths=st.lists(st.integers(0, 500), max_size=60),
    budget=st.integers(1, 3000),
    most=st.integers(1, 20),
)
def test_batches_keep_every_window_once_and_the_budget(
    lengths: list[int], budget: int, most: int
) -> None:
    made = list(batches(lengths, budget, overhead=6, most=most))

    assert sorted(number for batch in made for number in batch) == list(range(len(lengths)))
    for batch in made:
        padded = len(batch) * (max(lengths[number] for number in batch) + 6)
        assert padded <= budget or len(batch) == 1
        assert len(batch) <= most


def test_head_bounds_what_is_tokenized() -> None:
    assert head("short", 2000) == "short"
    assert len(head("x" * 10_000_000, 2000)) == 32_000
