"""What reads leave out."""

from graph.database import present


def test_what_was_removed_while_it_was_read_is_left_out() -> None:
    rows = [{"id": "a", "key": "1"}, {"id": None, "key": None}, {"id": "b", "key": None}]
    assert [row["id"] for row in present(rows)] == ["a", "b"]
    assert [row["id"] for row in present(rows, "id", "key")] == ["a"]
