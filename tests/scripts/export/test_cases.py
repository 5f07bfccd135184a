"""Cases as rows: page by page, within a reach, and without what is told of people unless asked."""

import csv
from pathlib import Path
from typing import Any

import pytest
from python_calamine import CalamineWorkbook

from graph.domain.enums import Language
from graph.errors import InvalidInputError, UnknownCodeError
from schema.exports import asking, files
from schema.exports.cases import Wanted, count_cases, write_cases
from scripts.export.asking import asking as api
from scripts.export.command import somebody
from tests.support.bank import Bank
from tests.support.graphql import ask

pytestmark = pytest.mark.graph

PERSONAL = {
    "sourceId", "assignee", "vulnerable", "customerId", "customerSegment", "customerRegion",
    "subject", "narrative", "answeredSummary",
}  # fmt: skip
ALL = """
query ($f: ComplaintFilter) { complaints(filter: $f, orderBy: RECEIVED_ASC, first: 500) { nodes {
  id reference level branch { code } narrative customer { id } } } }
"""


@pytest.fixture(autouse=True)
def small_pages(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(asking, "MOST", 7)


async def rows_of(
    bank: Bank, folder: Path, wanted: Wanted, branch: str | None = None, **arguments: Any
) -> list[dict[str, str]]:
    file = folder / "cases.csv"
    asked = api(bank.services, await somebody(bank.services, branch))
    assert await count_cases(asked, arguments) is not None
    written = await write_cases(asked, file, arguments, wanted, force=True)
    with file.open(encoding="utf-8-sig", newline="") as opened:
        rows = list(csv.DictReader(opened))
    assert written == (len(rows), len(rows[0]))
    return rows


def names_in(folder: Path) -> list[str]:
    return sorted(each.name for each in folder.iterdir())


async def all_of(bank: Bank, wanted: dict[str, Any] | None = None) -> list[dict[str, Any]]:
    return list((await ask(bank.services, ALL, f=wanted))["complaints"]["nodes"])


async def test_every_case_is_a_row_and_nobody_is_told_of(bank: Bank, tmp_path: Path) -> None:
    rows = await rows_of(bank, tmp_path, Wanted())
    cases = await all_of(bank)
    assert [row["id"] for row in rows] == [case["id"] for case in cases]
    assert PERSONAL.isdisjoint(rows[0])
    text = (tmp_path / "cases.csv").read_text("utf-8-sig")
    assert not any(case["narrative"] and case["narrative"] in text for case in cases)
    assert not any(case["customer"] and case["customer"]["id"] in text for case in cases)


async def test_what_is_told_of_people_has_to_be_asked_for(bank: Bank, tmp_path: Path) -> None:
    rows = await rows_of(bank, tmp_path, Wanted(personal=True))
    assert set(rows[0]) >= PERSONAL
    cases = await all_of(bank)
    assert [row["customerId"] for row in rows] == [
        case["customer"]["id"] if case["customer"] else "" for case in cases
    ]


async def test_a_filter_and_a_number_narrow(bank: Bank, tmp_path: Path) -> None:
    wanted = {"levels": ["GREEN"]}
    expected = [case["id"] for case in await all_of(bank, wanted)]
    rows = await rows_of(bank, tmp_path, Wanted(), filter=wanted)
    assert [row["id"] for row in rows] == expected
    rows = await rows_of(bank, tmp_path, Wanted(), first=9)
    assert len(rows) == 9


async def test_of_a_branch_are_those_that_somebody_there_sees(bank: Bank, tmp_path: Path) -> None:
    cases = await all_of(bank, {"branches": ["BJ"]})
    rows = await rows_of(bank, tmp_path, Wanted(), "BJ")
    assert [row["id"] for row in rows] == [case["id"] for case in cases]
    assert len(rows) < len(await all_of(bank))
    with pytest.raises(UnknownCodeError):
        await somebody(bank.services, "NO")


async def test_a_sheet_has_the_same_rows(
    bank: Bank, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    rows = await rows_of(bank, tmp_path, Wanted(language=Language.ZH))
    file = tmp_path / "cases.xlsx"
    await write_cases(api(bank.services), file, {}, Wanted(language=Language.ZH), force=False)
    sheet = CalamineWorkbook.from_path(str(file)).get_sheet_by_name("complaints").to_python()
    assert sheet[0] == list(rows[0])
    assert not any(name.endswith("LabelEn") for name in rows[0])
    assert [row[0] for row in sheet[1:]] == [row["id"] for row in rows]
    monkeypatch.setattr(files, "_MOST_ROWS", 10)
    with pytest.raises(InvalidInputError, match="A sheet has 10 rows"):
        await write_cases(api(bank.services), tmp_path / "y.xlsx", {}, Wanted(), force=False)
    assert names_in(tmp_path) == ["cases.csv", "cases.xlsx"]


async def test_nothing_is_a_table_too(bank: Bank, tmp_path: Path) -> None:
    file = tmp_path / "none.xlsx"
    wanted = {"filter": {"receivedFrom": "2200-01-01T00:00:00Z"}}
    total, _ = await write_cases(api(bank.services), file, wanted, Wanted(), force=False)
    assert total == 0
