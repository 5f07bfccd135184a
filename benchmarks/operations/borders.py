"""The small bank with cases on both sides of every border, and what is known of each by raw reads.

Every text that somebody might see of a case holds a word of that case alone.
"""

import base64
import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from itertools import count, product
from typing import Any

from api.services import Services
from benchmarks.operations.bank import (
    BEIJING,
    CARDS,
    CREDIT,
    FEE,
    HAIDIAN,
    HEAD,
    INSTALMENT,
    LOAN,
    SHANGHAI,
    SLOW,
    START,
    UNTOLD,
    load,
)
from benchmarks.operations.wide import ask
from graph.domain.catalogue import CatalogueEntry
from graph.domain.enums import (
    CaseStatus,
    Channel,
    DepartmentRole,
    IdentifierKind,
    Level,
    OutcomeKind,
    RemedyKind,
)
from graph.domain.money import money
from ingest.record import IncomingCause, IncomingComplaint, IncomingCustomer, IncomingDecision
from similarity.clusters import refit

#: The branch of each code, with the wider ones before it.
CHAINS: Mapping[str, tuple[CatalogueEntry, ...]] = {
    "HO": (HEAD,),
    "BJ": (HEAD, BEIJING),
    "BJ-01": (HEAD, BEIJING, HAIDIAN),
    "SH": (HEAD, SHANGHAI),
    "": (),
}
#: Each branch's next wider one.
WIDER = {"BJ-01": "BJ", "BJ": "HO", "SH": "HO", "HO": None}
SYSTEM = "border"
_TEXTS = (
    ("信用卡年费没有提前告知就直接扣款{n}元，要求退还，口令{word}", FEE, UNTOLD),
    ("分期手续费与客服说的不一致，多收了{n}元，口令{word}", INSTALMENT, UNTOLD),
    ("房贷提前还款申请提交{n}天仍无人处理，口令{word}", LOAN, SLOW),
)
_PLAN = (
    "云汀稳盈资管计划第{n}期到期没有兑付，客户经理说等通知，本金{n}0万元要求马上归还。口令{word}"
)
_THREAT = "年费重复扣收。三天内不退，我就去法院起诉，口令{word}！谢谢。"
_SYLLABLES = [a + b for a, b in product("bdfgklmprtv", "aeiou")]


def secret(number: int) -> str:
    """A word that nobody writes; no two are alike."""
    parts = []
    for _ in range(4):
        number, rest = divmod(number, len(_SYLLABLES))
        parts.append(_SYLLABLES[rest])
    return "zq" + "".join(parts)


@dataclass(frozen=True, slots=True)
class Row:
    """What the graph holds of a case, read raw; ``words`` nobody may read who is beyond its reach.

    ``shown``: words of the texts that a precedent shows; ``hidden``: of notes and decisions.
    """

    id: str
    reference: str
    source_id: str
    branch: str | None
    departments: frozenset[str]
    assignee: str | None
    customer: str | None
    version: int
    decided: bool
    duplicate: bool
    events: frozenset[str]
    resolutions: frozenset[str]
    alerts: frozenset[str]
    shown: frozenset[str]
    hidden: frozenset[str]
    #: Who did something to it.
    actors: frozenset[str]


@dataclass(slots=True)
class Borders:
    """The services, every case by its id, and the objects that are about many cases."""

    services: Services
    rows: dict[str, Row]
    issue: str = ""
    remediation: str = ""
    clusters: tuple[str, ...] = ()
    #: Alerts about many cases, with those that they cover.
    groups: dict[str, frozenset[str]] = field(default_factory=dict)
    #: Cases that were handed over, by what became of them.
    moved: dict[str, str] = field(default_factory=dict)
    #: Former ids of customers, with today's.
    former: dict[str, str] = field(default_factory=dict)
    #: Who made each opening from beyond reach, by its id.
    openings: dict[str, str] = field(default_factory=dict)


def records() -> list[IncomingComplaint]:
    """Cases at every branch, with every kind of department, decided and not."""
    numbers, made = count(), []
    hands = (
        ((CARDS,), ()),
        ((CREDIT,), (CARDS,)),
        ((), ()),
    )
    for branch, (leads, assists), decided in product(CHAINS, hands, (True, False)):
        number = next(numbers)
        departments = (
            *(((lead,), DepartmentRole.LEAD) for lead in leads),
            *(((other,), DepartmentRole.ASSISTING) for other in assists),
        )
        made.append(
            record(
                number,
                branch,
                departments=departments,
                decided=decided,
                customer=f"X{number % 7}",
                assignee="ann" if number % 6 == 5 else f"keeper-{secret(5_000 + number)}",
            )
        )
    made += _families(numbers)
    return made


