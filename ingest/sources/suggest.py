"""A first mapping of a file that nobody has described, from its headers and its values.

What it proposes is for a person to read: every line has its reason beside it. It proposes no column
for a field whose values speak against it, and none twice.
"""

import json
import re
import tomllib
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from enum import StrEnum
from functools import cache
from importlib import resources
from itertools import islice
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from graph.domain.enums import CaseStatus, IdentifierKind
from graph.errors import SourceError
from ingest.masking import normalise_identifier
from ingest.sources.amounts import AmountColumn, as_amount
from ingest.sources.mapping import DECISION_SETS, FIELD_SETS, FileKeys
from ingest.sources.opening import open_records
from ingest.sources.profile import is_count
from ingest.sources.record import Cell, FieldError, Record
from ingest.sources.suggest_file import Keys, file_keys, text_of
from ingest.sources.times import DateOrder, TimeColumn, as_time, check_time
from ingest.sources.words import Words, default_words, fold

#: Records that are looked at.
ROWS = 500
#: Shares of a column's values that speak for a field: alone, and beside the column's name.
_MOSTLY = 0.8
_ENOUGH = 0.5
#: The share of an id's values that differ, where some row stands in a file twice.
_NEARLY_ALL = 0.98
#: From so many characters on, half of a column's values are a text for people.
_LONG = 30
_SHORT = 12
_MOST_WORDS = 12
#: Of so many texts, few different ones are names of kinds.
_FEWEST_TEXTS = 50
_MOST_NAMES = 40
#: So many names of columns that are numbers are none.
_FEWEST_NUMBERS = 3
#: The rank of names that only contain one of a field's.
_BEHIND = 100
_OF_ID = re.compile(r"(?:id|cod|codigo|nr|num|numero)[ .]")
#: What stands behind the name of a kind: category name, status label.
_TAIL = re.compile(r" (?:name|label|hint|text|desc|description)$")
#: Names of columns that say yes or no of something, and not what it is.
_FLAG = re.compile(r"(?:has|is|was|can|should|needs) |(?:是否|有无|有没有)")
#: How names of numbers end, that are of the row and of nobody in it.
_ID_ENDING = re.compile(
    r"^(?!.*\b(?:customer|client|user|caller|account|merchant|agent|employee|product|branch)\b)"
    r".*(?:\bid|\bno\.?|\bnr\.?|\bnumber|\bcode|编号|单号|号码|流水号)$"
)
_WEB_ADDRESS = re.compile(r"(?:https?://|www\.)\S+")
_TEN_THOUSANDS = re.compile(r"[(（]?万元?[)）]?")
_HAN = re.compile("[\u3400-\u9fff]")
_AMOUNTS = frozenset({"amount", "compensation"})
_USUAL_CURRENCY = "CNY"
_TIMES = frozenset({"received_at", "occurred_at", "at"})
_SETS: Mapping[str, type[StrEnum]] = {**FIELD_SETS, **DECISION_SETS}

#: Between two words; scripts without spaces have none.
_WORDS = re.compile(r"\s|[\u0e00-\u0eff\u3040-\u30ff\u3400-\u9fff]")


@dataclass(slots=True)
class _Column:
    """What a column holds in the rows that are looked at."""

    name: str
    values: list[Cell] = field(default_factory=list)
    #: The numbers of the rows that these stand in.
    filled: list[int] = field(default_factory=list)
    rows: int = 0

    @property
    def texts(self) -> list[str]:
        return [text for value in self.values if (text := text_of(value))]

    def share(self, holds: Callable[[Cell], bool]) -> float:
        """The share of its values for which something holds; 0 where it has none."""
        return sum(map(holds, self.values)) / len(self.values) if self.values else 0.0


@dataclass(frozen=True, slots=True)
class _Fit:
    """A column for a field: how well its name fits (0 best), and what its values say; ``below``:
    those that divide it further, the widest first.
    """

    field: str
    column: _Column
    rank: int
    reason: str
    below: tuple[_Column, ...] = ()

    @property
    def columns(self) -> tuple[_Column, ...]:
        return (self.column, *self.below)


