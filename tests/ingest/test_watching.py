"""The early warning on a real graph: what it sees, keeps, and leaves alone."""

import asyncio
from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import date, timedelta
from zoneinfo import ZoneInfo

import pytest

from graph import consistency
from graph.commands.alerts import handle_alert
from graph.commands.issues import Extent, Grounds, change_issue, propose_issue
from graph.commands.removal import remove_source
from graph.commands.versioned import StaleVersionError, Target
from graph.database import Database
from graph.domain.alerts import AlertDecision
from graph.domain.case import Attribution, Case
from graph.domain.enums import AlertState, AttributionSource, DismissalReason, Level, RuleKind
from graph.domain.issues import IssueEdit, IssueStatus, Statement, SystemicIssue
from graph.domain.periods import midnight
from graph.domain.scope import WHOLE_BANK
from graph.domain.spaces import EmbeddingSpace
from graph.errors import ConflictError, InvalidInputError, NotFoundError, UnknownCodeError
from graph.insight.watch import watch
from graph.queries import alerts as alert_queries
from graph.queries import issues as issue_queries
from graph.queries.escalation import StoredAlert
from ingest import watching
from ingest.escalation.rulebook import default_rules
from ingest.watching import Watcher
from similarity.clusters import refit
from tests.support.escalation import alike, link_everything
from tests.support.graph import put, snapshot, with_vector
from tests.support.weeks import CATALOGUE, END, WEEKS, extra, quiet_bank, told

pytestmark = pytest.mark.graph

ZONE = ZoneInfo("Asia/Shanghai")
SURGED = range(WEEKS - 9, WEEKS)
GROWN = range(WEEKS - 20, WEEKS)


def watcher(database: Database) -> Watcher:
    return Watcher(database, default_rules(), ZONE)


async def filled(database: Database, more: Sequence[Case] = ()) -> None:
    await put(database, [*quiet_bank(), *more], CATALOGUE)


async def stored(database: Database) -> list[StoredAlert]:
    return await alert_queries.page(database, None, None, WHOLE_BANK, None, 50)


def surge(each: int = 3) -> list[Case]:
    return list(extra(5_000, SURGED, each, branch="S", level=Level.YELLOW, cause="SLOW"))


def growth() -> list[Case]:
    return list(
        extra(8_000, GROWN, 6, branch=lambda week: "NSW"[week % 3], cause="TOLD", level=Level.GREEN)
    )


async def test_a_quiet_bank_raises_nothing(database: Database) -> None:
    await filled(database)
    found = await watcher(database).update(END)
    assert (found.alerts, found.issues) == ((), ())
    assert await stored(database) == []


async def test_an_empty_graph_raises_nothing(database: Database) -> None:
    assert (await watcher(database).update(END)).alerts == ()


async def test_a_surge_is_told_once_with_its_figures(database: Database) -> None:
    await filled(database, surge())
    seen = watcher(database)
    (first,) = (await seen.update(END)).alerts
    before = await snapshot(database)
    assert (await seen.update(END)).alerts == ()
    assert await snapshot(database) == before
    (alert,) = await stored(database)
    assert (alert.id, alert.kind, alert.subject) == (first, RuleKind.SURGE, ("Branch", "S"))
    rise = alert.evidence.rise
    assert rise is not None
    rows = await database.read(
        """MATCH (c:Complaint) WHERE 'S' IN c.branchCodes AND c.receivedAt >= $since
          AND c.receivedAt < $until
        RETURN count(*) AS total, sum(CASE WHEN c.level <> 'GREEN' THEN 1 ELSE 0 END) AS own""",
        since=midnight(date.fromisoformat(rise.since), ZONE),
        until=midnight(date.fromisoformat(rise.until) + timedelta(days=1), ZONE),
    )
    assert (rise.own, rise.total) == (rows[0]["own"], rows[0]["total"])
    assert rise.own / rise.total - rise.past_own / rise.past_total > 0.1
    report = await consistency.check(database)
    assert report.clean, report.examples


