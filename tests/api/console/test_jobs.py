"""Files and jobs in the console: sent, checked, imported, left, found again, fetched."""

import re
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any
from uuid import uuid4

import httpx2
import pytest
import pytest_asyncio
from playwright.async_api import Browser, Page, expect

from api.console import jobs as room
from graph.commands import jobs as commands
from graph.domain.access import Role
from graph.domain.enums import Language
from graph.domain.jobs import Beat, JobKind, JobPhase, JobState, NewJob, Result
from schema.ids import NodeKind, global_id
from tests.api.console.visitors import signed_in
from tests.support.bank import Bank
from tests.support.files import PHONE, file, rows

pytestmark = pytest.mark.graph

SILENT = "MATCH (j:Job {id: $id}) SET j.heartbeatAt = datetime() - duration('PT61S')"


@pytest_asyncio.fixture(loop_scope="session")
async def handler(bank: Bank) -> AsyncIterator[httpx2.AsyncClient]:
    async with await signed_in(bank, Role.HANDLER, "BJ", "lin") as asked:
        yield asked


async def checked(client: httpx2.AsyncClient, bank: Bank, sent: tuple[str, bytes]) -> str:
    """The page of a file that was looked at."""
    answer = await client.post("/imports/check", files={"file": sent})
    assert answer.status_code == 303, answer.text
    address = answer.headers["location"]
    held = bank.services.imports.uploads.of(address.rpartition("/")[2], "local")
    assert held.checking is not None
    await held.checking
    return str(address)


async def test_a_file_is_checked_then_imported_and_found_again(
    client: httpx2.AsyncClient, bank: Bank
) -> None:
    start = (await client.get("/imports")).text
    assert 'enctype="multipart/form-data"' in start
    table = rows(range(12), told=True) + "S99,no time,text,电话,x\n"
    address = await checked(client, bank, ("from-page.csv", table.encode()))
    shown = (await client.get(address)).text
    assert "13 rows, 1 of them not taken." in shown
    assert PHONE not in shown
    assert "source_id = &#34;编号&#34;" in shown
    assert "Columns that the mapping does not use: 备注" in shown
    assert "row not taken" in shown
    stored = await client.post(address)
    assert stored.status_code == 303
    await bank.services.jobs.settle()
    page = (await client.get(stored.headers["location"])).text
    assert "from-page.csv" in page
    assert re.search(r"<dt>New complaints</dt><dd>12</dd>", page)
    assert re.search(r"<dt>Rows not taken</dt><dd>1</dd>", page)
    assert "hx-get" not in page
    assert "from-page.csv" in (await client.get("/jobs")).text
    # The file is held no longer.
    assert (await client.get(address)).status_code == 404
    assert (await client.post(address)).status_code == 404


async def test_a_mapping_is_mended_and_checked_again(
    client: httpx2.AsyncClient, bank: Bank
) -> None:
    address = await checked(client, bank, file(range(3), "mended.csv"))
    uploads = bank.services.imports.uploads
    held = uploads.of(address.rpartition("/")[2], "local")
    for mapping, told in (
        ("no toml", "is no TOML"),
        ('system = "m"\n[fields]\nreceived_at = "投诉时间"\nassignee = "nobody"\n', "no column"),
        ('system = "m"\r\n[fields]\r\nreceived_at = "投诉时间"\r\n', "3 rows"),
    ):
        again = await client.post(f"{address}/mapping", data={"mapping": mapping})
        assert (again.status_code, again.headers["location"]) == (303, address)
        assert held.checking is not None
        await held.checking
        assert told in (await client.get(address)).text
    stored = await client.post(address)
    assert stored.status_code == 303
    await bank.services.jobs.settle()


async def test_what_is_no_table_is_one_sentence_at_the_form(client: httpx2.AsyncClient) -> None:
    answer = await client.post("/imports/check", files={"file": ("x.csv", b"hello")})
    assert answer.status_code == 422
    assert "x.csv has no rows" in answer.text
    assert 'type="file"' in answer.text


async def test_markup_in_names_and_cells_is_text(client: httpx2.AsyncClient, bank: Bank) -> None:
    name, mark = '"><img src=x onerror=alert(1)>.csv', "<img src=y onerror=alert(2)>"
    table = f"编号,投诉时间,投诉内容,{mark}\n1,2026-03-01 10:00,{mark},{mark}\n"
    address = await checked(client, bank, (name, table.encode()))
    for page in (
        (await client.get(address)).text,
        (await client.get((await client.post(address)).headers["location"])).text,
        (await client.get("/jobs")).text,
    ):
        assert "<img" not in page
        assert "&lt;img src=x" in page
    await bank.services.jobs.settle()


