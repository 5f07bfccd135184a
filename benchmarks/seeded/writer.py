"""Sentences with slots, filled at random; what went into them is remembered."""

import random
from collections.abc import Callable
from dataclasses import dataclass

from benchmarks.seeded import numbers, ordinary, papers, people
from benchmarks.seeded.planted import Secret, SeededText
from graph.domain.enums import Language
from graph.domain.placeholders import MaskKind

_Make = Callable[[random.Random], str]


@dataclass(frozen=True, slots=True)
class Templates:
    """The sentences of one language; ``{o}`` is an ordinary number, other slots personal data."""

    language: Language
    openings: tuple[str, ...]
    themes: tuple[str, ...]
    contacts: tuple[str, ...]
    others: tuple[str, ...]
    closings: tuple[str, ...]
    remark: str
    signature: str


def _written(write: Callable[[random.Random, str], str], make: _Make) -> _Make:
    return lambda rng: write(rng, make(rng))


_SLOTS: dict[str, tuple[MaskKind, _Make]] = {
    "id": (MaskKind.ID_NUMBER, _written(numbers.write_id, numbers.resident_id)),
    "bad_id": (MaskKind.ID_NUMBER, _written(numbers.write_id, numbers.mistyped_id)),
    "short_id": (MaskKind.ID_NUMBER, numbers.short_id),
    "mobile": (MaskKind.MOBILE, _written(numbers.write_mobile, numbers.mobile)),
    "card": (MaskKind.BANK_CARD, _written(numbers.write_card, numbers.card)),
    "email": (MaskKind.EMAIL, people.email),
    "landline": (MaskKind.LANDLINE, papers.landline),
    "us_phone": (MaskKind.PHONE, papers.us_phone),
    "account": (MaskKind.ACCOUNT, papers.account),
    "iban": (MaskKind.ACCOUNT, papers.iban_de),
    "ssn": (MaskKind.SOCIAL_SECURITY, papers.social_security),
    "passport": (MaskKind.PASSPORT, papers.passport),
    "plate": (MaskKind.PLATE, papers.plate),
    "wechat": (MaskKind.SOCIAL_ACCOUNT, papers.wechat),
    "qq": (MaskKind.SOCIAL_ACCOUNT, papers.qq),
    "street": (MaskKind.ADDRESS, people.street_en),
}
_ORDINARY: dict[Language, _Make] = {Language.ZH: ordinary.zh, Language.EN: ordinary.en}
_PEOPLE: dict[Language, _Make] = {Language.ZH: people.name_zh, Language.EN: people.name_en}
_TITLED = {Language.ZH: people.titled_zh, Language.EN: people.titled_en}


def write(rng: random.Random, templates: Templates) -> SeededText:
    """A complaint with two to seven pieces of personal data and about as many ordinary numbers."""
    writer = _Writer(rng, templates.language)
    details = rng.sample(templates.contacts, rng.randint(1, 2))
    details += rng.sample(templates.others, rng.randint(1, 3))
    rng.shuffle(details)
    writer.write(rng.choice(templates.openings))
    for sentence in (rng.choice(templates.themes), *details):
        writer.write(sentence)
    if rng.random() < 0.5:
        writer.write(templates.remark)
    signed = rng.random() < 0.3
    writer.write(templates.signature if signed else rng.choice(templates.closings))
    return writer.text()


class _Writer:
    def __init__(self, rng: random.Random, language: Language) -> None:
        self._rng = rng
        self._language = language
        self._parts: list[str] = []
        self._length = 0
        self._secrets: list[Secret] = []
        self._ordinary: list[str] = []
        self._names: list[str] = []

    def write(self, template: str) -> None:
        """Append ``template`` with a value for each slot in braces."""
        for at, part in enumerate(template.replace("}", "{").split("{")):
            if at % 2:
                self._fill(part)
            else:
                self._append(part)

    def text(self) -> SeededText:
        """All that was written."""
        return SeededText(
            "".join(self._parts),
            self._language,
            tuple(self._secrets),
            tuple(self._ordinary),
            tuple(self._names),
        )

    def _fill(self, slot: str) -> None:
        rng = self._rng
        match slot:
            case "o":
                self._ordinary.append(value := _ORDINARY[self._language](rng))
                self._append(value)
            case "address":
                region, house = people.house_zh(rng)
                self._append(region)
                self._plant(MaskKind.ADDRESS, house)
            case "titled":
                before, name, after = _TITLED[self._language](rng)
                self._append(before)
                self._plant(MaskKind.NAME, name)
                self._append(after)
            case "customer":
                self._names.append(name := _PEOPLE[self._language](rng))
                self._plant(MaskKind.NAME, name)
            case "name":
                self._plant(MaskKind.NAME, _PEOPLE[self._language](rng))
            case _:
                kind, make = _SLOTS[slot]
                self._plant(kind, make(rng))

    def _plant(self, kind: MaskKind, written: str) -> None:
        self._secrets.append(Secret(kind, written, self._length))
        self._append(written)

    def _append(self, text: str) -> None:
        self._parts.append(text)
        self._length += len(text)