async def test_of_two_that_watch_at_once_one_writes_it(database: Database) -> None:
    await filled(database, surge())
    some = await asyncio.gather(*(watcher(database).update(END) for _ in range(2)))
    assert sorted(len(found.alerts) for found in some) == [0, 1]
    assert len(await stored(database)) == 1


async def test_what_is_dismissed_stays_so_while_it_lasts(database: Database) -> None:
    await filled(database, surge())
    (identity,) = (await watcher(database).update(END)).alerts
    verdict = AlertDecision(AlertState.DISMISSED, DismissalReason.EXPECTED)
    await handle_alert(database, Target(identity, 1), verdict, actor="anna", now=END)
    later = range(WEEKS, WEEKS + 3)
    more = list(extra(9_000, later, 6, branch="S", level=Level.YELLOW, cause="SLOW"))
    await put(database, more, CATALOGUE)
    assert (await watcher(database).update(END + timedelta(weeks=3))).alerts == ()
    (alert,) = await stored(database)
    assert alert.handled is not None
    assert (alert.handled.state, alert.handled.by) == (AlertState.DISMISSED, "anna")
    assert alert.until is not None
    assert alert.until > END


async def test_a_growing_cause_at_several_branches_proposes_an_issue(database: Database) -> None:
    await filled(database, growth())
    found = await watcher(database).update(END)
    (alert,) = await stored(database)
    assert (alert.kind, alert.subject) == (RuleKind.GROWING_CAUSE, ("RootCause", "TOLD"))
    (identity,) = found.issues
    issue = (await issue_queries.by_ids(database, [identity]))[identity]
    assert issue.status is IssueStatus.PROPOSED
    assert issue.statement.causes == ("TOLD",)
    assert issue.statement.title_zh == "根因持续增长：TOLD因"
    rise = alert.evidence.rise
    assert rise is not None
    assert issue.covers == rise.own
    facts = (await issue_queries.facts(database, [identity]))[identity]
    assert facts.complaints == rise.own
    assert {code for code, _ in facts.of("BRANCH")} == {"N", "S", "W"}
    assert sum(n for _, n in facts.of("ROOT_CAUSE")) == rise.own
    # Again it is the same issue.
    assert (await watcher(database).update(END)).issues == ()


async def test_confirming_takes_the_alerts_in(database: Database) -> None:
    await filled(database, growth())
    (identity,) = (await watcher(database).update(END)).issues
    confirmed = IssueEdit(
        status=IssueStatus.CONFIRMED, title_zh="短信没有提前告知", level=Level.RED, owner="bo"
    )

    async def change(version: int, edit: IssueEdit) -> None:
        await change_issue(database, Target(identity, version), edit, actor="bo", now=END)

    await change(1, confirmed)
    issue = (await issue_queries.by_ids(database, [identity]))[identity]
    # What nobody spoke of stays: the causes, and the English title.
    assert issue.statement == Statement(
        "短信没有提前告知", "growing root cause: Told", Level.RED, "bo", ("TOLD",)
    )
    (alert,) = await stored(database)
    assert alert.handled is not None
    assert (alert.handled.state, alert.issue) == (AlertState.IN_ISSUE, identity)
    with pytest.raises(StaleVersionError) as stale:
        await change(1, confirmed)
    assert [(c.seq, c.actor) for c in stale.value.changes] == [(2, "bo")]
    assert stale.value.changes[0].after["owner"] == "bo"
    with pytest.raises(InvalidInputError):
        await change(2, IssueEdit(status=IssueStatus.PROPOSED))
    with pytest.raises(UnknownCodeError, match="NO-SUCH"):
        await change(2, IssueEdit(causes=("TOLD", "NO-SUCH")))
    before = await snapshot(database)
    await change(2, confirmed)
    assert await snapshot(database) == before
    await change(2, IssueEdit(owner=None, title_en=None))
    issue = (await issue_queries.by_ids(database, [identity]))[identity]
    assert (issue.statement.owner, issue.statement.title_en) == (None, "短信没有提前告知")