def _families(numbers: Iterator[int]) -> Iterator[IncomingComplaint]:
    """One case told at two or three branches: before it was answered, and after."""
    told = (
        ("D1", (("BJ-01", False), ("SH", False))),
        ("D2", (("SH", False), ("BJ-01", False))),
        ("D3", (("BJ-01", True), ("SH", False))),
        ("D4", (("SH", True), ("BJ", True))),
        ("D5", (("BJ-01", True), ("SH", True), ("BJ-01", False))),
        ("D6", (("BJ-01", True), ("BJ-01", True), ("BJ", False))),
        ("D7", (("SH", True), ("SH", True))),
    )
    for place, (customer, filings) in enumerate(told):
        at = START + timedelta(days=150, hours=place)
        text, _, _ = _TEXTS[place % len(_TEXTS)]
        for branch, decided in filings:
            number = next(numbers)
            yield record(
                number,
                branch,
                departments=(((CARDS,), DepartmentRole.LEAD),),
                decided=decided,
                customer=customer,
                assignee=f"keeper-{secret(5_000 + number)}",
                narrative=text.format(n=900 + place, word=secret(number)),
                received=at,
            )
            at += timedelta(days=9 if decided else 2)


def record(
    number: int,
    branch: str,
    *,
    departments: tuple[Any, ...],
    decided: bool,
    customer: str,
    assignee: str | None,
    narrative: str | None = None,
    received: datetime | None = None,
) -> IncomingComplaint:
    text, about, cause = _TEXTS[number % len(_TEXTS)]
    at = received or START + timedelta(days=3 * number, hours=5)
    return IncomingComplaint(
        source_system=SYSTEM,
        source_id=f"src-{secret(7_000 + number)}",
        received_at=at,
        channel=Channel.PHONE if number % 2 else Channel.APP,
        status=CaseStatus.CLOSED if decided else CaseStatus.INVESTIGATING,
        level=list(Level)[number % 3],
        subject=f"收费 {secret(3_000 + number)}",
        narrative=narrative or text.format(n=300 + number, word=secret(number)),
        type="FEE_DISPUTE" if about is not LOAN else "SERVICE_PROCESS",
        amount=money(Decimal(1_000 + 7 * number), "CNY"),
        assignee=assignee,
        product=(about,),
        branch=CHAINS[branch],
        departments=departments,
        causes=(IncomingCause((cause,)),) if number % 2 else (),
        customer=IncomingCustomer(
            identifiers=((IdentifierKind.SOURCE_ID, customer),),
            segment=f"segment-{customer}",
            region=f"region-{customer}",
        ),
        decisions=(
            IncomingDecision(
                outcome=list(OutcomeKind)[number % 3],
                remedy=RemedyKind.MONETARY,
                compensation=money(Decimal(31 + number), "CNY"),
                at=at + timedelta(days=5),
                satisfaction=1 + number % 5,
                summary=f"经核实，已处理，{secret(9_000 + number)}。",
            ),
        )
        if decided
        else (),
    )


_REGISTER = """mutation ($i: RegisterComplaintInput!) { registerComplaint(input: $i) {
  errors { message path } complaint { id version } } }"""
_PROPOSE = """mutation ($i: ProposeSystemicIssueInput!) { proposeSystemicIssue(input: $i) {
  errors { message path } issue { id } } }"""
_PLAN_REMEDIATION = """mutation ($i: PlanRemediationInput!) { planRemediation(input: $i) {
  errors { message path } remediation { id } } }"""
_TOKENS = "query ($id: ID!) { complaint(id: $id) { precedents(first: 3) { token } } }"
_RATE = """mutation ($i: RatePrecedentInput!) { ratePrecedent(input: $i) { errors { message } } }"""


class Desk:
    """Takes steps through the API as whoever is at this machine, with notes that hold a word."""

    def __init__(self, services: Services) -> None:
        self.services = services
        self._words = count(20_000)

    async def register(self, narrative: str, **given: Any) -> str:
        i = {"narrative": narrative, "channel": "PHONE", **given}
        payload = (await ask(self.services, _REGISTER, i=i))["registerComplaint"]
        assert payload["errors"] == []
        return raw(payload["complaint"]["id"])

    async def step(self, mutation: str, case: str, **given: Any) -> None:
        rows = await self.services.database.read(
            "MATCH (c:Complaint {id: $id}) RETURN c.version AS version", id=case
        )
        kind = f"{mutation[0].upper()}{mutation[1:]}Input"
        text = f"mutation ($i: {kind}!) {{ {mutation}(input: $i) {{ errors {{ message path }} }} }}"
        word = secret(next(self._words))
        i = {
            "complaint": gid("Complaint", case),
            "version": rows[0]["version"],
            "note": f"记下 {word}",
            **given,
        }
        payload = (await ask(self.services, text, i=i))[mutation]
        assert payload["errors"] == [], (mutation, payload)


