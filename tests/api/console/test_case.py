"""A case's page: what stands on it, its steps, and what happens when two people take them."""

import re
from html import unescape
from typing import Any
from uuid import uuid4

import httpx2
import pytest

from tests.support.bank import Bank
from tests.support.graphql import ask

pytestmark = pytest.mark.graph

REGISTER = """mutation ($input: RegisterComplaintInput!) { registerComplaint(input: $input) {
  errors { message } complaint { id reference version } } }"""
HOSTILE = "<script>alert(1)</script>\"'><img src=x onerror=alert(2)>{{ 7 * 7 }}"


async def registered(bank: Bank, narrative: str, **given: Any) -> dict[str, Any]:
    data = {"narrative": narrative, "channel": "PHONE", **given}
    payload = (await ask(bank.services, REGISTER, input=data))["registerComplaint"]
    assert payload["errors"] == []
    complaint: dict[str, Any] = payload["complaint"]
    return complaint


def form_of(html: str, **values: str) -> dict[str, str]:
    """The hidden fields of a page's last form that has a key, with more."""
    hidden = re.findall(r'type="hidden" name="(\w+)" value="([^"]*)"', html)
    return {**{name: unescape(value) for name, value in hidden}, **values}


async def test_a_case_has_its_text_precedents_and_steps(
    client: httpx2.AsyncClient, bank: Bank
) -> None:
    made = await registered(bank, "年费没有提前告知就扣款。三天内不退，我就去法院起诉！")
    page = await client.get(f"/cases/{made['reference']}")
    assert page.status_code == 200
    assert "<mark>三天内不退，我就去法院起诉！</mark>" in page.text
    assert page.text.count('class="precedent"') >= 3
    assert f'/cases/{made["reference"]}/steps/classify"' in page.text
    assert "Cache-Control" in page.headers
    assert page.headers["cache-control"] == "no-store"


@pytest.mark.parametrize("place", ["case", "desk", "find", "step"])
async def test_markup_in_texts_stays_text(
    client: httpx2.AsyncClient, bank: Bank, place: str
) -> None:
    made = await registered(
        bank, f"{HOSTILE} 年费 {place}", subject=f"{HOSTILE}{place}", assignee="<b>ann</b>"
    )
    reference = made["reference"]
    await client.post(f"/cases/{reference}/comments", data={"note": HOSTILE, "key": str(uuid4())})
    address = {
        "case": f"/cases/{reference}",
        "desk": "/desk?order=RECEIVED_DESC",
        "find": f"/find?text={reference[:-1]}",
        "step": f"/cases/{reference}/steps/assign",
    }[place]
    page = await client.get(address, follow_redirects=True)
    assert page.status_code == 200
    assert "&lt;b&gt;ann" in page.text or place == "find"
    assert "<script>alert" not in page.text
    assert "<img" not in page.text
    assert "<b>ann" not in page.text


async def test_a_step_is_taken_by_its_form(client: httpx2.AsyncClient, bank: Bank) -> None:
    made = await registered(bank, "房贷提前还款申请一直没有处理")
    address = f"/cases/{made['reference']}/steps/classify"
    form = await client.get(address)
    assert form.status_code == 200
    done = await client.post(address, data=form_of(form.text, type="FEE_DISPUTE", note="看过"))
    assert (done.status_code, done.headers["location"]) == (303, f"/cases/{made['reference']}")
    # The same form sent twice, as by a double click, is one step.
    again = await client.post(address, data=form_of(form.text, type="FEE_DISPUTE", note="看过"))
    assert again.status_code == 303
    page = await client.get(f"/cases/{made['reference']}")
    assert "Classified" in page.text or "classified" in page.text
    assert page.text.count("看过") == 1


async def test_of_two_the_second_sees_what_changed_and_keeps_what_was_typed(
    client: httpx2.AsyncClient, bank: Bank
) -> None:
    made = await registered(bank, "分期手续费与客服说的不一致")
    address = f"/cases/{made['reference']}/steps/assign"
    first, second = await client.get(address), await client.get(address)
    await client.post(address, data=form_of(first.text, assignee="ann"))
    late = await client.post(address, data=form_of(second.text, assignee="bo", note="交给 bo"))
    assert late.status_code == 422
    assert "Somebody changed the case while you were writing." in late.text
    assert 'value="bo"' in late.text
    assert "交给 bo" in late.text
    assert (await client.post(address, data=form_of(late.text, assignee="bo"))).status_code == 303
    case = await client.get(f"/cases/{made['reference']}")
    assert re.search(r"works on it:\s+bo\b", case.text)