@pytest.mark.parametrize("known", [AlertState.OPEN, AlertState.ACKNOWLEDGED])
async def test_rejecting_sets_the_alerts_free(database: Database, known: AlertState) -> None:
    """Each goes back to where it came from; what another issue holds stays there."""
    await filled(database, growth())
    (identity,) = (await watcher(database).update(END)).issues
    (alert,) = await stored(database)
    if known is AlertState.ACKNOWLEDGED:
        await handle_alert(
            database, Target(alert.id, 1), AlertDecision(known), actor="anna", now=END
        )
    said = Statement("另一问题", "another", Level.YELLOW)
    other = await propose_issue(database, said, Grounds((alert.id,)), actor="bo", now=END)
    rejected = IssueEdit(status=IssueStatus.REJECTED)
    for issue, state in ((identity, AlertState.IN_ISSUE), (other, known)):
        await change_issue(database, Target(issue, 1), rejected, actor="bo", now=END)
        (alert,) = await stored(database)
        assert alert.handled is not None
        assert alert.handled.state is state
    rows = await database.read(
        "MATCH (:Alert)-[:HAS_CHANGE]->(c) RETURN c.before AS before, c.after AS after"
        " ORDER BY c.seq DESC LIMIT 1"
    )
    assert ("IN_ISSUE" in rows[0]["before"], known in rows[0]["after"]) == (True, True)
    # Free again, it can be part of a third.
    await propose_issue(database, said, Grounds((alert.id,)), actor="bo", now=END)


async def test_a_person_proposes_from_alerts(database: Database) -> None:
    await filled(database, surge())
    (alert,) = (await watcher(database).update(END)).alerts
    grounds = Grounds((alert,), (), (Extent(branch="S", since=END - timedelta(weeks=4)),))
    said = Statement("临时系统故障", "outage", Level.YELLOW)
    identity = await propose_issue(database, said, grounds, actor="anna", now=END)
    (found,) = await stored(database)
    assert found.issue == identity
    rows = await database.read(
        "MATCH (i:SystemicIssue)-[:COVERS]->(c) RETURN collect(DISTINCT c.level) AS levels,"
        " min(c.receivedAt) AS first, count(*) AS n"
    )
    assert rows[0]["levels"] == ["YELLOW"]
    assert rows[0]["first"] >= END - timedelta(weeks=4)
    # An alert belongs to one issue, and nothing is left of a proposal that was refused.
    with pytest.raises(InvalidInputError):
        await propose_issue(database, said, grounds, actor="anna", now=END)
    with pytest.raises(NotFoundError):
        await propose_issue(database, said, Grounds(("none",)), actor="anna", now=END)
    rows = await database.read("MATCH (i:SystemicIssue) RETURN count(*) AS n")
    assert rows[0]["n"] == 1


async def test_an_alert_is_settled_step_by_step(database: Database) -> None:
    await filled(database, surge())
    (alert,) = (await watcher(database).update(END)).alerts

    async def decide(version: int, verdict: AlertDecision) -> None:
        await handle_alert(database, Target(alert, version), verdict, actor="anna", now=END)

    await decide(1, AlertDecision(AlertState.ACKNOWLEDGED, note="谁在看"))
    with pytest.raises(ConflictError):
        await decide(1, AlertDecision(AlertState.DISMISSED, DismissalReason.KNOWN))
    with pytest.raises(InvalidInputError):
        await decide(2, AlertDecision(AlertState.ACKNOWLEDGED))
    with pytest.raises(InvalidInputError):
        AlertDecision(AlertState.DISMISSED)
    with pytest.raises(InvalidInputError):
        AlertDecision(AlertState.DISMISSED, DismissalReason.OTHER)
    await decide(2, AlertDecision(AlertState.DISMISSED, DismissalReason.KNOWN))
    await decide(3, AlertDecision(AlertState.OPEN))
    rows = await database.read(
        "MATCH (:Alert)-[:HAS_CHANGE]->(c) RETURN c.seq AS seq, c.after AS after ORDER BY seq"
    )
    assert [row["seq"] for row in rows] == [1, 2, 3, 4]
    assert '"KNOWN"' in rows[2]["after"]
    with pytest.raises(NotFoundError):
        await handle_alert(
            database, Target("none", 1), AlertDecision(AlertState.OPEN), actor="anna", now=END
        )


