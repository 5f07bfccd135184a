"""Tables of figures: on a page, and as a file for a spreadsheet."""

import csv
import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from io import BytesIO, StringIO
from typing import Any, TypeAlias

from starlette.responses import Response

from api.console.asking import Visit, document
from api.console.wording import Wording, translations
from api.page_headers import HEADERS

Cell: TypeAlias = str | int | float | None

#: A spreadsheet takes a text that begins so for a formula, the full-width signs too.
_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")
_XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
#: What a sheet's name cannot be longer than.
_SHEET = 31


class Kind(StrEnum):
    TEXT = "text"
    COUNT = "count"
    DECIMAL = "decimal"
    SHARE = "share"
    PROBABILITY = "probability"
    DAY = "day"
    MOMENT = "moment"


@dataclass(frozen=True, slots=True)
class Column:
    """``heading``: in English; pages translate it. Times are as the API gives them: pages show them
    in the bank's zone, files keep them.
    """

    heading: str
    kind: Kind = Kind.TEXT

    def text(self, cell: Cell, wording: Wording) -> str:
        """A cell as people read it; a dash where there is nothing to tell."""
        if cell is None or cell == "":
            return "–"
        match self.kind:
            case Kind.COUNT:
                return wording.number(cell, 0)
            case Kind.DECIMAL:
                return wording.number(cell, 2 if abs(float(cell)) < 10 else 1)
            case Kind.SHARE:
                return wording.share(float(cell))
            case Kind.PROBABILITY:
                return f"{float(cell):.1g}"
            case Kind.DAY:
                return wording.day(str(cell))
            case Kind.MOMENT:
                return wording.moment(str(cell))
        return str(cell)


@dataclass(frozen=True, slots=True)
class Row:
    """``opens``: the address of the cases behind it; None: hidden."""

    cells: tuple[Cell, ...]
    opens: str | None = None


@dataclass(frozen=True, slots=True)
class Table:
    """``name``: of its file; ``opens``: whether rows stand on cases."""

    name: str
    columns: Sequence[Column]
    rows: Sequence[Row]
    opens: bool = True


def figure(of: Mapping[str, Any] | None) -> tuple[Cell, Cell, Cell]:
    """The value of an API's figure with its interval; nothing where there is none."""
    return (of["value"], of["low"], of["high"]) if of else (None, None, None)


def download(
    visit: Visit, tables: Sequence[Table], name: str, variables: Mapping[str, Any]
) -> Response | None:
    """The file that the address asks for; None: it asks for the page.

    ``name``: the page's document, which ``format=graphql`` gives with its variables.
    """
    asked = visit.request.query_params
    if asked.get("format") == "graphql":
        given = json.dumps(dict(variables), ensure_ascii=False, indent=1).replace("\n", "\n# ")
        text = f"{document(name)}\n# Variables:\n# {given}\n"
        return Response(text, media_type="text/plain", headers=_headers())
    write = _WRITERS.get(asked.get("format", ""))
    table = next((each for each in tables if each.name == asked.get("table")), None)
    if write is None or table is None:
        return None
    body, kind = write(table, translations(visit.language).gettext)
    file = f'attachment; filename="{table.name}.{asked["format"]}"'
    return Response(body, media_type=kind, headers=_headers({"Content-Disposition": file}))


def _headers(more: Mapping[str, str] | None = None) -> dict[str, str]:
    return {**HEADERS, "Cache-Control": "no-store", **(more or {})}


def _csv(table: Table, say: Callable[[str], str]) -> tuple[bytes, str]:
    """With a byte order mark, by which Excel knows UTF-8."""
    text = StringIO(newline="")
    writer = csv.writer(text)
    writer.writerow(say(column.heading) for column in table.columns)
    writer.writerows([_guarded(cell) for cell in row.cells] for row in table.rows)
    return text.getvalue().encode("utf-8-sig"), "text/csv; charset=utf-8"


def _guarded(cell: Cell) -> Cell:
    """An apostrophe keeps a spreadsheet from running a text as a formula."""
    return f"'{cell}" if isinstance(cell, str) and cell.startswith(_FORMULA) else cell


def _xlsx(table: Table, say: Callable[[str], str]) -> tuple[bytes, str]:
    """Texts are stored as texts, which no spreadsheet runs."""
    from xlsxwriter import Workbook

    content = BytesIO()
    with Workbook(content, {"in_memory": True}) as book:
        sheet = book.add_worksheet(table.name[:_SHEET])
        bold = book.add_format({"bold": True})
        for place, column in enumerate(table.columns):
            sheet.write_string(0, place, say(column.heading), bold)
        for line, row in enumerate(table.rows, start=1):
            for place, cell in enumerate(row.cells):
                if isinstance(cell, str):
                    sheet.write_string(line, place, cell)
                elif cell is not None:
                    sheet.write_number(line, place, cell)
        sheet.freeze_panes(1, 0)
        sheet.autofit()
    return content.getvalue(), _XLSX


_WRITERS: Mapping[str, Callable[[Table, Callable[[str], str]], tuple[bytes, str]]] = {
    "csv": _csv,
    "xlsx": _xlsx,
}