def suggest(path: Path, now: datetime, zone: ZoneInfo, day: date | None = None) -> str:
    """The text of a mapping for the file, with the reasons as comments; ``day``: the day of receipt
    of all rows where no column holds times.

    Raises:
        SourceError: the file cannot be read, or no column holds times and there is no ``day``.
    """
    words = default_words()
    keys, why = file_keys(path)
    columns = _columns(path, FileKeys.model_validate(keys), words)
    evidence = _Evidence(words, TimeColumn(("auto",), zone, now.astimezone(zone).year), now)
    chosen = _chosen(columns, evidence)
    if "fields.received_at" not in chosen and (day is None or not columns):
        raise SourceError(_without_times(path, columns, words))
    return "\n".join(_lines(path, keys, why, columns, chosen, evidence, day)) + "\n"


class _Evidence:
    """Whether values are of a kind."""

    def __init__(self, words: Words, times: TimeColumn, now: datetime) -> None:
        self.words = words
        self._times = times
        self._now = now

    def written(self, column: _Column) -> tuple[float, Keys]:
        """The share of values that are times, and the keys that say how they are written."""
        ways: tuple[tuple[Keys, Callable[[Cell], bool]], ...] = (
            ({}, lambda cell: self._is_time(cell, None)),
            ({"order": "DMY"}, lambda cell: self._is_time(cell, DateOrder.DMY)),
            ({"order": "MDY"}, lambda cell: self._is_time(cell, DateOrder.MDY)),
            ({"order": "YMD"}, lambda cell: self._is_time(cell, DateOrder.YMD)),
            ({"date_formats": "excel"}, lambda cell: _number_in(cell, 20_000, 60_000)),
            ({"date_formats": "unix"}, lambda cell: _number_in(cell, 10**9, 2 * 10**9)),
            ({"date_formats": "unix_ms"}, lambda cell: _number_in(cell, 10**12, 2 * 10**12)),
        )
        shares = [(column.share(holds), keys) for keys, holds in ways]
        best = max(share for share, _ in shares)
        fitting = [keys for share, keys in shares if share == best]
        # A column that shows its order itself needs no key, and one of several no guess.
        return best, fitting[0] if len(fitting) == 1 else {}

    def has_two_orders(self, column: _Column) -> bool:
        """Whether most dates may begin with the day or with the month, and none shows which."""
        plain = column.share(lambda cell: self._is_time(cell, None))
        day = column.share(lambda cell: self._is_time(cell, DateOrder.DMY))
        month = column.share(lambda cell: self._is_time(cell, DateOrder.MDY))
        return day == month > plain

    def shows_times(self, column: _Column) -> bool:
        """Whether values are times whatever the column's name is."""
        share, keys = self.written(column)
        return share >= _MOSTLY and "date_formats" not in keys and not _is_code(column)

    def _is_time(self, cell: Cell, order: DateOrder | None) -> bool:
        times = self._times
        own = TimeColumn(times.formats, times.zone, times.latest_year, order)
        text = text_of(cell)
        if not isinstance(cell, date) and (not text or isinstance(cell, float)):
            return False
        try:
            time = as_time(cell if isinstance(cell, date) else text, own, self.words)
            if time is not None:
                # An import refuses it, too.
                check_time(time, times.zone, self._now, "it")
        except FieldError:
            return False
        return time is not None

    def is_amount(self, cell: Cell) -> bool:
        column = AmountColumn(_USUAL_CURRENCY, decimal=None)
        try:
            return as_amount(text_of(cell), column, self.words) is not None
        except FieldError as error:
            return "two ways" in error.reason

    def is_member(self, kind: type[StrEnum], cell: Cell) -> bool:
        text = text_of(cell)
        return self.words.member(kind, text) is not None or self.words.says_undecided(text)

    def is_truth(self, cell: Cell) -> bool:
        return self.words.answer(text_of(cell)) is not None

    def is_identifier(self, kind: IdentifierKind, cell: Cell) -> bool:
        return normalise_identifier(kind, text_of(cell)) is not None


