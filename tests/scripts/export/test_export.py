"""Exports hold the analyses' own figures, with labels in both languages and stable columns."""

import csv
import json
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from python_calamine import CalamineWorkbook

from graph.commands.alerts import record_sightings
from graph.commands.issues import Extent, Grounds, propose_issue
from graph.commands.remediations import plan_remediation
from graph.domain.enums import Language, Level
from graph.domain.evidence import Evidence, RiseEvidence
from graph.domain.issues import Statement
from graph.domain.remediations import Plan
from graph.domain.rules import SurgeRule
from graph.domain.sightings import Sighting, Subject
from graph.embedded import Connection
from graph.errors import InvalidInputError
from graph.insight.bottlenecks import bottlenecks
from graph.insight.branches import branch_comparison
from graph.insight.causes import root_cause_tree
from graph.insight.cohort import Cohort
from graph.insight.hotspots import HotspotDimension, hotspots
from graph.insight.measures import measures
from graph.insight.trend import TrendRequest, trend
from graph.queries import cluster_views
from graph.queries.conditions import EVERY_COMPLAINT
from graph.queries.trees import Facet
from graph.statistics.figures import Figure
from ingest.escalation.rulebook import default_rules
from schema.exports.documents import EXPORTS, What
from schema.exports.files import write
from schema.exports.rows import Table, table
from scripts.export.asking import ask, chosen
from scripts.export.command import _keys
from similarity.clusters import refit
from tests.scripts.test_command_line import run, told
from tests.support.bank import START, Bank
from tests.support.graph import KEYRING
from tests.support.graphql import ask as ask_api

pytestmark = pytest.mark.graph

#: What people and rules have put on record: no filter narrows it.
RECORDS = (What.ALERTS, What.ISSUES, What.REMEDIATIONS)
COUNT = "query ($filter: ComplaintFilter) { complaints(filter: $filter) { totalCount } }"


async def exported(
    bank: Bank, what: What, language: Language | None = None, **options: Any
) -> Table:
    given = chosen(what, options)
    answers = await ask(bank.services, EXPORTS[what], given)
    return table(EXPORTS[what], answers, _keys(EXPORTS[what], given), language)


def figure(row: Mapping[str, Any], name: str) -> Figure | None:
    if row[f"{name}Value"] is None:
        return None
    return Figure(*(row[f"{name}{part}"] for part in ("Value", "Low", "High", "Count")))


async def test_measures(bank: Bank) -> None:
    found = await exported(bank, What.MEASURES)
    own = await measures(bank.services.database, Cohort(EVERY_COMPLAINT), datetime.now(UTC))
    (row,) = found.rows
    assert own.handling is not None
    assert (row["total"], row["waiting"], row["unsettled"]) == (
        own.total, own.waiting, own.unsettled,
    )  # fmt: skip
    assert figure(row, "handlingDaysMedian") == own.handling.median
    assert figure(row, "handlingDaysP90") == own.handling.p90
    assert figure(row, "repeatRate") == own.repeat_rate
    assert figure(row, "firstTimeRight") == own.first_time_right


async def test_trend_has_a_row_for_each_bucket(bank: Bank) -> None:
    found = await exported(bank, What.TREND, by="BRANCH", depth=1)
    services = bank.services
    request = TrendRequest(facet=Facet.BRANCH, depth=1, first=100)
    told = await trend(
        services.database, Cohort(EVERY_COMPLAINT), None, request, services.zone, datetime.now(UTC)
    )
    assert told is not None
    own = told.series
    assert {(r["from"], r["to"], r["older"]) for r in found.rows} == {
        (str(told.since), str(told.until), told.older)
    }
    assert [(r["groupCode"], r["day"], r["count"]) for r in found.rows] == [
        (series.code, str(point.bucket.start), point.count)
        for series in own
        for point in series.points
    ]
    compared = [r for r in found.rows if r["againstBeforeVerdict"] is not None]
    assert [(r["groupCode"], r["day"]) for r in compared] == [
        (s.code, str(s.last.start)) for s in own if s.last
    ]
    assert {r["groupLabelZh"] for r in found.rows} == {"北京", "上海"}
    assert {r["groupLabelEn"] for r in found.rows} == {"Beijing", "Shanghai"}


