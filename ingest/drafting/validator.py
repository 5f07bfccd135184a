"""What is wrong with an answer: figures, dates and promises without a fact, and what is missing.

It reads any text, whoever wrote it. It knows no grammar: a promise is words that promise, in a
clause in which nothing denies them.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from graph.domain.answers import NEEDED, AnswerFacts, AnswerProblem, Period
from graph.domain.enums import AnswerElement, AnswerProblemKind
from graph.domain.money import Money
from graph.domain.vocabulary import Label, label_of
from ingest.drafting import amounts as money
from ingest.drafting import dates
from ingest.drafting.passages import Passage, blanked, clauses, folded, sentences, without
from ingest.drafting.promises import (
    Given,
    Promise,
    about_review,
    grammar,
    promises,
    reported,
)

_WITHIN_AFTER = re.compile(
    r"\s?(?:之|以)?[内前]|起?(?:之|以)?内|\s?(?:at\sthe\slatest|or\sless)", re.IGNORECASE
)
_WITHIN_BEFORE = re.compile(
    r"(?:不超过|最[迟晚]|至多|至迟|将于|\b(?:within|in|no\slater\sthan|not\slater\sthan|at\smost|by|up\sto|under|less\sthan)(?:\s(?:the\s)?(?:next|following|coming)?)?(?:\sa(?:\smaximum|\speriod)\sof)?)\s?$",
    re.IGNORECASE,
)
_UNTIL_AFTER = re.compile(r"\s?(?:之|以)?(?:前|内)|\s?(?:底|末)")
_UNTIL_BEFORE = re.compile(
    r"(?:最[迟晚]|至迟|截至|\b(?:by|before|until|no\slater\sthan))\s?(?:the\s)?$", re.IGNORECASE
)
_FULL = re.compile(
    r"全额|全数|全部(?:费用|款项|金额|本金|损失|退)|如数|\b(?:in\sfull|full\s(?:refund|amount|compensation|reimbursement)|fully\s(?:refund|reimburs|compensat)\w*|the\s(?:entire|whole|full)\s\w+)",
    re.IGNORECASE,
)

#: A clause with fewer states nothing.
_FEWEST_CHARACTERS, _FEWEST_WORDS = 5, 4


@dataclass(frozen=True, slots=True)
class _Known:
    """The figures and days that may be stated; ``promised``: those that may be promised.

    ``told``: periods of the customer's own text; ``said``: the customer's own text, folded.
    """

    amounts: frozenset[tuple[Decimal, str]]
    percents: frozenset[Decimal]
    days: frozenset[date]
    named: tuple[dates.Day, ...]
    periods: frozenset[Period]
    told: frozenset[Period]
    promised: frozenset[Period]
    paid: Money | None
    said: str
    today: date

    @classmethod
    def of(cls, facts: AnswerFacts) -> "_Known":
        said = folded("\n".join(filter(None, (facts.text, facts.offered))))
        named = list(dates.days(said, facts.received))
        rest = said
        for day in named:
            rest = blanked(rest, day.start, day.end)
        told = [(a.value, a.currency or "CNY") for a in money.amounts(rest) if a.value is not None]
        own = [facts.proposal.compensation, facts.amount]
        known = [(each.value, each.currency) for each in own if each is not None]
        days = {facts.received, facts.today, facts.occurred, *_whole(named, facts.received)}
        told_periods = _spans_in(rest)
        offered = _spans_in(facts.offered)
        promised = facts.terms.periods | _called_back(facts) | offered
        return cls(
            amounts=frozenset([*told, *known]),
            percents=frozenset(share.percent for share in money.shares(rest)),
            days=frozenset(day for day in days if day is not None),
            named=tuple(named),
            periods=told_periods | promised,
            told=told_periods,
            promised=promised,
            paid=facts.proposal.compensation,
            said=said,
            today=facts.today,
        )

    def states(self, amount: money.Amount, text: str) -> bool:
        if amount.value is None:
            return text[amount.start : amount.end] in self.said
        return any(
            amount.value == value and amount.currency in (None, currency)
            for value, currency in self.amounts
        )

    def is_paid(self, amount: money.Amount) -> bool:
        paid = self.paid
        return (
            paid is not None
            and amount.value == paid.value
            and amount.currency in (None, paid.currency)
        )


def _called_back(facts: AnswerFacts) -> frozenset[Period]:
    advice = facts.procedure.feedback if facts.procedure else None
    return frozenset() if advice is None else _spans_in(advice.zh) | _spans_in(advice.en)


def _spans_in(text: str | None) -> frozenset[Period]:
    spans = (span.period for span in dates.spans(folded(text or "")))
    return frozenset(period for period in spans if period is not None)


def _whole(named: Sequence[dates.Day], received: date) -> Iterator[date]:
    """The customer's own days; one without a year is that before the receipt."""
    for each in named:
        if each.unknown or each.month is None or each.day is None:
            continue
        for year in (each.year,) if each.year else (received.year, received.year - 1):
            try:
                yield date(year, each.month, each.day)
            except ValueError:
                continue


