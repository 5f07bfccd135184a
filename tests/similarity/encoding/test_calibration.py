import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from graph.errors import ConfigurationError
from similarity.encoding import (
    Calibration,
    Encoder,
    calibrate,
    centre,
    sample_languages,
    sample_texts,
)
from similarity.encoding.forward import Vectors


def unit_vectors(count: int, seed: int = 1) -> Vectors:
    """Vectors in a narrow cone, as those of e5 are."""
    rows = np.random.default_rng(seed).normal(size=(count, 16)) + 2.0
    vectors: Vectors = (rows / np.linalg.norm(rows, axis=1, keepdims=True)).astype(np.float32)
    return vectors


CALIBRATION = calibrate(unit_vectors(400), seed=1)


@given(a=st.floats(-1, 1), b=st.floats(-1, 1))
def test_semantic_rises_strictly_within_0_and_1(a: float, b: float) -> None:
    low, high = CALIBRATION.semantic(min(a, b)), CALIBRATION.semantic(max(a, b))
    assert 0.0 <= low <= high <= 1.0
    if abs(a - b) > 1e-9:
        assert low < high


def test_semantic_is_the_share_of_random_pairs_below() -> None:
    vectors = unit_vectors(400, seed=2)
    cosines = (vectors @ vectors.T)[np.triu_indices(400, k=1)]
    for share in (0.1, 0.5, 0.9, 0.99, 0.999):
        cosine = float(np.quantile(cosines, share))
        assert CALIBRATION.semantic(cosine) == pytest.approx(share, abs=0.03)


def test_equal_texts_have_semantic_1() -> None:
    assert CALIBRATION.semantic(1.0) == 1.0


@given(st.floats(0, 1))
def test_cosine_undoes_semantic(semantic: float) -> None:
    assert CALIBRATION.semantic(CALIBRATION.cosine(semantic)) == pytest.approx(semantic, abs=1e-9)


def test_calibration_survives_a_list_of_floats() -> None:
    values = CALIBRATION.to_list()
    assert all(type(value) is float for value in values)
    assert Calibration.from_list(values) == CALIBRATION


@pytest.mark.parametrize(
    "values",
    [[], [0.0, 1.0, -1.0], [0.0, 1.0, 1.0, -1.0], [0.0, 0.5, 0.5, 1.0, -1.0, 0.1, 0.2, 1.0]],
)
def test_a_damaged_calibration_says_what_to_do(values: list[float]) -> None:
    with pytest.raises(ConfigurationError, match="reembed"):
        Calibration.from_list(values)


def test_copies_of_a_text_do_not_count_as_random_pairs() -> None:
    vectors = unit_vectors(200)
    assert calibrate(np.repeat(vectors, 3, axis=0), seed=1) == calibrate(vectors, seed=1)


def test_calibration_of_many_vectors_depends_on_the_seed_alone() -> None:
    vectors = unit_vectors(2500)
    assert calibrate(vectors, seed=3) == calibrate(vectors, seed=3)
    assert calibrate(vectors, seed=3) != calibrate(vectors, seed=4)


def test_calibration_takes_vectors_that_are_all_equal() -> None:
    same = calibrate(np.repeat(unit_vectors(1), 5, axis=0), seed=1)
    assert same.semantic(0.5) == pytest.approx(0.75)


def test_calibration_tells_alike_complaints_from_others(encoder: Encoder) -> None:
    vectors = encoder.encode(sample_texts()[::5])
    calibration = calibrate(vectors, 1, sample_languages()[::5])
    same, alike, other = encoder.encode(
        [
            "信用卡被盗刷了五千元，银行不赔",
            "信用卡在境外被人盗刷，银行拒绝赔付",
            "柜台排队两小时没人管",
        ]
    )
    assert calibration.semantic(float(same @ alike)) > 0.98
    assert calibration.semantic(float(same @ other)) < 0.98
    assert calibration.semantic(float(same @ same)) > 0.9999


def test_centre_is_the_mean() -> None:
    vectors = unit_vectors(50)
    assert centre(vectors).shape == (16,)
    assert np.allclose(centre(vectors), vectors.mean(axis=0), atol=1e-6)


def test_pairs_across_languages_are_left_out() -> None:
    chinese, english = unit_vectors(200, seed=5), -unit_vectors(200, seed=6)
    both = calibrate(np.vstack([chinese, english]), seed=1, languages=["zh"] * 200 + ["en"] * 200)
    assert both.cosines[1] > 0.0
    assert calibrate(np.vstack([chinese, english]), seed=1).cosines[1] < 0.0


def test_few_vectors_give_no_quantile_that_chance_decides() -> None:
    few = calibrate(unit_vectors(20), seed=1)  # 190 pairs
    assert max(few.shares[:-1]) <= 1 - 10 / 190


def test_sample_texts_are_many_and_all_different() -> None:
    texts = sample_texts()
    assert len(texts) == len(sample_languages()) >= 200
    assert len(set(texts)) == len(texts)
    assert texts == sample_texts()
    for text, language in zip(texts, sample_languages(), strict=True):
        assert any("\u4e00" <= letter <= "\u9fff" for letter in text) == (language == "zh")
    assert min(map(len, texts)) < 30
    assert max(map(len, texts)) > 500
