"""Masking: no personal data goes further than this package.

A text comes in, the same text with placeholders goes out, before anything is stored, logged or
embedded. One detector a module; ``masker`` runs them all. Uses the standard library, stdnum,
phonenumbers and jieba, and of the project only ``graph.domain``.

- ``reading``: the text as detectors see it; ``labels``: the words beside a number
- numbers: ``resident_id``, ``bank_cards``, ``phones``, ``social_security``, ``accounts``
- ``emails``, ``passports``, ``plates``, ``recognisers``, ``spoken_digits``
- ``addresses_zh``, ``addresses_en``; ``names_zh`` with ``titles_zh``, ``names_en``
- ``given``: the names and identifiers that came with the record
- ``identifiers``: one form for each identifier, for keyed hashes
"""

from graph.domain.placeholders import PLACEHOLDER, MaskKind, placeholder, placeholder_kind
from ingest.masking.identifiers import normalise_identifier, says_unknown
from ingest.masking.masker import Masked, Masker, MaskingOptions

__all__ = [
    "PLACEHOLDER",
    "MaskKind",
    "Masked",
    "Masker",
    "MaskingOptions",
    "normalise_identifier",
    "placeholder",
    "placeholder_kind",
    "says_unknown",
]
