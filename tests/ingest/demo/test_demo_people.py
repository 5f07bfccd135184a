from datetime import date
from random import Random

import phonenumbers
from hypothesis import given
from hypothesis import strategies as st
from stdnum import luhn
from stdnum.cn import ric

from graph.domain.enums import IdentifierKind, Language
from ingest.demo import DemoOptions
from ingest.demo.bank import bank
from ingest.demo.history import history
from ingest.demo.numbers import card_number, id_number
from ingest.demo.people import Crowd, Person

seeds = st.integers(min_value=0, max_value=10**6)


@given(seeds, st.dates(date(1930, 1, 1), date(2007, 12, 31)), st.booleans())
def test_resident_ids_pass_their_check_and_tell_birth_and_sex(
    seed: int, born: date, female: bool
) -> None:
    number = id_number("510121", born, female, Random(seed))
    assert ric.is_valid(number)
    assert ric.get_birth_date(number) == born
    assert int(number[16]) % 2 == (0 if female else 1)


@given(seeds, st.sampled_from((16, 19)))
def test_cards_pass_luhn(seed: int, length: int) -> None:
    number = card_number(Random(seed), length)
    assert len(number) == length
    assert luhn.is_valid(number)


def people() -> list[Person]:
    crowd = Crowd(Random(5), date(2026, 6, 30))
    return [crowd.newcomer(bank().outlets[n % 25], "annual-fee") for n in range(500)]


def test_every_customer_has_numbers_that_masking_must_find() -> None:
    for person in people():
        assert phonenumbers.is_valid_number(phonenumbers.parse(person.mobile, "CN"))
        assert person.language is Language.EN or ric.is_valid(person.id_number or "")
        assert luhn.is_valid(person.card)
        assert luhn.is_valid(person.credit_card)


def test_no_two_customers_share_an_identifier() -> None:
    crowd = people()
    for of in (
        [person.mobile for person in crowd],
        [person.id_number for person in crowd if person.id_number],
        [person.card for person in crowd],
    ):
        assert len(set(of)) == len(of)


def test_a_customer_always_gives_the_mobile_by_which_he_is_known() -> None:
    person = people()[0]
    incoming = person.incoming(Random(1), date(2026, 1, 1))
    assert (IdentifierKind.MOBILE, person.mobile) in incoming.identifiers
    assert incoming.names == (person.name,)


def test_some_customers_come_back_with_another_theme() -> None:
    matters: dict[str, set[str]] = {}
    for filing in history(DemoOptions(1500, 2, planted=False)):
        person = filing.incident.person
        matters.setdefault(person.mobile, set()).add(filing.incident.theme.name)
    several = sum(len(names) > 1 for names in matters.values())
    assert 0.05 < several / len(matters) < 0.3
