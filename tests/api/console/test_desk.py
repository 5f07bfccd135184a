"""The desk as somebody sees it, without scripts."""

import re
from html import unescape
from uuid import uuid4

import httpx2
import pytest

from api.app import create_app
from graph.domain.access import Identity, Method, Reach, Role
from graph.domain.enums import OPEN_STATUSES
from tests.api.console.visitors import signed_in
from tests.support.bank import Bank
from tests.support.graphql import ask
from tests.support.http import client as http_client

pytestmark = pytest.mark.graph
_BOX = re.compile(r'name="case" value="([^"]+)"')


def references(html: str) -> list[str]:
    return re.findall(r'<td class="reference"><a href="/cases/([^"]+)"', html)


async def test_the_desk_lists_what_the_api_lists(client: httpx2.AsyncClient, bank: Bank) -> None:
    page = await client.get("/desk?level=RED&level=YELLOW&order=RECEIVED_ASC")
    assert page.status_code == 200
    query = """query ($f: ComplaintFilter) { complaints(first: 50, orderBy: RECEIVED_ASC,
      filter: $f) { totalCount nodes { reference } } }"""
    wanted = {"levels": ["RED", "YELLOW"], "statuses": sorted(OPEN_STATUSES)}
    listed = (await ask(bank.services, query, f=wanted))["complaints"]
    assert listed["nodes"]
    assert references(page.text) == [node["reference"] for node in listed["nodes"]]
    assert f"{listed['totalCount']} cases" in page.text
    assert 'lang="en"' in page.text


async def test_what_a_list_is_narrowed_to_is_said_in_words(client: httpx2.AsyncClient) -> None:
    page = await client.get(
        "/desk?products=CARD-FEE&also.branches=BJ&types=FEE_DISPUTE&rootCauses=UNTOLD&status=any"
    )
    narrowed = re.findall(r'class="choices narrowed">(.*?)</ul>', page.text, re.DOTALL)
    words = re.findall(r"<span>([^<]+)</span>", narrowed[0])
    assert words == [
        "Product: Annual fee",
        "Branch: Beijing",
        "Type: fee dispute",
        "Root cause: Fee not told",
        "Any status, closed ones too",
    ]


async def test_the_browser_s_language_is_taken_and_a_choice_is_kept(
    client: httpx2.AsyncClient,
) -> None:
    chinese = await client.get("/desk", headers={"Accept-Language": "zh-CN"})
    assert "<h1>工作台</h1>" in chinese.text
    assert "工作日" in chinese.text or "小时" in chinese.text
    here = f"{client.base_url}/desk?whose=mine"
    chosen = await client.post("/language/ZH", headers={"Referer": here})
    assert (chosen.status_code, chosen.headers["location"]) == (303, here)
    assert "<h1>工作台</h1>" in (await client.get("/desk")).text
    elsewhere = await client.post("/language/EN", headers={"Referer": "https://evil.example/desk"})
    assert elsewhere.headers["location"] == "/desk"
    assert (await client.post("/language/XX")).status_code == 400


async def test_many_are_handed_over_and_what_could_not_be_is_told(
    client: httpx2.AsyncClient, bank: Bank
) -> None:
    page = await client.get("/desk?order=RECEIVED_ASC")
    boxes = [unescape(box) for box in _BOX.findall(page.text)[:3]]
    stale = boxes[1].rpartition(" ")[0] + " 77"
    key = re.search(r'name="key" value="([^"]+)"', page.text)
    assert key
    form = {"case": [boxes[0], stale, boxes[2]], "assignee": "lin", "note": "", "key": key[1]}
    done = await client.post("/desk?order=RECEIVED_ASC", data=form)
    assert done.status_code == 200
    assert "2 cases were handed over." in done.text
    told = done.text.partition("These were left as they are:")[2]
    assert references_in(told)[:1] == [references(page.text)[1]]
    rows = await bank.services.database.read(
        "MATCH (c:Complaint {assignee: 'lin'}) RETURN count(*) AS n"
    )
    assert rows[0]["n"] == 2
    # Sent again after a lost answer, it says the same and does nothing twice.
    again = await client.post("/desk?order=RECEIVED_ASC", data=form)
    assert again.status_code == 200
    nothing = await client.post("/desk", data={"assignee": "lin", "key": str(uuid4())})
    assert nothing.status_code == 422
    assert "Choose the cases first" in nothing.text


def references_in(html: str) -> list[str]:
    return re.findall(r'href="/cases/([^"]+)"', html)


async def test_what_is_closed_has_no_deadline_any_more(client: httpx2.AsyncClient) -> None:
    page = await client.get("/desk?status=CLOSED")
    assert references(page.text)
    assert "overdue by" not in page.text
    assert "overdue by" in (await client.get("/desk")).text