async def test_causes_that_are_not_known_yet_do_not_look_like_growth(database: Database) -> None:
    """Only what is decided quickly has a cause in the newest weeks."""
    newest = range(WEEKS, WEEKS + 5)
    quick = list(extra(6_000, newest, 3, branch="N", cause="TOLD"))
    slow = list(extra(7_000, newest, 6, branch="N"))
    await filled(database, [*quick, *slow])
    found = await watch(database, default_rules().watched, ZONE, END + timedelta(weeks=5))
    assert found == []


def with_causes(some: Iterable[Case], *causes: str) -> list[Case]:
    """The same complaints with these causes beside their own."""
    more = tuple(Attribution(code, AttributionSource.CONFIRMED) for code in causes)
    return [replace(each, causes=(*each.causes, *more)) for each in some]


async def group_event(database: Database, identity: str, numbers: range, key: str = "9") -> None:
    """A group event of these complaints."""
    await database.run(
        """CYPHER 25
        CREATE (a:Alert {id: $id, kind: 'GROUP_EVENT', rule: 'group-event', level: 'RED',
          chain: 'PROVINCE', at: $at, atKey: $key, evidence: '{}'})
        WITH a MATCH (c:Complaint) WHERE c.sourceId IN $numbers CREATE (a)-[:COVERS]->(c)""",
        id=identity,
        at=END,
        key=key,
        numbers=[str(number) for number in numbers],
    )


async def issues(database: Database) -> list[SystemicIssue]:
    return await issue_queries.page(database, None, None, 50)


async def test_an_issue_goes_back_to_the_cause_that_all_its_complaints_have(
    database: Database,
) -> None:
    """Each complaint has several causes; two of them nearly all complaints have anyway."""
    grown = with_causes(growth(), "DELAY", "FEES")
    await put(database, [*with_causes(quiet_bank(), "DELAY", "FEES"), *grown], CATALOGUE)
    (identity,) = (await watcher(database).update(END)).issues
    (issue,) = await issues(database)
    assert issue.id == identity
    assert issue.statement.causes == ("TOLD",)
    assert issue.statement.title_en == "growing root cause: Told"
    rooted = await database.read(
        "MATCH (i:SystemicIssue)-[:COVERS]->(c) RETURN c.rootCauseCodes AS causes"
    )
    assert all("TOLD" in row["causes"] for row in rooted)


async def test_alerts_of_one_fact_join_one_issue(database: Database) -> None:
    """A cause grows; its complaints are a group event; two others are about a narrower cause."""
    late, other = range(WEEKS - 6, WEEKS), range(WEEKS - 6, WEEKS)
    narrower = list(extra(9_000, late, 2, branch=lambda week: "NS"[week % 2], cause="TOLD-SMS"))
    apart = list(extra(9_100, other, 2, branch=lambda week: "NS"[week % 2], cause="APART"))
    early = list(extra(9_200, range(3, 9), 2, branch=lambda w: "NS"[w % 2], cause="TOLD-SMS"))
    unknown = list(extra(9_300, late, 2, branch=lambda week: "NS"[week % 2]))
    await filled(database, [*growth(), *narrower, *apart, *early, *unknown])
    await group_event(database, "narrower", range(9_000, 9_012))
    await group_event(database, "apart", range(9_100, 9_112))
    await group_event(database, "early", range(9_200, 9_212))
    await group_event(database, "same", range(8_100, 8_112))
    await group_event(database, "unknown", range(9_300, 9_312))
    await group_event(database, "unknown, too", range(9_300, 9_310), key="99")
    await watcher(database).update(END)
    assert (await watcher(database).update(END)).issues == ()
    of = {alert.id: alert.issue for alert in await stored(database)}
    (growing,) = (name for name in of if name.startswith("growing"))
    assert None not in of.values()
    assert of["narrower"] == of["same"] == of[growing]
    assert of["unknown"] == of["unknown, too"]
    assert len({of["narrower"], of["apart"], of["early"], of["unknown"]}) == 4


