"""Ways of speaking: how customers, and the agents who write for them, put things."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from itertools import accumulate
from random import Random
from typing import Any

from graph.domain.enums import Channel, Language
from ingest.demo.data import toml
from ingest.demo.people import VULNERABLE_AGE, Person
from ingest.demo.phrases import Phrase, parse, parse_all
from ingest.demo.themes import LANGUAGES

_COMMON = ("feeling", "effort", "threat", "again", "twice", "personal")
_AGENT_SHARE = 0.5
_ELDERLY_SHARE = 0.5
#: Nobody shouts in a letter, nobody writes a formal one on the web's short form.
_BY_CHANNEL = {
    Channel.LETTER: ("plain", "polite", "long"),
    Channel.SOCIAL: ("angry", "colloquial", "terse"),
    Channel.REGULATOR: ("plain", "angry", "long", "polite"),
}


@dataclass(frozen=True, slots=True)
class Register:
    """``shapes`` are orders of a text's parts; ``end`` is how a sentence ends."""

    name: str
    share: float
    me: tuple[str, ...]
    you: tuple[str, ...]
    end: str
    open: tuple[Phrase, ...]
    close: tuple[Phrase, ...]
    shapes: tuple[tuple[str, ...], ...]


@dataclass(frozen=True, slots=True)
class Speech:
    """All that is said in one language, whatever the theme."""

    registers: Mapping[str, Register]
    common: Mapping[str, tuple[Phrase, ...]]
    summaries: Mapping[str, tuple[Phrase, ...]]

    def draw(self, random: Random, names: tuple[str, ...]) -> Register:
        chosen = [self.registers[name] for name in names if name in self.registers]
        weights = tuple(accumulate(each.share for each in chosen))
        return random.choices(chosen, cum_weights=weights)[0]


@dataclass(frozen=True, slots=True)
class Manners:
    """How often a text has a subject, contact details or a slip of the keyboard (0..1)."""

    subject_share: float
    personal_share: float
    typo_share: float
    typos: tuple[tuple[str, str], ...]
    clerks: Mapping[str, tuple[Phrase, ...]]


@lru_cache(maxsize=1)
def speeches() -> Mapping[Language, Speech]:
    data = toml("texts/common")
    return {
        language: _speech(data[key], data["summary"][key]) for language, key in LANGUAGES.items()
    }


@lru_cache(maxsize=1)
def manners() -> Manners:
    data = toml("texts/common")
    shared = data["shared"]
    return Manners(
        shared["subject_share"],
        shared["personal_share"],
        shared["typo_share"],
        tuple((right, wrong) for right, wrong in shared["typos"]),
        {lead: parse_all(names) for lead, names in data["clerks"].items()},
    )


def register_for(random: Random, person: Person, channel: Channel, on: date) -> Register:
    """How this customer speaks this time."""
    speech = speeches()[person.language]
    if person.language is Language.ZH:
        if channel is Channel.PHONE and random.random() < _AGENT_SHARE:
            return speech.registers["agent"]
        if person.age(on) >= VULNERABLE_AGE and random.random() < _ELDERLY_SHARE:
            return speech.registers["elderly"]
    spoken = tuple(name for name in speech.registers if name not in {"agent", "elderly"})
    return speech.draw(random, _BY_CHANNEL.get(channel, spoken))


def _speech(table: Mapping[str, Any], summaries: Mapping[str, Any]) -> Speech:
    return Speech(
        {
            name: _register(name, entry)
            for name, entry in table.items()
            if isinstance(entry, Mapping)
        },
        {name: parse_all(table[name]) for name in _COMMON},
        {name: tuple(parse(text) for text in texts) for name, texts in summaries.items()},
    )


def _register(name: str, table: Mapping[str, Any]) -> Register:
    return Register(
        name,
        table["share"],
        tuple(table["me"]),
        tuple(table["you"]),
        table["end"],
        parse_all(table["open"]),
        parse_all(table["close"]),
        tuple(tuple(shape.split()) for shape in table["shapes"]),
    )
