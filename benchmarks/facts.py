"""Whether the service finds what is planted in a demo bank, and what else it raises.

Each bank is loaded by the service's own pipeline. Without texts only what is counted can be found:
group events, repeats and new topics stand on texts. Banks without facts draw their texts from the
first one's, so that only these are encoded.
"""

from collections import defaultdict
from collections.abc import Awaitable, Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from functools import lru_cache
from random import Random
from typing import Any

import structlog

from api.services import Services
from benchmarks.rewritten import Rewritten, Words, textless
from graph.commands.catalogue import ensure_catalogue
from graph.commands.removal import remove_source
from graph.commands.rows import Prepared
from graph.domain.case import Case
from graph.domain.enums import RuleKind
from graph.domain.periods import midnight
from graph.domain.remediations import Plan, Remediation
from graph.insight.cohort import Cohort
from graph.insight.hotspots import USUAL, Hotspot, HotspotDimension, hotspots
from graph.progress import Progress
from graph.queries.conditions import EVERY_COMPLAINT
from graph.queries.remediations import effects
from ingest.demo import (
    SYSTEM,
    DemoOptions,
    DemoSource,
    PlantedFact,
    catalogue,
    complaints,
    planted_facts,
)
from ingest.importer import Importer
from ingest.pipeline import Pipeline
from ingest.record import IncomingComplaint, RowSource
from similarity.clusters import refit

#: Alerts are looked for in the last year of a bank, group events in both; whether a topic is new is
#: asked once of its last quarter.
_YEARS = {RuleKind.GROUP_EVENT: 2.0, RuleKind.NEW_TOPIC: 0.25}
_YEAR = timedelta(days=364)
_ALERTS = """
CYPHER 25
MATCH (a:Alert) WHERE a.kind IN ['GROUP_EVENT', 'SURGE', 'GROWING_CAUSE', 'NEW_TOPIC']
RETURN a.kind AS kind, a.subject AS subject, a.at AS at, a.until AS until,
  COLLECT { MATCH (a)-[:COVERS]->(c) RETURN c.sourceId } AS covers
"""
_REPEATED = """
CYPHER 25
MATCH (a:Alert {kind: 'REPEAT', level: 'RED'})-[:RAISED_FOR]->(c:Complaint)
RETURN collect(DISTINCT c.customerId) AS customers
"""
_CUSTOMERS = """
CYPHER 25
MATCH (c:Complaint {sourceSystem: $system}) WHERE c.sourceId IN $ids
RETURN collect(DISTINCT c.customerId) AS customers
"""
_BRANCHES = """
CYPHER 25
MATCH (c:Complaint)
WHERE $cause IN c.rootCauseCodes AND c.receivedAt >= $since AND c.receivedAt < $until
  AND c.duplicate = false
UNWIND c.branchCodes AS code
MATCH (b:Branch {code: code, level: 'BRANCH'})
RETURN code, count(*) AS n ORDER BY n DESC, code
"""


log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Raised:
    """An alert about many complaints, as far as facts are texts by it."""

    kind: RuleKind
    key: str
    at: datetime
    until: datetime | None
    covers: frozenset[str]


class Texts:
    """The texts of one bank, by what they are about, from which others draw theirs."""

    def __init__(self, options: DemoOptions) -> None:
        self._seed = options.seed
        self._texts: dict[str, list[Words]] = defaultdict(list)
        for each in complaints(options):
            if each.narrative:
                self._texts[_about_what(each)].append((each.subject, each.narrative))
        self._any = [texts for every in self._texts.values() for texts in every]

    def drawn(self, bank: DemoSource) -> "Rewritten":
        """A bank whose complaints say what others said about the same product and cause."""
        return Rewritten(bank, f"drawn-{self._seed}", self._draw)

    def _draw(self, each: IncomingComplaint) -> Words:
        random = Random(f"{self._seed} {each.source_id}")  # noqa: S311 - to be repeated, no secret
        return random.choice(self._texts.get(_about_what(each)) or self._any)


class RememberingPipeline(Pipeline):
    """The pipeline; a text that many banks have is encoded once."""

    kept: dict[str, list[float]]
    vector_key: str

    async def encode(self, cases: Sequence[Case]) -> list[Prepared]:
        fresh = [case for case in cases if case.text and case.text not in self.kept]
        for each in await super().encode(fresh) if fresh else []:
            assert each.case.text
            self.kept[each.case.text] = list(each.vectors[self.vector_key])
        return [
            Prepared(
                case,
                {self.vector_key: self.kept[case.text]} if case.text else {},
                self.escalator.fires(case),
            )
            for case in cases
        ]


