"""Which of two rows with one id counts does not depend on the order of the rows."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta, timezone
from pathlib import Path
from tempfile import TemporaryDirectory
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from graph.domain.enums import OutcomeKind
from graph.domain.moments import instant
from graph.errors import SourceError
from ingest.record import IncomingComplaint, IncomingDecision, Problem, Rejected, Row
from ingest.scan import Scan, scanning

ZONE = ZoneInfo("Asia/Shanghai")


@dataclass
class Listed:
    """A source from a list, which breaks off behind it where it is ``damaged``."""

    contents: Sequence[IncomingComplaint | Rejected]
    damaged: bool = False
    system: str = "test"
    path: Path = Path("list")
    readings: int = 0

    def rows(self) -> Iterator[Row]:
        self.readings += 1
        for line, content in enumerate(self.contents, start=1):
            raw = {"line": str(line)}
            yield Row(line, content, raw, (Problem(line, "type", "is not known", "x"),))
        if self.damaged:
            raise SourceError("The list breaks off.")

    def fingerprint(self) -> str:
        return "list"


@contextmanager
def scanned(source: Listed, zone: ZoneInfo = ZONE) -> Iterator[Scan]:
    with TemporaryDirectory() as folder:
        with scanning(Path(folder), zone) as scan:
            scan.read(source)
            yield scan
        assert list(Path(folder).iterdir()) == []


EAST, WEST = timezone(timedelta(hours=8)), timezone(timedelta(hours=-5))
times = st.sampled_from(
    [
        date(2025, 1, 1),
        date(2025, 2, 1),
        datetime(2025, 1, 1, 12, tzinfo=EAST),
        datetime(2025, 1, 1, 5, tzinfo=UTC),
        datetime(2025, 1, 1, 1, tzinfo=WEST),
    ]
)
decisions = st.one_of(
    st.just(()),
    st.builds(lambda at: (IncomingDecision(OutcomeKind.UPHELD, at=at),), st.none() | times),
)
complaints = st.builds(
    IncomingComplaint,
    source_system=st.just("test"),
    source_id=st.sampled_from(["1", "2", "3", None]),
    received_at=times,
    narrative=st.sampled_from(["a", "b", None]),
    decisions=decisions,
)


def counted(contents: Sequence[IncomingComplaint | Rejected]) -> tuple[list[Row], str]:
    """The rows that count, and the file's fingerprint."""
    with scanned(Listed(contents)) as scan:
        assert scan.rows == len(contents)
        kept = [
            row
            for row in scan.content()
            if isinstance(row.content, IncomingComplaint)
            and scan.overruled(row, row.content) is None
        ]
        return kept, scan.fingerprint


def content_of(rows: Sequence[Row]) -> set[str]:
    return {f"{row.content!r} {getattr(row.content, 'narrative', None)}" for row in rows}


@settings(max_examples=60, deadline=None)
@given(rows=st.lists(complaints, max_size=8), data=st.data())
def test_every_order_of_the_rows_gives_the_same_import(
    rows: list[IncomingComplaint], data: st.DataObject
) -> None:
    shuffled = data.draw(st.permutations(rows))
    (one, fingerprint), (two, other) = counted(rows), counted(shuffled)
    assert content_of(one) == content_of(two)
    assert fingerprint == other


def rank(item: IncomingComplaint) -> tuple[datetime, datetime]:
    never = datetime(1, 1, 1, tzinfo=UTC)
    decided = [instant(d.at, ZONE) for d in item.decisions if d.at is not None]
    return max(decided, default=never), instant(item.received_at, ZONE)


@settings(max_examples=60, deadline=None)
@given(rows=st.lists(complaints, max_size=8))
def test_of_each_id_the_row_counts_that_was_decided_and_received_last(
    rows: list[IncomingComplaint],
) -> None:
    kept = [row.content for row in counted(rows)[0]]
    for source_id in {row.source_id for row in rows} - {None}:
        best = max(rank(row) for row in rows if row.source_id == source_id)
        results = [row for row in kept if row.source_id == source_id]  # type: ignore[union-attr]
        assert results
        assert {rank(row) for row in results} == {best}  # type: ignore[arg-type]
        assert len(content_of([Row(0, row) for row in results])) == 1


