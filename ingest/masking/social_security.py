"""Social security numbers of the United States: ``123-45-6789``, or nine digits after SSN."""

import re

from stdnum.us import ssn

from graph.domain.placeholders import MaskKind
from ingest.masking.labels import Label
from ingest.masking.reading import Reading, Span

_NUMBER = re.compile(r"\d{3}(?P<gap>[ \-.]?)\d{2}(?P=gap)\d{4}(?!\d)")


def at(reading: Reading, start: int) -> Span | None:
    """The number that starts at the digit ``start``."""
    match = _NUMBER.match(reading.folded, start)
    if match is None:
        return None
    label = reading.label(start)
    named = label is not None and label.label in {Label.SOCIAL_SECURITY, Label.ID}
    written_as_one = match["gap"] == "-" and ssn.is_valid(match[0])
    if not named and (not written_as_one or reading.is_order(start, match.end())):
        return None
    return Span(start, match.end(), MaskKind.SOCIAL_SECURITY)
