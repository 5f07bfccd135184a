"""No page shows anything of a case beyond its visitor's reach."""

import re
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from html import unescape
from urllib.parse import quote

import httpx2
import pytest
import pytest_asyncio

from api.app import create_app
from benchmarks.operations.borders import Borders, borders_of
from benchmarks.operations.oracle import Oracle, identities
from graph.domain.access import Identity
from tests.support.bank import Bank
from tests.support.http import client as http_client

pytestmark = pytest.mark.graph

PEOPLE = identities()
#: Each with another part of the bank, or none.
PARTS = (
    "HANDLER BJ", "HANDLER CARDS", "HANDLER ann", "HANDLER none", "SUPERVISOR ann at BJ-01",
    "ANALYST BJ", "AUDITOR CREDIT and SH", "ADMINISTRATOR SH", "SERVICE BJ", "HANDLER AUDITOR BJ",
)  # fmt: skip
#: Every room, and every way of narrowing one.
ROOMS = (
    "/desk", "/desk?status=any", "/desk?status=any&order=RECEIVED_ASC", "/desk?whose=mine",
    "/desk?whose=nobody", "/desk?status=any&branches=SH", "/desk?status=any&branches=BJ",
    "/desk?status=any&duplicate=true", "/find?text=BORDER", "/find?text=年费", "/register", "/team",
    "/team/answers",
    "/openings", "/insight", "/insight?by=BRANCH", "/insight?by=PRODUCT&interval=WEEK",
    "/insight/hotspots", "/insight/branches", "/insight/bottlenecks", "/alerts",
    "/alerts?state=ALL", "/issues", "/issues?state=ALL", "/remediations", "/clusters", "/audit",
    "/audit/changes", "/audit/verify?from=2026-01-01",
)  # fmt: skip
#: Files of the same pages.
FILES = (
    "/insight?by=BRANCH&format=csv&table=trend", "/insight/branches?format=csv&table=branches",
    "/alerts?format=csv&table=alerts", "/audit?format=csv&table=access-log",
    "/audit/changes?format=csv&table=activity",
)  # fmt: skip
#: Steps whose forms are asked for.
STEPS = ("classify", "assign", "answer")
_PRECEDENT = re.compile(r'<article class="precedent".*?</article>', re.DOTALL)


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def made(bank: Bank) -> Borders:
    return await borders_of(bank.services)


@asynccontextmanager
async def visiting(bank: Bank, identity: Identity) -> AsyncIterator[httpx2.AsyncClient]:
    access = bank.services.access
    token, _ = await access.sessions.begin(identity, access.clock())
    async with http_client(create_app(bank.services.settings, bank.services)) as client:
        client.cookies.set("complaint-graph-session", token)
        yield client


def leaks(oracle: Oracle, page: str, asked_for: str) -> set[str]:
    """What a page shows of cases beyond reach, beside what its address says itself.

    A precedent elsewhere is shown as such, and nowhere else.
    """
    text = unescape(page).replace(asked_for, "")
    precedents = "\n".join(_PRECEDENT.findall(text))
    others = _PRECEDENT.sub("", text)
    found = set(oracle.leaks([others]))
    return found | (set(oracle.leaks([precedents])) - oracle.as_precedents)


def addresses(oracle: Oracle) -> Iterator[tuple[str, str]]:
    """Every page, with what the visitor knows by asking for it."""
    for address in (*ROOMS, *FILES):
        yield address, ""
    own = {(row.branch, row.decided, bool(row.alerts)): row for row in oracle.own}
    foreign = {(row.branch, row.decided, bool(row.alerts)): row for row in oracle.foreign}
    for row in (*own.values(), *foreign.values()):
        yield f"/cases/{quote(row.reference)}", row.reference
        yield f"/audit?case={quote(row.reference)}", row.reference
        yield f"/find?text={quote(row.reference)}", row.reference
        for step in STEPS:
            yield f"/cases/{quote(row.reference)}/steps/{step}", row.reference


@pytest.mark.parametrize("name", PARTS)
async def test_no_page_shows_what_is_beyond_reach(bank: Bank, made: Borders, name: str) -> None:
    oracle = Oracle(PEOPLE[name], made)
    wrong, seen = [], 0
    async with visiting(bank, oracle.identity) as client:
        for address, known in addresses(oracle):
            page = await client.get(address)
            assert page.status_code in {200, 303, 403, 404}, (address, page.status_code)
            seen += page.status_code == 200
            if found := leaks(oracle, page.text, known or "\0"):
                wrong.append((address, sorted(found)[:4]))
    assert wrong == []
    assert seen >= 1


async def test_who_reaches_the_whole_bank_sees_what_others_must_not(
    bank: Bank, made: Borders
) -> None:
    """The search itself: the same pages hold what is foreign to somebody else."""
    oracle = Oracle(PEOPLE["HANDLER BJ"], made)
    whole = PEOPLE["ADMINISTRATOR bank"]
    async with visiting(bank, whole) as client:
        desk = await client.get("/desk?status=any&branches=SH")
        assert leaks(oracle, desk.text, "\0")
        foreign = oracle.foreign[0]
        case = await client.get(f"/cases/{quote(foreign.reference)}")
        assert foreign.reference in leaks(oracle, case.text, "\0")