def _chosen(columns: Sequence[_Column], evidence: _Evidence) -> dict[str, _Fit]:
    """A column for each field: the best names first, each column once."""
    singles = [fit for column in columns for fit in _fits(column, evidence)]
    fits = [*_trees(columns, evidence), *sorted(singles, key=lambda fit: fit.rank)]
    results: dict[str, _Fit] = {}
    taken: set[str] = set()
    for fit in fits:
        names = {column.name for column in fit.columns}
        if fit.field not in results and not names & taken:
            results[fit.field] = fit
            taken |= names
    if "fields.source_id" not in results:
        ids = (c for c in columns if c.name not in taken and _is_id(c))
        if (column := next(ids, None)) is not None:
            reason = "its name ends as ids do; each value is another one"
            results["fields.source_id"] = _Fit("fields.source_id", column, 99, reason)
            taken.add(column.name)
    if "fields.received_at" not in results:
        # No complaint can do without it, and numbers alone are no times.
        free = [c for c in columns if c.name not in taken and c.values]
        times = [
            column
            for column in free
            if len(column.values) >= _MOSTLY * column.rows and evidence.shows_times(column)
        ]
        times.sort(key=_is_later)
        if times:
            others = ", ".join(_one_line(column.name) for column in times[1:4])
            reason = "the first column whose values are times" + (
                f"; so are those of {others}" if others else ""
            )
            results["fields.received_at"] = _Fit("fields.received_at", times[0], 99, reason)
            taken.add(times[0].name)
    if "fields.narrative" not in results:
        _narrative_of_subjects(fits, results)
    if "fields.narrative" not in results:
        longest = max(
            (c for c in columns if c.name not in taken and _is_prose(c)), key=_length, default=None
        )
        if longest is not None:
            reason = "the column with the longest texts"
            results["fields.narrative"] = _Fit("fields.narrative", longest, 99, reason)
    return results


def _is_id(column: _Column) -> bool:
    """Whether it is the number of a row in its system, though nobody has told its name."""
    texts = column.texts
    every = len(texts) == len(set(texts)) == column.rows
    return every and bool(_ID_ENDING.search(_plain(column.name)))


def _narrative_of_subjects(fits: Sequence[_Fit], results: dict[str, _Fit]) -> None:
    """Of two columns that may be the subject, as title and summary, the longer one is the text."""
    taken = {c.name for key, fit in results.items() if key != "fields.subject" for c in fit.columns}
    subjects = [f for f in fits if f.field == "fields.subject" and f.column.name not in taken]
    subjects.sort(key=lambda fit: -_length(fit.column))
    if len(subjects) > 1 and _is_prose(subjects[0].column):
        long, short = subjects[:2]
        reason = f"longer than {_one_line(short.column.name)}"
        results["fields.narrative"] = _Fit("fields.narrative", long.column, long.rank, reason)
        results["fields.subject"] = short


def _fits(column: _Column, evidence: _Evidence) -> Iterator[_Fit]:
    if not column.values:
        return
    name = _plain(column.name)
    for table, fields in _names().items():
        for key, names in fields.items():
            rank = _rank_of_any(name, names, whole=table == "customer")
            if rank is None and table == "customer" and key in _OF_CUSTOMERS:
                rank = _rank(_CUSTOMERS.sub("", name), names, whole=True)
            if rank is None:
                continue
            if key in _TREES and column.share(_is_number) >= _MOSTLY:
                # Names say more than the codes beside them.
                rank += 2 * _BEHIND
            reason = _values_fit(f"{table}.{key}", column, evidence)
            if reason is not None:
                yield _Fit(f"{table}.{key}", column, rank, f"its name; {reason}")
            elif key == "names" and column.share(_is_number_of_somebody) >= _MOSTLY:
                reason = "its name; its values are no names, but numbers or names of accounts"
                yield _Fit("customer.source_id", column, _BEHIND + rank, reason)


