"""Why one complaint is alike another: the facts and words they share, and a sentence of these."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from math import floor, fsum
from typing import Protocol

from graph.domain.enums import AmountBand, FactKind, Language
from graph.domain.vocabulary import label_of
from similarity.shared_terms import shared_terms
from similarity.spaces import Likeness

#: What sharing a fact is worth among complaints without a text; all together are 1.
FACT_WORTH: Mapping[FactKind, float] = {
    FactKind.PRODUCT: 0.3,
    FactKind.ROOT_CAUSE: 0.25,
    FactKind.TYPE: 0.2,
    FactKind.BRANCH: 0.1,
    FactKind.DEPARTMENT: 0.05,
    FactKind.AMOUNT_BAND: 0.05,
    FactKind.CUSTOMER: 0.05,
}
#: Facts that a case elsewhere may be known by; see ``Scope``.
SHOWN_ELSEWHERE = frozenset({FactKind.PRODUCT, FactKind.TYPE})
#: A common wider product or branch is worth this part of the same one.
WIDER_PART = 0.5
_MOST_TERMS = 4


class Facts(Protocol):
    """What two complaints are compared by; a ``ComplaintRecord`` has it.

    ``products`` and ``branches`` hold the entry itself and the wider ones, nearest first.
    """

    @property
    def product(self) -> str | None: ...
    @property
    def products(self) -> tuple[str, ...]: ...
    @property
    def branch(self) -> str | None: ...
    @property
    def branches(self) -> tuple[str, ...]: ...
    @property
    def type(self) -> str | None: ...
    @property
    def amount_band(self) -> AmountBand | None: ...
    @property
    def departments(self) -> tuple[str, ...]: ...
    @property
    def root_causes(self) -> tuple[str, ...]: ...
    @property
    def customer(self) -> str | None: ...


@dataclass(frozen=True, slots=True)
class SharedFact:
    """``exact``: both have this very code; otherwise it is the nearest wider one they share."""

    kind: FactKind
    code: str
    exact: bool = True


#: The name that a person reads for the code of a fact.
NameOf = Callable[[SharedFact, Language], str]


@dataclass(frozen=True, slots=True)
class Explanation:
    """``semantic``: the part of random pairs that is less alike; ``lexical``: of the words.

    ``likeness``: with which pairs that was compared; None where texts were not.
    """

    semantic: float | None
    lexical: float | None
    shared_terms: tuple[str, ...]
    shared_facts: tuple[SharedFact, ...]
    likeness: Likeness | None = None

    def summary(self, language: Language, name_of: NameOf) -> str:
        """One sentence: shared facts, shared words, likeness of the texts."""
        sentence = _chinese if language is Language.ZH else _english
        return sentence(self, name_of)


def shared_facts(a: Facts, b: Facts) -> tuple[SharedFact, ...]:
    """What ``a`` and ``b`` have in common beside their texts, the most telling first.

    Of products and branches the nearest common one counts; a tree's root only if one of the two
    is the root or stands directly below it (products), or both are it (branches: everything is of
    the head office). The channel tells too little.
    """
    facts = [
        *_same(FactKind.CUSTOMER, a.customer, b.customer),
        *_nearest(FactKind.PRODUCT, a.products, b.products, below_root=2),
        *(SharedFact(FactKind.ROOT_CAUSE, c) for c in sorted({*a.root_causes} & {*b.root_causes})),
        *_same(FactKind.TYPE, a.type, b.type),
        *_nearest(FactKind.BRANCH, a.branches, b.branches, below_root=0),
        *(SharedFact(FactKind.DEPARTMENT, c) for c in sorted({*a.departments} & {*b.departments})),
        *_same(FactKind.AMOUNT_BAND, a.amount_band, b.amount_band),
    ]
    return tuple(facts)


def fact_similarity(facts: Iterable[SharedFact]) -> float:
    """How alike complaints without a text are, 0..1: the sum of what their shared facts are worth.

    Each kind counts once, a wider entry half (``FACT_WORTH``, ``WIDER_PART``).
    """
    worth: dict[FactKind, float] = {}
    for fact in facts:
        value = FACT_WORTH.get(fact.kind, 0.0) * (1.0 if fact.exact else WIDER_PART)
        worth[fact.kind] = max(value, worth.get(fact.kind, 0.0))
    return min(1.0, fsum(worth.values()))


def fact_agreement(facts: Iterable[SharedFact]) -> float:
    """Whether complaints are about the same, 0..1: half for the type, half for the product.

    A wider product that they share is half of the same one.
    """
    worth = {fact.kind: 1.0 if fact.exact else WIDER_PART for fact in facts}
    return (worth.get(FactKind.TYPE, 0.0) + worth.get(FactKind.PRODUCT, 0.0)) / 2


def _same(kind: FactKind, a: str | None, b: str | None) -> list[SharedFact]:
    return [SharedFact(kind, str(a))] if a is not None and a == b else []


def _nearest(
    kind: FactKind, a: Sequence[str], b: Sequence[str], below_root: int
) -> list[SharedFact]:
    common = next((code for code in a if code in b), None)
    if common is None:
        return []
    exact = a[0] == b[0]
    is_root = common == a[-1]
    if not exact and is_root and min(len(a), len(b)) > below_root:
        return []
    return [SharedFact(kind, common, exact)]


def _chinese(explanation: Explanation, name_of: NameOf) -> str:
    parts = []
    if explanation.shared_facts:
        parts.append("、".join(_fact_zh(fact, name_of) for fact in explanation.shared_facts))
    if explanation.shared_terms:
        parts.append("都提到" + "、".join(f"“{t}”" for t in explanation.shared_terms[:_MOST_TERMS]))
    if explanation.semantic is not None:
        parts.append(f"内容的接近程度高于{_percent(explanation.semantic)}的任意两件投诉")
    return "；".join(parts or ["没有共同的事实或关键词"]) + "。"


def _english(explanation: Explanation, name_of: NameOf) -> str:
    parts = []
    if explanation.shared_facts:
        parts.append(_listed([_fact_en(fact, name_of) for fact in explanation.shared_facts]))
    if explanation.shared_terms:
        parts.append(
            "both mention " + _listed([f"“{t}”" for t in explanation.shared_terms[:_MOST_TERMS]])
        )
    if explanation.semantic is not None:
        parts.append(f"closer in meaning than {_percent(explanation.semantic)} of random pairs")
    sentence = "; ".join(parts or ["no facts or telling words in common"])
    return sentence[0].upper() + sentence[1:] + "."


def _fact_zh(fact: SharedFact, name_of: NameOf) -> str:
    if fact.kind is FactKind.CUSTOMER:
        return label_of(fact.kind).zh
    label = label_of(fact.kind).zh
    if not fact.exact:
        label = label.replace("同一", "同属上级")
    name = name_of(fact, Language.ZH)
    return f"{label}（{name}）" if fact.kind is FactKind.AMOUNT_BAND else f"{label}「{name}」"


def _fact_en(fact: SharedFact, name_of: NameOf) -> str:
    label = label_of(fact.kind).en
    if fact.kind is FactKind.CUSTOMER:
        return label
    if not fact.exact:
        label = label.replace("same ", "same wider ")
    return f"{label} ({name_of(fact, Language.EN)})"


def _listed(parts: Sequence[str]) -> str:
    return " and ".join(filter(None, [", ".join(parts[:-1]), parts[-1]]))


def _percent(share: float) -> str:
    """Rounded down: 99.7 % of the pairs are not all of them."""
    return f"{min(99, floor(round(share * 100, 6)))}%"


__all__ = ["Explanation", "Facts", "SharedFact", "fact_similarity", "shared_facts", "shared_terms"]
