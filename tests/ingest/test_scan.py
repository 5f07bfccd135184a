"""Which of two rows with one id counts does not depend on the order of the rows."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from tempfile import TemporaryDirectory

from hypothesis import given, settings
from hypothesis import strategies as st

from graph.domain.enums import OutcomeKind
from ingest.record import IncomingComplaint, IncomingDecision, Rejected, Row
from ingest.scan import scanning


@dataclass
class Listed:
    """A source from a list."""

    contents: Sequence[IncomingComplaint | Rejected]
    system: str = "test"
    path: Path = Path("list")

    def rows(self) -> Iterator[Row]:
        for line, content in enumerate(self.contents, start=1):
            yield Row(line, content)

    def fingerprint(self) -> str:
        return "list"


complaints = st.builds(
    IncomingComplaint,
    source_system=st.just("test"),
    source_id=st.sampled_from(["1", "2", "3", None]),
    received_at=st.sampled_from([date(2025, 1, 1), date(2025, 2, 1)]),
    narrative=st.sampled_from(["a", "b", None]),
    decisions=st.sampled_from([(), (IncomingDecision(OutcomeKind.UPHELD, at=date(2025, 3, 1)),)]),
)


def counted(contents: Sequence[IncomingComplaint | Rejected]) -> tuple[set[str], str]:
    """The rows that count, and the file's fingerprint."""
    source = Listed(contents)
    with TemporaryDirectory() as folder, scanning(Path(folder)) as scan:
        scan.read(source)
        assert scan.rows == len(contents)
        kept = {
            repr(row.content) + str(row.content.narrative)
            for row in source.rows()
            if isinstance(row.content, IncomingComplaint)
            and scan.overruled(row, row.content) is None
        }
        return kept, scan.fingerprint


@settings(max_examples=60, deadline=None)
@given(rows=st.lists(complaints, max_size=8), data=st.data())
def test_every_order_of_the_rows_gives_the_same_import(
    rows: list[IncomingComplaint], data: st.DataObject
) -> None:
    shuffled = data.draw(st.permutations(rows))
    assert counted(rows) == counted(shuffled)


def test_of_two_versions_the_decided_one_counts_and_the_other_says_so() -> None:
    decided = IncomingDecision(OutcomeKind.UPHELD, at=date(2025, 3, 1))
    first = IncomingComplaint("test", "7", date(2025, 1, 1), narrative="x", decisions=(decided,))
    second = IncomingComplaint("test", "7", date(2025, 1, 1), narrative="x")
    source = Listed([second, first])
    with TemporaryDirectory() as folder, scanning(Path(folder)) as scan:
        scan.read(source)
        verdicts = [scan.overruled(row, row.content) for row in source.rows()]  # type: ignore[arg-type]
    assert verdicts[1] is None
    assert verdicts[0] == Rejected(
        1, "sourceId", "Line 2 has the same id with other content, and counts."
    )