async def borders_of(services: Services) -> Borders:
    """All of it, added to the small bank."""
    await load(services, records())
    made = Borders(services, {})
    await _work(made)
    await refresh(made)
    return made


async def _work(made: Borders) -> None:
    services, desk = made.services, Desk(made.services)
    numbers = count(40_000)
    for n, branch in enumerate(("BJ-01", "SH", "BJ-01", "SH", "BJ", "HO"), 1):
        narrative = _PLAN.format(n=n, word=secret(next(numbers)))
        await desk.register(
            narrative,
            branch=branch,
            department="CARDS" if n % 2 else "CREDIT",
            customer={"mobile": f"1391234000{n}"},
            assignee=f"keeper-{secret(next(numbers))}",
        )
    for branch in ("BJ-01", "SH", "HO"):
        case = await desk.register(
            _THREAT.format(word=secret(next(numbers))),
            branch=branch,
            department="CREDIT",
            amount={"value": "80000", "currency": "CNY"},
            customer={"sourceId": "X1"},
        )
        await _way(desk, case, next(numbers))
    await _hand_over(made, desk, numbers)
    await refit(services.database, services.book.active.space, datetime.now(UTC))
    await _many(made)
    await _rate(made)


async def _way(desk: Desk, case: str, number: int) -> None:
    """From its registration to a decision, a new round and an extension."""
    await desk.step("classifyComplaint", case, type="FEE_DISPUTE", product="CARD-FEE")
    await desk.step("dispatchComplaint", case, lead="CARDS", assisting=["CREDIT"])
    await desk.step("startInvestigation", case)
    await desk.step("assignComplaint", case, assignee="ann-the-former")
    await desk.step("assignComplaint", case, assignee=f"keeper-{secret(60_000 + number)}")
    await desk.step(
        "proposeRemedy", case, outcome="UPHELD", compensation={"value": "77", "currency": "CNY"}
    )
    await desk.step("recordAgreement", case)
    await desk.step("answerComplaint", case, summary=f"已退还 {secret(61_000 + number)}")
    await desk.step("setLevel", case, level="RED")


async def _hand_over(made: Borders, desk: Desk, numbers: Iterator[int]) -> None:
    """Cases that changed their branch, department or assignee: all of their past goes with them."""

    async def filed(**given: Any) -> str:
        text = "账户管理费收取有误，请核实，口令" + secret(next(numbers))
        return await desk.register(text, **given)

    case = made.moved["to SH"] = await filed(branch="BJ-01", department="CARDS")
    await desk.step("classifyComplaint", case, branch="SH")
    case = made.moved["to BJ-01"] = await filed(branch="SH", department="CARDS")
    await desk.step("classifyComplaint", case, branch="BJ-01")
    case = made.moved["to CREDIT"] = await filed(branch="SH")
    await desk.step("classifyComplaint", case)
    await desk.step("dispatchComplaint", case, lead="CARDS")
    await desk.step("transferComplaint", case, lead="CREDIT")
    case = made.moved["from ann"] = await filed(branch="SH", assignee="ann")
    await desk.step("assignComplaint", case, assignee=f"keeper-{secret(next(numbers))}")
    case = made.moved["to ann"] = await filed(branch="SH")
    await desk.step("assignComplaint", case, assignee="ann")


async def _many(made: Borders) -> None:
    """What is about many cases: an issue of clusters and of the group event, a remediation."""
    services = made.services
    clusters = await ask(services, "{ clusters(first: 20) { nodes { id } } }")
    made.clusters = tuple(node["id"] for node in clusters["clusters"]["nodes"])
    groups = await ask(services, "{ alerts(kinds: [GROUP_EVENT]) { nodes { id } } }")
    i = {
        "title": "资管计划未兑付",
        "level": "RED",
        "alerts": [node["id"] for node in groups["alerts"]["nodes"]],
        "clusters": list(made.clusters[:1]),
        "rootCauses": ["UNTOLD"],
    }
    payload = (await ask(services, _PROPOSE, i=i))["proposeSystemicIssue"]
    assert payload["errors"] == []
    made.issue = payload["issue"]["id"]
    i = {"title": "改短信模板", "issue": made.issue, "owner": "bo"}
    payload = (await ask(services, _PLAN_REMEDIATION, i=i))["planRemediation"]
    assert payload["errors"] == []
    made.remediation = payload["remediation"]["id"]


