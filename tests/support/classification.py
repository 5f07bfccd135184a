"""Made-up labelled complaints about three matters, in two languages, with made-up vectors."""

import random
from datetime import UTC, datetime

import numpy as np

from graph.domain.suggestions import Dimension
from ingest.classification.features import Example
from ingest.classification.training import Labelled

NOW = datetime(2026, 6, 1, 8, 0, tzinfo=UTC)
_MATTERS = {
    "FEE_DISPUTE": ("信用卡年费没有告知就扣款", "the annual fee was charged without notice"),
    "SERVICE_PROCESS": ("贷款申请迟迟没有人处理", "the loan application waits without an answer"),
    "FRAUD": ("银行卡被陌生人盗刷消费", "a stranger used my card for unauthorised payments"),
}
_FILLERS = (
    "昨天",
    "上周",
    "many times",
    "in march",
    "柜台",
    "by phone",
    "手机银行",
    "again",
    "请核实",
)


def examples(count: int, *, noise: float = 0.0, seed: int = 1) -> list[Labelled]:
    """Complaints whose label follows from the text, but for a share of ``noise``."""
    chance = random.Random(seed)
    kinds = list(_MATTERS)
    found = []
    for number in range(count):
        kind = kinds[number % len(kinds)]
        words = [chance.choice(_MATTERS[kind]), *chance.choices(_FILLERS, k=3), str(number)]
        vector = np.random.default_rng(seed * 1_000 + number).normal(size=8)
        vector[kinds.index(kind)] += 2.0
        told = chance.choice(kinds) if chance.random() < noise else kind
        severity = "SEVERE" if kind == "FRAUD" else "MINOR"
        example = Example(" ".join(words), vector.astype(np.float32), (f"branch:{number % 4}",))
        found.append(
            Labelled(example, {Dimension.TYPE: told, Dimension.SEVERITY: severity}, number % 5 == 0)
        )
    return found