async def test_what_is_wrong_stands_beside_its_field(
    client: httpx2.AsyncClient, bank: Bank
) -> None:
    made = await registered(bank, "年费收取有误")
    reference = made["reference"]
    address = f"/cases/{reference}/steps/set-level"
    form = await client.get(address)
    wrong = await client.post(address, data=form_of(form.text, level="RED", note=" "))
    assert wrong.status_code == 422
    field = wrong.text.partition('id="f-note"')[2].partition("</div>")[0]
    assert 'role="alert"' in field
    assert 'value="RED" selected' in wrong.text


async def test_what_was_typed_wrong_is_kept_and_told(
    client: httpx2.AsyncClient, bank: Bank
) -> None:
    made = await registered(bank, "年费收取有误，请退还")
    address = f"/cases/{made['reference']}/steps/classify"
    form = await client.get(address)
    wrong = await client.post(address, data=form_of(form.text, amount="12元", note="看过了"))
    assert wrong.status_code == 422
    assert "An amount is needed, such as 1250.50." in wrong.text
    assert 'value="12元"' in wrong.text
    assert "看过了" in wrong.text
    other = await client.post(address, data={"type": "FEE_DISPUTE"})
    assert (other.status_code, "This cannot be shown" in other.text) == (400, True)
    comment = await client.post(
        f"/cases/{made['reference']}/comments", data={"note": "长" * 20_000, "key": str(uuid4())}
    )
    assert comment.status_code == 422
    assert "长" * 20_000 in comment.text
    assert 'role="alert"' in comment.text
    bad = await client.post(f"/cases/{made['reference']}/ratings", data={"token": "x"})
    assert bad.status_code == 400


async def test_a_step_that_is_not_allowed_now_says_so(
    client: httpx2.AsyncClient, bank: Bank
) -> None:
    made = await registered(bank, "信用卡年费")
    page = await client.get(f"/cases/{made['reference']}/steps/close")
    assert "This step cannot be taken now" in page.text
    assert (await client.get(f"/cases/{made['reference']}/steps/dance")).status_code == 404


async def test_a_precedent_is_rated(client: httpx2.AsyncClient, bank: Bank) -> None:
    made = await registered(bank, "信用卡年费没有提前告知就直接扣款，要求退还")
    page = await client.get(f"/cases/{made['reference']}")
    token = re.search(r'name="token" value="([^"]+)"', page.text)
    assert token
    address = f"/cases/{made['reference']}/ratings"
    part = await client.post(
        address, data={"token": token[1], "useful": "yes"}, headers={"HX-Request": "true"}
    )
    assert part.text.strip() == '<p class="rated" role="status">Rated as useful.</p>'
    whole = await client.post(address, data={"token": token[1], "useful": "no"})
    assert whole.status_code == 303
    rows = await bank.services.database.read("MATCH (r:Rating) RETURN count(*) AS n")
    assert rows[0]["n"] >= 1


async def test_a_case_is_shown_as_it_stood(client: httpx2.AsyncClient, bank: Bank) -> None:
    made = await registered(bank, "房贷利率调整没有通知")
    address = f"/cases/{made['reference']}/steps/assign"
    await client.post(address, data=form_of((await client.get(address)).text, assignee="ann"))
    rows = await bank.services.database.read(
        """MATCH (:Complaint {reference: $r})-[:HAS_EVENT]->(e {seq: 1})
        RETURN toString(e.recordedAt) AS at""",
        r=made["reference"],
    )
    then = await client.get(f"/cases/{made['reference']}", params={"at": rows[0]["at"]})
    assert then.status_code == 200
    assert "As it stood on" in then.text
    assert "/steps/" not in then.text
    wrong = await client.get(f"/cases/{made['reference']}", params={"at": "yesterday"})
    assert wrong.status_code == 400
