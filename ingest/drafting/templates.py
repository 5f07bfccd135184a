"""The file of sentences, checked when it is read, and the draft that they make."""

import re
import tomllib
from collections.abc import Iterator, Mapping
from datetime import date
from functools import cached_property
from importlib.resources import files
from itertools import product
from pathlib import Path
from typing import Any, Literal

from jinja2 import StrictUndefined, Template, TemplateError, nodes
from jinja2.sandbox import SandboxedEnvironment
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from graph.domain.answers import (
    NEEDED,
    PARAGRAPHS,
    AnswerDraft,
    AnswerFacts,
    AnswerSentence,
    AnswerTerms,
)
from graph.domain.desk import Proposal
from graph.domain.enums import AnswerElement, Language, OutcomeKind, RemedyKind
from graph.domain.vocabulary import Vocabulary
from graph.errors import ConfigurationError
from graph.validation import problems
from ingest.drafting.variables import VARIABLES, source_of, values_of

#: What names a template: type, outcome, language.
TEMPLATE = re.compile(r"[A-Z0-9_-]{1,64}\.[A-Z_]{1,32}\.(?:ZH|EN)")
#: Of the types without sentences of their own.
DEFAULT = "DEFAULT"
_ENVIRONMENT = SandboxedEnvironment(undefined=StrictUndefined, autoescape=False)
#: Outcomes that a case is answered with.
ANSWERED = tuple(kind for kind in OutcomeKind if kind is not OutcomeKind.WITHDRAWN)


