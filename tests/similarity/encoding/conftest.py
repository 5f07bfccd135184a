from pathlib import Path

import pytest

from tests.support.encoder import encoder

__all__ = ["encoder"]

_WORDS = [
    "[PAD]",
    "[UNK]",
    "[CLS]",
    "[SEP]",
    "card",
    "blocked",
    "fee",
    "charged",
    "twice",
    "the",
    "my",
]


@pytest.fixture(scope="session")
def tiny_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A sentence-transformers folder of another model: random, 24 dimensions, windows of 16."""
    from sentence_transformers import SentenceTransformer
    from sentence_transformers.models import Pooling, Transformer
    from transformers import BertConfig, BertModel, BertTokenizerFast

    raw = tmp_path_factory.mktemp("raw")
    (raw / "vocab.txt").write_text("\n".join(_WORDS), encoding="utf-8")
    BertTokenizerFast(str(raw / "vocab.txt"), model_max_length=16).save_pretrained(raw)
    config = BertConfig(
        vocab_size=len(_WORDS),
        hidden_size=24,
        num_hidden_layers=2,
        num_attention_heads=2,
        intermediate_size=48,
        max_position_embeddings=16,
    )
    BertModel(config).save_pretrained(raw)
    transformer = Transformer(str(raw))
    folder = tmp_path_factory.mktemp("models") / "tiny-model"
    model = SentenceTransformer(modules=[transformer, Pooling(24)], device="cpu")
    model.save(str(folder), create_model_card=False)
    return folder
