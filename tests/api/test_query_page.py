"""The query page in a real browser: GraphiQL with what this service adds to it."""

import json
import re
from pathlib import Path

import pytest
from playwright.async_api import Browser, Locator, Page, expect

from api import assets
from api.examples import examples
from graph.domain.access import Role
from graph.queries.stream import settled_position
from tests.api.test_client import with_manifest
from tests.api.test_sign_in import a_key
from tests.support.bank import Bank
from tests.support.browser import Faults, origin_of, visiting
from tests.support.graphql import ask
from tests.support.live import serving
from tests.support.sign_in import changed

pytestmark = pytest.mark.graph

PRODUCT = "query Product($code: String!) { product(code: $code) { code label } }"
ROLES = "query Roles { viewer { roles } }"


async def opened(page: Page) -> None:
    """The page, once it has the schema."""
    async with page.expect_response(lambda answer: answer.request.method == "POST"):
        await page.goto("/graphql")
    await expect(page.get_by_role("button", name="Execute query")).to_be_visible()
    await expect(page.get_by_role("region", name="Example queries")).to_be_visible()


async def write(page: Page, editor: str, text: str) -> None:
    """Type into an editor (its label) in place of what it holds."""
    await page.get_by_role("region", name=editor).locator(".CodeMirror:visible").click()
    await page.keyboard.press("ControlOrMeta+a")
    await page.keyboard.press("Delete")
    await page.keyboard.insert_text(text)


async def run(page: Page, query: str | None = None) -> None:
    """Run what the editor holds, or another query, whose operation has a name."""
    if query is not None:
        await write(page, "Query Editor", query)
        # GraphiQL reads what is typed a moment later, and then names the tab by it.
        _, name, *_ = re.split(r"\W+", query)
        await expect(page.get_by_role("tab", name=name, exact=True)).to_be_visible()
    await page.get_by_role("button", name="Execute query").click()


def result(page: Page) -> Locator:
    return page.get_by_role("region", name="Result Window")


async def panel(page: Page, name: str) -> None:
    await page.get_by_role("button", name=f"Show {name}").click()


async def kept(page: Page) -> str:
    """All that the browser keeps of the page."""
    return str(await page.evaluate("JSON.stringify(localStorage)"))


async def test_the_documentation_shows_the_schema(page: Page) -> None:
    await opened(page)
    assert await page.title() == "Query page · complaint-graph"
    assert await page.locator("html").get_attribute("lang") == "en"
    await panel(page, "Documentation Explorer")
    docs = page.locator(".graphiql-doc-explorer")
    await docs.get_by_role("link", name="Query", exact=True).click()
    await docs.get_by_role("link", name="ComplaintConnection", exact=True).first.click()
    await expect(docs.get_by_role("link", name="totalCount")).to_be_visible()


async def test_an_example_is_chosen_and_run(page: Page) -> None:
    await opened(page)
    listed = page.get_by_role("region", name="Example queries").get_by_role("button")
    assert await listed.all_text_contents() == [example.title for example in examples()]
    search = next(each for each in examples() if "searchComplaints" in each.query)
    await page.get_by_role("button", name=search.title).click()
    await run(page)
    await expect(result(page)).to_contain_text('"searchComplaints": [')
    await expect(result(page)).to_contain_text('"complaint": {')


async def test_a_query_is_run_before_it_is_read(page: Page) -> None:
    """GraphiQL reads a text a moment after it changed; until then it knows the one before."""
    await opened(page)
    await run(page, ROLES)
    await expect(result(page)).to_contain_text("ADMINISTRATOR")
    await page.evaluate(
        """query => {
            document.querySelector(".graphiql-query-editor .CodeMirror").CodeMirror.setValue(query);
            document.querySelector(".graphiql-execute-button").click();
        }""",
        'query Card { product(code: "CARD") { label } }',
    )
    await expect(result(page)).to_contain_text('"label": "Credit card"')


async def test_an_example_leaves_what_was_typed(page: Page) -> None:
    await opened(page)
    await write(page, "Query Editor", ROLES)
    first, *_ = examples()
    await page.get_by_role("button", name=first.title).click()
    await expect(page.get_by_role("tab")).to_have_count(2)
    await expect(page.get_by_role("region", name="Query Editor")).to_contain_text("precedents")
    await page.get_by_role("tab").first.click()
    await expect(page.get_by_role("region", name="Query Editor")).to_contain_text(ROLES)


async def test_variables_and_headers_are_sent(page: Page) -> None:
    await opened(page)
    await write(page, "Variables", '{"code": "CARD"}')
    await run(page, PRODUCT)
    await expect(result(page)).to_contain_text('"label": "Credit card"')
    await page.get_by_role("button", name="Headers").click()
    await write(page, "Headers", '{"Accept-Language": "zh-CN"}')
    await run(page)
    await expect(result(page)).to_contain_text('"label": "信用卡"')


async def test_history_outlasts_a_reload_and_headers_do_not(page: Page) -> None:
    await opened(page)
    await page.get_by_role("button", name="Headers").click()
    await write(page, "Headers", '{"X-Purpose-Of-Use": "kept-from-the-disk"}')
    await run(page, ROLES)
    await expect(result(page)).to_contain_text("ADMINISTRATOR")
    await page.reload()
    await panel(page, "History")
    await expect(page.get_by_role("region", name="History")).to_contain_text("Roles")
    await expect(page.get_by_role("region", name="Query Editor")).to_contain_text(ROLES)
    stored = await kept(page)
    assert "viewer" in stored
    assert "kept-from-the-disk" not in stored


