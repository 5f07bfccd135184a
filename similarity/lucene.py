"""A text as a clause of Lucene's classic query language; nothing of it is parsed as a query."""

from collections import Counter
from math import log

from similarity.analyzer import is_single
from similarity.terms import TermWeights, search_terms

FIELDS = ("narrative", "subject")
#: Two fields, and a filter beside them, stay well below the 1,024 clauses of a query.
MOST_TERMS = 150
#: A text of no more terms was typed to search; single characters in it are looked for in pairs.
SHORT = 8


def clause(text: str, weights: TermWeights, most: int = MOST_TERMS) -> str | None:
    """Alternatives that find the complaints that have a term of ``text``; None if it has no term.

    Stop words are searched too while there is room (without them MRR@10 on 17,770 questions was
    .087 instead of .089). Of more than ``most`` different terms the most telling stay: by weight
    times 1 + ln(occurrences), the earlier first among equals. (Finding the second half of 528 long
    complaints by their first: MRR@10 .909; by all terms .918, by the first 150 .884.)
    """
    counts = Counter(search_terms(text))
    terms = list(counts)
    if len(terms) > most:
        # sorted() keeps the order of equals.
        terms = sorted(terms, key=lambda t: -weights.weight(t) * (1 + log(counts[t])))[:most]
    short = len(terms) <= SHORT
    result = [
        f"{field}:{form}" for term in terms for form in _forms(term, short) for field in FIELDS
    ]
    return " OR ".join(result) or None


def _forms(term: str, short: bool) -> tuple[str, ...]:
    escaped = escape(term)
    # The index keeps neighbouring characters in pairs: 费 is found in 费用 and in 收费.
    return (f"{escaped}*", f"*{escaped}") if short and is_single(term) else (escaped,)


def escape(term: str) -> str:
    """``term`` with a backslash before whatever the query language could give a meaning."""
    return "".join(c if c.isalnum() else f"\\{c}" for c in term)
