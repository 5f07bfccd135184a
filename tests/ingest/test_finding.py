"""What is typed into the one box, on a corpus by somebody who had not read the rule."""

import re
from pathlib import Path

import pytest

from graph.domain.copies import reference_key
from graph.domain.enums import IdentifierKind
from graph.domain.identity import Keyring
from ingest.finding import LONGEST_NUMBER, sought
from ingest.masking import normalise_identifier

_FILE = Path(__file__).parent / "masking" / "corpus" / "lookups.tsv"
_LINES = [line.split("\t") for line in _FILE.read_text("utf-8").split("\n")[1:] if line]
ROWS = [
    (typed.replace("\\n", "\n").replace("\\t", "\t"), means, canonical)
    for typed, means, canonical, *_ in _LINES
]
REFERENCES = {
    reference_key(each)
    for _, means, canonical in ROWS
    if means.startswith("REFERENCE")
    for each in canonical.split()
}


@pytest.mark.parametrize(("typed", "means", "canonical"), ROWS)
def test_what_a_text_means_is_among_what_is_looked_up(
    typed: str, means: str, canonical: str
) -> None:
    what = sought(typed)
    match means:
        case "CUSTOMER_NUMBER":
            forms = {(kind, normalise_identifier(kind, canonical)) for kind in IdentifierKind}
            assert forms & set(what.identifiers)
        case "PART_OF_REFERENCE":
            assert what.part == reference_key(canonical)
        case "SENTENCE":
            assert not REFERENCES & set(what.references)
            assert {kind for kind, _ in what.identifiers} <= {IdentifierKind.SOURCE_ID}
        case _:
            assert {reference_key(each) for each in re.split(r"[\s;,]+", canonical)} <= set(
                what.references
            )


def test_a_sources_own_ids_are_looked_for_in_every_system() -> None:
    keyring = Keyring(b"k" * 32)
    hashes = sought("C-7041").hashes(keyring, ["crm", "core"])
    for system in ("crm", "core"):
        assert keyring.identifier(IdentifierKind.SOURCE_ID, f"{system}:C-7041") in hashes


def test_a_long_text_is_searched_but_for_the_references_in_it() -> None:
    text = "同一客户再次来电投诉扣费 BANK-17 " + "x" * LONGEST_NUMBER + " 13900720418"
    assert sought(text).identifiers == ()
    assert "BANK17" in sought(text).references
