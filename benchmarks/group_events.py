"""Whether planted group events are raised when they are complete, and how many others are.

The banks are loaded by the service's own pipeline. Shuffled banks keep everything but whose text
is whose; their neighbourhoods are computed exactly, and judged by the same pure functions.
"""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from datetime import datetime, timedelta
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.stats import poisson

from api.services import Services
from graph.commands.removal import remove_source
from graph.domain.evidence import GroupEvidence
from graph.domain.groups import (
    GroupEvent,
    Member,
    Neighbourhood,
    Past,
    assign,
    expected,
    most_improbable,
    nearly_group,
)
from graph.domain.rules import GroupRule
from graph.errors import ConfigurationError
from graph.progress import Progress
from graph.queries.groups import GroupCriteria
from ingest.demo import SYSTEM, DemoOptions, PlantedFact, planted_facts
from scripts.demo import load_demo

_YEARS = 2.0
#: Planted facts that are group events: one by itself, one because of what it does.
_GROUPS = ("group-event", "fee-error")

_TEXTS = """
CYPHER 25
MATCH (c:Complaint) WHERE c.duplicate = false AND c[$vector] IS NOT NULL
RETURN c {.id, .sourceId, .receivedKey, .receivedAt, .customerId, .branchCode, .productCode,
  .productCodes} AS own, c[$vector] AS vector ORDER BY c.receivedKey
"""
_EVENTS = """
CYPHER 25
MATCH (a:Alert {kind: 'GROUP_EVENT'})
RETURN a.id AS id, COLLECT { MATCH (a)-[:RAISED_FOR]->(c) RETURN c.id } AS completedBy,
  COLLECT { MATCH (a)-[:COVERS]->(c) RETURN c.id } AS members
"""


@dataclass(slots=True)
class Texts:
    """A bank's complaints by receipt; row n of the matrices is about complaint n."""

    members: Sequence[Member]
    sources: Sequence[str]
    products: Sequence[str | None]
    #: Whether one's product is the other's or a wider one; and whether both are known.
    related: NDArray[np.bool_]
    known: NDArray[np.bool_]
    cosines: NDArray[np.float32]
    days: NDArray[np.float64] = field(init=False)

    def __post_init__(self) -> None:
        first = self.members[0].at
        self.days = np.array([(m.at - first) / timedelta(days=1) for m in self.members])


@dataclass(slots=True)
class Completion:
    """A planted group: after how many of its customers it is complete, and was raised.

    Complete: the true labels show enough customers, improbable by the Poisson distribution of the
    mean expected. That is the rule without what makes the service careful where it knows little:
    care that costs time shows here as a group raised late. ``own``: how many of those who were
    planted had filed when it was raised; others may have complained about such a product too.
    """

    fact: str
    customers: int
    complete: int | None
    raised: int | None
    own: int | None


async def measure(
    services: Services, options: DemoOptions, shuffles: int, shown: Progress
) -> Mapping[str, object]:
    """One bank: its planted groups, other events, and those of its shuffles."""
    criteria = services.pipeline.escalator.criteria
    if criteria is None:
        raise ConfigurationError("The rule file has no rule of the kind GROUP_EVENT.")
    await load_demo(services, shown, options)
    texts = await _texts(services, criteria)
    rows = await services.database.read(_EVENTS)
    served = [
        GroupEvent(row["id"], set(row["members"]), None, set(), *row["completedBy"]) for row in rows
    ]
    await remove_source(services.database, SYSTEM)
    facts = [fact for fact in planted_facts(options) if fact.name in _GROUPS]
    results = [_planted(fact, texts, served, criteria.rule) for fact in facts]
    named = {source for fact in facts for source in fact.complaints}
    ids = {m.id for m, source in zip(texts.members, texts.sources, strict=True) if source in named}
    counts = []
    for shuffle in range(shuffles):
        order = np.random.default_rng([options.seed, shuffle]).permutation(len(texts.members))
        counts.append(len(events(texts, criteria, order)))
        shown("shuffles", shuffle + 1, shuffles)
    exact = events(texts, criteria, np.arange(len(texts.members)))
    return {
        "planted": [asdict(each) for each in results],
        "othersPerYear": sum(not event.members & ids for event in served) / _YEARS,
        "shuffledPerYear": [count / _YEARS for count in counts],
        "asExact": {event.completed_by for event in served} == {e.completed_by for e in exact},
    }


def summary(banks: Mapping[str, Mapping[str, Any]]) -> Mapping[str, object]:
    """All banks together: groups raised at or before their completion, others a year."""
    groups = [each for bank in banks.values() for each in bank["planted"]]
    shuffled = [rate for bank in banks.values() for rate in bank["shuffledPerYear"]]
    others = [bank["othersPerYear"] for bank in banks.values()]
    result: dict[str, object] = {}
    for name in _GROUPS:
        items = [each for each in groups if each["fact"] == name]
        complete = [each for each in items if each["complete"] is not None]
        raised = [each for each in complete if each["raised"] is not None]
        result[name] = {
            "planted": len(items),
            "complete": len(complete),
            "raised": len(raised),
            "raisedAtCompletion": sum(each["raised"] <= each["complete"] for each in raised),
        }
    result["othersPerBankYear"] = round(float(np.mean(others)), 3)
    result["shuffledPerBankYear"] = round(float(np.mean(shuffled)), 3) if shuffled else None
    return {**result, "banks": banks}


