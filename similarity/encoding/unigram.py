"""The tokenizer of the bundled model: XLM-RoBERTa's SentencePiece unigram, in ``tokenizers``."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from similarity.encoding.packed import PackedModel

if TYPE_CHECKING:
    from tokenizers import Tokenizer

BOS, PAD, EOS, UNKNOWN, MASK = "<s>", "<pad>", "</s>", "<unk>", "<mask>"

# SentencePiece's nmt_nfkc: control characters vanish, separators and format characters are spaces,
# the full-width tilde stays as it is, the rest is NFKC.
_REMOVED = r"[\x00-\x08\x0b\x0e-\x1f\x7f\x8f\x9f]"
_SPACES = r"[\t\n\x0c\r\u1680\u200b-\u200f\u2028\u2029\u2581\ufeff\ufffd]"
_TILDE = "\uff5e"
_STAND_IN = "\ufffd"  # a space by now, so that it can stand for the tilde during NFKC


def unigram_tokenizer(model: PackedModel) -> Tokenizer:
    """Build the tokenizer from the pieces and scores of ``model``."""
    from tokenizers import AddedToken, Tokenizer, decoders, models, pre_tokenizers, processors

    tokenizer = Tokenizer(models.Unigram(model.pieces, unk_id=model.unknown))
    tokenizer.normalizer = _normalizer()
    tokenizer.pre_tokenizer = pre_tokenizers.Metaspace(prepend_scheme="always")
    tokenizer.decoder = decoders.Metaspace(prepend_scheme="always")
    tokenizer.post_processor = processors.TemplateProcessing(
        single=f"{BOS} $A {EOS}",
        pair=f"{BOS} $A {EOS} {EOS} $B {EOS}",
        special_tokens=[(BOS, model.bos), (EOS, model.eos)],
    )
    tokenizer.add_special_tokens(
        [AddedToken(token, normalized=False, special=True) for token in (BOS, PAD, EOS, UNKNOWN)]
        + [AddedToken(MASK, normalized=False, special=True, lstrip=True)]
    )
    return tokenizer


def _normalizer() -> Any:
    from tokenizers import Regex
    from tokenizers.normalizers import NFKC, Replace, Sequence

    return Sequence(
        [
            Replace(Regex(_REMOVED), ""),
            Replace(Regex(_SPACES), " "),
            Replace(_TILDE, _STAND_IN),
            NFKC(),
            Replace(_STAND_IN, _TILDE),
            Replace(Regex(" {2,}"), " "),
        ]
    )
