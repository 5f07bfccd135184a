"""Vectors of a few texts in single precision, for other backends to be held against.

``python -m tools.reference_vectors`` encodes some of ``similarity/encoding/sample_texts.toml`` with
sentence-transformers and writes ``similarity/encoding/reference.json``. A tool for developers,
after the bundled model or those texts have changed.
"""

import json

import typer

from scripts.console import out
from similarity.encoding import load_plain, sample_languages, sample_texts
from similarity.encoding.loading import REFERENCE

_EACH = 2


def main() -> None:
    """Encode the texts anew."""
    texts = list(zip(sample_languages(), sample_texts(), strict=True))
    chosen = [
        text
        for wanted in ("zh", "en")
        for text in [text for language, text in texts if language == wanted][:_EACH]
    ]
    vectors = load_plain().encode(chosen, normalize_embeddings=True)
    rows = [
        {"text": text, "vector": [round(float(each), 5) for each in vector]}
        for text, vector in zip(chosen, vectors, strict=True)
    ]
    content = ",\n".join(json.dumps(row, ensure_ascii=False) for row in rows)
    REFERENCE.write_text(f"[\n{content}\n]\n", "utf-8")
    out.print(f"{len(chosen)} texts, {vectors.shape[1]} dimensions")


if __name__ == "__main__":
    typer.run(main)
