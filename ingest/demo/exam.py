"""Cases to learn by: filings of which it is known what they are, and decided ones to compare with.

They are made one by one, without a bank around them: what is known of each is its theme and case.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from random import Random

from graph.domain.catalogue import CatalogueEntry
from graph.domain.enums import CatalogueKind, Channel, Language, OutcomeKind
from graph.domain.money import Money
from ingest.demo.bank import OutletDraw, bank
from ingest.demo.course import course
from ingest.demo.filings import Filing, Telling, arrival
from ingest.demo.incidents import incident
from ingest.demo.options import LAST_DAY, SYSTEM
from ingest.demo.people import Crowd
from ingest.demo.period import Period
from ingest.demo.source import decisions
from ingest.demo.themes import Case, Theme, themes
from ingest.demo.writing import write
from ingest.record import IncomingComplaint

#: Only what mostly ends in one way can be asked for: the likeliest outcome has at least this share.
_CLEAR = 0.5
#: How many are to threaten, and come by the regulator: more than at the bank, to be learnt.
_THREAT_SHARE, _REFERRED_SHARE = 0.35, 0.12
#: So often a case is told, with a threat where it is to have one, and without.
_TELLINGS = 6
#: All are decided by then.
_LONGEST = timedelta(days=400)
#: Decided cases of the same theme beside the alike one, where it has so many.
_NEAR = 2
_CURRENCY = "CNY"
_Pair = tuple[Theme, Case]


@dataclass(frozen=True, slots=True)
class ExamFiling:
    """A filing that was decided once, and what it is: ``incoming`` has neither type nor risks.

    ``threatens``: it was to be told with a threat; one text in four leaves that out.
    """

    theme: Theme
    case: Case
    incoming: IncomingComplaint
    threatens: bool = False

    @property
    def outcomes(self) -> Mapping[OutcomeKind, float]:
        """How often cases of this kind end in which way, 0..1."""
        return self.case.outcomes

    @property
    def product(self) -> CatalogueEntry:
        return bank().by_code[CatalogueKind.PRODUCT, self.theme.product]

    @property
    def cause(self) -> CatalogueEntry:
        return bank().by_code[CatalogueKind.ROOT_CAUSE, self.case.cause]


@dataclass(frozen=True, slots=True)
class ExamCase:
    """Filings of one kind, of which one is to be shown, with precedents of which one is alike.

    ``tellings`` all ended as most of their kind do; ``alike``: the place among ``options``.
    """

    tellings: tuple[ExamFiling, ...]
    options: tuple[ExamFiling, ...]
    alike: int


def exam(seed: int, size: int, language: Language, options: int) -> tuple[ExamCase, ...]:
    """``size`` cases, each of another kind, with so many ``options`` each.

    The same on every machine. No more can be asked for than there are clear kinds of cases.
    """
    return _Making(Random(f"exam/{language}/{size}/{seed}"), language).cases(  # noqa: S311
        size, options
    )


class _Making:
    def __init__(self, random: Random, language: Language) -> None:
        self.random = random
        self.language = language
        self.crowd = Crowd(random, LAST_DAY)
        self.outlets = OutletDraw(bank().outlets)
        self.days = Period(LAST_DAY).draw()
        self.count = 0

    def cases(self, size: int, options: int) -> tuple[ExamCase, ...]:
        clear = [pair for pair in themes().pairs if max(pair[1].outcomes.values()) >= _CLEAR]
        return tuple(self._case(pair, options) for pair in self.random.sample(clear, size))

    def _case(self, pair: _Pair, options: int) -> ExamCase:
        outcome = likeliest(pair[1].outcomes)
        threats = _TELLINGS if self.random.random() < _THREAT_SHARE else 0
        tellings = [
            self._filing(pair, outcome, threatens=number < threats, may_be_referred=True)
            for number in range(threats + _TELLINGS)
        ]
        alike = self._filing(pair, outcome)
        others = [
            self._filing(each, self._drawn(each[1])) for each in self._others(pair, options - 1)
        ]
        shown = self.random.sample([alike, *others], options)
        return ExamCase(tuple(tellings), tuple(shown), shown.index(alike))

    def _others(self, pair: _Pair, count: int) -> Sequence[_Pair]:
        """Other kinds: of the same theme, then of the same type, then any."""
        theme, case = pair
        same = [(theme, each) for each in theme.cases if each is not case]
        near = self.random.sample(same, min(_NEAR, count, len(same)))
        rest = [each for each in themes().pairs if each[0] is not theme]
        self.random.shuffle(rest)
        rest.sort(key=lambda each: each[0].type != theme.type)
        return [*near, *rest[: count - len(near)]]

    def _drawn(self, case: Case) -> OutcomeKind:
        return self.random.choices(list(case.outcomes), list(case.outcomes.values()))[0]

    def _filing(
        self,
        pair: _Pair,
        outcome: OutcomeKind,
        *,
        threatens: bool = False,
        may_be_referred: bool = False,
    ) -> ExamFiling:
        random, (theme, case) = self.random, pair
        outlet, day = self.outlets(random), self.days(random)
        person = self.crowd.newcomer(outlet, theme.name, self.language)
        event = incident(random, pair, person, outlet, day, certain=True)
        channel, received = arrival(random, day, escalated=False)
        if may_be_referred and random.random() < _REFERRED_SHARE:
            channel = Channel.REGULATOR
        end = received + _LONGEST
        ended = course(random, event, received, end, escalated=threatens, outcome=outcome)
        self.count += 1
        key = f"exam-{self.count}"
        filing = Filing(key, event, Telling.FIRST, received, channel, threatens, False, ended)
        text = write(random, filing)
        incoming = IncomingComplaint(
            source_system=SYSTEM,
            source_id=key,
            received_at=received,
            channel=channel,
            subject=text.subject,
            narrative=text.narrative,
            occurred_at=event.occurred,
            amount=None if event.disputed is None else Money(event.disputed, _CURRENCY),
            product=bank().chain(CatalogueKind.PRODUCT, theme.product),
            branch=bank().chain(CatalogueKind.BRANCH, event.place),
            customer=person.incoming(random, received.date()),
            decisions=decisions(filing, text),
        )
        return ExamFiling(theme, case, incoming, threatens)


def likeliest(outcomes: Mapping[OutcomeKind, float]) -> OutcomeKind:
    """How most cases of a kind end."""
    return max(outcomes, key=lambda kind: outcomes[kind])