def events(texts: Texts, criteria: GroupCriteria, order: NDArray[np.int64]) -> list[GroupEvent]:
    """The group events of a bank in which complaint n has the text of complaint ``order[n]``."""
    results: list[tuple[Neighbourhood, GroupEvidence | None]] = []
    places = {member.id: place for place, member in enumerate(texts.members)}
    for place in range(len(texts.members)):
        own = _neighbourhood(texts, place, _near(texts, criteria, order, place), criteria.rule)
        if not own[0].near:
            continue
        others = (
            _neighbourhood(texts, place, _near(texts, criteria, order, hub), criteria.rule, hub)
            for hub in (places[member.id] for member in own[0].near)
        )
        rare = nearly_group(criteria.rule, *own)
        results.append(most_improbable(criteria.rule, own, others if rare else ()))
    return assign(criteria.rule, results, [])


def _near(
    texts: Texts, criteria: GroupCriteria, order: NDArray[np.int64], place: int
) -> NDArray[np.bool_]:
    """Which complaints are near one, itself among them."""
    needed = np.where(texts.related[place], criteria.same_product, 2.0)
    needed = np.where(texts.known[place], needed, criteria.otherwise)
    near: NDArray[np.bool_] = texts.cosines[order[place]][order] >= needed
    near[place] = True
    return near


def _neighbourhood(
    texts: Texts, place: int, near: NDArray[np.bool_], rule: GroupRule, hub: int | None = None
) -> tuple[Neighbourhood, Past]:
    """A complaint's neighbourhood and past at its receipt; ``near``: near it, or near its hub."""
    days = texts.days
    opens = int(np.searchsorted(days, days[place] - rule.days))
    begins = int(np.searchsorted(days, days[place] - rule.days - rule.past_days))
    earlier = [int(n) for n in np.flatnonzero(near[:place])]
    neighbourhood = Neighbourhood(
        texts.members[place],
        tuple(texts.members[n] for n in earlier if n >= opens),
        "" if hub is None else texts.members[hub].id,
    )
    known = min(float(rule.past_days), max(0.0, float(days[place]) - rule.days))
    return neighbourhood, Past(
        near=tuple(texts.members[n] for n in earlier if begins <= n < opens),
        days=timedelta(days=known),
        before=opens - begins,
        within=place + 1 - opens,
    )


def _planted(
    fact: PlantedFact, texts: Texts, served: Sequence[GroupEvent], rule: GroupRule
) -> Completion:
    """Counted with the true labels: complaints about the fact's products are one subject."""
    labels = np.array([product in fact.products for product in texts.products])
    planted = set(fact.complaints)
    places = [n for n, source in enumerate(texts.sources) if source in planted and labels[n]]
    customers: set[str] = set()
    complete: int | None = None
    raised: int | None = None
    own: int | None = None
    completing = {event.completed_by for event in served}
    around = _span(texts, places)
    for place in (int(n) for n in np.flatnonzero(labels)):
        if not around[0] <= texts.members[place].at <= around[1]:
            continue
        customers.add(texts.members[place].customer)
        if complete is None and _improbable(rule, *_neighbourhood(texts, place, labels, rule)):
            complete = len(customers)
        if raised is None and texts.members[place].id in completing:
            raised = len(customers)
            own = len({texts.members[n].customer for n in places if n <= place})
    return Completion(fact.name, len(customers), complete, raised, own)


def _improbable(rule: GroupRule, neighbourhood: Neighbourhood, past: Past) -> bool:
    """The rule as it is written down: enough customers, improbable against the past's mean."""
    tail = poisson.sf(neighbourhood.customers - 1, expected(rule, neighbourhood, past))
    return neighbourhood.customers >= rule.customers and bool(tail < rule.probability)


def _span(texts: Texts, places: Sequence[int]) -> tuple[datetime, datetime]:
    """From a little before the first planted complaint to the last one."""
    at = [texts.members[place].at for place in places]
    return min(at) - timedelta(days=30), max(at)


async def _texts(services: Services, criteria: GroupCriteria) -> Texts:
    rows = await services.database.read(_TEXTS, vector=criteria.space.vector_key)
    vectors = np.array([row["vector"] for row in rows], dtype=np.float32)
    vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
    own = [row["own"] for row in rows]
    products = [each["productCode"] for each in own]
    lines = [set(each["productCodes"]) for each in own]
    known = np.array([product is not None for product in products])
    narrower = np.array([[product in line for product in products] for line in lines])
    return Texts(
        members=[
            Member(
                each["id"], each["receivedKey"], each["receivedAt"],
                each["customerId"] or each["id"], each["branchCode"],
            )
            for each in own
        ],
        sources=[each["sourceId"] for each in own],
        products=products,
        related=narrower | narrower.T,
        known=known[:, None] & known[None, :],
        cosines=vectors @ vectors.T,
    )  # fmt: skip
