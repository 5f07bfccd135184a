from pathlib import Path
from typing import Any

import pytest

from tests.support.encoder import encoder

__all__ = ["encoder"]

_WORDS = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "card", "blocked", "fee", "charged"]
_WORDS += ["twice", "the", "my"]


@pytest.fixture(scope="session")
def tiny_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A sentence-transformers folder of another model: random, 24 dimensions, windows of 16."""
    from sentence_transformers import SentenceTransformer
    from sentence_transformers.base.modules import Transformer
    from sentence_transformers.sentence_transformer.modules import Pooling
    from transformers import BertConfig, BertModel

    raw = tmp_path_factory.mktemp("raw")
    _tokenizer().save_pretrained(str(raw))
    config = BertConfig(
        vocab_size=len(_WORDS),
        hidden_size=24,
        num_hidden_layers=2,
        num_attention_heads=2,
        intermediate_size=48,
        max_position_embeddings=16,
    )
    BertModel(config).save_pretrained(raw)
    folder = tmp_path_factory.mktemp("models") / "tiny-model"
    model = SentenceTransformer(modules=[Transformer(str(raw)), Pooling(24)], device="cpu")
    model.save(str(folder), create_model_card=False)
    return folder


def _tokenizer() -> Any:
    from tokenizers import Tokenizer, models, pre_tokenizers, processors
    from transformers import PreTrainedTokenizerFast

    vocabulary = {word: number for number, word in enumerate(_WORDS)}
    tokenizer = Tokenizer(models.WordLevel(vocabulary, unk_token="[UNK]"))
    tokenizer.pre_tokenizer = pre_tokenizers.Whitespace()
    tokenizer.post_processor = processors.TemplateProcessing(
        single="[CLS] $A [SEP]", special_tokens=[("[CLS]", 2), ("[SEP]", 3)]
    )
    return PreTrainedTokenizerFast(
        tokenizer_object=tokenizer,
        model_max_length=16,
        pad_token="[PAD]",
        unk_token="[UNK]",
        cls_token="[CLS]",
        sep_token="[SEP]",
    )