def problems_of(text: str, facts: AnswerFacts) -> tuple[AnswerProblem, ...]:
    """All that is wrong with an answer, in order of places; what is missing comes last."""
    known = _Known.of(facts)
    plain = without(folded(text), folded(facts.reference), folded(facts.terms.telephone or ""))
    parts = list(sentences(plain))
    made = [
        (sentence, promises(plain, sentence, before, facts))
        for before, sentence in zip([None, *parts], parts, strict=False)
    ]
    found = [
        *_dates(plain, made, known),
        *_figures(plain, made, known),
        *(_promise(text, each, facts) for _, all_ in made for each in all_ if not each.held),
    ]
    found.sort(key=lambda each: (each.start, each.end, each.kind))
    return (*found, *_missing(text, plain, made))


Made = Sequence[tuple[Passage, Sequence[Promise]]]


def _dates(plain: str, made: Made, known: _Known) -> Iterator[AnswerProblem]:
    rest = plain
    for day in list(dates.days(plain, known.today)):
        rest = blanked(rest, day.start, day.end)
        if not _day_holds(plain, day, made, known):
            yield _date(plain, day.start, day.end)
    seen: set[tuple[int, int]] = set()
    for span in dates.spans(rest):
        if (span.start, span.end) in seen or _span_holds(plain, span, made, known):
            continue
        seen.add((span.start, span.end))
        yield _date(plain, span.start, span.end)


def _day_holds(plain: str, day: dates.Day, made: Made, known: _Known) -> bool:
    if day.past:
        return True
    if day.unknown:
        return plain[day.start : day.end] in known.said and not _promising(made, day.start)
    until = _UNTIL_AFTER.match(plain, day.end) or _UNTIL_BEFORE.search(plain[: day.start])
    if until and _promising(made, day.start):
        return day.is_one_of(frozenset({known.today}))
    return day.is_one_of(known.days) or any(map(day.says_no_more_than, known.named))


def _span_holds(plain: str, span: dates.Span, made: Made, known: _Known) -> bool:
    if span.period is None:
        return plain[span.start : span.end] in known.said and not _promising(made, span.start)
    within = _WITHIN_AFTER.match(plain, span.end) or _WITHIN_BEFORE.search(plain[: span.start])
    sentence = _sentence_of(made, span.start)
    said = sentence is not None and reported(plain, sentence, span.start, span.end)
    told = span.period in known.told and not _promising(made, span.start)
    reviews = sentence is not None and about_review(plain, sentence)
    if within and not said and (reviews or not told):
        return span.period in known.promised
    return span.period in known.periods


def _figures(plain: str, made: Made, known: _Known) -> Iterator[AnswerProblem]:
    rest = plain
    for day in dates.days(plain, known.today):
        rest = blanked(rest, day.start, day.end)
    for span in list(dates.spans(rest)):
        rest = blanked(rest, span.start, span.end)
    for share in list(money.shares(rest)):
        rest = blanked(rest, share.start, share.end)
        if share.percent not in known.percents or _promising(made, share.start):
            yield _amount(plain, share.start, share.end)
    found = money.amounts(rest)
    unpaid = _unpaid(found, made, known)
    told = {
        (each.start, each.end)
        for each in found
        if (each.start, each.end) in unpaid or not known.states(each, plain)
    }
    for start, end in told:
        yield _amount(plain, start, end)
    yield from _in_full(plain, made, known)


def _unpaid(found: Sequence[money.Amount], made: Made, known: _Known) -> frozenset[tuple[int, int]]:
    """Places of amounts that stand behind words that pay, in a clause without what is paid."""
    if known.paid is None:
        return frozenset()
    places: set[tuple[int, int]] = set()
    for each in (each for _, all_ in made for each in all_ if each.kind.given is Given.MONEY):
        inside = [a for a in found if each.clause.start <= a.start < each.clause.end]
        if not any(map(known.is_paid, inside)):
            behind = [a for a in inside if a.start >= each.start] or inside[-1:]
            places.update((a.start, a.end) for a in behind)
    return frozenset(places)


