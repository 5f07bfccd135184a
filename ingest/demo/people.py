"""The invented customers: who they are, and how they come back."""

from dataclasses import dataclass, field
from datetime import date, timedelta
from functools import lru_cache
from random import Random
from typing import Any

from graph.domain.enums import IdentifierKind, Language
from ingest.demo.bank import Outlet
from ingest.demo.data import toml
from ingest.demo.numbers import card_number, id_number, mobile_number, passport_number
from ingest.record import IncomingCustomer

#: Old enough to be treated as vulnerable, in years.
VULNERABLE_AGE = 65
_ENGLISH_SHARE = 0.12
_RETURNING_SHARE = 0.16
_SEGMENTS = ("MASS", "AFFLUENT", "PRIVATE", "SMALL_BUSINESS")
_SEGMENT_SHARES = (74, 16, 2, 8)


@dataclass(frozen=True, slots=True)
class Person:
    """A customer; ``given`` without the surname, ``mobile`` always, the rest as people have it."""

    language: Language
    surname: str
    given: str
    female: bool
    born: date
    mobile: str
    id_number: str | None
    passport: str
    card: str
    credit_card: str
    email: str
    address: str
    segment: str
    region: str
    outlet: Outlet

    @property
    def name(self) -> str:
        if self.language is Language.EN:
            return f"{self.given} {self.surname}"
        return self.surname + self.given

    def age(self, on: date) -> int:
        return (on - self.born).days * 4 // 1461

    def incoming(self, random: Random, on: date) -> IncomingCustomer:
        """What a source knows of him this time: the mobile always, the rest sometimes."""
        identifiers = [(IdentifierKind.MOBILE, self.mobile)]
        if self.id_number and random.random() < 0.35:
            identifiers.append((IdentifierKind.ID_NUMBER, self.id_number))
        if random.random() < 0.25:
            identifiers.append((IdentifierKind.ACCOUNT, self.card))
        return IncomingCustomer(
            names=(self.name,),
            identifiers=tuple(identifiers),
            segment=self.segment,
            region=self.region,
            vulnerable=self.age(on) >= VULNERABLE_AGE,
        )


@dataclass(slots=True)
class Crowd:
    """Draws customers: mostly new ones, some who have complained before about another theme."""

    random: Random
    last: date
    _known: dict[str, list[tuple[Person, set[str]]]] = field(default_factory=dict)
    _mobiles: set[str] = field(default_factory=set)

    def someone(self, outlet: Outlet, theme: str) -> Person:
        """A customer of the outlet's branch who never complained about this theme."""
        known = self._known.setdefault(outlet.branch, [])
        if known and self.random.random() < _RETURNING_SHARE:
            person, themes = self.random.choice(known)
            if theme not in themes:
                themes.add(theme)
                return person
        return self.newcomer(outlet, theme)

    def newcomer(self, outlet: Outlet, theme: str, language: Language | None = None) -> Person:
        english = self.random.random() < _ENGLISH_SHARE
        drawn = Language.EN if english else Language.ZH
        person = _person(self.random, outlet, language or drawn, self.last, self._mobiles)
        self._known.setdefault(outlet.branch, []).append((person, {theme}))
        return person


@lru_cache(maxsize=1)
def _details() -> dict[str, Any]:
    return dict(toml("texts/people"))


def _person(
    random: Random, outlet: Outlet, language: Language, last: date, taken: set[str]
) -> Person:
    details = _details()
    female = random.random() < 0.5
    years = random.triangular(19, 84, 38)
    born = last - timedelta(days=round(years * 365.25) + 730)
    if language is Language.EN:
        given_name, surname = random.choice(details["english"])
        resident = None
    else:
        surname = random.choice(details["surnames"])
        given_name = random.choice(details["given_female" if female else "given_male"])
        resident = id_number(random.choice(details["counties"]), born, female, random)
    return Person(
        language,
        surname,
        given_name,
        female,
        born,
        _mobile(random, details["mobile_prefixes"], taken),
        resident,
        passport_number(random),
        card_number(random, 19),
        card_number(random, 16),
        _email(random, details["mail_hosts"], born),
        _address(random, details, outlet),
        random.choices(_SEGMENTS, _SEGMENT_SHARES)[0],
        outlet.city_zh,
        outlet,
    )


def _mobile(random: Random, prefixes: list[str], taken: set[str]) -> str:
    """One that nobody else has: identifiers decide who is the same person."""
    while (mobile := mobile_number(prefixes, random)) in taken:
        pass
    taken.add(mobile)
    return mobile


def _email(random: Random, hosts: list[str], born: date) -> str:
    letters = "".join(random.choices("abcdefghjklmnpqrstwxyz", k=random.randint(2, 6)))
    digits = f"{born:%Y}" if random.random() < 0.6 else f"{born:%m%d}"
    return f"{letters}{digits}@{random.choice(hosts)}"


def _address(random: Random, details: dict[str, Any], outlet: Outlet) -> str:
    road, estate = random.choice(details["roads"]), random.choice(details["estates"])
    house = f"{random.randint(1, 28)}栋{random.randint(1, 4)}单元"
    flat = f"{random.randint(1, 32)}0{random.randint(1, 4)}室"
    return f"{outlet.city_zh}市{road}{random.randint(1, 380)}号{estate}{house}{flat}"


def staff_surnames() -> tuple[str, ...]:
    return tuple(_details()["staff_surnames"])
