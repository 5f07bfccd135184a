"""A rule file with a mistake is refused with the rule, the field and the name that was meant."""

import tomllib
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from graph.domain.enums import Chain, Level, RuleKind
from graph.domain.rules import GroupRule
from graph.errors import ConfigurationError
from ingest.escalation.rulebook import default_rules, default_text, load_rules, parse_rules


def refused(text: str) -> str:
    with pytest.raises(ConfigurationError) as raised:
        parse_rules(text, "own.toml")
    return raised.value.message


def test_the_shipped_rules_have_every_kind() -> None:
    rules = default_rules()
    assert {rule.kind for rule in rules.rules} == set(RuleKind)
    assert all(rule.label.zh and rule.label.en for rule in rules.rules)
    group = rules.group
    assert isinstance(group, GroupRule)
    assert (group.customers, group.days, group.probability) == (5, 30, 0.0001)
    assert rules.chains[Level.GREEN] is Chain.SPECIALIST


@pytest.mark.parametrize(
    ("right", "wrong", "told"),
    [
        (
            '[rules.regulator]\nkind = "REGULATOR"\nlevel',
            '[rules.regulator]\nkind = "REGULATOR"\nlevle',
            "own.toml: rule 'regulator': there is no field 'levle'; did you mean 'level'?",
        ),
        (
            'kind = "OVERDUE"',
            'kind = "OVERDU"',
            "own.toml: rule 'overdue': there is no kind 'OVERDU'; did you mean 'OVERDUE'?",
        ),
        (
            'channels = ["REGULATOR"]',
            'channels = ["REGULATR"]',
            "rule 'regulator': field 'channels.0': 'REGULATR' is none of",
        ),
        (
            "probability = 0.0001",
            "probability = 2",
            "rule 'group-event': field 'probability': input should be less than or equal to 0.05",
        ),
        ("customers = 5", "customer = 5", "'customer'; did you mean 'customers'?"),
        ("from = 50000\n", "", "rule 'amount-large': field 'from' is missing"),
        ("[rules.severe]", "[rules.Severe]", "rule 'Severe': a rule's name is made of"),
        ('YELLOW = "DEPARTMENT_HEAD"', 'YELOW = "BRANCH"', "did you mean 'YELLOW'?"),
        ("version = 1", "version = 2", "field 'version'"),
        (
            'words.en = [\n  "suicid*"',
            'words.eng = [\n  "suicid*"',
            "there is no field 'words.eng'",
        ),
        ("version = 1", "version = 1\nlist = {}", "did you mean 'lists'?"),
        ('"career suicide"', '"(career suicide"', "rule 'self-harm': a parenthesis is left open"),
        ("<regulator>", "<regulators>", "there is no list 'regulators'"),
        ("days = 15", "days = [", "own.toml is no TOML"),
        ('level = "RED"', 'level = "GREEN"', "'GREEN' is none of YELLOW, RED"),
    ],
)
def test_a_mistake_is_named(right: str, wrong: str, told: str) -> None:
    text = default_text()
    assert right in text
    assert told in refused(text.replace(right, wrong, 1))


def test_all_mistakes_are_told_at_once() -> None:
    text = default_text().replace("days = 30", "days = 0").replace("times = 1", "times = 0")
    assert len(refused(text).splitlines()) == 2


def test_two_group_rules_are_one_too_many() -> None:
    group = default_text().split("[rules.group-event]")[1].split("[rules.")[0]
    second = f"\n[rules.other]{group}"
    assert "only one rule of the kind GROUP_EVENT" in refused(default_text() + second)


@pytest.mark.parametrize(
    "text", ["", "version = 1", "version = 1\n[rules]", "version = 1\nrules = 3"]
)
def test_no_rules_at_all_are_refused(text: str) -> None:
    refused(text)


def test_a_file_that_cannot_be_read_is_told(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match="cannot be read"):
        load_rules(tmp_path / "missing.toml")
    binary = tmp_path / "binary.toml"
    binary.write_bytes(b"\xff\xfe\x00")
    with pytest.raises(ConfigurationError, match="cannot be read"):
        load_rules(binary)


_VALUES = st.recursive(
    st.one_of(
        st.booleans(), st.integers(-5, 10**6), st.floats(allow_nan=False), st.text(max_size=9)
    ),
    lambda inner: st.lists(inner, max_size=3),
    max_leaves=6,
)
_KEYS = sorted(
    {"kind", "level", "chain", "zh", "en", "from", "days", "words", "channels", "times", "odd"}
)


# The first texts that are drawn take a while.
@settings(suppress_health_check=[HealthCheck.too_slow])
@given(st.dictionaries(st.sampled_from(_KEYS), _VALUES, max_size=6), st.sampled_from(RuleKind))
def test_whatever_a_table_holds_it_is_read_or_refused(
    table: dict[str, object], kind: RuleKind
) -> None:
    lines = [f'kind = "{kind.value}"'] + [
        f"{key} = {_toml(value)}" for key, value in table.items() if key != "kind"
    ]
    text = "version = 1\n[rules.one]\n" + "\n".join(lines)
    tomllib.loads(text)
    assert all(line.startswith("own.toml") for line in told(text))


@given(st.text(max_size=200))
def test_any_text_is_read_or_refused(text: str) -> None:
    assert all(line.startswith("own.toml") for line in told(text))


def told(text: str) -> list[str]:
    """What is wrong with a text; nothing when it is read."""
    try:
        parse_rules(text, "own.toml")
    except ConfigurationError as error:
        return error.message.splitlines()
    return []


def _toml(value: object) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, str):
        escaped = "".join(f"\\U{ord(char):08X}" for char in value)
        return f'"{escaped}"'
    if isinstance(value, list):
        return f"[{', '.join(_toml(each) for each in value)}]"
    return repr(value)


def test_examples_that_do_not_hold_are_told() -> None:
    text = default_text()
    fires = "APP死机了，登录不了"
    assert fires in text
    assert "does not fire on its example" in refused(
        text.replace("examples.fire = [\n", 'examples.fire = [\n  "谢谢",\n', 1)
    )
    assert "which is to be quiet" in refused(text.replace(fires, "我不想活了"))


@pytest.mark.parametrize("kind", ["fire", "quiet"])
def test_a_rule_about_texts_without_examples_is_refused(kind: str) -> None:
    text = default_text()
    start = text.index(f"examples.{kind} = [")
    end = text.index("\n]\n", start) + 3
    assert f"field 'examples.{kind}' is missing" in refused(text[:start] + text[end:])