PLAIN = IncomingComplaint("test", "7", date(2025, 1, 1), narrative="x")


def overruled(*rows: IncomingComplaint, zone: ZoneInfo = ZONE) -> list[Rejected | None]:
    with scanned(Listed(rows), zone) as scan:
        return [scan.overruled(row, row.content) for row in scan.content()]  # type: ignore[arg-type]


def test_of_two_versions_the_decided_one_counts_and_the_other_says_so() -> None:
    decided = IncomingDecision(OutcomeKind.UPHELD, at=date(2025, 3, 1))
    verdicts = overruled(PLAIN, replace(PLAIN, decisions=(decided,)))
    assert verdicts[1] is None
    assert verdicts[0] == Rejected(
        1, "sourceId", "another row has the same id with other content, and counts", "line 2"
    )


def test_of_several_equal_rows_the_first_is_named() -> None:
    late = replace(PLAIN, received_at=date(2025, 1, 2))
    results = overruled(PLAIN, late, late, PLAIN)
    assert [result and result.value for result in results] == ["line 2", None, None, "line 2"]
    assert [result and result.line for result in results] == [1, None, None, 4]


@pytest.mark.parametrize(
    ("earlier", "later"),
    [
        # By their texts, the earlier one would be greater.
        (datetime(2025, 1, 1, 10, tzinfo=EAST), datetime(2025, 1, 1, 3, tzinfo=UTC)),
        (datetime(2025, 1, 2, 1, tzinfo=EAST), datetime(2025, 1, 1, 23, tzinfo=WEST)),
        (datetime(2025, 1, 1, 9, tzinfo=EAST), datetime(2025, 1, 1, 9, 0, 0, 1, tzinfo=EAST)),
        (datetime(1969, 12, 31, 23, tzinfo=UTC), datetime(1970, 1, 1, 1, tzinfo=UTC)),
        # A day begins at midnight of the business zone.
        (date(2025, 1, 2), datetime(2025, 1, 1, 17, tzinfo=UTC)),
        (datetime(2025, 1, 1, 15, tzinfo=UTC), date(2025, 1, 2)),
    ],
)
def test_the_later_instant_counts_whatever_its_text(
    earlier: datetime | date, later: datetime | date
) -> None:
    received = [replace(PLAIN, received_at=at) for at in (earlier, later)]
    decided = [
        replace(PLAIN, decisions=(IncomingDecision(OutcomeKind.UPHELD, at=at),))
        for at in (earlier, later)
    ]
    for one, two in (received, decided):
        assert [result is None for result in overruled(one, two)] == [False, True]
        assert [result is None for result in overruled(two, one)] == [True, False]


def test_a_day_is_one_of_the_zone() -> None:
    rows = [
        replace(PLAIN, received_at=at)
        for at in (date(2025, 1, 2), datetime(2025, 1, 1, 17, tzinfo=UTC))
    ]
    assert [result is None for result in overruled(*rows)] == [False, True]
    utc = overruled(*rows, zone=ZoneInfo("UTC"))
    assert [result is None for result in utc] == [True, False]


def test_the_file_is_read_once_and_its_rows_come_again() -> None:
    rejected = Rejected(2, "received_at", "is missing", "张三")
    source = Listed([PLAIN, rejected, replace(PLAIN, source_id=None, narrative="\ud83d y")])
    with scanned(source) as scan:
        first, second = list(scan.content()), list(scan.content())
        assert (scan.rows, scan.damage, source.readings) == (3, None, 1)
    assert first == second == list(source.rows())
    assert [dict(row.raw) for row in first] == [{"line": "1"}, {"line": "2"}, {"line": "3"}]
    assert first[1].content == rejected
    assert first[1].warnings == (Problem(2, "type", "is not known", "x"),)


def test_the_rows_before_a_damage_count() -> None:
    with scanned(Listed([PLAIN, PLAIN], damaged=True)) as scan:
        assert (scan.rows, len(list(scan.content()))) == (2, 2)
        assert scan.damage is not None
        assert scan.damage.message == "The list breaks off."
    with pytest.raises(SourceError, match="breaks off"), scanned(Listed([], damaged=True)):
        pass
