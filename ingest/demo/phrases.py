"""Phrases with choices and slots: ``[a|b|]`` is one of its parts, ``{x}`` what x stands for.

Choices nest. A slot's value may be a phrase itself. Parsed once, spelt out often.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from random import Random
from typing import TypeAlias


@dataclass(frozen=True, slots=True)
class Slot:
    name: str


@dataclass(frozen=True, slots=True)
class Choice:
    options: tuple["Phrase", ...]


Phrase: TypeAlias = tuple[str | Slot | Choice, ...]
#: What slots stand for: a text, a phrase, or something that gives a text anew each time.
Slots: TypeAlias = Mapping[str, str | Phrase | Callable[[], str]]


def parse(template: str) -> Phrase:
    """The phrase that a template describes.

    Raises:
        ValueError: brackets that do not match.
    """
    phrase, end = _sequence(template, 0, nested=False)
    if end != len(template):
        raise ValueError(f"unexpected {template[end]!r} at {end} in {template!r}")
    return phrase


def parse_all(templates: Sequence[str]) -> tuple[Phrase, ...]:
    return tuple(parse(template) for template in templates)


def _sequence(template: str, start: int, *, nested: bool) -> tuple[Phrase, int]:
    parts: list[str | Slot | Choice] = []
    at = start
    while at < len(template):
        character = template[at]
        if character == "[":
            choice, at = _choice(template, at)
            parts.append(choice)
        elif character == "{":
            end = template.index("}", at)
            parts.append(Slot(template[at + 1 : end]))
            at = end + 1
        elif character == "]" or (character == "|" and nested):
            break
        else:
            end = at + 1
            while end < len(template) and template[end] not in "[]{|":
                end += 1
            parts.append(template[at:end])
            at = end
    return tuple(parts), at


def _choice(template: str, start: int) -> tuple[Choice, int]:
    options: list[Phrase] = []
    at = start
    while True:
        option, at = _sequence(template, at + 1, nested=True)
        options.append(option)
        if at >= len(template):
            raise ValueError(f"a bracket is not closed in {template!r}")
        if template[at] == "]":
            return Choice(tuple(options)), at + 1


def spell(phrase: Phrase, random: Random, slots: Slots) -> str:
    """One wording of the phrase.

    Raises:
        KeyError: a slot that is not in ``slots``.
    """
    return "".join(_pieces(phrase, random, slots))


def _pieces(phrase: Phrase, random: Random, slots: Slots) -> Iterator[str]:
    for part in phrase:
        if isinstance(part, str):
            yield part
        elif isinstance(part, Choice):
            yield from _pieces(random.choice(part.options), random, slots)
        else:
            value = slots[part.name]
            if isinstance(value, str):
                yield value
            elif isinstance(value, tuple):
                yield from _pieces(value, random, slots)
            else:
                yield value()


def slots_of(phrase: Phrase) -> frozenset[str]:
    """The names of all slots in a phrase, in whichever choice they stand."""
    names: set[str] = set()
    for part in phrase:
        if isinstance(part, Slot):
            names.add(part.name)
        elif isinstance(part, Choice):
            names.update(*(slots_of(option) for option in part.options))
    return frozenset(names)