async def test_a_subscription_shows_an_event_until_it_is_stopped(bank: Bank, page: Page) -> None:
    await opened(page)
    (example,) = [each for each in examples() if "subscription" in each.query]
    start = await settled_position(bank.services.database)
    await page.get_by_role("button", name=example.title).click()
    await write(page, "Variables", json.dumps({"after": str(start)}))
    async with page.expect_websocket() as connected:
        await run(page)
    threat = "再不退款，我就去监管部门投诉。"
    register = """mutation ($input: RegisterComplaintInput!) {
        registerComplaint(input: $input) { complaint { reference } } }"""
    answer = await ask(bank.services, register, input={"narrative": threat})
    reference = answer["registerComplaint"]["complaint"]["reference"]
    await expect(result(page)).to_contain_text(reference)
    socket = await connected.value
    async with socket.expect_event("close"):
        await page.get_by_role("button", name="Stop query").click()
    await expect(page.get_by_role("button", name="Execute query")).to_be_visible()


async def test_an_error_of_a_query_is_shown(page: Page) -> None:
    await opened(page)
    await run(page, "query Wrong { nothing }")
    await expect(result(page)).to_contain_text("Cannot query field 'nothing' on type 'Query'.")


async def test_a_refusal_is_told_in_words(page: Page, faults: Faults) -> None:
    await opened(page)
    notice = page.get_by_role("alert")
    await expect(notice).to_be_hidden()
    await page.get_by_role("button", name="Headers").click()
    await write(page, "Headers", '{"Authorization": "Bearer nonsense"}')
    await run(page, ROLES)
    faults.expect("401")
    await expect(notice).to_contain_text(re.compile("^401: .+"))
    await expect(result(page)).to_contain_text("UNAUTHENTICATED")
    await run(page, "subscription Deadlines { deadlines { position } }")
    await expect(notice).to_have_text("The connection ended: Forbidden.")
    await write(page, "Headers", "{}")
    await run(page, ROLES)
    await expect(result(page)).to_contain_text("ADMINISTRATOR")
    await expect(notice).to_be_hidden()


async def test_the_dialogs_and_the_dark_theme_keep_to_the_policy(
    browser: Browser, origin: str
) -> None:
    async with visiting(browser, origin, dark=True) as (page, _):
        await opened(page)
        await page.get_by_role("button", name="Open settings dialog").click()
        dialog = page.get_by_role("dialog")
        await dialog.get_by_role("button", name="Light").click()
        await expect(page.locator("body")).to_have_class("graphiql-light")
        await page.keyboard.press("Escape")
        await page.get_by_role("button", name="Open short keys dialog").click()
        await expect(page.get_by_role("dialog")).to_contain_text("Prettify")


async def test_faults_of_a_page_are_found(browser: Browser, origin: str) -> None:
    visit = visiting(browser, origin)
    page, faults = await visit.__aenter__()
    await page.goto("/")
    await page.evaluate("document.head.append(document.createElement('style'))")
    await page.evaluate("document.querySelector('style').textContent = 'p { color: red }'")
    await page.evaluate("fetch('https://elsewhere.example/').catch(() => null)")
    await page.evaluate("setTimeout(() => { throw new Error('thrown') })")
    await page.wait_for_event("pageerror")
    with pytest.raises(AssertionError):
        await visit.__aexit__(None, None, None)
    for part in ("CSP: style-src-elem", "CSP: connect-src", "uncaught: thrown"):
        assert any(part in fault for fault in faults.found), part


async def test_in_production_the_page_is_for_administrators(bank: Bank, browser: Browser) -> None:
    production = changed(bank, environment="production")
    handler, administrator = [
        {"Authorization": f"Bearer {await a_key(bank, role)}"}
        for role in (Role.HANDLER, Role.ADMINISTRATOR)
    ]
    async with serving(production) as address:
        origin = origin_of(address)
        async with visiting(browser, origin, headers=handler) as (page, faults):
            faults.expect("403")
            answer = await page.goto("/graphql")
            assert answer is not None
            assert answer.status == 403
            await expect(page.get_by_role("heading")).to_have_text("For administrators only")
            await expect(page.locator("body")).to_contain_text("are for administrators")
            await expect(page.locator("script")).to_have_count(0)
        async with visiting(browser, origin, headers=administrator) as (page, _):
            await opened(page)
            await run(page, ROLES)
            await expect(result(page)).to_contain_text("ADMINISTRATOR")


async def test_the_schema_is_shown_where_introspection_is_refused(
    bank: Bank, browser: Browser, tmp_path: Path
) -> None:
    manifest = tmp_path / "manifest.json"
    manifest.write_text(json.dumps({"roles": ROLES}), "utf-8")
    async with serving(with_manifest(bank, "required", manifest)) as address:
        async with visiting(browser, origin_of(address)) as (page, _):
            await opened(page)
            await panel(page, "Documentation Explorer")
            docs = page.locator(".graphiql-doc-explorer")
            await expect(docs.get_by_role("link", name="Query", exact=True)).to_be_visible()
            await run(page, ROLES)
            await expect(result(page)).to_contain_text("ADMINISTRATOR")
            await run(page, PRODUCT)
            await expect(result(page)).to_contain_text("QUERY_NOT_IN_SAFELIST")


async def test_missing_files_are_named_with_the_command_that_gets_them(
    page: Page, faults: Faults, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(assets, "DIST", tmp_path)
    faults.expect("503")
    await page.goto("/graphql")
    await expect(page.get_by_role("heading")).to_have_text("Files are missing")
    await expect(page.locator("body")).to_contain_text("graphiql.js")
    await expect(page.locator("body")).to_contain_text("make setup")
