"""Learning made-up matters: what is learnt, when it abstains, and on what it rests."""

import numpy as np
import pytest

from graph.domain.suggestions import Dimension
from graph.errors import InvalidInputError
from ingest.classification.confirmed import learn_all
from ingest.classification.features import Example, Features, characters, words
from ingest.classification.linear import FEWEST, NEVER
from ingest.classification.training import by_time, evaluate, train
from tests.support.classification import NOW, examples


def test_words_are_read_in_both_languages_without_what_was_masked() -> None:
    found = words(Example("年费扣款 [手机号] the annual fee XX/XX/2019", ()))
    assert {"年费", "annual", "fee", "annual fee"} <= set(found)
    assert not any("手机" in term or "XX" in term for term in found)


def test_parts_of_chinese_are_shorter_than_those_of_english() -> None:
    found = characters(Example("年费 fees", ()))
    assert {"年费", " fe", "fees"} <= set(found)


def test_rows_have_blocks_of_constant_length() -> None:
    rows = [row.example for row in examples(30)]
    features = Features.learn(rows)
    matrix = features.matrix(rows)
    assert matrix.shape == (30, features.width)
    # 1 for words, .7 for characters, .7 for facts, .7 for meaning, squared.
    lengths = np.sqrt(matrix.multiply(matrix).sum(axis=1))
    assert np.allclose(lengths, np.sqrt(1 + 3 * 0.49), atol=1e-5)


def test_what_was_learnt_is_known_again_and_rests_on_its_words() -> None:
    classifier = train(examples(90), space="tiny", now=NOW)
    asked = examples(30, seed=2)
    found = evaluate(classifier, asked)
    assert found[Dimension.TYPE].accuracy.value > 0.9
    assert set(classifier.models) == {Dimension.TYPE, Dimension.SEVERITY}
    text = "信用卡年费没有告知就扣款 by phone"
    terms = classifier.terms(text, Dimension.TYPE, "FEE_DISPUTE", "FRAUD")
    assert terms
    assert all(part in text for term in terms for part in term.split())


def test_noise_alone_is_never_accepted() -> None:
    rows = examples(120, noise=1.0)
    classifier = train(rows, space="tiny", now=NOW)
    assert classifier.models[Dimension.TYPE].threshold == NEVER
    predictions = classifier.predict([row.example for row in rows])[Dimension.TYPE]
    assert not any(prediction.accepted for prediction in predictions)
    assert all(0 <= p.best.confidence <= 1 for p in predictions)


def test_the_same_labels_give_the_same_model() -> None:
    first, second = (train(examples(60), space="tiny", now=NOW) for _ in range(2))
    assert first.version == second.version


def test_confidence_means_what_it_says() -> None:
    classifier = train(examples(240, noise=0.3), space="tiny", now=NOW)
    found = evaluate(classifier, examples(240, noise=0.3, seed=2))[Dimension.TYPE]
    assert found.accuracy.value > 0.7
    assert found.calibration_error.value < 0.15


def test_equal_texts_teach_no_confidence_in_others() -> None:
    rows = examples(60, noise=1.0)
    classifier = train([row for row in rows for _ in range(4)], space="tiny", now=NOW)
    assert classifier.models[Dimension.TYPE].threshold == NEVER


def test_a_text_without_a_known_word_is_read_by_its_meaning() -> None:
    classifier = train(examples(90), space="tiny", now=NOW)
    (known,) = examples(1, seed=2)
    (found,) = classifier.predict([Example("?", known.example.vector)])[Dimension.TYPE]
    assert found.best.value == known.values[Dimension.TYPE]
    assert classifier.terms("?", Dimension.TYPE, "FEE_DISPUTE", "FRAUD") == ()


def test_the_trial_is_on_the_newest_and_on_texts_that_were_not_learnt() -> None:
    rows = examples(50)
    older, newer = by_time([*rows, rows[0]])
    assert list(older) == rows[:41]
    assert newer == rows[41:]


def test_the_report_tells_how_good_it_is() -> None:
    classifier = learn_all(examples(120), "tiny", NOW)
    report = classifier.report["dimensions"]["TYPE"]
    assert report["labels"] == 120
    assert report["onNewest"]["accuracy"] > 0.9
    assert set(report["onNewest"]["classes"]) == {"FEE_DISPUTE", "SERVICE_PROCESS", "FRAUD"}
    assert classifier.report["dimensions"]["PRODUCT"] == {
        "labels": 0, "classesLearnt": [], "onNewest": None,
    }  # fmt: skip


@pytest.mark.parametrize("count", [0, 3 * FEWEST - 3])
def test_too_few_labels_are_told(count: int) -> None:
    few = examples(count)
    for row in few:
        row.values.pop(Dimension.SEVERITY)  # type: ignore[attr-defined]
    with pytest.raises(InvalidInputError, match="confirm or import more"):
        learn_all(few, "tiny", NOW)
