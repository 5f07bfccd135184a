"""What sentences of templates can name: the facts of an answer, as each language writes them."""

from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from types import MappingProxyType

from babel.dates import format_date
from babel.numbers import format_decimal, get_currency_name

from graph.domain.answers import AnswerFacts, AnswerSource
from graph.domain.enums import AnswerSourceKind, Language, OutcomeKind, RemedyKind
from graph.domain.money import Money, exponent
from graph.domain.vocabulary import Label, label_of

_KINDS = MappingProxyType(
    {
        "case": AnswerSourceKind.CASE,
        "proposal": AnswerSourceKind.PROPOSAL,
        "procedure": AnswerSourceKind.PROCEDURE,
        "precedents": AnswerSourceKind.PRECEDENT,
        "bank": AnswerSourceKind.SETTING,
    }
)
#: Every variable, with what it is called.
VARIABLES: Mapping[str, Label] = MappingProxyType(
    {
        "case.reference": Label("投诉编号", "reference"),
        "case.received": Label("受理日期", "day of receipt"),
        "case.occurred": Label("发生日期", "day on which it happened"),
        "case.product": Label("产品", "product"),
        "case.amount": Label("争议金额", "amount in dispute"),
        "case.cause": Label("已确认的根因", "confirmed root cause"),
        "proposal.outcome": Label("处理结论", "what was found"),
        "proposal.remedy": Label("补救措施", "what is done"),
        "proposal.compensation": Label("补偿金额", "compensation"),
        "procedure.title": Label("规程名称", "its title"),
        "precedents.agreeing": Label("结论相同的同类投诉", "alike cases decided the same way"),
        "bank.name": Label("银行名称", "name of the bank"),
        "bank.telephone": Label("客服电话", "telephone"),
        "bank.regulator": Label("监管投诉渠道", "channel of the regulator"),
        "bank.review_days": Label("核查时限", "time limit of a review"),
        "bank.request_days": Label("申请核查的期限", "time in which to ask for a review"),
        "bank.payment_days": Label("到账时限", "time until money arrives"),
        "bank.wording": Label("本行通用措辞", "the bank's usual wording"),
    }
)


def values_of(facts: AnswerFacts, language: Language) -> dict[str, str | None]:
    """Each variable as a sentence says it; None for what there is no value for."""
    terms, proposal = facts.terms, facts.proposal

    def called(label: Label | None) -> str | None:
        return None if label is None else label.text(language)

    def days(count: int | None) -> str | None:
        return None if count is None else _days(count, language, working=terms.working)

    procedure, precedents = facts.procedure, facts.precedents
    return {
        "case.reference": facts.reference,
        "case.received": _day(facts.received, language),
        "case.occurred": None if facts.occurred is None else _day(facts.occurred, language),
        "case.product": called(facts.product),
        "case.amount": _money(facts.amount, language),
        "case.cause": called(facts.cause),
        "proposal.outcome": _named(proposal.outcome, language),
        "proposal.remedy": _named(proposal.remedy, language),
        "proposal.compensation": _money(proposal.compensation, language),
        "procedure.title": _title(called(procedure.title) if procedure else None, language),
        "precedents.agreeing": str(precedents.agreeing) if precedents else None,
        "bank.name": terms.bank,
        "bank.telephone": terms.telephone,
        "bank.regulator": terms.regulator,
        "bank.review_days": days(terms.review_days),
        "bank.request_days": days(terms.request_days),
        "bank.payment_days": days(terms.payment_days),
        "bank.wording": "",
    }


def source_of(name: str, value: str | None, facts: AnswerFacts) -> AnswerSource:
    """A variable as what a sentence rests on."""
    kind = _KINDS[name.partition(".")[0]]
    cases = facts.precedents.complaints if facts.precedents else ()
    named = cases if kind is AnswerSourceKind.PRECEDENT else ()
    return AnswerSource(kind, name, VARIABLES[name], value or None, named)


def _day(day: date, language: Language) -> str:
    if language is Language.ZH:
        return f"{day.year}年{day.month}月{day.day}日"
    return str(format_date(day, "d MMMM y", locale="en_GB"))


def _money(amount: Money | None, language: Language) -> str | None:
    if amount is None:
        return None
    places = exponent(amount.currency)
    whole = amount.value == amount.value.to_integral_value()
    shape = "#,##0" if whole or not places else f"#,##0.{'0' * places}"
    number = format_decimal(amount.value, shape, locale="en_GB")
    if language is Language.EN:
        return f"{amount.currency} {number}"
    name = "元" if amount.currency == "CNY" else get_currency_name(amount.currency, locale="zh_CN")
    return f"{number}{name}"


def _days(count: int, language: Language, *, working: bool) -> str:
    if language is Language.ZH:
        return f"{count}个工作日" if working else f"{Decimal(count)}日"
    word = "working day" if working else "day"
    return f"{count} {word}{'' if count == 1 else 's'}"


def _named(member: OutcomeKind | RemedyKind | None, language: Language) -> str | None:
    return None if member is None else label_of(member).text(language)


def _title(title: str | None, language: Language) -> str | None:
    """Titles begin small inside an English sentence."""
    if title is None or language is Language.ZH:
        return title
    return title[:1].lower() + title[1:]
