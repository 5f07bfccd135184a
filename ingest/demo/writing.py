"""What a customer writes about an incident, and what the bank writes about its decision."""

from dataclasses import dataclass
from random import Random

from graph.domain.enums import Channel, Language, OutcomeKind
from ingest.demo.course import Verdict
from ingest.demo.filings import Filing, Telling
from ingest.demo.phrases import Phrase, spell
from ingest.demo.registers import Register, manners, register_for, speeches
from ingest.demo.slots import Values, spoken, written

_SHORTEST = 25
_LONGEST = 330
_THREAT_SHARE = 0.75
_FULL = "。！？!?：:，,；;."
_GREETINGS = ("Dear", "Hello")
_WRITTEN = frozenset({Channel.WEB, Channel.APP, Channel.EMAIL, Channel.LETTER, Channel.REGULATOR})


@dataclass(frozen=True, slots=True)
class Written:
    """``summaries``: one for each round of the decision."""

    subject: str | None
    narrative: str
    summaries: tuple[str, ...]


def write(random: Random, filing: Filing) -> Written:
    person = filing.incident.person
    register = register_for(random, person, filing.channel, filing.received.date())
    values = spoken(random, filing, register)
    # An agent's short word for the customer is its own genitive.
    narrative = _narrative(random, filing, register, values).replace("其的", "其")
    return Written(
        _subject(random, filing, values),
        narrative if person.language is Language.EN else _slip(random, narrative),
        tuple(_summary(random, filing, verdict) for verdict in filing.course.rounds),
    )


def _subject(random: Random, filing: Filing, values: Values) -> str | None:
    share = manners().subject_share if filing.channel in _WRITTEN else 0.35
    if random.random() >= share:
        return None
    event = filing.incident
    phrases = event.theme.parts[event.person.language, "subject"]
    return spell(random.choice(phrases), random, values)


def _narrative(random: Random, filing: Filing, register: Register, values: Values) -> str:
    """A shape of the register, filled; longer or shorter until it has a usual length."""
    shape = list(random.choice(register.shapes))
    sentences = [text for text in (_fill(random, filing, register, shape, values)) if text]
    join = _join_zh if filing.incident.person.language is Language.ZH else _join_en
    longest = _LONGEST if filing.incident.person.language is Language.ZH else 2 * _LONGEST
    while len(text := join(random, sentences, register)) > longest and len(sentences) > 3:
        sentences.pop(-2)
    if len(text) < _SHORTEST:
        extra = _parts(filing, register, "demand")
        text = join(random, [*sentences, spell(random.choice(extra), random, values)], register)
    return text


def _fill(
    random: Random, filing: Filing, register: Register, shape: list[str], values: Values
) -> list[str]:
    tokens = [
        token.rstrip("?") for token in shape if not token.endswith("?") or random.random() < 0.5
    ]
    tokens = _with_context(random, filing, register, tokens)
    left: dict[str, list[Phrase]] = {}
    sentences = []
    for token in tokens:
        phrases = left.setdefault(token, list(_parts(filing, register, token)))
        if phrases:
            phrase = phrases.pop(random.randrange(len(phrases)))
            sentences.append(spell(phrase, random, values).strip("，"))
    return sentences


def _with_context(
    random: Random, filing: Filing, register: Register, tokens: list[str]
) -> list[str]:
    """The shape with what this filing adds: an earlier one, a threat, contact details."""
    after_open = 1 if tokens[0] == "open" else 0
    agent = register.name == "agent"
    if filing.telling is Telling.REPEAT and (not agent or random.random() < 0.7):
        tokens = [*tokens[:after_open], "again", *tokens[after_open:]]
    if filing.telling is Telling.DUPLICATE and not agent:
        tokens = [*tokens[:after_open], "twice", *tokens[after_open:]]
    end = len(tokens) - (1 if tokens[-1] == "close" else 0)
    if filing.escalated and random.random() < _THREAT_SHARE:
        tokens = [*tokens[:end], "threat", *tokens[end:]]
    if not filing.incident.anonymous and random.random() < manners().personal_share:
        tokens = [*tokens, "personal"] if random.random() < 0.7 else ["personal", *tokens]
    return tokens


def _parts(filing: Filing, register: Register, part: str) -> tuple[Phrase, ...]:
    event = filing.incident
    language = event.person.language
    if part == "open":
        return register.open
    if part == "close":
        return register.close
    if part in speeches()[language].common:
        return speeches()[language].common[part]
    return event.theme.words(event.case, language, part)


def _join_zh(random: Random, sentences: list[str], register: Register) -> str:
    """Sentences with the register's punctuation, which people use as they like."""
    text = ""
    for number, sentence in enumerate(sentences):
        text += sentence
        if number == len(sentences) - 1 or not sentence or sentence[-1] in _FULL:
            continue
        first = number == 0 and len(sentence) <= 12
        other = "，" if first or random.random() < 0.3 else register.end
        text += "。" if register.end == "，" and not first and random.random() < 0.35 else other
    if text[-1] in "，：:,":
        text = text[:-1]
    if text[-1] in _FULL:
        return text
    if register.end == "，":
        return text + random.choice(("", "。", "。"))
    return text + ("" if random.random() < 0.08 else register.end)


def _join_en(random: Random, sentences: list[str], register: Register) -> str:
    text = ""
    for number, sentence in enumerate(sentences):
        upper = sentence[:1].upper() + sentence[1:]
        greeting = number == 0 and len(sentence) < 25 and sentence.startswith(_GREETINGS)
        mark = "," if greeting else register.end if random.random() < 0.4 else "."
        text += upper + ("" if upper[-1] in "!?:,." else mark) + " "
    return text.rstrip(" ,:")


def _slip(random: Random, text: str) -> str:
    """Now and then a wrong character, as an input method makes them."""
    if random.random() >= manners().typo_share:
        return text
    right, wrong = random.choice(manners().typos)
    return text.replace(right, wrong, 1)


def _summary(random: Random, filing: Filing, verdict: Verdict) -> str:
    event = filing.incident
    language = event.person.language
    summaries = speeches()[language].summaries
    if filing.telling is Telling.DUPLICATE:
        return spell(random.choice(summaries["duplicate"]), random, {})
    if verdict.outcome is OutcomeKind.WITHDRAWN:
        return spell(random.choice(summaries["withdrawn"]), random, {})
    phrase = random.choice(event.case.decisions[language, verdict.outcome])
    text = spell(phrase, random, written(random, filing, verdict))
    text = text[:1].upper() + text[1:]
    if filing.telling is not Telling.REPEAT:
        return text
    return (
        spell(random.choice(summaries["repeat"]), random, {})
        + (" " if language is Language.EN else "")
        + text
    )