async def test_every_filter_opens_its_figure(bank: Bank) -> None:
    rows = [
        *((row, "count") for row in (await exported(bank, What.TREND, by="BRANCH", depth=1)).rows),
        *((row, "total") for row in (await exported(bank, What.CAUSES)).rows),
        *((row, "total") for row in (await exported(bank, What.BRANCHES, depth=1)).rows),
    ]
    assert len(rows) > 8
    for row, count in rows:
        wanted = json.loads(str(row["narrowing"]))
        answer = await ask_api(bank.services, COUNT, filter=wanted)
        assert answer["complaints"]["totalCount"] == row[count]


async def test_branches_and_steps(bank: Bank) -> None:
    database, now = bank.services.database, datetime.now(UTC)
    rows = (await exported(bank, What.BRANCHES, depth=1)).rows
    places = await branch_comparison(database, Cohort(EVERY_COMPLAINT), 1, "CNY", 100)
    assert [(r["groupCode"], r["total"], r["handlingDaysValue"]) for r in rows] == [
        (p.code, p.total, p.days.value) for p in places
    ]
    steps = (await exported(bank, What.BOTTLENECKS, by="DEPARTMENT")).rows
    own = await bottlenecks(database, Cohort(EVERY_COMPLAINT), Facet.DEPARTMENT, None, 100, now)
    whole = [r for r in steps if r["status"] is None]
    assert [(r["groupCode"], r["ended"], r["waiting"]) for r in whole] == [
        (each.code, each.steps[0].ended, each.steps[0].waiting) for each in own
    ]
    assert {(r["statusLabelZh"], r["statusLabelEn"]) for r in whole} == {("全程", "the whole way")}
    assert [figure(r, "overdue") for r in whole] == [each.steps[0].overdue for each in own]


async def test_hotspots_have_a_column_for_each_side(bank: Bank) -> None:
    found = await exported(bank, What.HOTSPOTS, by=["TYPE", "BRANCH"])
    sides = [HotspotDimension.TYPE, HotspotDimension.BRANCH]
    own = await hotspots(
        bank.services.database, Cohort(EVERY_COMPLAINT), sides, bank.services.zone, 100
    )
    assert {"typeCode", "typeLabelZh", "branchCode", "branchLabelEn", "reasonZh"} <= set(
        found.columns
    )
    assert [(r["typeCode"], r["branchCode"], r["count"]) for r in found.rows] == [
        (each.codes.get(sides[0]), each.codes.get(sides[1]), each.excess.count) for each in own
    ]


async def test_causes(bank: Bank) -> None:
    found = await exported(bank, What.CAUSES)
    own = await root_cause_tree(bank.services.database, Cohort(EVERY_COMPLAINT))
    assert [(r["rootCauseCode"], r["depth"], r["direct"], r["total"]) for r in found.rows] == [
        (e.code, e.depth, e.direct, e.total) for e in own.entries
    ]
    assert [figure(r, "share") for r in found.rows] == [e.share for e in own.entries]
    assert {(r["known"], r["unknown"]) for r in found.rows} == {(own.known, own.unknown)}


async def test_clusters_and_their_drivers(bank: Bank, monkeypatch: pytest.MonkeyPatch) -> None:
    from schema.exports import asking

    services = bank.services
    await refit(services.database, services.book.active.space, datetime.now(UTC))
    own = await cluster_views.page(
        services.database, EVERY_COMPLAINT, cluster_views.ClusterOrder.SIZE_DESC, None, 500
    )
    assert len(own) > 2
    monkeypatch.setattr(asking, "MOST", 2)  # so that there are several pages
    found = await exported(bank, What.CLUSTERS)
    assert [(r["label"], r["size"], r["cohesion"]) for r in found.rows] == [
        (c.label, c.size, c.cohesion) for c in own
    ]
    kinds = {"upheld", "partlyUpheld", "notUpheld", "explained", "withdrawn"}
    assert {f"{kind}Count" for kind in kinds} <= set(found.columns)
    assert sum(r["upheldCount"] or 0 for r in found.rows) > 0  # type: ignore[misc]
    assert len((await exported(bank, What.CLUSTERS, first=3)).rows) == min(3, len(own))
    drivers = await exported(bank, What.DRIVERS)
    assert {r["clusterLabel"] for r in drivers.rows} <= {c.label for c in own}
    assert {"kind", "value", "lift", "low", "high", "p"} <= set(drivers.columns)


