"""Random records and random filters, and a plain evaluation of one on the other."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from random import Random
from typing import Any

from graph.domain.catalogue import CatalogueEntry
from graph.domain.deadlines import TimeLimits
from graph.domain.enums import (
    OPEN_STATUSES,
    CaseStatus,
    CatalogueKind,
    Channel,
    DepartmentRole,
    IdentifierKind,
    Level,
    Nature,
    OutcomeKind,
    Severity,
    Urgency,
)
from graph.domain.filters import ComplaintFilter
from graph.domain.money import money
from graph.domain.scope import NOTHING, WHOLE_BANK, Scope
from ingest.record import IncomingCause, IncomingComplaint, IncomingCustomer, IncomingDecision
from tests.support.bank import (
    BEIJING,
    CARD,
    CARDS,
    CREDIT,
    FEE,
    HAIDIAN,
    HEAD,
    INSTALMENT,
    LOAN,
    SHANGHAI,
)

SYSTEMS = ("core", "core-cards", "hotline")
START = datetime(2025, 3, 1, tzinfo=UTC)
DAYS = 300
R = CatalogueKind.ROOT_CAUSE
FEES = CatalogueEntry(R, "FEES", "Fees")
HIDDEN = CatalogueEntry(R, "FEES-HIDDEN", "Hidden fee", wider="FEES")
STAFF = CatalogueEntry(R, "STAFF", "Staff")
PRODUCTS = ((CARD,), (CARD, FEE), (CARD, INSTALMENT), (LOAN,), ())
BRANCHES = ((HEAD,), (HEAD, BEIJING), (HEAD, BEIJING, HAIDIAN), (HEAD, SHANGHAI), ())
CAUSES = ((FEES,), (FEES, HIDDEN), (STAFF,))
TYPES = ("FEE_DISPUTE", "FRAUD", "PRIVACY", None)
SEGMENTS = ("VIP", "MASS", None)
RISKS = ("OPERATIONAL", "COMPLIANCE", "REPUTATIONAL")
TEXTS = (
    "信用卡年费没有提前告知就扣款",
    "分期手续费比说好的多",
    "房贷利率上调没有通知",
    "柜台排队两个小时没人管",
    "The annual fee was charged twice",
    "My transfer never arrived",
    "客服态度很差，反复推诿",
    "账户被盗刷，要求赔偿",
)


#: Reach of every shape, and none.
SCOPES = (
    WHOLE_BANK,
    Scope(branches=("BJ",)),
    Scope(branches=("BJ-01", "SH"), assignee="li"),
    Scope(departments=("CREDIT",)),
    Scope(departments=("CARDS",), branches=("SH",), assignee="wang"),
    Scope(assignee="li"),
    Scope(assignee="nobody"),
    NOTHING,
)


def reached(one: IncomingComplaint, scope: Scope) -> bool:
    """Whether somebody with a scope sees a record in full."""
    branches = {entry.code for entry in one.branch}
    departments = {chain[-1].code for chain, _ in one.departments}
    return (
        scope.everything
        or any(code in branches for code in scope.branches)
        or any(code in departments for code in scope.departments)
        or (scope.assignee is not None and one.assignee == scope.assignee)
    )


def record(number: int, chance: Random) -> IncomingComplaint:
    customer = chance.choice([*range(25), None])
    return IncomingComplaint(
        chance.choice(SYSTEMS),
        str(number),
        START + timedelta(days=chance.uniform(0, DAYS)),
        channel=chance.choice(list(Channel)),
        status=chance.choice(list(CaseStatus)),
        level=chance.choice(list(Level)),
        narrative=None if chance.random() < 0.1 else f"{chance.choice(TEXTS)}{number % 9}",
        type=chance.choice(TYPES),
        nature=chance.choice([*Nature, None]),
        severity=chance.choice([*Severity, None]),
        urgency=chance.choice([*Urgency, None]),
        risk_types=tuple(chance.sample(RISKS, chance.randint(0, 2))),
        amount=money(Decimal(chance.randint(0, 90)), chance.choice(["CNY", "USD"]))
        if chance.random() < 0.7
        else None,
        assignee=chance.choice(["li", "wang", None]),
        product=chance.choice(PRODUCTS),
        branch=chance.choice(BRANCHES),
        departments=tuple(
            ((entry,), role)
            for entry, role in ((CARDS, DepartmentRole.LEAD), (CREDIT, DepartmentRole.ASSISTING))
            if chance.random() < 0.4
        ),
        causes=tuple(IncomingCause(c) for c in chance.sample(CAUSES, chance.choice([0, 1, 1, 2]))),
        customer=None
        if customer is None
        else IncomingCustomer(
            identifiers=((IdentifierKind.SOURCE_ID, str(customer)),),
            vulnerable=customer % 5 == 0,
            segment=SEGMENTS[customer % len(SEGMENTS)],
        ),
        decisions=_decisions(chance),
    )


def _decisions(chance: Random) -> tuple[IncomingDecision, ...]:
    """Up to two rounds, some without a date."""
    return tuple(
        IncomingDecision(
            chance.choice(list(OutcomeKind)),
            at=chance.choice([None, START + timedelta(days=DAYS + chance.uniform(0, 60))]),
        )
        for _ in range(chance.choice((0, 0, 1, 2)))
    )


def random_filter(
    chance: Random, customers: Sequence[str], times: Sequence[datetime], depth: int = 0
) -> ComplaintFilter:
    """One to four fields, and often a negated filter inside, up to three deep.

    ``times``: when complaints were recorded.
    """
    every = sorted(_fields(chance, customers, times).items())
    fields = dict(chance.sample(every, chance.randint(1, 4)))
    if depth < 3 and chance.random() < 0.45:
        fields["excluded"] = random_filter(chance, customers, times, depth + 1)
    return ComplaintFilter(**fields)


def _fields(chance: Random, customers: Sequence[str], times: Sequence[datetime]) -> dict[str, Any]:
    def some(values: Sequence[Any]) -> tuple[Any, ...]:
        return tuple(chance.sample(list(values), chance.randint(1, min(3, len(values)))))

    def moment() -> datetime:
        return START + timedelta(days=chance.uniform(0, DAYS))

    def recorded() -> datetime:
        """Long before or after they are all recorded, or between them."""
        return chance.choice([START, *times, datetime.now(UTC) + timedelta(days=1)])

    return {
        "products": some(["CARD", "CARD-FEE", "CARD-INST", "LOAN"]),
        "branches": some(["HO", "BJ", "BJ-01", "SH"]),
        "departments": some(["CARDS", "CREDIT"]),
        "types": some(["FEE_DISPUTE", "FRAUD", "PRIVACY", "OTHER"]),
        "risk_types": some(RISKS),
        "root_causes": some(["FEES", "FEES-HIDDEN", "STAFF"]),
        "source_systems": some(SYSTEMS),
        "channels": some(list(Channel)),
        "statuses": some(list(CaseStatus)),
        "natures": some(list(Nature)),
        "severities": some(list(Severity)),
        "urgencies": some(list(Urgency)),
        "outcomes": some(list(OutcomeKind)),
        "segments": some(["VIP", "MASS", "OTHER"]),
        "levels": some(list(Level)),
        "received_from": moment(),
        "received_to": moment(),
        "due_from": moment(),
        "due_to": moment(),
        "decided_from": moment() + timedelta(days=100),
        "decided_to": moment() + timedelta(days=100),
        "recorded_from": recorded(),
        "recorded_to": recorded(),
        "amount_from": Decimal(chance.randint(0, 90)),
        "amount_to": Decimal(chance.randint(0, 90)),
        "currency": chance.choice(["CNY", "USD"]),
        "customer": chance.choice(customers),
        "assignee": chance.choice(["li", "wang"]),
        "unassigned": chance.random() < 0.5,
        "vulnerable": chance.random() < 0.5,
        "overdue": chance.random() < 0.5,
    }


#: What a deadline is has tests of its own.
LIMITS = TimeLimits()


def matches(
    record: IncomingComplaint,
    wanted: ComplaintFilter,
    customer: str | None,
    recorded: datetime,
    now: datetime,
) -> bool:
    """The filter's meaning, spelt out."""
    assert isinstance(record.received_at, datetime)
    due: datetime | None = LIMITS.deadline(record.received_at, LIMITS.decide_days).due_at
    later = record.decisions or record.status in {CaseStatus.REOPENED, CaseStatus.REVIEW_REQUESTED}
    if later and record.status in OPEN_STATUSES:
        due = None  # no source says when a later round began
    amount = record.amount
    currency = wanted.currency or "CNY"
    money_asked = (wanted.currency, wanted.amount_from, wanted.amount_to) != (None, None, None)
    overdue = record.status in OPEN_STATUSES and due is not None and due < now
    vulnerable = bool(record.customer and record.customer.vulnerable)
    outcome = record.decisions[-1].outcome if record.decisions else None
    # A number such as 0 stands for nobody, who has no segment.
    segment = record.customer.segment if record.customer and customer else None
    times = [one.at for one in record.decisions if isinstance(one.at, datetime)]
    decided = min(times, default=None)
    checks = [
        _any(wanted.products, [entry.code for entry in record.product]),
        _any(wanted.branches, [entry.code for entry in record.branch]),
        _any(wanted.departments, [chain[-1].code for chain, _ in record.departments]),
        _any(wanted.root_causes, [e.code for cause in record.causes for e in cause.chain]),
        _any(wanted.risk_types, record.risk_types),
        _any(wanted.types, [record.type]),
        _any(wanted.source_systems, [record.source_system]),
        _any(wanted.channels, [record.channel]),
        _any(wanted.statuses, [record.status]),
        _any(wanted.natures, [record.nature]),
        _any(wanted.severities, [record.severity]),
        _any(wanted.urgencies, [record.urgency]),
        _any(wanted.outcomes, [outcome]),
        _any(wanted.segments, [segment]),
        _any(wanted.levels, [record.level]),
        wanted.received_from is None or record.received_at >= wanted.received_from,  # type: ignore[operator]
        wanted.received_to is None or record.received_at <= wanted.received_to,  # type: ignore[operator]
        wanted.due_from is None or (due is not None and due >= wanted.due_from),
        wanted.due_to is None or (due is not None and due <= wanted.due_to),
        wanted.decided_from is None or (decided is not None and decided >= wanted.decided_from),
        wanted.decided_to is None or (decided is not None and decided <= wanted.decided_to),
        wanted.recorded_from is None or recorded >= wanted.recorded_from,
        wanted.recorded_to is None or recorded <= wanted.recorded_to,
        not money_asked or (amount is not None and amount.currency == currency),
        wanted.amount_from is None or (amount is not None and amount.value >= wanted.amount_from),
        wanted.amount_to is None or (amount is not None and amount.value <= wanted.amount_to),
        wanted.customer is None or customer == wanted.customer,
        wanted.assignee is None or record.assignee == wanted.assignee,
        wanted.unassigned is None or (record.assignee is None) == wanted.unassigned,
        wanted.vulnerable is None or vulnerable == wanted.vulnerable,
        wanted.overdue is None or overdue == wanted.overdue,
        wanted.excluded is None or not matches(record, wanted.excluded, customer, recorded, now),
    ]
    return all(checks)


def _any(wanted: Sequence[Any] | None, have: Sequence[Any]) -> bool:
    return wanted is None or any(value in wanted for value in have if value is not None)
