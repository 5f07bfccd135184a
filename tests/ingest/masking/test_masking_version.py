"""Whoever changes what is masked counts the version on, so that stored texts are read again."""

import hashlib
import json
from pathlib import Path

import pytest

from benchmarks.seeded import seeded_texts
from graph.domain.placeholders import MaskKind
from ingest.masking import Masker, MaskingOptions
from ingest.masking.masker import VERSION

KEPT = Path(__file__).parent / "masked.json"
CORPUS = Path(__file__).parent / "corpus" / "texts.jsonl"


def digest() -> str:
    """Of what masking leaves of the corpus and of seeded texts."""
    masker, kept = Masker(), hashlib.sha256()
    for line in CORPUS.read_text("utf-8").splitlines():
        kept.update(masker.mask(json.loads(line)["text"]).text.encode())
    for seeded in seeded_texts(7, 200):
        kept.update(masker.mask(seeded.text, names=seeded.names).text.encode())
    return kept.hexdigest()


def test_the_version_counts_on_with_what_is_masked() -> None:
    kept = json.loads(KEPT.read_text())
    now = {"version": VERSION, "digest": digest()}
    assert kept == now, (
        "Masking leaves other texts than it did: count ingest.masking.masker.VERSION on, and keep "
        f"{json.dumps(now)} in {KEPT.name}."
    )


@pytest.mark.parametrize(
    "options",
    [
        MaskingOptions(kinds=frozenset(MaskKind) - {MaskKind.NAME}),
        MaskingOptions(public_numbers=frozenset({"95588"})),
    ],
)
def test_other_options_are_another_version(options: MaskingOptions) -> None:
    assert Masker(options).version not in (Masker().version, str(VERSION))
    assert Masker(options).version == Masker(options).version


def test_spelling_of_a_public_number_is_the_same_version() -> None:
    spelt = [MaskingOptions(public_numbers=frozenset({n})) for n in ("400 888 1234", "4008881234")]
    assert len({Masker(options).version for options in spelt}) == 1


def test_a_label_keeps_names_and_loses_the_rest() -> None:
    masker = Masker()
    assert masker.mask_label("张伟") == "张伟"
    assert masker.mask_label("客户经理王芳") == "客户经理王芳"
    assert masker.mask_label("anna.lee") == "anna.lee"
    assert masker.mask_label("张伟 13812345678") == "张伟 [手机号]"
    assert masker.mask_label("李娜，密码Qw12345!") == "李娜，密码[认证信息]"
    assert masker.mask_label("浙江省杭州市") == "浙江省杭州市"
