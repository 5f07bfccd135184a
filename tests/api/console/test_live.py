"""Pages that tell what happens while they are open, in a real browser and over a plain socket."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx2
import pytest
import pytest_asyncio
from axe_playwright_python.async_playwright import Axe
from playwright.async_api import Browser, Page, expect

from graph.domain.access import Identity, Method, Reach, Role
from tests.api.console.test_accessibility import RULES
from tests.api.console.test_case import registered
from tests.support.bank import Bank
from tests.support.browser import Faults, origin_of, visiting
from tests.support.graphql import ask
from tests.support.live import serving, until

pytestmark = pytest.mark.graph

ASSIGN = """mutation ($input: AssignComplaintInput!) { assignComplaint(input: $input) {
  errors { message } complaint { id reference version } } }"""
SET_LEVEL = """mutation ($input: SetLevelInput!) { setLevel(input: $input) {
  errors { message } complaint { id reference version } } }"""
AWAY = "MATCH (s:Session {actor: 'idle'}) SET s.seenAt = $at"
LAST_USE = "MATCH (s:Session {actor: 'idle'}) RETURN s.seenAt AS at"
TEXT = "网点门口的雨伞架坏了，希望修好"
#: Cases that are there before anybody listens: what rules say of many alike is old by then.
_WAITING: dict[str, list[dict[str, Any]]] = {}


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def origin(bank: Bank) -> AsyncIterator[str]:
    """A service that soon sees who has signed out."""
    for branch in ("BJ-01", "SH"):
        _WAITING[branch] = [
            await registered(bank, "叫号机跳号，排队的人不知道轮到谁", branch=branch)
            for _ in range(40 if branch == "BJ-01" else 2)
        ]
    async with serving(bank, identify_seconds=0.2) as address:
        yield origin_of(address)


def somebody(actor: str, role: Role = Role.HANDLER, branch: str | None = "BJ") -> Identity:
    reach = Reach(everything=True) if branch is None else Reach(branches=(branch,))
    return Identity(actor, actor.title(), frozenset({role}), reach, Method.SESSION)


async def signed_in(bank: Bank, identity: Identity) -> str:
    """The cookie of a browser that has signed in."""
    access = bank.services.access
    return (await access.sessions.begin(identity, access.clock()))[0]


@asynccontextmanager
async def page_of(
    bank: Bank, browser: Browser, origin: str, identity: Identity, **options: Any
) -> AsyncIterator[tuple[Page, Faults]]:
    async with visiting(browser, origin, **options) as (page, faults):
        token = await signed_in(bank, identity)
        cookie = {"name": "complaint-graph-session", "value": token, "url": origin}
        await page.context.add_cookies([cookie])  # type: ignore[list-item]
        yield page, faults


async def listening(page: Page, address: str) -> None:
    """Open a page, and wait until it hears."""
    async with page.expect_response(lambda answer: "/live?" in answer.url):
        await page.goto(address)


async def changed(bank: Bank, mutation: str, case: dict[str, Any], **values: Any) -> dict[str, Any]:
    """Somebody else changes a case; the case after it."""
    data = {"complaint": case["id"], "version": case["version"], **values}
    (payload,) = (await ask(bank.services, mutation, input=data)).values()
    assert payload["errors"] == []
    complaint: dict[str, Any] = payload["complaint"]
    return complaint


async def given(bank: Bank, actor: str, branch: str = "BJ-01") -> dict[str, Any]:
    """A case that somebody else has just given to a person."""
    return await changed(bank, ASSIGN, _WAITING[branch].pop(), assignee=actor)


async def test_a_case_is_given_to_whoever_is_typing(
    bank: Bank, browser: Browser, origin: str
) -> None:
    mine = await registered(bank, TEXT, branch="BJ-01")
    async with page_of(bank, browser, origin, somebody("typing")) as (page, _):
        await listening(page, f"/cases/{mine['reference']}/steps/classify")
        note = page.get_by_label("Note")
        await note.press_sequentially("Half of what I ")
        made = await given(bank, "typing")
        notice = page.locator("#notices article")
        await expect(notice).to_contain_text(f"{made['reference']} was given to you by local.")
        await expect(note).to_be_focused()
        await page.keyboard.type("wanted to say")
        assert await note.input_value() == "Half of what I wanted to say"
        # It is still there on the next page, and gone when its case is opened.
        await listening(page, "/desk")
        await expect(notice).to_have_count(1)
        await notice.get_by_role("link", name=made["reference"]).click()
        await expect(page.locator("h1")).to_have_text(made["reference"])
        await expect(notice).to_have_count(0)


async def test_an_escalation_is_told_to_the_supervisor_and_not_elsewhere(
    bank: Bank, browser: Browser, origin: str
) -> None:
    case = await registered(bank, TEXT, branch="BJ-01")
    supervisor, elsewhere = somebody("boss", Role.SUPERVISOR), somebody("far", branch="SH")
    async with (
        page_of(bank, browser, origin, supervisor, locale="zh-CN") as (page, _),
        page_of(bank, browser, origin, elsewhere) as (other, _),
    ):
        await listening(page, "/team")
        await listening(other, "/desk?whose=mine")
        raised = await changed(bank, SET_LEVEL, case, level="RED", note="press")
        notice = page.locator("#notices article")
        await expect(notice).to_contain_text(f"{case['reference']} 已升级。")
        # What comes later has come, so that what did not come will not.
        await changed(bank, ASSIGN, raised, assignee="boss")
        made = await given(bank, "far", branch="SH")
        await expect(page.locator("#notices")).to_contain_text("由 local 移交给您。")
        await expect(other.locator("#notices article")).to_have_count(1)
        await expect(other.locator("#notices")).to_contain_text(made["reference"])


async def test_deadlines_are_told_a_few_at_once(bank: Bank, browser: Browser, origin: str) -> None:
    received = datetime.now(UTC) - timedelta(days=12, hours=12)
    late = [
        await registered(
            bank,
            TEXT,
            branch="BJ-01",
            receivedAt=(received + timedelta(minutes=number)).isoformat(),
            assignee="late",
        )
        for number in range(5)
    ]
    async with page_of(bank, browser, origin, somebody("late")) as (page, _):
        await listening(page, "/desk")
        await bank.services.desk.sweep()
        region = page.get_by_role("region", name="Notices")
        await expect(region).to_contain_text("and 2 more")
        await expect(region.locator("article:visible")).to_have_count(3)
        await expect(region.locator("article:visible").last).to_contain_text(
            "is due soon: due in 2 working days"
        )
        told = await region.locator("article").all_text_contents()
        assert all(any(case["reference"] in text for text in told) for case in late)
        await page.get_by_role("button", name="Close all").click()
        await expect(region.locator("article")).to_have_count(0)
        await page.reload()
        await expect(region.locator("article")).to_have_count(0)


async def test_a_notice_is_closed_by_keyboard_and_the_focus_goes_back(
    bank: Bank, browser: Browser, origin: str
) -> None:
    async with page_of(bank, browser, origin, somebody("keys")) as (page, _):
        await listening(page, "/register")
        await given(bank, "keys")
        await given(bank, "keys")
        notices = page.locator("#notices article")
        await expect(notices).to_have_count(2)
        await expect(page.locator("body")).to_be_focused()
        last = page.get_by_role("button", name="Register", exact=True)
        await last.focus()
        # While somebody types, Escape is the field's.
        field = page.get_by_label("What the customer says")
        await field.press("Escape")
        await expect(notices).to_have_count(2)
        await last.focus()
        while not await page.evaluate("document.activeElement.matches('#notices a')"):
            await page.keyboard.press("Tab")
        await page.keyboard.press("Tab")
        await page.keyboard.press("Enter")
        await expect(notices).to_have_count(1)
        await page.keyboard.press("Escape")
        await expect(notices).to_have_count(0)
        assert not await page.evaluate("document.activeElement === document.body")


@pytest.mark.parametrize(
    ("locale", "words"), [("en-GB", "This case was changed."), ("zh-CN", "这件投诉刚有改动。")]
)
async def test_an_open_case_that_somebody_changes_says_so(
    bank: Bank, browser: Browser, origin: str, locale: str, words: str
) -> None:
    case = await registered(bank, TEXT, branch="BJ-01")
    async with page_of(bank, browser, origin, somebody("open"), locale=locale) as (page, _):
        address = f"/cases/{case['reference']}/steps/classify"
        await listening(page, address)
        await page.locator("#f-note").fill("不要丢")
        await changed(bank, ASSIGN, case, assignee="who")
        notice = page.locator("#notices article")
        await expect(notice).to_contain_text(words)
        await expect(notice).to_contain_text("who")
        assert await page.locator("#f-note").input_value() == "不要丢"
        await notice.locator("a").click()
        await expect(notice).to_have_count(0)
        assert await page.locator("[name=version]").input_value() == "2"
        # What one does oneself is no news.
        await page.goto(f"/cases/{case['reference']}")
        await page.locator("#note").fill("我写的")
        async with page.expect_response(lambda answer: "/live?" in answer.url):
            await page.locator("#note + button, form:has(#note) button").click()
        await changed(bank, SET_LEVEL, {**case, "version": 2}, level="YELLOW", note="press")
        await expect(notice).to_have_count(1)
        await expect(notice).to_contain_text("local")


async def test_a_list_says_that_there_are_new_cases(
    bank: Bank, browser: Browser, origin: str
) -> None:
    async with page_of(bank, browser, origin, somebody("list")) as (page, _):
        await listening(page, "/desk?order=RECEIVED_DESC&products=CARD")
        for product in ("CARD-FEE", "LOAN", "CARD-FEE"):
            await registered(bank, TEXT, branch="BJ-01", product=product)
        notice = page.locator("#notices article")
        await expect(notice).to_contain_text("2 cases are new in this list")
        await notice.get_by_role("link", name="show").click()
        await expect(notice).to_have_count(0)
        await expect(page).to_have_url(f"{origin}/desk?order=RECEIVED_DESC&products=CARD")


async def test_the_pages_of_a_browser_share_one_stream(
    bank: Bank, browser: Browser, origin: str
) -> None:
    async with page_of(bank, browser, origin, somebody("tabs")) as (first, _):
        case = await registered(bank, TEXT, branch="BJ-01")
        await listening(first, "/desk")
        second = await first.context.new_page()
        opened: list[str] = []
        second.on("request", lambda request: opened.append(request.url))
        # Whoever leads hears also of the case that is open elsewhere.
        async with first.expect_response(lambda answer: "&case=" in answer.url):
            await second.goto(f"/cases/{case['reference']}")
        await changed(bank, ASSIGN, case, assignee="tabs")
        await expect(second.locator("#notices")).to_contain_text("This case was changed.")
        await expect(first.locator("#notices")).to_contain_text("was given to you")
        assert not [each for each in opened if "/live?" in each]
        made = await given(bank, "tabs")
        told = second.locator("#notices article", has_text=made["reference"])
        await expect(told).to_have_count(1)
        # Closed on one page, it is closed on all.
        await told.get_by_role("button").click()
        await expect(first.locator("#notices article", has_text=made["reference"])).to_have_count(0)
        # When the one that leads goes, another one takes the stream.
        async with second.expect_response(lambda answer: "/live?" in answer.url):
            await first.close()
        made = await given(bank, "tabs")
        told = second.locator("#notices article", has_text=made["reference"])
        await expect(told).to_have_count(1)


async def test_whoever_signs_out_is_told_and_hears_no_more(
    bank: Bank, browser: Browser, origin: str
) -> None:
    async with page_of(bank, browser, origin, somebody("leaving")) as (page, _):
        await listening(page, "/register")
        await page.get_by_label("What the customer says").fill("年费")
        (cookie,) = await page.context.cookies()
        await bank.services.access.sessions.end(cookie["value"])
        await expect(page.locator("#notices")).to_contain_text("You are signed out.")
        assert await page.get_by_label("What the customer says").input_value() == "年费"


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("locale", ["en-GB", "zh-CN"])
async def test_axe_finds_nothing_on_a_page_with_notices(
    bank: Bank, browser: Browser, origin: str, locale: str, scheme: str
) -> None:
    case = await registered(bank, TEXT, branch="BJ-01")
    who = somebody(f"axe-{scheme}-{locale}".lower())
    async with page_of(bank, browser, origin, who, dark=scheme == "dark", locale=locale) as (
        page,
        _,
    ):
        await listening(page, f"/cases/{case['reference']}/steps/classify")
        await changed(bank, SET_LEVEL, case, level="RED", note="press")
        for _ in range(3):
            await given(bank, who.actor)
        await expect(page.locator("#notices article")).to_have_count(4)
        # However many others there are, what is about this page is in sight.
        await expect(page.locator("#notices article").last).to_be_visible()
        assert await page.locator("#notices article").last.get_attribute("data-own") is not None
        result = (await Axe().run(page, options=RULES)).response
        assert not result["violations"]
        wide = await page.evaluate("document.documentElement.scrollWidth > innerWidth")
        assert not wide


async def test_whoever_may_not_follow_cases_gets_no_stream(
    bank: Bank, browser: Browser, origin: str
) -> None:
    analyst = somebody("counts", Role.ANALYST, None)
    async with page_of(bank, browser, origin, analyst) as (page, _):
        opened: list[str] = []
        page.on("request", lambda request: opened.append(request.url))
        await page.goto("/insight")
        await expect(page.locator("#notices")).to_have_count(0)
        assert not [each for each in opened if "live" in each]
        answer = await page.context.request.get("/live")
        assert answer.status == 204


# --- over a plain socket -------------------------------------------------------------------------


class Heard:
    """What one stream has told, as (event, data, id)."""

    def __init__(self) -> None:
        self.events: list[tuple[str, str, str]] = []
        self.ended = asyncio.Event()
        self.reading: asyncio.Task[None] | None = None

    async def close(self) -> None:
        assert self.reading is not None
        self.reading.cancel()
        await asyncio.gather(self.reading, return_exceptions=True)

    def named(self, event: str) -> list[tuple[str, str, str]]:
        return [each for each in self.events if each[0] == event]

    async def until(self, true: Callable[["Heard"], bool]) -> None:
        async with asyncio.timeout(60):
            await until(lambda: true(self))


@asynccontextmanager
async def heard(
    origin: str, token: str, listener: str, *, after: str | None = None, **asked: str
) -> AsyncIterator[Heard]:
    """A stream that is read beside."""
    made = Heard()
    headers = {} if after is None else {"Last-Event-ID": after}

    async def read() -> None:
        cookies = {"complaint-graph-session": token}
        async with (
            httpx2.AsyncClient(base_url=origin, timeout=60, cookies=cookies) as client,
            client.stream(
                "GET", "/live", params={"listener": listener, **asked}, headers=headers
            ) as answer,
        ):
            assert answer.headers["content-type"].startswith("text/event-stream")
            fields: dict[str, str] = {}
            async for line in answer.aiter_lines():
                if line:
                    name, _, value = line.partition(": ")
                    fields[name] = f"{fields[name]}\n{value}" if name in fields else value
                    continue
                if "event" in fields:
                    made.events.append((fields["event"], fields["data"], fields.get("id", "")))
                fields = {}
        made.ended.set()

    made.reading = asyncio.create_task(read())
    try:
        yield made
    finally:
        await made.close()


async def listener_of(origin: str, token: str) -> str:
    """The mark on a person's pages."""
    cookies = {"complaint-graph-session": token}
    async with httpx2.AsyncClient(base_url=origin, cookies=cookies) as client:
        text = (await client.get("/desk")).text
    return text.partition('data-listener="')[2].partition('"')[0]


