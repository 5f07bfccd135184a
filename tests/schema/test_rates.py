"""What each person may ask for in a minute, and that it is told."""

import asyncio
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import pytest

from api.services import Services
from api.settings import LimitSettings, Settings
from graph.domain.access import LOCAL, Identity, Method, Reach, Role
from graph.errors import ConfigurationError, ThrottledError, UnavailableError
from schema.rates import Buckets, Rates
from tests.support.bank import Bank
from tests.support.graphql import execute

RATES = Rates({Role.HANDLER: 1_000, Role.ANALYST: 3_000, Role.SERVICE: None, Role.CUSTOMER: 200})
PAGE = "{ products(first: 2) { nodes { code } } }"


def somebody(*roles: Role, actor: str = "anna") -> Identity:
    return Identity(
        actor, roles=frozenset(roles), reach=Reach(everything=True), method=Method.TOKEN
    )


def with_rates(services: Services, rates: Rates) -> Services:
    return replace(services, buckets=Buckets(rates))


@pytest.mark.parametrize(
    ("roles", "rate"),
    [
        ([Role.HANDLER], 1_000),
        ([Role.HANDLER, Role.ANALYST], 3_000),
        ([Role.ANALYST, Role.SERVICE], None),
        ([Role.AUDITOR, Role.HANDLER], 1_000),
        ([], 200),
        ([Role.AUDITOR], 200),
    ],
)
def test_the_widest_rate_holds(roles: Sequence[Role], rate: int | None) -> None:
    assert RATES.of(somebody(*roles)) == rate


def test_whoever_is_at_this_machine_is_not_held_to_any() -> None:
    assert RATES.of(LOCAL) is None
    assert replace(RATES, local=50).of(LOCAL) == 50


async def test_a_person_has_one_bucket_whatever_is_shown() -> None:
    """By key, by token or in a browser, and with more roles in one than in the other."""
    buckets = Buckets(RATES)
    handler = somebody(Role.HANDLER)
    assert await buckets.spend(handler, 900)
    with pytest.raises(ThrottledError):
        await buckets.spend(replace(handler, method=Method.KEY), 200)
    # A third of the time for the same points: what was spent is not forgotten.
    both = await buckets.spend(somebody(Role.HANDLER, Role.ANALYST), 100)
    assert both is not None
    assert both.remaining < 300
    other = await buckets.spend(somebody(Role.HANDLER, actor="ben"), 200)
    assert other is not None
    assert other.remaining == 800


async def test_what_is_refused_takes_nothing_and_says_when() -> None:
    buckets, handler = Buckets(RATES), somebody(Role.HANDLER)
    await buckets.spend(handler, 800)
    for _ in range(3):
        with pytest.raises(ThrottledError) as refused:
            await buckets.spend(handler, 500)
        # 300 of 1,000 a minute are missing.
        assert 17 <= refused.value.seconds <= 18
        assert refused.value.details == {"retryAfter": refused.value.seconds}
    assert await buckets.spend(handler, 150)


async def test_a_redis_that_is_away_is_told() -> None:
    buckets = Buckets(replace(RATES, redis="redis://127.0.0.1:1/0"))
    with pytest.raises(UnavailableError, match="COMPLAINT_GRAPH_LIMITS__REDIS"):
        await buckets.spend(somebody(Role.HANDLER), 1)
    await buckets.close()


def test_settings_are_what_is_kept() -> None:
    settings = Settings.load(limits={"rates": {"ANALYST": 90_000}, "local_rate": 70_000})
    assert settings.rates.of(somebody(Role.ANALYST)) == 90_000
    assert settings.rates.of(somebody(Role.SERVICE)) == 6_000_000
    assert settings.rates.of(LOCAL) == 70_000
    assert settings.document_limits.cost == LimitSettings().cost


@pytest.mark.parametrize(
    ("limits", "named"),
    [
        ({"rates": {"HANDLER": 40_000}}, "HANDLER"),
        ({"local_rate": 10}, "LOCAL_RATE"),
        ({"cost": 70_000}, "CUSTOMER"),
        ({"redis": "localhost:6379"}, "rediss"),
        ({"analyses": 0}, "COMPLAINT_GRAPH_LIMITS__ANALYSES"),
    ],
)
def test_limits_that_contradict_each_other_are_refused_by_name(
    limits: dict[str, Any], named: str
) -> None:
    with pytest.raises(ConfigurationError, match="COMPLAINT_GRAPH_LIMITS") as told:
        Settings.load(limits=limits)
    assert named in told.value.message


@pytest.mark.graph
async def test_every_answer_says_what_it_costs(bank: Bank) -> None:
    services = with_rates(bank.services, Rates({Role.HANDLER: 1_000}))
    handler = somebody(Role.HANDLER)
    first = await execute(services, PAGE, identity=handler)
    assert first.errors is None
    assert first.extensions is not None
    # The connection, two nodes and what is between them.
    cost = first.extensions["cost"]
    assert cost["actual"] == 3
    assert cost["requested"] >= cost["actual"]
    left = 1_000 - cost["requested"]
    assert cost["throttle"] == {"maximum": 1_000, "remaining": left, "restorePerMinute": 1_000}
    second = await execute(services, PAGE, identity=handler)
    assert second.extensions is not None
    assert second.extensions["cost"]["throttle"]["remaining"] <= left
    local = await execute(services, PAGE)
    assert local.extensions is not None
    assert local.extensions["cost"] == {**cost, "throttle": None}


@pytest.mark.graph
async def test_a_search_counts_where_it_was_made(bank: Bank) -> None:
    document = '{ searchComplaints(text: "年费", first: 3) { complaint { reference } } }'
    found = await execute(bank.services, document)
    assert found.data is not None
    assert found.extensions is not None
    assert found.extensions["cost"]["actual"] == 200 + 2 * len(found.data["searchComplaints"])
    skipped = await execute(
        bank.services, '{ __typename searchComplaints(text: "a") @skip(if: true) { score } }'
    )
    assert skipped.extensions is not None
    assert skipped.extensions["cost"]["actual"] == 0


@pytest.mark.graph
async def test_who_has_asked_too_much_is_refused_before_anything_runs(bank: Bank) -> None:
    services = with_rates(bank.services, Rates({Role.HANDLER: 600}))
    handler = somebody(Role.HANDLER)
    register = """mutation { registerComplaint(input: {narrative: "太贵"}) {
      errors { message } complaint { id } } }"""
    before = await execute(bank.services, "{ complaints { totalCount } }")
    asked = [execute(services, register, identity=handler) for _ in range(5)]
    answers = await asyncio.gather(*asked)
    done = [answer for answer in answers if not answer.errors]
    refused = [answer for answer in answers if answer.errors]
    assert len(done) == 1
    assert {answer.data for answer in refused} == {None}
    assert refused[0].errors
    told = refused[0].errors[0].formatted
    assert told["extensions"]["code"] == "THROTTLED"
    assert told["extensions"]["retryAfter"] >= 1
    assert refused[0].extensions is not None
    assert refused[0].extensions["cost"]["actual"] == 0
    after = await execute(bank.services, "{ complaints { totalCount } }")
    assert before.data is not None
    assert after.data is not None
    made = after.data["complaints"]["totalCount"] - before.data["complaints"]["totalCount"]
    assert made == len(done)


@pytest.mark.graph
@pytest.mark.parametrize("document", ["{", "{ nothing }", "{ node(id: 1.5) { id } }"])
async def test_what_is_no_operation_costs_nothing(bank: Bank, document: str) -> None:
    answer = await execute(bank.services, document)
    assert answer.errors
    assert "cost" not in (answer.extensions or {})