class Measurer:
    """Measures banks one after another in one graph, which is empty before and after each."""

    def __init__(self, services: Services, shown: Progress, *, texts: bool) -> None:
        self._services = services
        self._shown = shown
        self._texts = texts
        self._pool: Texts | None = None
        self._importer = services.importer

    async def measure(self, options: DemoOptions) -> Mapping[str, object]:
        """Load one bank, watch it, report what was found of it, and take it away."""
        database = self._services.database
        await ensure_catalogue(database, catalogue(options))
        await self._importer.run(self._source(options), progress=self._shown)
        if self._texts:
            space = self._services.book.active.space
            await refit(database, space, datetime.now(UTC), self._shown)
        await self._services.watcher.update()
        result = await Bank(self._services, options).facts(texts=self._texts)
        await remove_source(database, SYSTEM, self._shown)
        log.info("bank measured", seed=options.seed, **result)
        return result

    def _source(self, options: DemoOptions) -> RowSource:
        bank = DemoSource(options)
        if not self._texts:
            return textless(bank)
        if options.planted:
            return bank
        if self._pool is None:
            self._pool = Texts(options)
            self._importer = self._remembering()
        return self._pool.drawn(bank)

    def _remembering(self) -> Importer:
        services = self._services
        pipeline = RememberingPipeline(services.database, services.book, services.preparer)
        pipeline.kept, pipeline.vector_key = {}, services.book.active.space.vector_key
        return Importer(
            pipeline, services.preparer, services.keyring, services.settings.home / "imports"
        )


class Bank:
    """A loaded bank with what the service says of it."""

    def __init__(self, services: Services, options: DemoOptions) -> None:
        self._services = services
        self._options = options
        self._zone = services.zone

    async def facts(self, *, texts: bool) -> Mapping[str, object]:
        alerts, hits = await self._alerts(), await self._hotspots()
        facts = planted_facts(self._options)
        finders: Mapping[str, Callable[[PlantedFact], Awaitable[bool]]] = {
            "fee-error": lambda fact: self._fee_error(fact, hits),
            "mis-selling": lambda fact: self._mis_selling(fact, hits),
            "fix-that-worked": self._verdict,
            "fix-that-did-not": self._verdict,
            "escalation-surge": lambda fact: self._surge(fact, alerts),
        }
        if texts:
            finders = {
                **finders,
                "repeat-complainer": self._repeats,
                "group-event": lambda fact: self._group(fact, alerts),
            }
        others = [each for each in alerts if not any(explains(fact, each) for fact in facts)]
        counted = {
            kind.value: sum(each.kind is kind for each in others) / _YEARS.get(kind, 1.0)
            for kind in (*_SHARES, RuleKind.GROUP_EVENT, RuleKind.NEW_TOPIC)
        }
        odd = [hit for hit in hits if not any(_about(fact, hit) for fact in facts)]
        return {
            "found": {f.name: await finders[f.name](f) for f in facts if f.name in finders},
            "othersPerYear": counted,
            "hotspots": len(hits),
            "falseHotspots": len(odd),
        }

    async def _alerts(self) -> list[Raised]:
        rows = await self._services.database.read(_ALERTS)
        return [
            Raised(
                RuleKind(row["kind"]),
                (row["subject"] or "").partition(":")[2],
                row["at"],
                row["until"],
                frozenset(row["covers"]),
            )
            for row in rows
        ]

    async def _hotspots(self) -> Sequence[Hotspot]:
        """What an analyst looks at: everything, and which causes stood out where this year."""
        database, zone = self._services.database, self._zone
        year = Cohort(EVERY_COMPLAINT, since=midnight(self._options.last_day - _YEAR, zone))
        return [
            *await hotspots(database, Cohort(EVERY_COMPLAINT), USUAL, zone, 100),
            *await hotspots(database, year, (HotspotDimension.ROOT_CAUSE, _BRANCH), zone, 100),
        ]

    async def _fee_error(self, fact: PlantedFact, hits: Sequence[Hotspot]) -> bool:
        """A hotspot of the cause and month, most of it at exactly the branches planted."""
        month = fact.start.isoformat()
        if not any(_has(hit, fact) and hit.codes.get(_MONTH) == month for hit in hits):
            return False
        rows = await self._services.database.read(
            _BRANCHES,
            cause=fact.causes[0],
            since=midnight(fact.start, self._zone),
            until=midnight(fact.end + timedelta(days=1), self._zone),
        )
        return {row["code"] for row in rows[: len(fact.branches)]} == set(fact.branches)

    async def _mis_selling(self, fact: PlantedFact, hits: Sequence[Hotspot]) -> bool:
        return any(_has(hit, fact) and hit.codes.get(_BRANCH) in fact.branches for hit in hits)

    async def _verdict(self, fact: PlantedFact) -> bool:
        assert fact.completed is not None
        done = midnight(fact.completed, self._zone)
        plan = Plan(title=fact.title_en, cause=fact.causes[0], completed_at=done)
        made = Remediation(fact.name, plan, 1, done, "evaluation", fact.causes)
        results = await effects(
            self._services.database, [made], days=180, delay=21, now=datetime.now(UTC)
        )
        return results[fact.name].effect.verdict.value == fact.verdict

    async def _repeats(self, fact: PlantedFact) -> bool:
        """The one customer, and nobody else, is raised for repeating again and again."""
        read = self._services.database.read
        raised = (await read(_REPEATED))[0]["customers"]
        planted = await read(_CUSTOMERS, system=SYSTEM, ids=list(fact.complaints))
        return bool(raised) and set(raised) == set(planted[0]["customers"])

    async def _group(self, fact: PlantedFact, alerts: Sequence[Raised]) -> bool:
        """A group event of five of those planted at least, who are most of it."""
        planted = set(fact.complaints)
        return any(
            len(each.covers & planted) >= max(5, len(each.covers) / 2)
            for each in alerts
            if each.kind is RuleKind.GROUP_EVENT
        )

    async def _surge(self, fact: PlantedFact, alerts: Sequence[Raised]) -> bool:
        return any(each.kind is RuleKind.SURGE and explains(fact, each) for each in alerts)