async def test_a_check_that_goes_on_says_how_far_it_is(
    client: httpx2.AsyncClient, bank: Bank
) -> None:
    address = await checked(client, bank, file(range(3), "slow.csv"))
    held = bank.services.imports.uploads.of(address.rpartition("/")[2], "local")
    held.report, held.rows = None, 2_000
    page = (await client.get(address)).text
    assert "2,000 rows so far" in page
    assert f'hx-get="{address}"' in page


async def test_nobody_takes_up_the_file_of_another(
    client: httpx2.AsyncClient, bank: Bank, handler: httpx2.AsyncClient
) -> None:
    address = await checked(client, bank, file(range(3)))
    assert (await handler.get("/imports")).status_code == 403
    assert (await handler.get(address)).status_code == 403
    assert (await handler.post(address)).status_code == 403
    async with await signed_in(bank, Role.ADMINISTRATOR, "BJ", "boss") as boss:
        assert (await boss.get(address)).status_code == 404
        assert (await boss.post(f"{address}/mapping", data={"mapping": "x"})).status_code == 404
    assert "Import a file" not in (await handler.get("/jobs")).text


async def test_too_many_imports_are_told_and_the_file_stays(
    client: httpx2.AsyncClient, bank: Bank
) -> None:
    address = await checked(client, bank, file(range(3), "fifth.csv"))
    database = bank.services.database
    made = [await commands.begin(database, NewJob(JobKind.IMPORT, "wu")) for _ in range(4)]
    answer = await client.post(address)
    assert answer.status_code == 409
    assert "Four imports run or wait already" in answer.text
    await commands.interrupt(database, [job.id for job, _ in made])
    assert (await client.post(address)).status_code == 303
    await bank.services.jobs.settle()


async def test_a_list_is_exported_and_fetched_by_who_began_it(
    handler: httpx2.AsyncClient, bank: Bank
) -> None:
    desk = (await handler.get("/desk?status=any")).text
    assert "Export these cases" in desk
    began = await handler.post("/jobs/export", data={"view": "status=any", "format": "CSV"})
    assert began.status_code == 303
    await bank.services.jobs.settle()
    address = began.headers["location"]
    page = (await handler.get(address)).text
    assert "Download complaints-" in page
    fetched = await handler.get(f"{address}/file")
    assert fetched.status_code == 200
    assert fetched.headers["content-disposition"].startswith("attachment")
    assert fetched.headers["cache-control"] == "no-store"
    listed = fetched.content.decode("utf-8-sig").splitlines()
    assert len(listed) > 1
    assert all(",BJ" in line for line in listed[1:])
    async with await signed_in(bank, Role.HANDLER, "BJ", "wu") as other:
        assert (await other.get(address)).status_code == 404
        assert (await other.get(f"{address}/file")).status_code == 404
        assert (await other.post(f"{address}/cancel", data={"key": str(uuid4())})).status_code in {
            400,
            404,
        }
    async with await signed_in(bank, Role.ADMINISTRATOR, "BJ", "boss") as boss:
        assert "Download" not in (await boss.get(address)).text
        assert (await boss.get(f"{address}/file")).status_code == 404
    for each in (bank.services.settings.home / "exports").iterdir():
        each.unlink()
    assert (await handler.get(f"{address}/file")).status_code == 404
    await bank.services.database.run("MATCH (j:Job) REMOVE j.file")
    assert "no longer kept" in (await handler.get(address)).text


async def test_a_refit_is_begun_at_the_clusters(
    client: httpx2.AsyncClient, bank: Bank, handler: httpx2.AsyncClient
) -> None:
    assert "Make the clusters anew" in (await client.get("/clusters")).text
    began = await client.post("/jobs/refit", data={"key": str(uuid4())})
    assert began.status_code == 303
    await bank.services.jobs.settle()
    page = (await client.get(began.headers["location"])).text
    assert "<dt>Clusters</dt>" in page
    assert (await handler.post("/jobs/refit", data={"key": str(uuid4())})).status_code == 403


