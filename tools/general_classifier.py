"""Learn the classifier that ships, after its passages have changed: a tool for developers.

``python -m tools.general_classifier`` encodes ``ingest/classification/shipped/passages.jsonl`` with
the bundled encoder, learns them and writes the numbers beside them.
"""

import typer

from ingest.classification.general import learn_passages, passages, ship
from scripts.console import out
from similarity.encoding import EncoderOptions, load_encoder


def main() -> None:
    """Learn the shipped passages anew."""
    encoder = load_encoder(EncoderOptions())
    classifier = learn_passages(encoder.name, encoder.encode([text for text, _ in passages()]))
    ship(classifier)
    out.print(f"{classifier.version} of {len(passages())} passages for {encoder.name}")


if __name__ == "__main__":
    typer.run(main)