@pytest.mark.parametrize("what", [each for each in What if each not in RECORDS])
async def test_nothing_has_the_same_columns(bank: Bank, what: What) -> None:
    wanted = {"amountFrom": "999999999"}
    if what in (What.CLUSTERS, What.DRIVERS):
        await refit(bank.services.database, bank.services.book.active.space, datetime.now(UTC))
    options = {"by": ["TYPE", "BRANCH"]} if what is What.HOTSPOTS else {}
    some, none = await exported(bank, what, **options), await exported(
        bank, what, **options, filter=wanted
    )  # fmt: skip
    assert none.columns == some.columns
    assert all(tuple(row) == some.columns for row in some.rows)


async def test_what_is_on_record(bank: Bank) -> None:
    """An alert that is evidence of an issue, which a remediation addresses."""
    services = bank.services
    empty = {what: await exported(bank, what) for what in RECORDS}
    assert all(not found.rows for found in empty.values())
    rule = next(rule for rule in default_rules().watched if isinstance(rule, SurgeRule))
    rise = RiseEvidence(6, 10, 4, 40, 1.0, 0.001, "2026-01-05", "2026-02-01")
    end = START + timedelta(weeks=4)
    seen = Sighting(
        rule, Subject("Branch", "BJ"), START, end, timedelta(weeks=4), Evidence(rise=rise)
    )
    (alert,) = await record_sightings(services.database, [seen], end)
    said = Statement("短信费未告知", "Fees", Level.RED, "anna", ("UNTOLD", "SLOW"))
    grounds = Grounds((alert,), (), (Extent(cause="UNTOLD"),))
    issue = await propose_issue(services.database, said, grounds, actor="anna", now=end)
    plan = Plan(title="事先告知", owner="bo", issue=issue, completed_at=START + timedelta(days=40))
    await plan_remediation(services.database, plan, actor="bo", now=end)

    (row,) = (await exported(bank, What.ALERTS)).rows
    assert (row["kind"], row["subjectBranch"], row["subjectBranchLabelZh"]) == (
        "SURGE",
        "BJ",
        "北京",
    )
    assert (row["evidenceRiseCount"], row["evidenceRiseExpected"]) == (6, 1.0)
    assert (row["evidenceTopicSize"], row["subjectClusterLabel"]) == (None, None)
    assert (row["handlingState"], row["issueTitleEn"]) == ("IN_ISSUE", "Fees")
    assert "北京" in str(row["summaryZh"])
    assert "Beijing" in str(row["summaryEn"])
    opened = await ask_api(services, COUNT, filter=json.loads(str(row["evidenceNarrowing"])))
    assert opened["complaints"]["totalCount"] >= 0

    (row,) = (await exported(bank, What.ISSUES)).rows
    assert (row["titleZh"], row["state"], row["owner"]) == ("短信费未告知", "PROPOSED", "anna")
    assert row["rootCausesCode"] == "SLOW; UNTOLD"
    assert row["rootCausesLabelZh"] == "流程缓慢; 收费未告知"
    covered = await services.database.read(
        "MATCH (:SystemicIssue)-[:COVERS]->(c) RETURN count(DISTINCT c) AS n"
    )
    assert row["complaintCount"] == covered[0]["n"] > 0
    assert row["figuresCompensationCurrency"] == "CNY"

    (row,) = (await exported(bank, What.REMEDIATIONS)).rows
    assert (row["title"], row["state"], row["issueTitleZh"]) == (
        "事先告知", "COMPLETED", "短信费未告知",
    )  # fmt: skip
    assert row["rootCauseCode"] is None
    assert row["effectVerdict"] is not None
    for what, before in empty.items():
        assert (await exported(bank, what)).columns == before.columns


