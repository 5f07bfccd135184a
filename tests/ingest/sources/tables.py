"""Small tables for these tests, and how to read them."""

import csv
import gzip
import io
import tomllib
import zipfile
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

from ingest.record import IncomingComplaint, Rejected, Row
from ingest.sources import Source, TableMapping, cfpb, table

ZONE = ZoneInfo("Asia/Shanghai")
NOW = datetime(2026, 1, 1, tzinfo=UTC)

CFPB_COLUMNS = (
    "Date received",
    "Product",
    "Sub-product",
    "Issue",
    "Sub-issue",
    "Consumer complaint narrative",
    "Company public response",
    "Company",
    "State",
    "ZIP code",
    "Tags",
    "Consumer consent provided?",
    "Submitted via",
    "Date sent to company",
    "Company response to consumer",
    "Timely response?",
    "Consumer disputed?",
    "Complaint ID",
)
CFPB_ROW = {
    "Date received": "2019-09-24",
    "Product": "Debt collection",
    "Sub-product": "Medical debt",
    "Issue": "Communication tactics",
    "Sub-issue": "Frequent or repeated calls",
    "Consumer complaint narrative": "They call me ten times a day at work.",
    "Company": "EXAMPLE COLLECTORS, INC.",
    "State": "FL",
    "Submitted via": "Web",
    "Date sent to company": "2019-09-25",
    "Company response to consumer": "Closed with explanation",
    "Timely response?": "Yes",
    "Complaint ID": "3384392",
}
#: The columns of the bulk CSV under the names of the API.
API_NAMES = dict(
    zip(
        CFPB_COLUMNS,
        (
            "date_received",
            "product",
            "sub_product",
            "issue",
            "sub_issue",
            "complaint_what_happened",
            "company_public_response",
            "company",
            "state",
            "zip_code",
            "tags",
            "consumer_consent_provided",
            "submitted_via",
            "date_sent_to_company",
            "company_response",
            "timely",
            "consumer_disputed",
            "complaint_id",
        ),
        strict=True,
    )
)


def cfpb_values(**changes: str) -> list[str]:
    """A row of the bulk file; changes by column, with underscores for spaces."""
    row = CFPB_ROW | {name.replace("_", " "): value for name, value in changes.items()}
    assert set(row) <= set(CFPB_COLUMNS), changes
    return [row.get(column, "") for column in CFPB_COLUMNS]


def csv_text(header: Sequence[str], rows: Iterable[Sequence[str]], **dialect: str) -> str:
    out = io.StringIO(newline="")
    writer = csv.writer(out, **({"lineterminator": "\n"} | dialect))
    writer.writerow(header)
    writer.writerows(rows)
    return out.getvalue()


def write(path: Path, content: str | bytes, encoding: str = "utf-8") -> Path:
    path.write_bytes(content if isinstance(content, bytes) else content.encode(encoding))
    return path


def write_gz(path: Path, content: str | bytes) -> Path:
    data = content if isinstance(content, bytes) else content.encode()
    return write(path, gzip.compress(data, mtime=0))


def write_zip(path: Path, members: dict[str, str | bytes]) -> Path:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in members.items():
            archive.writestr(name, content)
    return path


def mapping(toml: str) -> TableMapping:
    return TableMapping.model_validate(tomllib.loads(toml))


def read_cfpb(path: Path) -> list[Row]:
    return list(cfpb(path, ZONE, NOW).rows())


def read_table(path: Path, toml: str) -> list[Row]:
    return list(table(path, mapping(toml), ZONE, NOW).rows())


def read_with_notes(path: Path, toml: str) -> tuple[list[Row], tuple[str, ...]]:
    """The rows, and what the reading says of the file as a whole."""
    source = table(path, mapping(toml), ZONE, NOW)
    rows = list(source.rows())
    return rows, source.notes


def complaint(row: Row) -> IncomingComplaint:
    assert isinstance(row.content, IncomingComplaint), row.content
    return row.content


def rejection(row: Row) -> Rejected:
    assert isinstance(row.content, Rejected), row.content
    return row.content


def warnings(row: Row) -> list[tuple[str, str]]:
    """Field and reason of each value that was left out; all are of the row's line."""
    assert {problem.line for problem in row.warnings} <= {row.line}
    return [(problem.field, problem.reason) for problem in row.warnings]


def outline(source: Source) -> list[tuple[int, str | None]]:
    """Each row's line with its source id, or None for a rejection."""
    return [
        (row.line, None if isinstance(row.content, Rejected) else row.content.source_id)
        for row in source.rows()
    ]
