"""Nothing of a person is found in the bytes of the store, its logs or the service's logs."""

import io
import re
from collections.abc import Iterator, Sequence
from datetime import date
from pathlib import Path

import pytest
import structlog

from api.services import open_services
from api.settings import Settings
from benchmarks.seeded import SeededText, seeded_texts
from graph.domain.enums import IdentifierKind
from ingest.masking import MaskKind
from ingest.record import IncomingComplaint, IncomingCustomer, Row
from tests.support.graphql import execute

pytestmark = pytest.mark.graph

TEXTS = 500
#: What must never be found, in any of the ways in which it was written.
NEVER = {MaskKind.ID_NUMBER, MaskKind.MOBILE, MaskKind.BANK_CARD, MaskKind.EMAIL}

SEARCH = "query ($t: String!) { searchComplaints(text: $t, first: 3) { score } }"
PRECEDENTS = "query ($t: String!) { precedents(text: $t, first: 3) { score } }"
FAILS = "query ($t: String!) { searchComplaints(text: $t, filter: {types: [$t]}) { score } }"
REGISTER = """
mutation ($t: String!, $m: String!) {
  registerComplaint(input: {narrative: $t, product: $m, customer: {mobile: $m}}) {
    errors { code message } complaint { id }
  }
}
"""


class Seeded:
    """The texts as a source."""

    system = "seeded"
    path = Path("seeded")

    def __init__(self, texts: Sequence[SeededText]) -> None:
        self._texts = texts

    def rows(self) -> Iterator[Row]:
        for number, seeded in enumerate(self._texts):
            mobiles = [s.written for s in seeded.secrets if s.kind is MaskKind.MOBILE]
            customer = IncomingCustomer(
                names=seeded.names,
                identifiers=tuple((IdentifierKind.MOBILE, mobile) for mobile in mobiles[:1]),
            )
            yield Row(
                number + 1,
                IncomingComplaint(
                    self.system,
                    str(number),
                    date(2026, 1, 1 + number % 28),
                    narrative=seeded.text,
                    customer=customer,
                ),
            )

    def fingerprint(self) -> str:
        return self.system


async def test_nothing_personal_is_in_any_file(tmp_path: Path) -> None:
    texts = seeded_texts(20_261, TEXTS)
    logged = io.StringIO()
    with structlog.testing.capture_logs() as logs:
        async with open_services(Settings.load(home=tmp_path)) as services:
            report = await services.importer.run(Seeded(texts))
            assert report.loaded == TEXTS
            for seeded in texts[:8]:
                for document in (SEARCH, PRECEDENTS, FAILS):
                    result = await execute(services, document, t=seeded.text)
                    logged.write(repr(result.errors))
                secret = next((s.written for s in seeded.secrets if s.kind in NEVER), "none")
                result = await execute(services, REGISTER, t=seeded.text, m=secret)
                logged.write(repr(result.errors))
            rows = await services.database.read("MATCH (c:Complaint) RETURN c.narrative AS text")
            kept = "\n".join(row["text"] for row in rows)
    secrets = {s.written for seeded in texts for s in seeded.secrets if s.kind in NEVER}
    assert len(secrets) > TEXTS / 2
    service_logs = (repr(logs) + logged.getvalue()).encode()
    haystacks = [service_logs, *_files(tmp_path)]
    for secret in secrets:
        for encoded in (secret.encode(), secret.encode("utf-16-le")):
            assert not any(encoded in haystack for haystack in haystacks), secret
    ordinary = [value for seeded in texts for value in seeded.ordinary]
    assert sum(value in kept for value in ordinary) >= 0.99 * len(ordinary)


def _packed(data: bytes) -> bytes:
    """Without the zeros that fill unused store pages and logs: most of the bytes to search."""
    return re.sub(rb"\0{64,}", b"\0", data)


def _files(home: Path) -> list[bytes]:
    """Every file of the data folder; the store must be among them, with texts readable in it."""
    files = [_packed(path.read_bytes()) for path in home.rglob("*") if path.is_file()]
    assert any(
        "[手机号]".encode("utf-16-le") in data or "[手机号]".encode() in data for data in files
    )
    return files