async def test_a_stream_goes_on_where_it_was_left(bank: Bank, origin: str) -> None:
    token = await signed_in(bank, somebody("resuming"))
    mark = await listener_of(origin, token)
    async with heard(origin, token, mark, language="EN") as first:
        await first.until(lambda it: bool(it.named("position")))
        before = await given(bank, "resuming")
        await first.until(lambda it: bool(it.named("notice")))
        last = first.events[-1][2]
    missed = [await given(bank, "resuming") for _ in range(3)]
    async with heard(origin, token, mark, after=last, language="EN") as second:
        await second.until(lambda it: len(it.named("notice")) == 4)
        told = [data for _, data, _ in second.named("notice")]
    # What was told last may come again: its key is that of the first time.
    for case, data in zip([before, *missed], told, strict=True):
        assert case["reference"] in data
    key = first.named("notice")[0][1].partition('data-key="')[2].partition('"')[0]
    assert f'data-key="{key}"' in told[0]


@pytest.mark.usefixtures("origin")
async def test_what_was_told_is_passed_by_heartbeats(bank: Bank) -> None:
    token = await signed_in(bank, somebody("beating"))
    async with serving(bank, heartbeat_seconds=0.1) as address:
        origin = origin_of(address)
        mark = await listener_of(origin, token)
        async with heard(origin, token, mark) as stream:
            await stream.until(lambda it: bool(it.events))
            made = await given(bank, "beating")
            await stream.until(lambda it: bool(it.named("notice")))
            ((_, data, _),) = stream.named("notice")
            assert made["reference"] in data
            key = int(data.partition('data-key="')[2].partition('"')[0])
            await stream.until(lambda it: int(it.named("position")[-1][1]) >= key)


