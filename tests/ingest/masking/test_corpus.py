"""Masking by a corpus that somebody else wrote (see corpus/): what is found, and what stays."""

import json
from collections import Counter
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest

from ingest.masking import Masker

#: The least shares of spans that are gone, by kind; every secret of authentication is.
LEAST = {
    "SECRET": 1.0,
    "ID_NUMBER": 0.95,
    "ACCOUNT": 0.97,
    "PHONE": 0.93,
    "EMAIL": 0.97,
    "PLATE": 0.97,
    "SOCIAL": 0.93,
    "ADDRESS": 0.92,
    "CUSTOMER_ID": 0.85,
    "NAME": 0.80,
    "BIRTH_DATE": 0.75,
}
#: The least share of what must stay.
LEAST_KEPT = 0.985


def texts() -> Iterator[Mapping[str, Any]]:
    path = Path(__file__).with_name("corpus") / "texts.jsonl"
    yield from map(json.loads, path.read_text("utf-8").splitlines())


@pytest.fixture(scope="module")
def masked() -> list[tuple[Mapping[str, Any], str]]:
    masker = Masker()
    return [(each, masker.mask(each["text"]).text) for each in texts()]


def is_gone(span: Mapping[str, Any], each: Mapping[str, Any], text: str) -> bool:
    """Whether none of the labelled occurrences is left."""
    word = span["text"]
    if span.get("title"):
        return text.count(word) < each["text"].count(word)
    labelled = sum(other["text"] == word for other in each["spans"])
    return text.count(word) <= each["text"].count(word) - labelled


def test_what_must_not_be_readable(masked: list[tuple[Mapping[str, Any], str]]) -> None:
    total: Counter[str] = Counter()
    gone: Counter[str] = Counter()
    left = []
    for each, text in masked:
        for span in each["spans"]:
            if span.get("debatable"):
                continue
            total[span["kind"]] += 1
            if is_gone(span, each, text):
                gone[span["kind"]] += 1
            else:
                left.append((span["kind"], each["id"], span["text"]))
    assert sum(total.values()) > 700
    low = {kind for kind, least in LEAST.items() if gone[kind] < least * total[kind]}
    assert low == set(), [entry for entry in left if entry[0] in low]


def test_what_must_stay(masked: list[tuple[Mapping[str, Any], str]]) -> None:
    kept = [(word, word in text) for each, text in masked for word in each["keep"]]
    lost = [word for word, stays in kept if not stays]
    assert len(kept) > 1_000
    assert len(lost) <= (1 - LEAST_KEPT) * len(kept), lost


def test_masking_again_changes_nothing(masked: list[tuple[Mapping[str, Any], str]]) -> None:
    masker = Masker()
    changed = [(each["id"], text) for each, text in masked if masker.mask(text).text != text]
    assert changed == []


@pytest.mark.parametrize("language", ["zh", "zh-Hant", "en"])
def test_texts_without_personal_data_stay_as_they_are(
    masked: list[tuple[Mapping[str, Any], str]], language: str
) -> None:
    """Nearly all of them: names of firms and places are like people's."""
    plain = [
        (each["text"], text)
        for each, text in masked
        if not each["spans"] and each["language"] == language
    ]
    changed = [text for original, text in plain if text != original]
    assert len(changed) <= 0.13 * len(plain), changed


@pytest.mark.parametrize(
    ("text", "masked"),
    [
        ("Mr. José García called me", "Mr. [name] called me"),
        ("Ms Zoë Brontë-Müller said no", "Ms [name] said no"),
        ("持卡人:刘 洋来电", "持卡人:[姓名]来电"),
        ("经办:张三丰", "经办:[姓名]"),
        ("于方先生来电，后来于方说", "[姓名]先生来电，后来[姓名]说"),
        ("住在幸福里小区3-2-501", "住在[地址]"),
        ("建设路88号支行", "建设路88号支行"),
        ("我的密码是abc123", "我的密码是[认证信息]"),
    ],
)
def test_examples(text: str, masked: str) -> None:
    assert Masker().mask(text).text == masked
