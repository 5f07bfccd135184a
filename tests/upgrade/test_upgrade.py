"""What an earlier release stored, under this one: read, proven whole, and worked on.

``graph-X.Y.Z.jsonl.gz`` is what release X.Y.Z wrote (see ``tests.support.stored_graph``).
"""

from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import neo4j
import pytest
import pytest_asyncio

from api.services import Services, access_sealer, open_services
from benchmarks.operations.wide import ask
from graph.consistency import check
from graph.consistency.access_log import verify
from graph.embedded import engine
from graph.embedded.options import EngineOptions
from graph.migrations.steps import STEPS
from ingest.masking.masker import VERSION
from schema.ids import NodeKind, global_id
from tests.support.stored_graph import read, settings_at

pytestmark = pytest.mark.graph

STORED = sorted(Path(__file__).parent.glob("graph-*.jsonl.gz"))


@dataclass(frozen=True)
class Upgraded:
    """The services over the graph, and the lines of what was stored."""

    services: Services
    nodes: list[dict[str, Any]]

    def of(self, label: str) -> list[dict[str, Any]]:
        return [line["properties"] for line in self.nodes if label in line["labels"]]


@pytest_asyncio.fixture(
    params=STORED, ids=lambda path: path.name, scope="module", loop_scope="session"
)
async def upgraded(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> AsyncIterator[Upgraded]:
    home = tmp_path_factory.mktemp("upgrade")
    with engine(EngineOptions(home=home)) as connection:
        auth = (connection.user, connection.password)
        with neo4j.GraphDatabase.driver(connection.uri, auth=auth) as driver:
            with driver.session() as session:
                nodes = read(session, request.param)
        async with open_services(settings_at(home, connection)) as services:
            yield Upgraded(services, nodes)


async def test_it_is_brought_up_to_date(upgraded: Upgraded) -> None:
    rows = await upgraded.services.database.read("MATCH (m:Migration) RETURN m.name AS name")
    names = {row["name"] for row in rows}
    assert names == {step.name for step in STEPS}
    assert len(upgraded.of("Migration")) < len(names)


async def test_it_is_whole_and_so_is_the_access_log(upgraded: Upgraded) -> None:
    services = upgraded.services
    report = await check(services.database)
    assert report.clean, report
    log = await verify(services.database, access_sealer(services.keyring))
    assert log.holds, log
    assert len(upgraded.of("AccessRecord")) > 0


_CASE = """
query ($id: ID!) { complaint(id: $id) {
  reference narrative status level version
  events(first: 50) { nodes { kind seq note } }
  customerHistory { reference } duplicates { reference } repeats { reference }
  similar(first: 3) { score explanation { summary } }
  precedents(first: 3) { score resolution { outcome } }
  escalation { setBy alerts { id level } }
} }
"""


async def test_cases_read_as_they_were_stored(upgraded: Upgraded) -> None:
    stored = upgraded.of("Complaint")
    assert len(stored) > 100
    for case in stored[::4]:
        identity = global_id(NodeKind.COMPLAINT, case["id"])
        shown = (await ask(upgraded.services, _CASE, id=identity))["complaint"]
        for name in ("reference", "status", "level", "version"):
            assert shown[name] == case[name]
        assert shown["narrative"] == case.get("narrative")
        assert [event["seq"] for event in shown["events"]["nodes"]]


_LISTS = """
{ complaints(first: 1) { totalCount } searchComplaints(text: "年费", first: 5) { score }
  alerts { nodes { id } } clusters(first: 20) { nodes { id } }
  systemicIssues { nodes { id title } } remediations { nodes { id title } }
  branches { totalCount } products { totalCount } position
  hotspots(first: 3) { count } }
"""


async def test_lists_and_analyses_answer(upgraded: Upgraded) -> None:
    shown = await ask(upgraded.services, _LISTS)
    assert shown["complaints"]["totalCount"] == len(upgraded.of("Complaint"))
    assert len(shown["searchComplaints"]) == 5
    assert len(shown["clusters"]["nodes"]) == len(upgraded.of("Cluster"))
    assert len(shown["systemicIssues"]["nodes"]) == len(upgraded.of("SystemicIssue"))
    assert len(shown["remediations"]["nodes"]) == len(upgraded.of("Remediation"))


_REGISTER = """
mutation ($i: RegisterComplaintInput!) { registerComplaint(input: $i) {
  errors { message } complaint { id version similar(first: 3) { score } } } }
"""
_CLASSIFY = """
mutation ($i: ClassifyComplaintInput!) { classifyComplaint(input: $i) {
  errors { message } complaint { status events(first: 9) { nodes { position } } } } }
"""


async def test_work_goes_on_where_it_stood(upgraded: Upgraded) -> None:
    services = upgraded.services
    before = int((await ask(services, "{ position }"))["position"])
    given = {"narrative": "年费没有提前告知就扣了，要求退还", "channel": "PHONE", "branch": "SH"}
    made = (await ask(services, _REGISTER, i=given))["registerComplaint"]
    assert made["errors"] == []
    assert len(made["complaint"]["similar"]) == 3
    step = {"complaint": made["complaint"]["id"], "version": made["complaint"]["version"]}
    done = (await ask(services, _CLASSIFY, i={**step, "type": "FEE_DISPUTE"}))["classifyComplaint"]
    assert done["errors"] == []
    positions = [int(each["position"]) for each in done["complaint"]["events"]["nodes"]]
    assert min(positions) > before
    assert (await check(services.database)).clean


async def test_texts_of_an_older_masking_are_masked_again(upgraded: Upgraded) -> None:
    remasker = upgraded.services.pipeline.remasker
    older = [case for case in upgraded.of("Complaint") if case["maskVersion"] != str(VERSION)]
    assert await remasker.older() == len(older)
    await remasker.run()
    assert await remasker.older() == 0
    assert (await check(upgraded.services.database)).clean