async def test_proposals_do_not_starve_behind_old_alerts(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(watching, "_PAGE", 4)
    await filled(database, growth())
    for number in range(9):
        await group_event(database, f"old {number}", range(3), key=f"0:{number}")
    (identity,) = (await watcher(database).update(END)).issues
    assert [issue.id for issue in await issues(database)] == [identity]
    of = {alert.issue for alert in await stored(database) if alert.id.startswith("old")}
    assert of == {None}


async def test_two_who_propose_at_once_propose_one_issue(database: Database) -> None:
    late = range(WEEKS - 6, WEEKS)
    await filled(
        database, list(extra(9_000, late, 4, branch=lambda week: "NS"[week % 2], cause="NEW"))
    )
    await group_event(database, "one", range(9_000, 9_012))
    await group_event(database, "other", range(9_012, 9_024), key="99")
    found = await asyncio.gather(*(watcher(database).update(END) for _ in range(3)))
    assert sum(len(each.issues) for each in found) == 1
    assert len({alert.issue for alert in await stored(database)}) == 1


async def test_removing_the_source_leaves_nothing_behind(database: Database) -> None:
    await filled(database, [*surge(), *growth()])
    found = await watcher(database).update(END)
    assert len(found.alerts) == 2
    assert len(found.issues) == 1
    await remove_source(database, "test")
    rows = await database.read(
        "MATCH (n) WHERE n:Alert OR n:SystemicIssue OR n:Change RETURN labels(n) AS labels"
    )
    assert rows == []
    report = await consistency.check(database)
    assert report.clean, report.examples


async def test_what_a_group_event_raised_is_no_surge_of_its_branch(database: Database) -> None:
    await filled(database, surge())
    await database.run(
        """CYPHER 25
        MATCH (c:Complaint) WHERE toInteger(c.sourceId) >= 5000
        WITH collect(c) AS some
        CREATE (a:Alert {id: 'g', kind: 'GROUP_EVENT', rule: 'group-event', level: 'RED',
          chain: 'PROVINCE', at: $at, atKey: '9', evidence: '{}'})
        FOREACH (c IN some | CREATE (a)-[:COVERS]->(c))""",
        at=END,
    )
    found = await watch(database, default_rules().watched, ZONE, END)
    assert found == []


async def test_a_cluster_that_came_up_lately_is_a_new_topic(
    database: Database, tiny: EmbeddingSpace
) -> None:
    """A fourth topic, at two branches, in the last weeks."""
    new = [
        with_vector(
            told(9_000 + n, WEEKS - 1 - n % 8, narrative=f"news {n}", branch="NS"[n % 2]), vector
        )
        for n, vector in enumerate(alike(12, 5))
    ]
    await put(database, [*topics(), *new], CATALOGUE)
    await link_everything(database, tiny)
    seen = watcher(database)
    assert (await seen.update(END)).alerts == ()
    await refit(database, tiny, END)
    found = await seen.update(END)
    (alert,) = await stored(database)
    assert (alert.kind, alert.id) == (RuleKind.NEW_TOPIC, found.alerts[0])
    topic = alert.evidence.topic
    assert topic is not None
    assert (topic.recent, topic.size) == (12, 12)
    assert topic.expected == pytest.approx(12 * (12 + 39) / 342, abs=0.5)
    (identity,) = found.issues
    issue = (await issue_queries.by_ids(database, [identity]))[identity]
    assert issue.covers == 12
    assert issue.statement.title_zh.startswith("新的投诉主题：")
    evidence = (await issue_queries.evidence(database, [identity]))[identity]
    assert alert.subject is not None
    assert evidence.clusters == (alert.subject[1],)
    # Refitting and looking again changes nothing.
    await refit(database, tiny, END + timedelta(days=1))
    again = await seen.update(END)
    assert (again.alerts, again.issues) == ((), ())
    assert (await consistency.check(database)).clean


def topics() -> list[Case]:
    """Three topics all the time, one complaint about each a week."""
    return [
        with_vector(told(1_000 * topic + n, n % WEEKS, narrative=f"text {topic} {n}"), vector)
        for topic in range(3)
        for n, vector in enumerate(alike(WEEKS, topic))
    ]


def news(
    count: int = 12, begin: int = WEEKS - 1, first: int = 9_000, vectors: int = 40
) -> list[Case]:
    """A fourth topic at two branches, nobody's before."""
    return [
        with_vector(told(first + n, begin, narrative=f"news {n}", branch="NS"[n % 2]), vector)
        for n, vector in enumerate(alike(vectors, 5)[vectors - count :])
    ]


async def test_a_group_that_fits_no_cluster_is_told_before_the_next_fit(
    database: Database, tiny: EmbeddingSpace
) -> None:
    await put(database, topics(), CATALOGUE)
    await link_everything(database, tiny)
    await refit(database, tiny, END)
    assert (await watcher(database).update(END)).alerts == ()
    await put(database, news(), CATALOGUE)
    await link_everything(database, tiny)
    # Of two that look at once one makes the cluster.
    some = await asyncio.gather(*(watcher(database).update(END) for _ in range(2)))
    assert sorted(len(found.alerts) for found in some) == [0, 1]
    (alert,) = await stored(database)
    assert alert.kind is RuleKind.NEW_TOPIC
    assert alert.evidence.topic is not None
    assert (alert.evidence.topic.recent, alert.evidence.topic.size) == (12, 12)
    rows = await database.read(
        "MATCH (k:Cluster)<-[m:MEMBER_OF]-(c) WHERE c.narrative STARTS WITH 'news' "
        "RETURN k.id AS id, k.label AS label, k.cohesion AS cohesion, k.exemplars AS exemplars, "
        "min(m.weight) AS least, count(*) AS members"
    )
    (cluster,) = rows
    assert alert.subject == ("Cluster", cluster["id"])
    assert cluster["members"] == 12
    assert "news" in cluster["label"]
    assert len(cluster["exemplars"]) == 10
    assert 0.5 < cluster["least"] <= cluster["cohesion"] <= 1
    assert (await consistency.check(database)).clean
    # Who comes later joins it, and the next fit keeps it, with its id.
    await put(database, news(1, first=9_500, vectors=41), CATALOGUE)
    await link_everything(database, tiny)
    fit = (await refit(database, tiny, END + timedelta(days=1))).fit
    assert sum(each.size for each in fit.clusters) == 13 + 3 * WEEKS
    assert {each.id for each in fit.clusters if each.size == 13} == {cluster["id"]}
    assert (await watcher(database).update(END)).alerts == ()


async def test_more_of_the_old_topics_is_no_new_one(
    database: Database, tiny: EmbeddingSpace
) -> None:
    await put(database, topics(), CATALOGUE)
    await link_everything(database, tiny)
    old = len((await refit(database, tiny, END)).fit.clusters)
    more = [
        with_vector(told(7_000 + n, WEEKS - 1, narrative=f"more {n}"), vector)
        for n, vector in enumerate(alike(WEEKS + 12, 1)[WEEKS:])
    ]
    await put(database, more, CATALOGUE)
    await link_everything(database, tiny)
    assert (await watcher(database).update(END)).alerts == ()
    rows = await database.read("MATCH (k:Cluster) RETURN count(*) AS n")
    assert rows[0]["n"] == old


async def test_before_the_first_fit_nothing_is_new(
    database: Database, tiny: EmbeddingSpace
) -> None:
    await put(database, [*topics(), *news()], CATALOGUE)
    await link_everything(database, tiny)
    assert (await watcher(database).update(END)).alerts == ()
    rows = await database.read("MATCH (k:Cluster) RETURN count(*) AS n")
    assert rows[0]["n"] == 0