def _in_full(plain: str, made: Made, known: _Known) -> Iterator[AnswerProblem]:
    """All of it is promised, and less than what was disputed is paid."""
    for _, all_ in made:
        for each in all_:
            if each.kind.given is not Given.MONEY or known.paid is None:
                continue
            match = _FULL.search(plain, each.clause.start, each.clause.end)
            less = any(value > known.paid.value for value, _ in known.amounts)
            if match and less:
                yield _amount(plain, match.start(), match.end())


def _promising(made: Made, at: int) -> bool:
    """Whether a place stands in a clause that promises."""
    return any(p.clause.start <= at < p.clause.end for _, all_ in made for p in all_)


def _sentence_of(made: Made, at: int) -> Passage | None:
    return next((s for s, _ in made if s.start <= at < s.end), None)


def _missing(text: str, plain: str, made: Made) -> Iterator[AnswerProblem]:
    words, end = grammar().elements, len(text)
    there = {e for e, pattern in words.items() if any(_has(plain, s, pattern) for s, _ in made)}
    if any(_states(plain, sentence, promised) for sentence, promised in made):
        there.add(AnswerElement.FOUND)
    if _has_term(plain, made):
        there.add(AnswerElement.BY_WHEN)
    for element in NEEDED:
        if element not in there:
            name = label_of(element)
            message = Label(f"答复缺少：{name.zh}。", f"The answer does not say {name.en}.")
            yield AnswerProblem(AnswerProblemKind.MISSING, end, end, message, element)


def _has(plain: str, sentence: Passage, pattern: re.Pattern[str]) -> bool:
    return pattern.search(plain, sentence.start, sentence.end) is not None


def _states(plain: str, sentence: Passage, promised: Sequence[Promise]) -> bool:
    """Whether a clause tells what is the case: it is not hollow, decides and offers nothing."""
    words = grammar()
    if words.elements[AnswerElement.REVIEW].search(plain, sentence.start, sentence.end):
        return False
    offers = {each.clause for each in promised}
    for clause in (each for each in clauses(plain, sentence) if each not in offers):
        part = plain[clause.start : clause.end].strip(" ，,。.;；!！\n")
        empty = words.hollow.search(part) or words.elements[AnswerElement.DECIDED].search(part)
        if _long(part) and not empty:
            return True
    return False


def _long(part: str) -> bool:
    """Whether a clause has enough words to state something."""
    chinese = len(re.findall(r"[\u4e00-\u9fff]", part))
    return chinese >= _FEWEST_CHARACTERS or len(re.findall(r"[A-Za-z']+", part)) >= _FEWEST_WORDS


def _has_term(plain: str, made: Made) -> bool:
    """Whether a time limit stands with the review, in its sentence or in the next."""
    for (sentence, _), (after, promised) in zip(made, [*made[1:], (None, ())], strict=False):
        if not about_review(plain, sentence):
            continue
        pays = any(each.kind.given is Given.MONEY for each in promised)
        end = sentence.end if after is None or pays else after.end
        part = plain[sentence.start : end]
        if any(dates.spans(part)) or any(dates.days(part, date.min)):
            return True
    return False


def _amount(text: str, start: int, end: int) -> AnswerProblem:
    said = text[start:end]
    message = Label(
        f"“{said}”不是本案的事实，也不是已定的补偿。",
        f"“{said}” is neither a fact of the case nor what is to be paid.",
    )
    return AnswerProblem(AnswerProblemKind.AMOUNT, start, end, message)


def _date(text: str, start: int, end: int) -> AnswerProblem:
    said = text[start:end]
    message = Label(
        f"“{said}”不是本案的日期，也不是本行规定的时限。",
        f"“{said}” is neither a date of the case nor a time limit of the bank.",
    )
    return AnswerProblem(AnswerProblemKind.DATE, start, end, message)


def _promise(text: str, promise: Promise, facts: AnswerFacts) -> AnswerProblem:
    said = text[promise.start : promise.end].strip()
    if promise.kind.given is Given.NEVER:
        message = Label(f"“{said}”：答复中不能这样承诺。", f"“{said}”: no answer may promise this.")
    else:
        message = Label(
            f"“{said}”：处理方案中没有这项承诺。", f"“{said}”: the decision holds no such promise."
        )
    return AnswerProblem(AnswerProblemKind.PROMISE, promise.start, promise.end, message)