_SHARES = (RuleKind.SURGE, RuleKind.GROWING_CAUSE)
_MONTH, _BRANCH = HotspotDimension.MONTH, HotspotDimension.BRANCH


def explains(fact: PlantedFact, each: Raised) -> bool:
    """Whether an alert is of a planted fact: its branch and time, its cause, its complaints."""
    if each.kind is RuleKind.SURGE:
        return (
            fact.name == "escalation-surge"
            and each.key in fact.branches
            and _day(each.at) >= fact.start
            and _day(each.at) <= fact.end + timedelta(weeks=4)
        )
    if each.kind is RuleKind.GROWING_CAUSE:
        return each.key in fact.causes
    return len(each.covers & set(fact.complaints)) >= 2


def _has(hit: Hotspot, fact: PlantedFact) -> bool:
    """Whether a hotspot is of a fact's cause or of one of its products, or of a wider one."""
    product = hit.codes.get(HotspotDimension.PRODUCT)
    return hit.codes.get(HotspotDimension.ROOT_CAUSE) in fact.causes or any(
        product in _wider()[each] for each in fact.products
    )


@lru_cache(maxsize=1)
def _wider() -> Mapping[str, frozenset[str]]:
    """Each product of the bank with all that is wider."""
    parents = {entry.code: entry.wider for entry in catalogue(DemoOptions())}
    return {code: frozenset(_chain(code, parents)) for code in parents}


def _chain(code: str | None, parents: Mapping[str, str | None]) -> Iterator[str]:
    while code is not None:
        yield code
        code = parents[code]


def _about(fact: PlantedFact, hit: Hotspot) -> bool:
    """Whether a hotspot shows a planted fact or a part of it, at its branch or in its time."""
    if not _has(hit, fact):
        return False
    month, branch = hit.codes.get(_MONTH), hit.codes.get(_BRANCH)
    # What a fix took away stands out in every month before it.
    start, end = fact.start.replace(day=1), fact.end
    if fact.completed is not None:
        start, end = date.min, fact.completed
    within = month is None or start <= date.fromisoformat(month) <= end
    return within and (branch is None or not fact.branches or branch in fact.branches)


def _about_what(each: IncomingComplaint) -> str:
    """The product and the first cause of a complaint, as far as it tells."""
    product = each.product[-1].code if each.product else ""
    cause = each.causes[0].chain[-1].code if each.causes else ""
    return f"{product} {cause}"


def _day(at: datetime) -> date:
    return at.date()


def summary(banks: Mapping[str, Mapping[str, Any]]) -> Mapping[str, object]:
    """All banks together: in how many each fact was found, and other alerts a bank-year."""
    results: dict[str, list[bool]] = {}
    others: dict[str, list[float]] = {}
    for bank in banks.values():
        for name, hit in bank["found"].items():
            results.setdefault(name, []).append(hit)
        for kind, rate in bank["othersPerYear"].items():
            others.setdefault(kind, []).append(rate)
    hits = [bank["hotspots"] for bank in banks.values()]
    odd = [bank["falseHotspots"] for bank in banks.values()]
    each = {kind: sum(rates) / len(rates) for kind, rates in others.items()}
    shares = [wrong / max(1, all_) for wrong, all_ in zip(odd, hits, strict=True)]
    return {
        "found": {name: f"{sum(subset)}/{len(subset)}" for name, subset in results.items()},
        "othersPerBankYear": round(sum(each.values()), 3),
        "othersByKind": {kind: round(rate, 3) for kind, rate in each.items()},
        "hotspots": sum(hits),
        "falseHotspots": sum(odd),
        "meanFalseShare": round(sum(shares) / len(shares), 4),
        "banks": banks,
    }
