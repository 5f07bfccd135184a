"""A small bank on a real graph with the real encoder: what it holds, and putting it there."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal

from api.services import Services
from graph.commands.catalogue import KnownCodes
from graph.commands.rows import Act, Prepared
from graph.domain.catalogue import CatalogueEntry
from graph.domain.enums import (
    BranchLevel,
    CaseStatus,
    CatalogueKind,
    Channel,
    DepartmentRole,
    IdentifierKind,
    Level,
    Nature,
    OutcomeKind,
    RemedyKind,
    Severity,
)
from graph.domain.money import money
from ingest.prepare import entries
from ingest.record import IncomingCause, IncomingComplaint, IncomingCustomer, IncomingDecision

START = datetime(2026, 1, 5, 2, 0, tzinfo=UTC)
SYSTEM = "bank"

P, B, D, R = (
    CatalogueKind.PRODUCT,
    CatalogueKind.BRANCH,
    CatalogueKind.DEPARTMENT,
    CatalogueKind.ROOT_CAUSE,
)
CARD = CatalogueEntry(P, "CARD", "Credit card", "信用卡")
INSTALMENT = CatalogueEntry(P, "CARD-INST", "Instalment", "分期", wider="CARD")
FEE = CatalogueEntry(P, "CARD-FEE", "Annual fee", "年费", wider="CARD")
LOAN = CatalogueEntry(P, "LOAN", "Mortgage", "房贷")
HEAD = CatalogueEntry(B, "HO", "Head office", "总行", level=BranchLevel.HEAD_OFFICE)
BEIJING = CatalogueEntry(B, "BJ", "Beijing", "北京", "HO", BranchLevel.PROVINCE, 120, 900_000)
HAIDIAN = CatalogueEntry(B, "BJ-01", "Haidian", "海淀", "BJ", BranchLevel.BRANCH, 12, 80_000)
SHANGHAI = CatalogueEntry(B, "SH", "Shanghai", "上海", "HO", BranchLevel.PROVINCE, 140, 1_000_000)
CARDS = CatalogueEntry(D, "CARDS", "Card centre", "信用卡中心")
CREDIT = CatalogueEntry(D, "CREDIT", "Personal credit", "个人信贷部")
UNTOLD = CatalogueEntry(R, "UNTOLD", "Fee not told", "收费未告知")
SLOW = CatalogueEntry(R, "SLOW", "Slow process", "流程缓慢")

_TEXTS = (
    ("信用卡年费没有提前告知就直接扣款{n}元，要求退还", FEE, UNTOLD),
    ("分期手续费与客服说的不一致，多收了{n}元", INSTALMENT, UNTOLD),
    ("房贷提前还款申请提交{n}天仍无人处理", LOAN, SLOW),
    ("The annual fee of {n} was charged without any notice, I want it back", FEE, UNTOLD),
    ("房贷利率调整没有通知，每月多还{n}元", LOAN, SLOW),
)
_OUTCOMES = (OutcomeKind.UPHELD, OutcomeKind.NOT_UPHELD, OutcomeKind.EXPLAINED)


async def load(services: Services, records: list[IncomingComplaint]) -> None:
    """Store and link records as one batch."""
    await store_and_link(services, await encoded(services, records), records)


async def encoded(services: Services, records: list[IncomingComplaint]) -> list[Prepared]:
    now = datetime.now(UTC)
    return await services.pipeline.encode(
        [services.preparer.prepare(record, now=now) for record in records]
    )


async def store_and_link(
    services: Services, prepared: list[Prepared], records: list[IncomingComplaint]
) -> None:
    catalogue = [HEAD, BEIJING, *(entry for record in records for entry in entries(record))]
    act = Act("test", datetime.now(UTC), services.keyring)
    await services.pipeline.store(prepared, catalogue, act, KnownCodes())
    await services.pipeline.backlog.link_all()
    await services.weights.refresh()


def bank_records() -> list[IncomingComplaint]:
    """Sixty complaints, three of four decided; customers come back; the last five have no text."""
    return [_record(number) for number in range(60)]


def _record(number: int) -> IncomingComplaint:
    text, product, cause = _TEXTS[number % len(_TEXTS)]
    received = START + timedelta(days=2 * number)
    department = CREDIT if product is LOAN else CARDS
    decided = number % 4 != 3
    return IncomingComplaint(
        source_system=SYSTEM,
        source_id=str(number),
        received_at=received,
        channel=Channel.PHONE if number % 3 else Channel.APP,
        status=CaseStatus.CLOSED if decided else CaseStatus.INVESTIGATING,
        level=list(Level)[number % 3],
        subject=None if number % 2 else "收费",
        narrative=None if number >= 55 else text.format(n=100 + number // 10),
        type="FEE_DISPUTE" if product is not LOAN else "SERVICE_PROCESS",
        nature=[*Nature, None][number % 5],
        severity=list(Severity)[number % 3],
        risk_types=("COMPLIANCE",) if number % 5 == 0 else (),
        amount=money(Decimal(50 * number), "CNY") if number % 6 else None,
        assignee=f"handler-{number % 3}",
        product=(CARD, product) if product in (FEE, INSTALMENT) else (product,),
        branch=(HEAD, BEIJING, HAIDIAN) if number % 2 else (HEAD, SHANGHAI),
        departments=((((department,)), DepartmentRole.LEAD),),
        causes=(IncomingCause((cause,)),) if number % 3 != 2 else (),
        customer=IncomingCustomer(
            names=("王小明",),
            identifiers=((IdentifierKind.SOURCE_ID, f"C{number % 20}"),),
            segment="retail",
            vulnerable=number % 20 == 3,
        ),
        decisions=(_decision(number, received),) if decided else (),
    )


def _decision(number: int, received: datetime) -> IncomingDecision:
    return IncomingDecision(
        outcome=_OUTCOMES[number % 3],
        remedy=RemedyKind.MONETARY if number % 3 == 0 else RemedyKind.EXPLANATION,
        compensation=money(Decimal(20), "CNY") if number % 3 == 0 else None,
        at=received + timedelta(days=4 + number % 20),
        satisfaction=1 + number % 5,
        summary="经核实，已为客户处理。",
    )
