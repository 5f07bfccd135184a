"""Whether words are meant: not denied, asked, taken back or overcome, and whose act it is.

Most is looked for in the clause before the words, because both languages put there who acts and
that he does not. No parser: a clause is short, and what it may hold is in ``senses.toml``.
"""

import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any

from ingest.textrules.phrases import pattern_of
from ingest.textrules.reading import clause_at, read, sentence_at

_CHINESE = re.compile(r"[\u3400-\u9fff]")


@dataclass(frozen=True, slots=True)
class Grammar:
    """What a language uses; each pattern is searched in the clause before or around the words."""

    denied: re.Pattern[str]
    rhetorical: re.Pattern[str]
    asked: re.Pattern[str]
    asked_after: re.Pattern[str]
    undecided: re.Pattern[str]
    customer: re.Pattern[str]
    others: re.Pattern[str]
    named: re.Pattern[str]
    divides: re.Pattern[str]
    urged: re.Pattern[str]
    reported: re.Pattern[str]
    said: re.Pattern[str]
    speaker: re.Pattern[str]
    withdrawn: re.Pattern[str]
    not_withdrawn: re.Pattern[str]
    overcome: re.Pattern[str]

    @classmethod
    def of(cls, data: Mapping[str, Any], *, spaced: bool) -> "Grammar":
        gap = r"\s{1,3}" if spaced else r"\s{0,2}"

        def listed(name: str) -> str:
            return pattern_of([read(phrase) for phrase in data[name]], {})

        fillers = f"(?:{listed('fillers')}{gap}){{0,6}}"
        objects = f"(?<!{')(?<!'.join(map(re.escape, data['object_marks']))})"
        return cls(
            denied=re.compile(f"{listed('negations')}{gap}{fillers}$"),
            rhetorical=re.compile(listed("rhetorical")),
            asked=re.compile(listed("questions")),
            asked_after=re.compile(listed("questions_after")),
            undecided=re.compile(listed("undecided")),
            customer=re.compile(listed("customer")),
            others=re.compile(f"{objects}(?:{listed('others_named')}|{listed('pronouns')})"),
            named=re.compile(objects + listed("others_named")),
            divides=re.compile(listed("divides")),
            urged=re.compile(listed("urged")),
            reported=re.compile(listed("reported")),
            said=re.compile(listed("said")),
            speaker=re.compile(listed("speaker")),
            withdrawn=re.compile(listed("withdrawn")),
            not_withdrawn=re.compile(listed("not_withdrawn")),
            overcome=re.compile(listed("overcome")),
        )


@cache
def _grammars() -> Mapping[str, Grammar]:
    data = tomllib.loads(files(__package__).joinpath("senses.toml").read_text("utf-8"))
    return {name: Grammar.of(data[name], spaced=name == "en") for name in ("zh", "en")}


def _grammar(clause: str) -> Grammar:
    return _grammars()["zh" if _CHINESE.search(clause) else "en"]


def is_denied(text: str, start: int) -> bool:
    """Whether a negation stands before the words with nothing but fillers between.

    A rhetorical question that denies affirms.
    """
    begin, end = clause_at(text, start)
    grammar = _grammar(text[begin:end])
    if not grammar.denied.search(text[begin:start]):
        return False
    return grammar.rhetorical.search(text, begin, end) is None


def is_asked(text: str, start: int, end: int) -> bool:
    """Whether it is only asked whether, how or where, or not decided.

    A rhetorical question is none.
    """
    begin, stop = sentence_at(text, start)
    grammar = _grammar(text[begin:stop])
    if grammar.undecided.search(text, begin, stop):
        return True
    if grammar.rhetorical.search(text, begin, stop):
        return False
    clause, last = clause_at(text, start)
    if grammar.asked.search(text, clause, start):
        return True
    return grammar.asked_after.search(text, end, last) is not None


def is_of_others(text: str, start: int) -> bool:
    """Whether somebody else than the customer acts: the last who is named in the clause before.

    Without anybody named it is the customer, unless the clause before says that others say so. What
    others tell the customer to do is not done. In a note (客户称他) and where somebody of the
    customer's own is named (我儿子是记者，他说), a pronoun is no other.
    """
    begin, end = clause_at(text, start)
    grammar = _grammar(text[begin:end])
    if grammar.urged.search(text, begin, start):
        return True
    for divider in grammar.divides.finditer(text, begin, start):
        begin = divider.end()
    other = max((m.start() for m in grammar.others.finditer(text, begin, start)), default=-1)
    own = max((m.end() - 1 for m in grammar.customer.finditer(text, begin, start)), default=-1)
    if other > own and grammar.speaker.search(text, sentence_at(text, start)[0], start):
        return grammar.named.search(text, begin, start) is not None
    if other >= 0 or own >= 0:
        return other > own
    sentence, _ = sentence_at(text, start)
    if grammar.reported.search(text, sentence, start):
        return True
    if grammar.speaker.search(text, sentence, start):
        return False
    return grammar.said.search(text, sentence, start) is not None


def is_withdrawn(text: str, start: int) -> bool:
    """Whether the sentence of the words, or the next, takes a threat back or tells it settled."""
    begin, stop = _two_sentences(text, start)
    grammar = _grammar(text[begin:stop])
    if grammar.not_withdrawn.search(text, begin, stop):
        return False
    return any(
        not is_denied(text, match.start())
        for match in grammar.withdrawn.finditer(text, begin, stop)
    )


def is_overcome(text: str, start: int) -> bool:
    """Whether the words are followed, in their sentence or the next, by that it is over.

    What is said after that counts again.
    """
    begin, stop = _two_sentences(text, start)
    grammar = _grammar(text[begin:stop])
    return any(
        not is_denied(text, match.start()) for match in grammar.overcome.finditer(text, start, stop)
    )


def _two_sentences(text: str, at: int) -> tuple[int, int]:
    begin, stop = sentence_at(text, at)
    return begin, sentence_at(text, stop)[1] if stop < len(text) else stop
