"""Answers become rows with the same columns, whatever they hold."""

import json

import pytest
from graphql import FieldNode, InlineFragmentNode

from graph.domain.enums import Language
from schema.exports.documents import EXPORTS, Export, What
from schema.exports.rows import table

NESTED = Export(
    """{ groups { code figure { value } words
      steps { day count } compared againstBefore { ratio } narrowing { branches levels } } }""",
    frozenset({"steps"}),
)
KEYED = Export("{ spots { key { side code labelZh labelEn } count } }", keyed={"key": "side"})


def group(**changes: object) -> dict[str, object]:
    return {
        "code": "A",
        "figure": {"value": 0.5},
        "words": ["年费", "退款"],
        "steps": [{"day": "2026-01-01", "count": 1}, {"day": "2026-02-01", "count": 2}],
        "compared": "2026-01-01",
        "againstBefore": {"ratio": 1.5},
        "narrowing": {"branches": ["北京"], "levels": None},
        **changes,
    }


def test_a_row_for_each_item_of_a_list() -> None:
    found = table(NESTED, [[group()]], {})
    assert found.columns == (
        "code", "figureValue", "words", "day", "count", "compared", "againstBeforeRatio",
        "narrowing",
    )  # fmt: skip
    first, second = found.rows
    assert (first["day"], first["count"], first["code"]) == ("2026-01-01", 1, "A")
    assert (second["day"], second["count"], second["code"]) == ("2026-02-01", 2, "A")
    assert first["words"] == "年费; 退款"
    assert json.loads(str(first["narrowing"])) == {"branches": ["北京"]}
    assert (first["againstBeforeRatio"], second["againstBeforeRatio"]) == (1.5, None)


def test_what_is_not_known_is_an_empty_cell() -> None:
    unknown = group(figure=None, againstBefore=None, narrowing=None, words=[])
    (first, _) = table(NESTED, [[unknown]], {}).rows
    assert [first[name] for name in ("figureValue", "againstBeforeRatio", "narrowing")] == [
        None
    ] * 3


def test_a_group_without_items_has_no_row_and_all_columns_stay() -> None:
    found = table(NESTED, [[group(steps=[])]], {})
    assert found.rows == ()
    assert found.columns == table(NESTED, [[group()]], {}).columns


def test_pages_follow_each_other() -> None:
    found = table(NESTED, [[group(code="A")], [group(code="B")]], {})
    assert [row["code"] for row in found.rows] == ["A", "A", "B", "B"]


def test_sides_stand_beside_each_other() -> None:
    spot = {
        "key": [
            {"side": "ROOT_CAUSE", "code": "C", "labelZh": "误导", "labelEn": "mis-selling"},
            {"side": "MONTH", "code": "2026-01-01", "labelZh": "1月", "labelEn": "January"},
        ],
        "count": 7,
    }
    keys = {"key": ["ROOT_CAUSE", "BRANCH", "MONTH"]}
    found = table(KEYED, [[spot]], keys, Language.ZH)
    assert found.columns == (
        "rootCauseCode", "rootCauseLabelZh", "branchCode", "branchLabelZh",
        "monthCode", "monthLabelZh", "count",
    )  # fmt: skip
    assert list(found.rows[0].values()) == ["C", "误导", None, None, "2026-01-01", "1月", 7]


def leaves(node: FieldNode | InlineFragmentNode) -> int:
    """How many cells a field of a document makes."""
    if isinstance(node, InlineFragmentNode):
        return sum(leaves(inner) for inner in node.selection_set.selections)  # type: ignore[arg-type]
    name = node.alias.value if node.alias else node.name.value
    if node.selection_set is None:
        return 3 if name == "status" else 1  # a status gets labels
    if name in ("narrowing", "pageInfo"):
        return int(name == "narrowing")
    return sum(leaves(inner) for inner in node.selection_set.selections)  # type: ignore[arg-type]


@pytest.mark.parametrize("what", list(What))
def test_no_part_of_an_answer_hides_another(what: What) -> None:
    keys = {"key": ["TYPE"], "outcomes": ["UPHELD"]}
    columns = table(EXPORTS[what], [], keys).columns
    told_apart_by = len(EXPORTS[what].keyed)
    assert len(columns) == leaves(EXPORTS[what].root) - told_apart_by
