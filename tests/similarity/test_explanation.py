"""Shared facts and the sentence made of them, in Chinese and English."""

from dataclasses import dataclass, replace
from itertools import combinations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from graph.domain.enums import AmountBand, FactKind, Language
from similarity.explanation import (
    FACT_WORTH,
    Explanation,
    SharedFact,
    fact_agreement,
    fact_similarity,
    shared_facts,
)

HEAD, PROVINCE, CITY = "HEAD", "P1", "C1"


@dataclass(frozen=True)
class Described:
    products: tuple[str, ...] = ()
    branches: tuple[str, ...] = ()
    type: str | None = None
    amount_band: AmountBand | None = None
    departments: tuple[str, ...] = ()
    root_causes: tuple[str, ...] = ()
    customer: str | None = None

    @property
    def product(self) -> str | None:
        return self.products[0] if self.products else None

    @property
    def branch(self) -> str | None:
        return self.branches[0] if self.branches else None


A = Described(
    products=("fee", "instalment", "card"),
    branches=("outlet-1", CITY, PROVINCE, HEAD),
    type="FEE_DISPUTE",
    amount_band=AmountBand.SMALL,
    departments=("D2", "D1"),
    root_causes=("late-notice", "system"),
    customer="u1",
)
NAMES = {
    "fee": ("分期手续费", "instalment fee"),
    "P1": ("云川省分行", "Yunchuan Province"),
    "FEE_DISPUTE": ("收费争议", "fee dispute"),
    "SMALL": ("小额", "small amount"),
}
FACTS = st.lists(
    st.builds(SharedFact, st.sampled_from(FactKind), st.sampled_from("abc"), st.booleans()),
    max_size=10,
)


def name_of(fact: SharedFact, language: Language) -> str:
    return NAMES[fact.code][language is Language.EN]


def test_the_same_facts_are_all_shared() -> None:
    facts = shared_facts(A, A)
    assert [(f.kind, f.code) for f in facts] == [
        (FactKind.CUSTOMER, "u1"),
        (FactKind.PRODUCT, "fee"),
        (FactKind.ROOT_CAUSE, "late-notice"),
        (FactKind.ROOT_CAUSE, "system"),
        (FactKind.TYPE, "FEE_DISPUTE"),
        (FactKind.BRANCH, "outlet-1"),
        (FactKind.DEPARTMENT, "D1"),
        (FactKind.DEPARTMENT, "D2"),
        (FactKind.AMOUNT_BAND, "SMALL"),
    ]
    assert all(fact.exact for fact in facts)
    assert fact_similarity(facts) == pytest.approx(1.0)


def test_nothing_known_is_nothing_shared() -> None:
    assert shared_facts(Described(), Described()) == ()
    assert shared_facts(A, Described()) == ()


@pytest.mark.parametrize(
    ("a", "b", "shared"),
    [
        (("fee", "instalment", "card"), ("rate", "instalment", "card"), ("instalment", False)),
        (("fee", "instalment", "card"), ("instalment", "card"), ("instalment", False)),
        (("instalment", "card"), ("points", "card"), ("card", False)),
        (("fee", "instalment", "card"), ("card",), ("card", False)),
        (("card",), ("card",), ("card", True)),
        (("fee", "instalment", "card"), ("miles", "points", "card"), None),
        (("fund",), ("card",), None),
    ],
)
def test_the_nearest_common_product_counts(
    a: tuple[str, ...], b: tuple[str, ...], shared: tuple[str, bool] | None
) -> None:
    for one, other in ((a, b), (b, a)):
        facts = shared_facts(Described(products=one), Described(products=other))
        assert [(f.code, f.exact) for f in facts] == ([shared] if shared else [])


@pytest.mark.parametrize(
    ("b", "shared"),
    [
        (("outlet-2", CITY, PROVINCE, HEAD), (CITY, False)),
        (("outlet-9", "C9", PROVINCE, HEAD), (PROVINCE, False)),
        (("outlet-8", "C8", "P8", HEAD), None),
        ((HEAD,), None),
    ],
)
def test_the_head_office_has_all_branches_in_common(
    b: tuple[str, ...], shared: tuple[str, bool] | None
) -> None:
    facts = shared_facts(Described(branches=A.branches), Described(branches=b))
    assert [(f.code, f.exact) for f in facts] == ([shared] if shared else [])