@pytest.mark.parametrize("kind", list(JobKind))
async def test_every_state_says_what_to_do(
    client: httpx2.AsyncClient, bank: Bank, kind: JobKind
) -> None:
    database = bank.services.database
    job, _ = await commands.begin(database, NewJob(kind, "local", "a.csv"))
    address = f"/jobs/{global_id(NodeKind.JOB, job.id)}"
    assert "It begins." in (await client.get(address)).text
    await commands.beat(database, [Beat(job.id, JobPhase.WAIT, 0, None)])
    assert "Another import runs" in (await client.get(address)).text
    await commands.beat(database, [Beat(job.id, JobPhase.IMPORT, 500, 2_000)])
    page = (await client.get(address)).text
    assert '<progress id="bar" max="2000" value="500">' in page
    assert "500 / 2,000" in page
    assert f'hx-get="{address}"' in page
    assert 'hx-get="/jobs"' in (await client.get("/jobs")).text
    await database.run(
        "MATCH (j:Job {id: $id}) SET j.phaseAt = datetime() - duration('PT60S')", id=job.id
    )
    assert "about 3 minutes left in this phase" in (await client.get(address)).text
    await database.run(SILENT, id=job.id)
    page = (await client.get(address)).text
    assert "interrupted" in page
    assert ("send the same file again" if kind is JobKind.IMPORT else "start it again") in page
    await commands.beat(database, [Beat(job.id, JobPhase.IMPORT, 500, 2_000)])
    cancelled = await client.post(f"{address}/cancel", data={"key": str(uuid4())})
    assert cancelled.status_code == 303
    await commands.end(database, job.id, JobState.CANCELLED)
    page = (await client.get(address)).text
    assert ("Send the same file again" if kind is JobKind.IMPORT else "Start it again") in page
    assert (await client.post(f"{address}/cancel", data={"key": str(uuid4())})).status_code in {
        400,
        409,
    }
    failed, _ = await commands.begin(database, NewJob(kind, "local"))
    await commands.end(database, failed.id, JobState.FAILED, Result(error="Do <this>."))
    page = (await client.get(f"/jobs/{global_id(NodeKind.JOB, failed.id)}")).text
    assert "Do &lt;this&gt;." in page


async def test_there_is_no_job_yet(bank: Bank) -> None:
    async with await signed_in(bank, Role.AUDITOR, "SH", "nobody-yet") as asked:
        assert "No job yet" in (await asked.get("/jobs")).text
        assert (await asked.get("/jobs/nonsense")).status_code == 400


def test_what_is_left_is_told_from_what_was_done() -> None:
    class Visitor:
        language = Language.ZH

    job: dict[str, Any] = {
        "state": "RUNNING", "done": 1, "total": 2, "phaseStartedAt": "2026-01-01T00:00:00+00:00",
    }  # fmt: skip
    assert room._rest(job, Visitor()) is not None  # type: ignore[arg-type]
    assert room._rest({**job, "total": None}, Visitor()) is None  # type: ignore[arg-type]
    assert room._rest({**job, "state": "DONE"}, Visitor()) is None  # type: ignore[arg-type]
    soon = {**job, "phaseStartedAt": "2999-01-01T00:00:00+00:00"}
    assert room._rest(soon, Visitor()) is None  # type: ignore[arg-type]


async def test_a_file_goes_its_way_in_the_browser(page: Page, tmp_path: Path) -> None:
    sent = tmp_path / "browser.csv"
    sent.write_text(rows(range(25), "B"), "utf-8")
    await page.goto("/jobs")
    await page.get_by_role("link", name="Import a file").click()
    await page.get_by_label("File", exact=True).set_input_files(sent)
    await page.get_by_role("button", name="Check").click()
    await expect(page.locator("#checked")).to_contain_text("25 rows")
    await expect(page.locator("#checked")).to_contain_text("Nothing is stored yet.")
    await page.get_by_role("button", name="Import", exact=True).click()
    await expect(page.locator("h1")).to_have_text("import: browser.csv")
    await expect(page.locator("dl")).to_contain_text("New complaints25")
    # Left, and found again.
    await page.goto("/desk")
    await page.get_by_role("navigation", name="Rooms").get_by_role("link", name="Jobs").click()
    await expect(page.locator("#jobs tbody tr").first).to_contain_text("done")
    await page.locator("#jobs tbody a").first.click()
    await expect(page.locator("dl")).to_contain_text("New complaints25")


async def test_a_file_goes_its_way_without_scripts(
    browser: Browser, origin: str, bank: Bank, tmp_path: Path
) -> None:
    sent = tmp_path / "plain.csv"
    sent.write_text(rows(range(5), "P"), "utf-8")
    context = await browser.new_context(base_url=origin, java_script_enabled=False, locale="zh-CN")
    page = await context.new_page()
    await page.goto("/imports")
    await page.get_by_label("文件", exact=True).set_input_files(sent)
    await page.get_by_role("button", name="检查").click()
    while await page.get_by_role("link", name="刷新").count():
        await page.get_by_role("link", name="刷新").click()
    await expect(page.locator("#checked")).to_contain_text("共5行")
    await page.get_by_role("button", name="导入", exact=True).click()
    await bank.services.jobs.settle()
    if await page.get_by_role("link", name="刷新").count():
        await page.get_by_role("link", name="刷新").click()
    await expect(page.locator("dl")).to_contain_text("新增投诉5")
    await page.get_by_role("link", name="全部任务").click()
    await expect(page.locator("#jobs tbody tr").first).to_contain_text("plain.csv")
    await context.close()
