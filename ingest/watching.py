"""The early warning: look through the weeks, keep what is seen, propose what reaches further."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from graph.commands.alerts import record_sightings
from graph.commands.issues import Extent, Grounds, propose_by_data
from graph.database import Database
from graph.domain.access import SYSTEM_ACTOR
from graph.domain.enums import CatalogueKind, RuleKind
from graph.domain.issues import Statement
from graph.domain.periods import midnight
from graph.domain.rules import RuleSet, TopicRule
from graph.domain.vocabulary import Label, label_of
from graph.insight.watch import watch
from graph.queries.alert_reach import Elsewhere, Reach, elsewhere, reaches, waiting
from graph.queries.escalation import StoredAlert, newest_receipt
from graph.queries.names import names
from graph.queries.spaces import active_space
from similarity.clusters import add_emerging

#: An alert that reaches so many branches may be of the bank, not of a branch.
FEWEST_BRANCHES = 2
#: Of its complaints with a known cause, so many must share one so that it is the issue's,
CAUSE_SHARE = 0.5
#: and so many times the share of all other complaints of that time: a cause that most complaints
#: have anyway is none of this issue.
_MORE = 1.5
#: Alerts whose reach is read at once.
_PAGE = 100


@dataclass(frozen=True, slots=True)
class Watched:
    """What one update found that was not on record: ids of alerts and of issues proposed."""

    alerts: tuple[str, ...]
    issues: tuple[str, ...]

    def as_dict(self) -> dict[str, int]:
        return {"alerts": len(self.alerts), "issues": len(self.issues)}


class Watcher:
    """Applies the rules about many complaints. Everything it does may be done again."""

    def __init__(self, database: Database, rules: RuleSet, zone: ZoneInfo) -> None:
        self._database = database
        self._rules = rules
        self._zone = zone

    async def update(self, now: datetime | None = None) -> Watched:
        """Find what the last year shows by now, and propose issues for what reaches further."""
        at = now or datetime.now(UTC)
        await self._add_topics(at)
        result = await watch(self._database, self._rules.watched, self._zone, at)
        alerts = await record_sightings(self._database, result, at)
        return Watched(tuple(alerts), tuple(await self._propose_all(at)))

    async def _add_topics(self, now: datetime) -> None:
        """Make clusters of what came up since the last fit, so that the rules see it."""
        rules = [rule for rule in self._rules.watched if isinstance(rule, TopicRule)]
        space, newest = await active_space(self._database), await newest_receipt(self._database)
        if space is None or newest is None:
            return
        for rule in rules:
            until = min(now, newest + timedelta(days=1))
            since = until - timedelta(weeks=rule.weeks)
            await add_emerging(self._database, space, rule, since=since, until=until)

    async def _propose_all(self, now: datetime) -> list[str]:
        """Issues that are new. All alerts without one are looked at, however many wait before."""
        issues, after = [], ""
        while page := await waiting(self._database, after, _PAGE):
            rows = {
                alert.id: [each.row() for each in extents_of(alert, self._zone)] for alert in page
            }
            result = await reaches(self._database, rows)
            for alert in page:
                reach = result.get(alert.id)
                if reach is not None and reach.branches >= FEWEST_BRANCHES:
                    issue, new = await self._propose(alert, reach, now)
                    issues += [issue] if new else []
            after = page[-1].key
        return issues

    async def _propose(self, alert: StoredAlert, reach: Reach, now: datetime) -> tuple[str, bool]:
        own = _own_cause(alert)
        frequent = [code for code, n in reach.causes.items() if n >= CAUSE_SHARE * reach.known]
        others = await elsewhere(self._database, reach, sorted(frequent))
        causes = leading(reach, others, own)
        about = causes if own is None else (own,)
        title = await self._title(alert, about, reach)
        statement = Statement(title.zh, title.en, alert.level, None, causes)
        grounds = Grounds((alert.id,), _clusters(alert), extents_of(alert, self._zone))
        return await propose_by_data(
            self._database, statement, grounds, about=about, actor=SYSTEM_ACTOR, now=now
        )

    async def _title(self, alert: StoredAlert, causes: Sequence[str], reach: Reach) -> Label:
        """The kind of alert, and what it is about: a cluster's label, causes or a product."""
        kind = label_of(alert.kind)
        keys = [(CatalogueKind.ROOT_CAUSE, code) for code in causes]
        if not keys and reach.product is not None:
            keys = [(CatalogueKind.PRODUCT, reach.product)]
        known = await names(self._database, keys)
        about = [known[key] for key in keys if key in known]
        if reach.cluster is not None:
            about = [Label(reach.cluster, reach.cluster)]
        if not about:
            return kind
        zh, en = "、".join(each.zh for each in about), ", ".join(each.en for each in about)
        return Label(f"{kind.zh}：{zh}", f"{kind.en}: {en}")


def leading(reach: Reach, elsewhere: Elsewhere, own: str | None = None) -> tuple[str, ...]:
    """The causes that an alert's complaints go back to: its ``own``, and those that set them apart.

    Such a cause is one that at least half of the complaints with a known cause have, and clearly
    more of them than of all others. Of a cause and a wider one that both are, the narrower counts.
    """
    results = {
        code
        for code, n in reach.causes.items()
        if n >= CAUSE_SHARE * reach.known and _more(code, n, reach, elsewhere)
    }
    wider = {each for code in results for each in elsewhere.wider.get(code, ())}
    return tuple(sorted((results - wider) | ({own} if own is not None else set())))


def _more(code: str, n: int, reach: Reach, elsewhere: Elsewhere) -> bool:
    others = elsewhere.causes.get(code, 0)
    return not elsewhere.known or n * elsewhere.known >= _MORE * others * reach.known


def _own_cause(alert: StoredAlert) -> str | None:
    return alert.subject[1] if alert.subject and alert.kind is RuleKind.GROWING_CAUSE else None


def extents_of(alert: StoredAlert, zone: ZoneInfo) -> tuple[Extent, ...]:
    """The complaints that an alert stands on, as far as it does not name them itself."""
    if alert.subject is None:
        return ()
    key, result = alert.subject[1], alert.evidence
    if result.topic is not None:
        return (Extent(cluster=key),)
    if result.rise is None:
        return ()
    since = midnight(_day(result.rise.since), zone)
    until = midnight(_day(result.rise.until) + timedelta(days=1), zone)
    if alert.kind is RuleKind.SURGE:
        return (Extent(since, until, branch=key),)
    return (Extent(since, until, cause=key),)


def _day(text: str) -> datetime:
    return datetime.fromisoformat(text)


def _clusters(alert: StoredAlert) -> tuple[str, ...]:
    return (alert.subject[1],) if alert.subject and alert.kind is RuleKind.NEW_TOPIC else ()