async def _rate(made: Borders) -> None:
    """Handlers have found some of the precedents useful."""
    rows = await made.services.database.read(
        "MATCH (c:Complaint {sourceSystem: $system}) RETURN c.id AS id ORDER BY id LIMIT 8",
        system=SYSTEM,
    )
    for place, row in enumerate(rows):
        found = await ask(made.services, _TOKENS, id=gid("Complaint", row["id"]))
        for precedent in found["complaint"]["precedents"]:
            i = {"token": precedent["token"], "useful": place % 3 > 0}
            await ask(made.services, _RATE, i=i)


def gid(kind: str, key: str) -> str:
    return base64.b64encode(f"{kind}:{key}".encode()).decode()


def raw(identity: str) -> str:
    return base64.b64decode(identity).decode().split(":", 1)[1]


def chosen(made: Borders, wanted: Callable[[Row], bool], most: int | None = None) -> Sequence[str]:
    """Ids of cases, always in the same order."""
    found = sorted(row.id for row in made.rows.values() if wanted(row))
    return found[:most]


_ROWS = """
CYPHER 25
MATCH (c:Complaint)
RETURN c.id AS id, c.reference AS reference, c.sourceId AS sourceId, c.assignee AS assignee,
  c.version AS version, c.decided AS decided, c.duplicate AS duplicate,
  c.subject AS subject, c.narrative AS narrative,
  COLLECT { MATCH (c)-[:ARISES_AT]->(b:Branch) RETURN b.code } AS branches,
  COLLECT { MATCH (c)-[:HANDLED_BY]->(d:Department) RETURN d.code } AS departments,
  COLLECT { MATCH (u:Customer)-[:FILED]->(c) RETURN u.id } AS customers,
  COLLECT { MATCH (c)-[:HAS_EVENT]->(e:CaseEvent) RETURN e.id } AS events,
  COLLECT { MATCH (c)-[:HAS_EVENT]->(e:CaseEvent) RETURN DISTINCT e.actor } AS actors,
  COLLECT { MATCH (c)-[:RESOLVED_BY]->(r:Resolution) RETURN r.id } AS resolutions,
  COLLECT { MATCH (a:Alert)-[:RAISED_FOR]->(c) RETURN DISTINCT a.id } AS alerts,
  COLLECT {
    MATCH (c)-[:RESOLVED_BY]->(r:Resolution) WHERE r.summary IS NOT NULL RETURN r.summary
  } AS summaries,
  COLLECT {
    MATCH (c)-[:HAS_EVENT]->(:CaseEvent)-[:HAS_TEXT]->(t:TextVersion) RETURN properties(t)
  } AS texts
"""
_GROUPS = """
CYPHER 25
MATCH (a:Alert)-[:COVERS]->(c:Complaint) RETURN a.id AS id, collect(c.id) AS cases
"""
_OPENINGS = "CYPHER 25 MATCH (o:Opening) RETURN o.id AS id, o.person AS person ORDER BY o.key"
_WORD = re.compile(r"zq(?:[bdfgklmprtv][aeiou]){4}")


async def refresh(made: Borders) -> None:
    """Read the rows as they stand now."""
    found = await made.services.database.read(_ROWS)
    made.rows = {row["id"]: _row(row) for row in found}
    covered = await made.services.database.read(_GROUPS)
    made.groups = {row["id"]: frozenset(row["cases"]) for row in covered}
    openings = await made.services.database.read(_OPENINGS)
    made.openings = {gid("Opening", row["id"]): row["person"] for row in openings}


def _row(row: Mapping[str, Any]) -> Row:
    shown = _words([row["subject"], row["narrative"]])
    written = [text for texts in row["texts"] for text in texts.values()]
    own = [row["assignee"]] if (row["assignee"] or "").startswith("keeper") else []
    return Row(
        row["id"],
        row["reference"],
        row["sourceId"],
        next(iter(row["branches"]), None),
        frozenset(row["departments"]),
        row["assignee"],
        next(iter(row["customers"]), None),
        row["version"],
        bool(row["decided"]),
        bool(row["duplicate"]),
        frozenset(row["events"]),
        frozenset(row["resolutions"]),
        frozenset(row["alerts"]),
        shown,
        _words([*row["summaries"], *written, *own]) - shown,
        frozenset(filter(None, row["actors"])),
    )


def _words(texts: Iterable[Any]) -> frozenset[str]:
    return frozenset(word for text in texts for word in _WORD.findall(str(text)))