async def test_one_language_leaves_the_other_s_labels_out(bank: Bank) -> None:
    found = await exported(bank, What.CAUSES, Language.ZH)
    both = await exported(bank, What.CAUSES)
    assert set(both.columns) - set(found.columns) == {"rootCauseLabelEn"}
    assert {r["rootCauseLabelZh"] for r in found.rows} == {"收费未告知", "流程缓慢"}


@pytest.mark.parametrize("ending", ["csv", "xlsx"])
async def test_files_hold_the_table(bank: Bank, tmp_path: Path, ending: str) -> None:
    found = await exported(bank, What.BOTTLENECKS, by="BRANCH", depth=1)
    file = tmp_path / f"a.{ending}"
    write(found, file, name="bottlenecks")
    if ending == "csv":
        with file.open(encoding="utf-8-sig", newline="") as opened:
            header, *rows = [list(row) for row in csv.reader(opened)]
    else:
        sheet = CalamineWorkbook.from_path(file).get_sheet_by_index(0)
        header, *rows = [list(map(str, row)) for row in sheet.to_python()]
    assert tuple(header) == found.columns
    for cells, row in zip(rows, found.rows, strict=True):
        for cell, value in zip(cells, row.values(), strict=True):
            if isinstance(value, int | float):
                assert float(cell) == pytest.approx(value, rel=1e-15)
            else:
                assert cell == (value or "")


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ({"filter": {"branches": ["NOWHERE"]}}, "filter.branches"),
        ({"filter": {"receivedFrom": "2026-01-01"}}, "filter.receivedFrom"),
        ({"filter": {"branches": []}}, "filter.branches"),
        ({"from": "2026-02-01", "to": "2026-01-01"}, "`to` lies before `from`"),
    ],
)
async def test_what_the_api_refuses_is_told(bank: Bank, options: dict[str, Any], said: str) -> None:
    with pytest.raises(InvalidInputError, match=said):
        await exported(bank, What.MEASURES, **options)


async def test_the_command_writes_and_tells(
    bank: Bank, neo4j_engine: Connection, tmp_path: Path
) -> None:
    file = tmp_path / "causes.csv"
    finished = run(
        "export", "causes", str(file), "--from", START.isoformat(), "--json",
        home=tmp_path / "home",
        COMPLAINT_GRAPH_NEO4J__URI=neo4j_engine.uri,
        COMPLAINT_GRAPH_NEO4J__USER=neo4j_engine.user,
        COMPLAINT_GRAPH_NEO4J__PASSWORD=neo4j_engine.password,
        COMPLAINT_GRAPH_PRIVACY__KEY=KEYRING.key.hex(),
    )  # fmt: skip
    assert finished.returncode == 0, finished.stderr
    facts = json.loads(finished.stdout)
    assert facts["file"] == str(file)
    with file.open(encoding="utf-8-sig", newline="") as opened:
        header, *rows = list(csv.reader(opened))
    assert (facts["rows"], facts["columns"]) == (len(rows), len(header)) == (2, len(header))


def test_mistakes_are_told_before_anything_is_started(tmp_path: Path) -> None:
    taken = tmp_path / "taken.csv"
    taken.write_text("mine")
    fresh = str(tmp_path / "a.csv")
    for arguments, said in [
        (("measures", str(tmp_path / "a.ods")), ".csv or .xlsx"),
        (("measures", str(taken)), "--force"),
        (("measures", fresh, "--by", "BRANCH"), "has no --by"),
        (("trend", fresh, "--by", "BRANCH", "--by", "TYPE"), "one --by"),
        (("trend", fresh, "--by", "MONTH"), "--by: "),
        (("trend", fresh, "--first", "101"), "at most 100"),
        (("measures", fresh, "--from", "yesterday"), "--from: a DateTime looks like"),
        (("measures", fresh, "--filter", "{"), "--filter is no JSON"),
        (("measures", fresh, "--filter", '{"branch": ["BJ"]}'), "branch"),
        (("measures", fresh, "--filter", '{"not": {"levels": ["PINK"]}}'), "not.levels.0"),
    ]:
        assert said in told(run("export", *arguments, home=tmp_path / "home"))
    assert taken.read_text() == "mine"
    assert not (tmp_path / "home" / "neo4j").exists()
    assert not Path(fresh).exists()