def test_two_complaints_about_the_head_office_share_it() -> None:
    of_head = Described(branches=(HEAD,))
    assert shared_facts(of_head, of_head) == (SharedFact(FactKind.BRANCH, HEAD),)


def test_a_wider_fact_is_worth_half() -> None:
    same = fact_similarity([SharedFact(FactKind.PRODUCT, "a")])
    assert fact_similarity([SharedFact(FactKind.PRODUCT, "a", exact=False)]) == same / 2


def test_worths_sum_to_one() -> None:
    assert sum(FACT_WORTH.values()) == pytest.approx(1.0)


@given(FACTS, FACTS)
def test_more_facts_are_never_less_alike(some: list[SharedFact], more: list[SharedFact]) -> None:
    few, many = fact_similarity(some), fact_similarity([*more, *some])
    assert 0.0 <= few <= many <= 1.0


FULL = Explanation(
    semantic=0.987,
    lexical=0.4,
    shared_terms=("提前还款", "违约金"),
    shared_facts=(
        SharedFact(FactKind.CUSTOMER, "u1"),
        SharedFact(FactKind.PRODUCT, "fee"),
        SharedFact(FactKind.TYPE, "FEE_DISPUTE"),
        SharedFact(FactKind.BRANCH, "P1", exact=False),
        SharedFact(FactKind.AMOUNT_BAND, "SMALL"),
    ),
)


def test_a_sentence_in_chinese() -> None:
    assert FULL.summary(Language.ZH, name_of) == (
        "同一客户、同一产品「分期手续费」、同一类型「收费争议」、同属上级机构「云川省分行」、"
        "金额档次相同（小额）；都提到“提前还款”、“违约金”；内容的接近程度高于98%的任意两件投诉。"
    )


def test_a_sentence_in_english() -> None:
    told = replace(FULL, shared_terms=("late fee", "refund", "branch"))
    assert told.summary(Language.EN, name_of) == (
        "Same customer, same product (instalment fee), same type (fee dispute), same wider branch "
        "(Yunchuan Province) and same amount band (small amount); both mention “late fee”, "
        "“refund” and “branch”; closer in meaning than 98% of random pairs."
    )


def test_a_sentence_of_nothing() -> None:
    nothing = Explanation(None, None, (), ())
    assert nothing.summary(Language.ZH, name_of) == "没有共同的事实或关键词。"
    assert nothing.summary(Language.EN, name_of) == "No facts or telling words in common."


def test_not_all_pairs_are_less_alike() -> None:
    assert "99%" in Explanation(1.0, None, (), ()).summary(Language.EN, name_of)
    assert "29%" in Explanation(0.29, None, (), ()).summary(Language.EN, name_of)


def test_every_part_is_told_in_both_languages() -> None:
    """Whatever is there is told, alone and beside any other part."""
    parts = {
        "shared_facts": FULL.shared_facts[1:2],
        "shared_terms": FULL.shared_terms,
        "semantic": FULL.semantic,
    }
    marks = {"shared_facts": "分期手续费", "shared_terms": "违约金", "semantic": "98%"}
    for size in (1, 2, 3):
        for names in combinations(parts, size):
            told = Explanation(
                parts["semantic"] if "semantic" in names else None,  # type: ignore[arg-type]
                None,
                parts["shared_terms"] if "shared_terms" in names else (),  # type: ignore[arg-type]
                parts["shared_facts"] if "shared_facts" in names else (),  # type: ignore[arg-type]
            )
            sentence = told.summary(Language.ZH, name_of)
            assert {n for n in parts if marks[n] in sentence} == set(names)
            assert sentence.count("。") == 1


def test_type_and_product_agree_by_half_each() -> None:
    kind, product = FactKind.TYPE, FactKind.PRODUCT
    assert fact_agreement([]) == 0
    assert fact_agreement([SharedFact(kind, "FEE"), SharedFact(FactKind.BRANCH, "BJ")]) == 0.5
    assert fact_agreement([SharedFact(product, "CARD", exact=False)]) == 0.25
    assert fact_agreement([SharedFact(kind, "FEE"), SharedFact(product, "CARD")]) == 1