class _Part(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Words(_Part):
    """A sentence in one language, with the variables that it names."""

    template: Any = Field(exclude=True, repr=False)
    variables: frozenset[str]

    @classmethod
    def of(cls, text: str) -> "Words":
        """Raises ValueError: it is no template, or names what there is not."""
        try:
            parsed = _ENVIRONMENT.parse(text)
            template = _ENVIRONMENT.from_string(text)
        except TemplateError as error:
            raise ValueError(f"is no template: {error}") from error
        named = frozenset(_named(parsed))
        if unknown := sorted(named - set(VARIABLES)):
            raise ValueError(f"there is no variable {', '.join(unknown)}")
        if others := sorted({n.name for n in parsed.find_all(nodes.Name)} - _spaces(named)):
            raise ValueError(f"{', '.join(others)}: name a variable as in case.received")
        return cls(template=template, variables=named)

    def text(self, values: Mapping[str, str | None]) -> str:
        spaces: dict[str, dict[str, str | None]] = {}
        for name, value in values.items():
            space, _, short = name.partition(".")
            spaces.setdefault(space, {})[short] = value
        assert isinstance(self.template, Template)
        return self.template.render(**spaces).strip()


def _named(parsed: nodes.Template) -> Iterator[str]:
    for each in parsed.find_all(nodes.Getattr):
        if isinstance(each.node, nodes.Name):
            yield f"{each.node.name}.{each.attr}"


def _spaces(named: frozenset[str]) -> set[str]:
    return {name.partition(".")[0] for name in named}


class Sentence(_Part):
    """``types``, ``outcomes`` and ``remedies`` empty: for all of them."""

    name: str = Field(pattern=r"^[a-z][a-z0-9-]{0,63}$")
    element: AnswerElement
    source: str
    zh: str = Field(min_length=1)
    en: str = Field(min_length=1)
    types: tuple[str, ...] = ()
    outcomes: tuple[OutcomeKind, ...] = ()
    remedies: tuple[RemedyKind, ...] = ()

    @cached_property
    def words(self) -> Mapping[Language, Words]:
        return {Language.ZH: Words.of(self.zh), Language.EN: Words.of(self.en)}

    @property
    def narrow(self) -> int:
        """How special it is: the type counts most."""
        return 4 * bool(self.types) + 2 * bool(self.outcomes) + bool(self.remedies)

    def fits(self, facts: AnswerFacts) -> bool:
        """Whether it is for such a case."""
        proposal = facts.proposal
        return (
            (not self.types or facts.type in self.types)
            and (not self.outcomes or proposal.outcome in self.outcomes)
            and (not self.remedies or proposal.remedy in self.remedies)
        )

    def needs(self, language: Language) -> list[str]:
        """The variables that must have a value, the source first."""
        return list(dict.fromkeys([self.source, *sorted(self.words[language].variables)]))


class Templates(_Part):
    version: Literal[1]
    sentence: tuple[Sentence, ...] = Field(min_length=1)

    def draft(self, facts: AnswerFacts, language: Language) -> AnswerDraft:
        """The answer, sentence by sentence; each has a source."""
        values = values_of(facts, language)
        made = [
            AnswerSentence(
                each.element,
                each.words[language].text(values),
                tuple(source_of(name, values[name], facts) for name in each.needs(language)),
            )
            for each in self._chosen(facts, language, values)
        ]
        made.sort(key=lambda each: _place(each.element))
        return AnswerDraft(self.code(facts, language), language, tuple(made))

    def elements(self, facts: AnswerFacts, language: Language) -> frozenset[AnswerElement]:
        """What an answer would say."""
        values = values_of(facts, language)
        return frozenset(each.element for each in self._chosen(facts, language, values))

    def code(self, facts: AnswerFacts, language: Language) -> str:
        """By which the edits of a template are counted: type, outcome and language."""
        special = {type_ for each in self.sentence for type_ in each.types}
        type_ = facts.type if facts.type in special else DEFAULT
        return f"{type_}.{facts.proposal.outcome}.{language}"

    @cached_property
    def codes(self) -> frozenset[str]:
        """All that there are."""
        types = {DEFAULT, *(type_ for each in self.sentence for type_ in each.types)}
        return frozenset(
            f"{type_}.{outcome}.{language}"
            for type_, outcome, language in product(types, ANSWERED, Language)
        )

    def _chosen(
        self, facts: AnswerFacts, language: Language, values: Mapping[str, str | None]
    ) -> list[Sentence]:
        chosen: dict[str, Sentence] = {}
        for each in sorted(self.sentence, key=lambda each: -each.narrow):
            known = all(values[name] is not None for name in each.needs(language))
            if each.fits(facts) and known and each.name not in chosen:
                chosen[each.name] = each
        names = list(dict.fromkeys(each.name for each in self.sentence))
        return [chosen[name] for name in names if name in chosen]


def _place(element: AnswerElement) -> int:
    """The paragraph of an element; within it the file's order stays."""
    return next(at for at, elements in enumerate(PARAGRAPHS) if element in elements)


def load_templates(path: Path | None, vocabulary: Vocabulary) -> Templates:
    """The bank's own file, or the shipped one.

    Raises:
        ConfigurationError: names the file, the place in it and what is wrong there.
    """
    shipped = files("ingest.drafting") / "templates.toml"
    name = str(path) if path else "the shipped templates"
    try:
        text = path.read_text(encoding="utf-8") if path else shipped.read_text(encoding="utf-8")
        read = Templates.model_validate(tomllib.loads(text))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise ConfigurationError(f"{name}: cannot be read as TOML: {error}.") from error
    except ValidationError as error:
        told = "; ".join(problems(error, Templates))
        raise ConfigurationError(f"{name}: {told}.") from error
    wrong = next(_wrong(read, vocabulary), None) or _lacking(read, vocabulary)
    if wrong is not None:
        raise ConfigurationError(f"{name}: {wrong}.")
    return read


def _wrong(templates: Templates, vocabulary: Vocabulary) -> Iterator[str]:
    """What is wrong with sentences that pydantic does not see."""
    for number, each in enumerate(templates.sentence):
        place = f"sentence.{number}"
        if each.source not in VARIABLES:
            yield f"{place}.source: there is no variable {each.source}"
        if unknown := sorted(set(each.types) - set(vocabulary.types)):
            known = ", ".join(vocabulary.types)
            yield f"{place}.types: {', '.join(unknown)} is no type; use some of {known}"
        for language, text in ((Language.ZH, each.zh), (Language.EN, each.en)):
            try:
                Words.of(text)
            except ValueError as error:
                yield f"{place}.{language.lower()}: {error}"


def _lacking(templates: Templates, vocabulary: Vocabulary) -> str | None:
    """Which case would get an answer without what it needs, with nothing known but the least."""
    for type_, outcome, remedy, language in product(
        (None, *vocabulary.types), ANSWERED, (None, *RemedyKind), Language
    ):
        facts = AnswerFacts(
            reference="1",
            received=date.min,
            today=date.min,
            proposal=Proposal(outcome, remedy),
            terms=AnswerTerms(),
            type=type_,
        )
        there = templates.elements(facts, language)
        missing = [element for element in NEEDED if element not in there]
        if missing:
            kinds = ", ".join(str(each) for each in (type_, outcome, remedy) if each is not None)
            return f"no sentence for {', '.join(missing)} of a case that is {kinds}"
    return None
