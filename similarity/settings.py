"""What can be tuned about search, links and precedents."""

from dataclasses import dataclass, field

from similarity.usefulness import UsefulnessWeights


@dataclass(frozen=True, slots=True)
class SearchOptions:
    """``pool``: candidates taken from each ranking before they are fused.

    ``fusion_k``, ``lexical_weight``: of reciprocal rank fusion; a vector's rank weighs 1. (17,770
    finance questions, 3,392 duplicates to find: with 60 and 1 worse than vectors alone, with these
    better; both halves of the questions agree. See docs/measurements.md.)
    ``branch_days``: how far back and ahead a branch's like cases are looked for.
    ``same_case``: the cosine from which two decided cases count as the same case.
    ``precedent_floor``: the calibrated likeness below which nothing is called a precedent.
    """

    pool: int = 100
    fusion_k: int = 10
    lexical_weight: float = 0.3
    branch_days: int = 180
    same_case: float = 0.96
    precedent_floor: float = 0.9
    usefulness: UsefulnessWeights = field(default_factory=UsefulnessWeights)