async def test_one_box_finds_by_reference_and_by_words(client: httpx2.AsyncClient) -> None:
    found = await client.get("/find", params={"text": "BANK-3"})
    assert (found.status_code, found.headers["location"]) == (303, "/cases/BANK-3")
    words = await client.get("/find", params={"text": "annual fee charged without notice"})
    assert words.status_code == 200
    assert references(words.text)
    assert "Alike what you wrote" in words.text
    assert ">Deadline</th>" in words.text
    # What it is filed under, the branch too, and by when it is due.
    assert re.search(r'<span class="small">[^<]+ · [^<]+</span>', words.text)
    assert 'class="due' in words.text
    assert (await client.get("/find", params={"text": " "})).headers["location"] == "/desk"


async def test_a_handler_s_pages_hold_nothing_of_other_branches(bank: Bank) -> None:
    services = bank.services
    rows = await services.database.read(
        """MATCH (c:Complaint) WHERE NOT 'BJ' IN c.branchCodes
        RETURN c.reference AS reference, c.id AS id ORDER BY c.reference"""
    )
    foreign = {row["reference"] for row in rows}
    assert len(foreign) > 20
    app = create_app(services.settings, services)
    handler = Identity(
        "yue", "Yue", frozenset({Role.HANDLER}), Reach(branches=("BJ",)), Method.SESSION
    )
    token, _ = await services.access.sessions.begin(handler, services.access.clock())
    async with http_client(app) as asked:
        asked.cookies.set("complaint-graph-session", token)
        asked.headers["Accept-Language"] = "en"
        for address in ("/desk", "/desk?status=CLOSED&order=RECEIVED_ASC", "/find?text=年费"):
            page = await asked.get(address)
            assert page.status_code == 200, address
            assert not foreign & set(references_in(page.text)), address
            assert references_in(page.text), address
        own = references_in((await asked.get("/desk")).text)[0]
        case = await asked.get(f"/cases/{own}")
        assert case.status_code == 200
        assert not foreign & set(references_in(case.text))
        one = sorted(foreign)[0]
        beyond, absent = await asked.get(f"/cases/{one}"), await asked.get("/cases/NONE-1")
        assert beyond.status_code == absent.status_code == 404
        assert beyond.text.replace(one, "NONE-1") == absent.text


async def test_who_sees_no_case_is_told_so(bank: Bank) -> None:
    services = bank.services
    service = Identity("cus", "Cus", frozenset({Role.CUSTOMER}), Reach(), Method.SESSION)
    token, _ = await services.access.sessions.begin(service, services.access.clock())
    async with http_client(create_app(services.settings, services)) as asked:
        asked.cookies.set("complaint-graph-session", token)
        asked.headers["Accept-Language"] = "en"
        assert "Your roles do not show single cases." in (await asked.get("/desk")).text
        refused = await asked.get("/cases/BANK-1")
        assert (refused.status_code, "This room is not yours" in refused.text) == (403, True)


async def test_while_the_service_starts_the_page_says_so(bank: Bank) -> None:
    async with http_client(create_app(bank.services.settings)) as asked:
        page = await asked.get("/desk", headers={"Accept-Language": "en"})
        assert page.status_code == 503
        assert "The service is away for a moment" in page.text
        assert page.headers["content-type"].startswith("text/html")


async def test_a_list_is_kept_under_a_name_and_forgotten(
    client: httpx2.AsyncClient, bank: Bank
) -> None:
    address = "/desk?level=RED&order=AMOUNT_DESC&products=CARD"
    page = await client.get(address)
    view = re.search(r'name="view" value="([^"]*)"', page.text)
    assert view
    form = {"name": "大额<b>红色</b>", "view": unescape(view[1]), "key": str(uuid4())}
    kept = await client.post("/desk/views", data=form)
    assert kept.status_code == 303
    again = await client.get("/desk")
    links = re.findall(
        r'<a href="([^"]+)" >([^<]+)</a>\s*<form method="post" action="/desk/views', again.text
    )
    ((shown, name),) = links
    assert unescape(name) == "大额<b>红色</b>"
    listed = await client.get(unescape(shown))
    assert references(listed.text) == references(page.text)
    assert 'aria-current="true">大额' in listed.text
    # They are the person's own.
    async with await signed_in(bank, Role.HANDLER, "BJ", "wei") as other:
        assert "大额" not in (await other.get("/desk")).text
    refused = await client.post("/desk/views", data={**form, "name": " ", "key": str(uuid4())})
    assert (refused.status_code, 'role="alert"' in refused.text) == (422, True)
    gone = await client.post("/desk/views/remove", data={"name": "大额<b>红色</b>"})
    assert gone.status_code == 303
    assert "大额" not in (await client.get("/desk")).text
