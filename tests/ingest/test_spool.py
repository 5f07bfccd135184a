"""What is written to a spool is read again, and leaves nothing behind."""

import pytest

from ingest.spool import Spool


def test_the_order_of_writing(tmp_path):
    with Spool[tuple[int, str]](tmp_path) as spool:
        for number in range(1_000):
            spool.write((number, "投诉" * number))
        assert list(spool) == [(number, "投诉" * number) for number in range(1_000)]
        assert next(iter(spool)) == (0, "")


def test_nothing_written():
    with Spool[str]() as spool:
        assert list(spool) == []


def test_its_file_has_no_name_and_is_closed(tmp_path):
    with Spool[int](tmp_path) as spool:
        spool.write(1)
        assert list(tmp_path.iterdir()) == []
    with pytest.raises(ValueError, match="closed"):
        list(spool)
