"""Read a rule file; what is wrong with it is told with the rule, the field and the nearest name."""

import re
import tomllib
from collections.abc import Iterator
from functools import lru_cache
from importlib.resources import files
from pathlib import Path

from pydantic import ValidationError

from graph.domain.rules import GroupRule, Rule, RuleSet, ThreatRule
from graph.errors import ConfigurationError
from graph.validation import hint, problems
from ingest.escalation.rulefile import ENTRIES, Languages, RuleFile
from ingest.textrules.phrases import PhraseError

_DEFAULT_FILE = "rules.toml"
_DEFAULT_NAME = "the shipped rules"
_CODE = re.compile(r"[a-z][a-z0-9-]{0,40}")
_LONGEST = 1_000_000


def default_text() -> str:
    """The shipped rule file, to copy and change."""
    return (files(__package__) / _DEFAULT_FILE).read_text(encoding="utf-8")


@lru_cache(maxsize=1)
def default_rules() -> RuleSet:
    """The shipped rules."""
    return parse_rules(default_text(), _DEFAULT_NAME)


def load_rules(path: Path | None) -> RuleSet:
    """A bank's own rules; without a path, the shipped ones.

    Raises:
        ConfigurationError: the file cannot be read, or everything that is wrong with it.
    """
    if path is None:
        return default_rules()
    try:
        raw = path.read_bytes()
        if len(raw) > _LONGEST:
            raise ConfigurationError(f"{path} is far too long for a rule file.")
        text = raw.decode("utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigurationError(f"The rule file {path} cannot be read: {error}.") from error
    return parse_rules(text, str(path))


def parse_rules(text: str, name: str) -> RuleSet:
    """The rules that a text states; ``name`` is what errors call it.

    Raises:
        ConfigurationError: one line for each thing that is wrong.
    """
    try:
        tables = tomllib.loads(text)
    except (tomllib.TOMLDecodeError, RecursionError) as error:
        raise ConfigurationError(f"{name} is no TOML: {error}.") from error
    entries = tables.get("rules", {})
    results: list[str] = []
    try:
        head = RuleFile.model_validate(tables)
    except ValidationError as error:
        results += [f"{name}: {line}" for line in problems(error, RuleFile)]
        head = RuleFile(version=1, rules={})
    rules: list[Rule] = []
    for code, entry in entries.items() if isinstance(entries, dict) else ():
        made = _rule(code, entry, head)
        if isinstance(made, Rule):
            rules.append(made)
        else:
            results += [f"{name}: rule {code!r}: {line}" for line in made]
    if sum(isinstance(rule, GroupRule) for rule in rules) > 1:
        results.append(f"{name}: only one rule of the kind GROUP_EVENT is possible")
    if not rules and not results:
        results.append(f"{name}: there is no rule in it")
    if results:
        raise ConfigurationError("\n".join(results))
    return RuleSet(tuple(rules), {**RuleFile.DEFAULT_CHAINS, **head.chains}, name)


def _rule(code: str, entry: object, head: RuleFile) -> Rule | list[str]:
    if not _CODE.fullmatch(code):
        return ["a rule's name is made of small letters, digits and hyphens"]
    if not isinstance(entry, dict):
        return [f"it must be a table: [rules.{code}]"]
    if "kind" not in entry:
        return [f"field 'kind' is missing; there are {', '.join(ENTRIES)}"]
    kind = str(entry["kind"])
    if kind not in ENTRIES:
        return [f"there is no kind {kind!r}{hint(kind, ENTRIES)}"]
    try:
        made = ENTRIES[kind].model_validate(entry)
    except ValidationError as error:
        return problems(error, ENTRIES[kind])
    words = getattr(made, "words", None)
    if isinstance(words, Languages) and not (words.zh or words.en):
        return ["field 'words' has no phrase in any language"]
    try:
        rule = made.rule(code, head.lists)
    except PhraseError as error:
        return [str(error)]
    return [*_failed_examples(rule)] or rule


def _failed_examples(rule: Rule) -> Iterator[str]:
    """The rule's own examples with which it does not agree."""
    if isinstance(rule, ThreatRule):
        for text in rule.examples.fire:
            if rule.words.find(text) is None:
                yield f"it does not fire on its example {text!r}"
        for text in rule.examples.quiet:
            if rule.words.find(text) is not None:
                yield f"it fires on {text!r}, which is to be quiet"
