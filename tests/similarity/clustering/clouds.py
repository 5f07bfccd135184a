"""Vectors and texts of known themes."""

import numpy as np

ENGLISH = (
    "The annual fee was charged without notice and the refund was refused",
    "A debt collector calls every day about a loan that is not mine",
    "The mortgage servicer lost my escrow payment again",
)
CHINESE = (
    "信用卡年费没有提前告知就直接扣款，要求退还年费",
    "房贷提前还款申请提交后一直无人处理",
    "手机银行转账失败，资金被冻结无法到账",
)


def clouds(themes: int, each: int, seed: int, *, dimension: int = 32, noise: float = 0.12):
    """(ids, vectors, true theme) of ``themes`` x ``each`` texts around directions of their own.

    All share one strong direction, as texts of an encoder do; the second last array is its mean.
    """
    chance = np.random.default_rng(seed)
    middles = chance.normal(size=(themes, dimension))
    middles /= np.linalg.norm(middles, axis=1, keepdims=True)
    common = np.zeros(dimension)
    common[0] = 3.0
    truth = np.repeat(np.arange(themes), each)
    vectors = common + middles[truth] + chance.normal(scale=noise, size=(len(truth), dimension))
    vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
    ids = [f"c{place:05d}" for place in chance.permutation(len(truth))]
    return ids, vectors.astype(np.float32), truth, vectors.mean(axis=0).astype(np.float32)