async def test_of_a_flood_a_few_are_told_and_it_goes_on_after(
    bank: Bank, origin: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("api.console.live._MOST", 2)
    monkeypatch.setattr("api.console.live._PERIOD", 1.0)
    token = await signed_in(bank, somebody("flood"))
    mark = await listener_of(origin, token)
    async with heard(origin, token, mark) as stream:
        await stream.until(lambda it: bool(it.named("position")))
        last = stream.events[-1][2]
    flood = [await given(bank, "flood") for _ in range(4)]
    async with heard(origin, token, mark, after=last, language="EN") as stream:
        await stream.until(lambda it: len(it.named("notice")) == 3)
        told = [data for _, data, _ in stream.named("notice")]
        assert all(case["reference"] in data for case, data in zip(flood, told[:2], strict=False))
        assert "More has happened than is told here." in told[2]
        await asyncio.sleep(1.5)
        later = await given(bank, "flood")
        await stream.until(lambda it: len(it.named("notice")) == 4)
        assert later["reference"] in stream.named("notice")[-1][1]


@pytest.mark.usefixtures("origin")
async def test_what_is_refused_for_now_is_told_later(
    bank: Bank, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("api.console.live._LATER", 0.2)
    token = await signed_in(bank, somebody("patient"))
    async with serving(bank, subscriptions=3) as address:
        origin = origin_of(address)
        mark = await listener_of(origin, token)
        async with AsyncExitStack() as stack:
            first = await stack.enter_async_context(heard(origin, token, mark))
            await first.until(lambda it: bool(it.named("position")))
            waiting = await stack.enter_async_context(heard(origin, token, mark))
            await waiting.until(lambda it: bool(it.named("position")))
            made = await given(bank, "patient")
            await first.until(lambda it: bool(it.named("notice")))
            assert not waiting.named("notice")
            await first.close()
            await waiting.until(lambda it: bool(it.named("notice")))
            assert made["reference"] in waiting.named("notice")[0][1]


async def test_a_position_of_another_bank_begins_anew(bank: Bank, origin: str) -> None:
    token = await signed_in(bank, somebody("moved"))
    mark = await listener_of(origin, token)
    async with heard(origin, token, mark, after="999999999") as stream:
        await stream.until(lambda it: bool(it.named("position")))
        made = await given(bank, "moved")
        await stream.until(lambda it: bool(it.named("notice")))
        assert made["reference"] in stream.named("notice")[0][1]


async def test_whoever_was_away_for_long_begins_anew(
    bank: Bank, origin: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    token = await signed_in(bank, somebody("away"))
    mark = await listener_of(origin, token)
    monkeypatch.setattr("api.console.live._FURTHEST", 1)
    for _ in range(2):
        await given(bank, "away")
    async with heard(origin, token, mark, after="1", language="EN") as stream:
        await stream.until(lambda it: bool(it.named("position")))
        made = await given(bank, "away")
        await stream.until(lambda it: len(it.named("notice")) == 2)
        first, second = (data for _, data, _ in stream.named("notice"))
    assert "More has happened than is told here." in first
    assert made["reference"] in second


async def test_one_person_has_so_many_streams(bank: Bank) -> None:
    token = await signed_in(bank, somebody("many"))
    async with serving(bank, streams=2) as address:
        origin = origin_of(address)
        mark = await listener_of(origin, token)
        async with heard(origin, token, mark) as first, heard(origin, token, mark) as second:
            await first.until(lambda it: bool(it.events))
            await second.until(lambda it: bool(it.events))
            async with heard(origin, token, mark) as third:
                async with asyncio.timeout(60):
                    await third.ended.wait()
            assert third.events == []
        # Those that have gone make room.
        async with heard(origin, token, mark) as fourth:
            await fourth.until(lambda it: bool(it.events))


async def test_a_stream_ends_with_the_session_and_keeps_none_alive(bank: Bank, origin: str) -> None:
    identity = somebody("idle")
    sessions = bank.services.access.sessions
    token = await signed_in(bank, identity)
    mark = await listener_of(origin, token)
    async with heard(origin, token, mark) as stream:
        await stream.until(lambda it: bool(it.events))
        # For half an hour nobody has done anything; it is asked several times who listens.
        database = bank.services.database
        seen = datetime.now(UTC) - timedelta(minutes=30)
        await database.write(lambda t: t.run(AWAY, at=seen))
        await asyncio.sleep(1)
        assert not stream.ended.is_set()
        (row,) = await database.read(LAST_USE)
        assert row["at"] == seen
        await sessions.end(token)
        async with asyncio.timeout(60):
            await stream.ended.wait()


async def test_a_page_of_somebody_else_hears_nothing(bank: Bank, origin: str) -> None:
    token = await signed_in(bank, somebody("after"))
    mark = await listener_of(origin, await signed_in(bank, somebody("before")))
    cookies = {"complaint-graph-session": token}
    async with httpx2.AsyncClient(base_url=origin, cookies=cookies) as client:
        assert (await client.get("/live", params={"listener": mark})).status_code == 204
        assert (await client.get("/live")).status_code == 204


async def test_a_server_that_closes_waits_for_no_stream(bank: Bank) -> None:
    token = await signed_in(bank, somebody("closing"))
    async with asyncio.timeout(60):
        async with serving(bank) as address:
            origin = origin_of(address)
            mark = await listener_of(origin, token)
            stream = heard(origin, token, mark)
            opened = await stream.__aenter__()
            await opened.until(lambda it: bool(it.events))
        await opened.ended.wait()
    await stream.__aexit__(None, None, None)