def _trees(columns: Sequence[_Column], evidence: _Evidence) -> Iterator[_Fit]:
    """Columns that divide each other, as Product and Sub-product, or 一级分类 and 二级分类."""
    families: dict[str, dict[int, _Column]] = {}
    for column in columns:
        stem, level = _level_of(_plain(column.name))
        if column.values:
            families.setdefault(stem, {}).setdefault(level, column)
    for stem, by_level in families.items():
        top, *below = (by_level[level] for level in sorted(by_level))
        key = _tree_of(stem)
        if not below or key is None:
            continue
        wide = top
        for narrow in below:
            if not _divides(narrow, wide, evidence):
                break
            wide = narrow
        else:
            reason = f"their names; {_names_in(wide)} under {_names_in(top)}"
            yield _Fit(f"fields.{key}", top, 0, reason, tuple(below))


_TREES = ("product", "branch", "departments", "causes")
#: What a column's name may begin with, which says that it is about the customer.
_CUSTOMERS = re.compile(
    r"(?:customer|client|user|consumer|caller|complainant|requester|reporter|supplied)(?:'s)? "
)
_OF_CUSTOMERS = ("id_number", "mobile", "account", "segment", "region")


def _tree_of(stem: str) -> str | None:
    """The field of a family of columns, by the name that they share."""
    names = _names()["fields"]
    fits = {
        key: rank for key in _TREES if (rank := _rank(stem, names[key], whole=False)) is not None
    }
    if not fits:
        return "causes" if any(word in stem for word in _CATEGORIES) else None
    return min(fits, key=lambda key: fits[key])


def _names_in(column: _Column) -> str:
    return f"{len(set(column.texts)):,} of {_one_line(column.name)}"


