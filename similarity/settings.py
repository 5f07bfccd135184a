"""What can be tuned about search, links and precedents."""

from dataclasses import dataclass, field

from similarity.usefulness import UsefulnessWeights


@dataclass(frozen=True, slots=True)
class SearchOptions:
    """``pool``: candidates taken from each ranking before they are fused.

    ``branch_days``: how far back and ahead a branch's like cases are looked for.
    ``same_case``: the cosine from which two decided cases count as the same case.
    ``precedent_floor``: the calibrated likeness below which nothing is called a precedent.
    """

    pool: int = 50
    fusion_k: int = 60
    branch_days: int = 180
    same_case: float = 0.96
    precedent_floor: float = 0.9
    usefulness: UsefulnessWeights = field(default_factory=UsefulnessWeights)
