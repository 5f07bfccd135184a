"""A record becomes a case: checked, masked, identified by key, with its deadline."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import pytest

from api.settings import Settings
from graph.domain.enums import CaseStatus, IdentifierKind, Nature, OutcomeKind, TimePrecision
from graph.domain.identity import Keyring
from graph.domain.money import money
from graph.errors import InvalidInputError
from ingest.masking import Masker
from ingest.prepare import IntakeRules, Preparer, canonical
from ingest.record import IncomingComplaint, IncomingCustomer, IncomingDecision

NOW = datetime(2026, 6, 1, tzinfo=UTC)
MOBILE = "13812345678"
PLAIN = IncomingComplaint(
    "crm",
    "A-1",
    date(2026, 5, 2),
    narrative=f"我叫王小明，电话{MOBILE}，信用卡被多收了300元。",
    customer=IncomingCustomer(names=("王小明",), identifiers=((IdentifierKind.MOBILE, MOBILE),)),
    amount=money(Decimal(300), "CNY"),
)


@pytest.fixture(scope="module")
def preparer() -> Preparer:
    return Preparer(Masker(), Keyring(b"p" * 32), IntakeRules())


def test_nothing_personal_is_left(preparer: Preparer) -> None:
    case = preparer.prepare(PLAIN, now=NOW)
    assert MOBILE not in repr(case)
    assert "王小明" not in repr(case)
    assert "300元" in (case.narrative or "")
    assert case.customer is not None
    assert MOBILE not in str(case.customer.identifiers)


def test_a_date_is_midnight_in_the_business_zone(preparer: Preparer) -> None:
    case = preparer.prepare(PLAIN, now=NOW)
    assert case.received.at == datetime(2026, 5, 1, 16, 0, tzinfo=UTC)
    assert case.received.precision is TimePrecision.DAY
    assert case.due_at == case.received.at + timedelta(days=15)


def limits_of(monkeypatch: pytest.MonkeyPatch, **business: str) -> IntakeRules:
    for name, value in business.items():
        monkeypatch.setenv(f"COMPLAINT_GRAPH_BUSINESS__{name.upper()}", value)
    return Settings.load().intake


@pytest.mark.parametrize(
    ("business", "received", "due"),
    [
        ({"zone": "America/New_York"}, "2026-03-01T23:30-05:00", "2026-03-16T23:30-04:00"),
        ({"working_days": "CN"}, "2026-09-21T10:00+08:00", "2026-10-19T10:00+08:00"),
        ({"working_days": "CN"}, "2026-10-09T10:00+08:00", "2026-10-29T10:00+08:00"),
        ({"working_days": "CN"}, "2026-11-26T10:00+08:00", "2026-12-17T10:00+08:00"),
        ({}, "2026-11-26T10:00+08:00", "2026-12-11T10:00+08:00"),
        (
            {"working_days": "CN", "opens_at": "08:30", "closes_at": "17:30"},
            "2026-11-26T23:00+08:00",
            "2026-12-17T17:30+08:00",
        ),
    ],
)
def test_a_deadline_follows_the_settings(
    monkeypatch: pytest.MonkeyPatch, business: dict[str, str], received: str, due: str
) -> None:
    preparer = Preparer(Masker(), Keyring(b"p" * 32), limits_of(monkeypatch, **business))
    at = datetime.fromisoformat(received)
    case = preparer.prepare(replace(PLAIN, received_at=at), now=at)
    assert case.due_at == datetime.fromisoformat(due)


def test_a_later_round_has_no_deadline_that_a_source_does_not_say(preparer: Preparer) -> None:
    """Its first one is that of the first answer alone."""
    decisions = tuple(
        IncomingDecision(OutcomeKind.EXPLAINED, at=date(2026, month, 10)) for month in (4, 5)
    )
    old = replace(PLAIN, received_at=date(2026, 4, 1), decisions=decisions)
    closed = preparer.prepare(replace(old, status=CaseStatus.CLOSED), now=NOW)
    assert [decision.timely for decision in closed.decisions] == [True, None]
    assert closed.due_at == closed.received.at + timedelta(days=15)
    for status in (CaseStatus.REOPENED, CaseStatus.REVIEW_REQUESTED, CaseStatus.INVESTIGATING):
        again = preparer.prepare(replace(old, status=status), now=NOW)
        assert (again.due_at, again.due_soon_at) == (None, None)
        assert again.first_due_at == closed.due_at


def test_the_same_mobile_is_the_same_person_in_any_writing(preparer: Preparer) -> None:
    spaced = IncomingCustomer(identifiers=((IdentifierKind.MOBILE, "+86 138-1234-5678"),))
    one = preparer.prepare(PLAIN, now=NOW)
    other = preparer.prepare(replace(PLAIN, source_id="A-2", customer=spaced), now=NOW)
    assert one.customer is not None
    assert other.customer is not None
    assert one.customer.identifiers == other.customer.identifiers


def test_another_key_gives_other_ids(preparer: Preparer) -> None:
    other = Preparer(Masker(), Keyring(b"q" * 32), IntakeRules())
    one, two = preparer.prepare(PLAIN, now=NOW), other.prepare(PLAIN, now=NOW)
    assert one.id != two.id
    assert one.content_hash != two.content_hash


def test_a_mistyped_identifier_is_an_error_for_a_person_and_left_out_of_an_import(
    preparer: Preparer,
) -> None:
    wrong = IncomingCustomer(identifiers=((IdentifierKind.ID_NUMBER, "000000"),))
    incoming = replace(PLAIN, customer=wrong)
    assert preparer.prepare(incoming, now=NOW).customer is None
    with pytest.raises(InvalidInputError) as refused:
        preparer.prepare(incoming, now=NOW, strict=True)
    assert refused.value.path == ("customer", "ID_NUMBER")
    assert "000000" not in refused.value.message


def test_a_source_id_that_is_a_mobile_is_not_kept(preparer: Preparer) -> None:
    case = preparer.prepare(replace(PLAIN, source_id=MOBILE), now=NOW)
    assert MOBILE not in case.source_id
    assert MOBILE not in case.reference


@pytest.mark.parametrize(
    ("changes", "path"),
    [
        ({"narrative": "长" * 100_001}, "narrative"),
        ({"received_at": date(2026, 6, 9)}, "receivedAt"),
        ({"received_at": date(1969, 1, 1)}, "receivedAt"),
        ({"received_at": datetime(2026, 5, 1, 8, 0)}, "receivedAt"),
        ({"type": "NO_SUCH_TYPE"}, "type"),
        ({"risk_types": ("NO_SUCH_RISK",)}, "riskTypes"),
        ({"decisions": (IncomingDecision(OutcomeKind.UPHELD, satisfaction=9),)}, "satisfaction"),
    ],
)
def test_bad_input_names_its_field(
    preparer: Preparer, changes: dict[str, object], path: str
) -> None:
    with pytest.raises(InvalidInputError) as refused:
        preparer.prepare(replace(PLAIN, **changes), now=NOW)  # type: ignore[arg-type]
    assert refused.value.path[0] == path


def test_equal_records_are_equal_strings_and_others_are_not() -> None:
    assert canonical(PLAIN) == canonical(replace(PLAIN))
    assert canonical(PLAIN) != canonical(replace(PLAIN, amount=money(Decimal(301), "CNY")))
    assert canonical(PLAIN) != canonical(replace(PLAIN, narrative="另一件事"))


def test_what_records_did_not_always_have_changes_no_row_that_does_not_say_it() -> None:
    assert "nature" not in canonical(PLAIN)
    assert '"nature":"PRAISE"' in canonical(replace(PLAIN, nature=Nature.PRAISE))