def _divides(narrow: _Column, wide: _Column, evidence: _Evidence) -> bool:
    """Whether values are names that stand where a wider one stands."""
    above = set(wide.filled)
    below = sum(row in above for row in narrow.filled)
    few = len(set(narrow.texts)) <= max(_MOST_WORDS, len(narrow.values) // 2)
    are_names = few and evidence.written(narrow)[0] < _MOSTLY and _length(narrow) < 2 * _LONG
    return are_names and below >= _MOSTLY * len(narrow.values)


#: What families of columns are called that divide the complaints themselves.
_CATEGORIES = ("分类", "类别", "问题", "诉求", "categor", "kategorie", "classification")
#: What says that a name is of a level, and of which; the last may stand at the end or alone.
_SUB = re.compile(r"(?:^|(?<=[ -]))(?P<subs>(?:(?:sub|sous|unter)[ -]*)+)(?=[^\W\d_]{4})|子(?=\w)")
_NUMBERED = re.compile(
    r"(?P<han>[一二三四五1-5])[级層层]"
    r"|\b(?:level|lvl|tier|nivel|nível|niveau|ebene|stufe|l)[ -]?(?P<n>[1-5])\b"
    r"|(?<=[^\W\d_])[ -]?(?P<end>[1-5])$"
)
_SIZED = re.compile(r"(?P<size>[大中小细])类")
#: The name alone stands below 大类: 产品大类 and 产品.
_SIZES = "大 中小细"


def _level_of(name: str) -> tuple[str, int]:
    """What a plain name is of, and at which level: sub-product is (product, 2)."""
    if match := _NUMBERED.search(name):
        written = match["han"] or match["n"] or match["end"]
        level = "一二三四五".find(written) + 1 or int(written)
    elif match := _SIZED.search(name):
        level = _SIZES.index(match["size"])
    elif match := _SUB.search(name):
        level = 1 + max(1, len(re.findall("sub|sous|unter", match["subs"] or "")))
    else:
        return name, 1
    stem = re.sub(r"\s+", " ", f"{name[: match.start()]} {name[match.end() :]}").strip(" -:>/")
    return stem or "category", level


def _rank_of_any(name: str, names: Sequence[str], *, whole: bool) -> int | None:
    """The rank of a name, or the best of those that a stroke divides: descrição/solicitação."""
    parts = dict.fromkeys((name, *(part.strip() for part in name.split("/"))))
    ranks = [r for part in parts if (r := _rank(part, names, whole=whole)) is not None]
    return min(ranks, default=None)


def _rank(name: str, names: Sequence[str], *, whole: bool) -> int | None:
    """0 for the first name of a field, more for later ones and for names that only contain one;
    ``whole``: an English name must be one of them.
    """
    if name in names:
        return names.index(name)
    if _OF_ID.match(name):
        # In id_issue and id cliente the last word is what the number is of.
        return None
    if (kind := _TAIL.sub("", name)) in names and not whole:
        return _BEHIND // 2 + names.index(kind)
    parts = [n for n, each in enumerate(names) if _contains(name, each, whole=whole)]
    return _BEHIND + parts[0] if parts else None


def _contains(name: str, part: str, *, whole: bool) -> bool:
    """Whether a name ends with the part; in Chinese, has it anywhere."""
    if not part.isascii():
        return len(part) > 1 and part in name
    return not whole and len(part) > 2 and name.endswith(f" {part}")


def _plain(name: str) -> str:
    """A column's name without brackets, signs and letter case; words apart."""
    apart = re.sub(r"(?<=[a-z])(?=[A-Z])", " ", re.sub(r"[_\s]+", " ", name))
    return fold(re.sub(r"[(（\[【].*?[)）\]】]", "", apart))


def _values_fit(name: str, column: _Column, evidence: _Evidence) -> str | None:
    """What the values say for the field; None where they speak against it."""
    texts = column.texts
    distinct = len(set(texts))
    key = name.split(".")[1]
    if key in _WORDED and _says_no_words(column, evidence):
        return None
    if key in {"received_at", "occurred_at"} or name == "decision.at":
        share, _ = evidence.written(column)
        return f"{share:.0%} of its values are times" if share >= _ENOUGH else None
    if name == "fields.source_id":
        if distinct == len(column.values) == column.rows:
            return "each value is another one"
        nearly = distinct >= _NEARLY_ALL * column.rows
        seen = f"{distinct:,} values in {column.rows:,} rows; of equal ones one counts"
        return seen if nearly else None
    if key in {"amount", "compensation"}:
        share = column.share(evidence.is_amount)
        return f"{share:.0%} of its values are amounts" if share >= _MOSTLY else None
    if key in {"vulnerable", "timely"}:
        share = column.share(evidence.is_truth)
        return f"{share:.0%} of its values are yes or no" if share >= _MOSTLY else None
    if name in {"customer.mobile", "customer.id_number", "customer.account"}:
        kind = IdentifierKind(key.upper())
        share = column.share(lambda cell: evidence.is_identifier(kind, cell))
        return f"{share:.0%} of its values are valid" if share >= _ENOUGH else None
    if key == "satisfaction":
        return "its values are 1 to 5" if set(texts) <= set("12345") else None
    if kinds := _SETS.get(key):
        known = column.share(lambda cell: evidence.is_member(kinds, cell))
        few = distinct <= _MOST_WORDS
        return f"{known:.0%} of its words are known" if few and known > 0 else None
    if key == "narrative":
        few = len(texts) >= _FEWEST_TEXTS and distinct <= max(_MOST_WORDS, len(texts) // 20)
        return "its values are texts" if _length(column) >= _SHORT and not few else None
    if key in {"type", "level"}:
        return None
    if key == "region" and column.share(lambda c: evidence.is_member(CaseStatus, c)) >= _ENOUGH:
        # A state may be that of a country or that of a case.
        return None
    if key == "names":
        share = column.share(lambda cell: not re.search(r"\d", text_of(cell)))
        return "its values have no digits" if share >= _MOSTLY else None
    if key in {"product", "branch", "departments", "causes"}:
        few = distinct <= max(_MOST_WORDS, len(texts) // 5)
        says_something = distinct > 1 or key == "branch" or len(texts) <= _MOST_WORDS
        is_name = few and says_something and evidence.written(column)[0] < _MOSTLY
        return f"{distinct:,} names in {len(texts):,} rows" if is_name else None
    return f"{distinct:,} values in {len(texts):,} rows"


#: Fields of words or texts, which no yes or no and no address is.
_WORDED = frozenset(
    {
        *_TREES,
        "subject",
        "narrative",
        "reference",
        "assignee",
        "names",
        "region",
        "segment",
        "summary",
    }
)


def _says_no_words(column: _Column, evidence: _Evidence) -> bool:
    """Whether a column of words or texts holds yes and no, or addresses of pages."""
    is_flag = bool(_FLAG.match(_plain(column.name)))
    truths = column.share(evidence.is_truth)
    return truths >= (_ENOUGH if is_flag else 1) or column.share(_is_web_address) >= _ENOUGH


def _lines(
    path: Path,
    keys: Keys,
    why: Mapping[str, str],
    columns: Sequence[_Column],
    chosen: Mapping[str, _Fit],
    evidence: _Evidence,
    day: date | None,
) -> Iterator[str]:
    rows = max((column.rows for column in columns), default=0)
    yield f"# A first mapping of {path.name}, from its headers and its first {rows:,} rows."
    yield "# Read every line; then: complaint-graph import table FILE --mapping THIS --check"
    yield f"system = {_quoted(_system(path))}  # the name of the system that the file comes from"
    if keys:
        yield "\n[file]"
        for key, value in keys.items():
            yield f"{key} = {_quoted(value)}  # {why[key]}"
    used: set[int] = set()
    for table in ("fields", "customer", "decision"):
        own = {name.split(".")[1]: fit for name, fit in chosen.items() if name.startswith(table)}
        instead: list[str] = []
        if table == "decision":
            own, instead = _decision(chosen)
        elif table == "fields" and "received_at" not in own and day is not None:
            instead = [
                "# No column holds times: the day that was given is that of all rows.",
                f'received_at = {{ constant = "{day}" }}',
            ]
        if own or table == "fields":
            yield f"\n[{table}]"
        else:
            yield from ("\n" + line for line in instead[:1])
            continue
        yield from instead
        for key, fit in own.items():
            used |= {id(column) for column in fit.columns}
            names = ", ".join(_one_line(column.name) for column in fit.columns)
            yield f"# {names}: {fit.reason}."
            yield from _unknown_words(key, fit.column, evidence)
            if key in _TIMES and evidence.has_two_orders(fit.column):
                yield "# Its dates may begin with the day or the month, and none shows which:"
                yield '# set order to "DMY" or "MDY".'
            if key in _AMOUNTS and _names_no_currency(fit.column):
                yield "# Its values name no currency: say which it is."
            yield f"{key} = {_tree(key, fit) if fit.below else _value(key, fit.column, evidence)}"
    unused = [column.name for column in columns if id(column) not in used]
    for column in columns:
        if id(column) not in used:
            yield from _unknown_set(column, chosen)
    if unused:
        yield f"\n# Not used: {', '.join(map(_one_line, unused))}."


def _decision(chosen: Mapping[str, _Fit]) -> tuple[dict[str, _Fit], list[str]]:
    """The columns of a decision, and what is said instead of the outcome where none has it."""
    own = {n.split(".")[1]: fit for n, fit in chosen.items() if n.startswith("decision.")}
    if "outcome" in own or not own:
        return own, []
    if "summary" not in own:
        names = ", ".join(_one_line(fit.column.name) for fit in own.values())
        return {}, [f"# No [decision]: {names} may be of one, but no column says its outcome."]
    return own, [
        "# No column says the outcome: an answer without a finding is EXPLAINED.",
        f"when = {_quoted(own['summary'].column.name)}",
        'outcome = { constant = "EXPLAINED" }',
        'status = "ANSWERED"',
    ]


def _unknown_words(key: str, column: _Column, evidence: _Evidence) -> Iterator[str]:
    kind = _SETS.get(key)
    if kind is None:
        return
    unknown = [word for word in dict.fromkeys(column.texts) if not evidence.is_member(kind, word)]
    if unknown:
        words = ", ".join(f'{_quoted(word)} = "?"' for word in unknown[:_MOST_WORDS])
        yield f"# Not known; say what they mean by value_map = {{ {words} }},"
        yield f"# one of {', '.join(kind)}."


def _unknown_set(column: _Column, chosen: Mapping[str, _Fit]) -> Iterator[str]:
    """How a column is used that is called like a closed set, and none of whose words is known."""
    name, words = _plain(column.name), list(dict.fromkeys(column.texts))
    if not words or len(words) > _MOST_WORDS or max(map(len, words)) > _LONG:
        return
    for table, fields in _names().items():
        for key, names in fields.items():
            kind = _SETS.get(key)
            if kind is None or name not in names or f"{table}.{key}" in chosen:
                continue
            means = ", ".join(f'{_quoted(word)} = "?"' for word in words)
            yield f"\n# {_one_line(column.name)}: its words are not known. To use it, say what they"
            yield f"# mean, one of {', '.join(kind)}, under [{table}]:"
            yield f"# {key} = {{ column = {_quoted(column.name)}, value_map = {{ {means} }} }}"
            return


def _tree(key: str, fit: _Fit) -> str:
    names = ", ".join(_quoted(column.name) for column in fit.columns)
    # A list of causes or departments is several of them, and columns are one.
    return f"{{ columns = [{names}] }}" if key in {"causes", "departments"} else f"[{names}]"


def _value(key: str, column: _Column, evidence: _Evidence) -> str:
    """What the key is set to: the column, and what has to be said of its values."""
    parts = {"column": _quoted(column.name)}
    if key in _TIMES:
        parts |= {name: _quoted(value) for name, value in evidence.written(column)[1].items()}
    if key in {"amount", "compensation"} and _TEN_THOUSANDS.search(column.name):
        parts["factor"] = "10000"
    if key in _AMOUNTS and _names_no_currency(column):
        parts["currency"] = _quoted(_USUAL_CURRENCY)
    if key in {"departments", "causes"} and any(isinstance(v, tuple) for v in column.values):
        parts["separator"] = '"any"'
    if len(parts) == 1:
        return parts["column"]
    return "{ " + ", ".join(f"{name} = {value}" for name, value in parts.items()) + " }"


def _names_no_currency(column: _Column) -> bool:
    """Whether digits are all that there is, under a name that is not Chinese."""
    return not _HAN.search(column.name) and column.share(_is_bare_number) == 1


def _is_bare_number(cell: Cell) -> bool:
    return not re.search(r"[^\d\s.,'()+-]", text_of(cell))


def _columns(path: Path, keys: FileKeys, words: Words) -> list[_Column]:
    results: dict[str, _Column] = {}
    count = 0
    with open_records(path, keys) as opened:
        for record in islice(opened.records, ROWS):
            count += record.flaw is None
            _see(record, count, results, words)
    for column in results.values():
        column.rows = count
    return list(results.values())


def _see(record: Record, row: int, columns: dict[str, _Column], words: Words) -> None:
    if record.flaw is not None:
        return
    for name, cell in record.cells.items():
        column = columns.setdefault(name, _Column(name))
        if text_of(cell) and not words.is_nothing(text_of(cell)):
            column.values.append(cell)
            column.filled.append(row)


def _is_number_of_somebody(cell: Cell) -> bool:
    """Whether it is one word with a digit in it, as A00045581."""
    return bool(re.fullmatch(r"[\w.@-]*\d[\w.@-]*", text_of(cell)))


def _is_prose(column: _Column) -> bool:
    """Whether the values are long, of several words, and hardly any twice: identifiers are not."""
    texts = column.texts
    differ = 2 * len(set(texts)) > len(texts)
    words = 2 * sum(bool(_WORDS.search(text)) for text in texts) > len(texts)
    return _length(column) >= _LONG and differ and words and column.share(_is_web_address) < _ENOUGH


def _is_web_address(cell: Cell) -> bool:
    return bool(_WEB_ADDRESS.fullmatch(text_of(cell)))


def _is_number(cell: Cell) -> bool:
    return text_of(cell).isdigit()


def _is_code(column: _Column) -> bool:
    return all(re.fullmatch(r"\d{1,8}", text) for text in column.texts)


def _number_in(cell: Cell, least: float, most: float) -> bool:
    text = text_of(cell)
    return bool(re.fullmatch(r"\d+(?:\.\d+)?", text)) and least <= float(text) <= most


def _without_times(path: Path, columns: Sequence[_Column], words: Words) -> str:
    if not columns:
        return f"{path.name} has no rows; a mapping is made of a header and of rows below it."
    counting = [
        _one_line(column.name)
        for column in columns
        if (is_count(column.name) or _plain(column.name) in words.months)
        and column.share(lambda cell: _number_in(cell, 0, 10**12)) >= _MOSTLY
    ]
    seems = f"It seems to count complaints ({', '.join(counting[:3])}). " if counting else ""
    numbers = sum(bool(re.fullmatch(r"[\d.,/: -]+", column.name)) for column in columns)
    repeated = any(column.name in column.texts for column in columns)
    if repeated or numbers >= _FEWEST_NUMBERS:
        seems = "It seems to have no header: name its columns by columns under [file]. "
    names = ", ".join(_one_line(column.name) for column in columns[:_MOST_NAMES])
    or_else = "" if seems else "; if one day holds for all rows, give it by --day"
    return (
        f"No column of {path.name} holds times of receipt in most rows. {seems}"
        f"Its columns are {names}{or_else}."
    )


def _one_line(name: str) -> str:
    return re.sub(r"\s+", " ", name)


def _length(column: _Column) -> float:
    """The median length of the column's texts; a Chinese character counts as two letters."""
    lengths = sorted(len(text.encode("gb18030", "replace")) for text in column.texts)
    return lengths[len(lengths) // 2] if lengths else 0


def _system(path: Path) -> str:
    name = re.sub(r"[^\w]+", "-", path.name.split(".")[0].lower()).strip("-")[:60]
    return name if name and name != "demo" else "import"


def _quoted(value: str | int) -> str:
    # JSON's strings are TOML's basic strings.
    return json.dumps(value, ensure_ascii=False)


def _data() -> dict[str, Any]:
    return tomllib.loads((resources.files("ingest.sources") / "suggest.toml").read_text("utf-8"))


@cache
def _parts_of_later() -> Sequence[str]:
    return [_plain(part) for part in _data()["times"]["later"]]


def _is_later(column: _Column) -> bool:
    """Whether the name of a column of times says that it is not when somebody complained."""
    name = _plain(column.name)
    return any(part in name for part in _parts_of_later())


@cache
def _names() -> Mapping[str, Mapping[str, Sequence[str]]]:
    """Names of columns by table and field, folded."""
    data = _data()
    numbered = data.pop("numbered")
    del data["times"]
    data["fields"]["source_id"] += [
        name
        for thing in numbered["things"]
        for sign in numbered["signs"]
        for name in (f"{thing} {sign}", f"{sign} {thing}")
    ]
    return {
        table: {key: [_plain(name) for name in names] for key, names in keys.items()}
        for table, keys in data.items()
    }
