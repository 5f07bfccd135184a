"""What the slots of a text stand for in one filing."""

from collections.abc import Callable
from datetime import date
from itertools import chain, repeat
from random import Random

from graph.domain.enums import CatalogueKind, Language
from ingest.demo.bank import bank
from ingest.demo.course import Verdict
from ingest.demo.filings import Filing
from ingest.demo.numbers import order_number
from ingest.demo.people import Person, staff_surnames
from ingest.demo.phrases import Phrase, spell
from ingest.demo.registers import Register, manners
from ingest.demo.wording import (
    day_en,
    day_zh,
    formal_zh,
    hour_zh,
    money_en,
    money_zh,
    times_en,
    times_zh,
    wait_zh,
)

Values = dict[str, str | Phrase | Callable[[], str]]


def spoken(random: Random, filing: Filing, register: Register) -> Values:
    """The slots of what a customer says."""
    person, event = filing.incident.person, filing.incident
    today = filing.received.date()
    values = _facts(random, filing, today)
    you = random.choice(register.you)
    values |= {
        "me": random.choice(register.me),
        "you": you,
        "bank": lambda: _bank_name(random, person.language, you),
        "brand": bank().name_zh if person.language is Language.ZH else bank().name_en,
        "topic": _topic(random, filing),
        "branch": _place(filing),
        **_clerks(random, filing, register),
        "times": lambda: (times_zh if person.language is Language.ZH else times_en)(random),
        "wait": wait_zh(random, max(1, (today - event.occurred).days)),
        "hour": hour_zh(random),
    }
    return values | _personal(random, person, today)


def written(random: Random, filing: Filing, verdict: Verdict) -> Values:
    """The slots of what the bank writes about its decision."""
    chinese = filing.incident.person.language is Language.ZH
    values = _facts(random, filing, verdict.at.date())
    if chinese:
        values |= _formal(random, filing)
    values |= {
        "me": "客户" if chinese else "the customer",
        "you": "我行" if chinese else "we",
        "bank": bank().name_zh if chinese else bank().name_en,
        "branch": _place(filing),
        "clerk": "经办人员" if chinese else "the clerk",
        "adviser": "经办人员" if chinese else "the clerk",
    }
    if verdict.refund is not None:
        values["refund"] = (formal_zh if chinese else money_en)(random, verdict.refund)
    return values


def _facts(random: Random, filing: Filing, today: date) -> Values:
    """What the incident itself says, told on ``today``."""
    event = filing.incident
    chinese = event.person.language is Language.ZH
    money = money_zh if chinese else money_en
    card = event.person.credit_card if event.theme.lead == "CARD-CENTRE" else event.person.card
    day = day_zh if chinese else day_en
    values: Values = {
        "date": day(random, event.occurred, today),
        "tail": card[-4:],
        "city": event.outlet.city_zh if chinese else event.outlet.city_en,
    }
    values.update(event.picks)
    for name, fen in (("amount", event.amount), ("sum", event.sum)):
        if fen is not None:
            values[name] = money(random, fen)
    return values


def _formal(random: Random, filing: Filing) -> Values:
    amounts = (("amount", filing.incident.amount), ("sum", filing.incident.sum))
    return {name: formal_zh(random, fen) for name, fen in amounts if fen is not None}


def _personal(random: Random, person: Person, today: date) -> Values:
    return {
        "name": person.name,
        "title": person.surname + ("女士" if person.female else "先生"),
        "age": str(person.age(today)),
        "mobile": person.mobile,
        "id_number": person.id_number or person.passport,
        "passport": person.passport,
        "card_number": lambda: random.choice((person.card, person.credit_card)),
        "email": person.email,
        "address": person.address,
        "order": order_number(random),
    }


def _bank_name(random: Random, language: Language, you: str) -> str:
    if language is Language.EN:
        return bank().name_en
    return bank().name_zh if random.random() < 0.75 else you


def _topic(random: Random, filing: Filing) -> Phrase:
    event = filing.incident
    return random.choice(event.theme.parts[event.person.language, "topic"])


def _place(filing: Filing) -> str:
    entry = bank().by_code[CatalogueKind.BRANCH, filing.incident.place]
    chinese = filing.incident.person.language is Language.ZH
    return (entry.name_zh or entry.name) if chinese else f"the {entry.name}"


def _clerks(random: Random, filing: Filing, register: Register) -> Values:
    """Who served the customer, the same person whenever the incident is told: ``adviser`` by name,
    ``clerk`` so the first time and then as one refers to people.
    """
    event = filing.incident
    if event.person.language is Language.EN:
        return {"clerk": "the clerk", "adviser": "the clerk"}
    names = staff_surnames()
    surname = names[int(event.clerk * len(names))]
    clerks = manners().clerks
    forms = clerks.get(event.theme.lead, clerks["OTHER"])
    name = spell(random.choice(forms), random, {"staff_surname": surname})
    later = ("该人员", "对方") if register.name == "agent" else ("他", "这个人", "对方")
    mentions = chain((name,), repeat(random.choice(later)))
    return {"clerk": lambda: next(mentions), "adviser": name}
