from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ingest.demo.phrases import Slots, parse, slots_of, spell

plain = st.text(alphabet="甲乙丙a b，。", max_size=6)


def all_wordings(template: str) -> set[str]:
    phrase = parse(template)
    return {spell(phrase, Random(n), {}) for n in range(60)}


def test_a_choice_is_one_of_its_options_and_may_be_empty() -> None:
    assert all_wordings("[我|本人]要[|退]钱") == {"我要钱", "本人要钱", "我要退钱", "本人要退钱"}


def test_choices_nest() -> None:
    assert all_wordings("a[b|c[d|e]]f") == {"abf", "acdf", "acef"}


def test_a_slot_may_be_a_text_a_phrase_or_something_said_anew_each_time() -> None:
    words = iter("甲乙")
    slots: Slots = {"x": "1", "y": parse("{x}[2]"), "z": lambda: next(words)}
    assert spell(parse("{x}-{y}-{z}{z}"), Random(1), slots) == "1-12-甲乙"


def test_slots_are_found_in_every_option() -> None:
    assert slots_of(parse("{a}[b|{c}[{d}|]]")) == {"a", "c", "d"}


def test_an_unknown_slot_is_an_error() -> None:
    with pytest.raises(KeyError, match="sum"):
        spell(parse("{sum}"), Random(1), {})


@pytest.mark.parametrize("template", ["[a|b", "a]b", "[a[b]", "{x"])
def test_brackets_that_do_not_match_are_refused(template: str) -> None:
    with pytest.raises(ValueError, match=r"\S"):
        parse(template)


@given(plain, st.lists(plain, min_size=1, max_size=4), plain)
def test_what_stands_outside_a_choice_stays(before: str, options: list[str], after: str) -> None:
    phrase = parse(f"{before}[{'|'.join(options)}]{after}")
    assert spell(phrase, Random(3), {}) in {f"{before}{option}{after}" for option in options}
