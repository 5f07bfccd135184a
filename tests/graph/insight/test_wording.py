"""Sentences say no more than is known."""

import pytest

from graph.domain.enums import Language, RuleKind
from graph.domain.evidence import Evidence, GroupEvidence
from graph.insight.wording import alert_sentence


def sentence(customers: int, unknown: int, language: Language) -> str:
    found = GroupEvidence(customers, 30, 0.1, 1e-8, 0, 3, unknown)
    told = alert_sentence(RuleKind.GROUP_EVENT, None, Evidence(group=found), language)
    assert told is not None
    return told


@pytest.mark.parametrize(
    ("unknown", "chinese", "english"),
    [
        (0, "30 天内有 44 名客户就同一事项投诉", "44 customers with one subject"),
        (4, "40 名客户及 4 件客户不详的投诉涉及同一事项",
         "40 customers and 4 complaints of unknown customers with one subject"),
        (44, "30 天内有 44 件客户不详的投诉涉及同一事项",
         "44 complaints of unknown customers with one subject"),
    ],
)  # fmt: skip
def test_customers_are_said_where_they_are_known(unknown: int, chinese: str, english: str) -> None:
    assert chinese in sentence(44, unknown, Language.ZH)
    told = sentence(44, unknown, Language.EN)
    assert told.startswith(english)
    assert ("44 customers" in told) == (unknown == 0)


def test_evidence_of_before_says_that_all_are_known() -> None:
    old = Evidence.from_json('{"group":[5,30,0.1,1e-08,0,3]}')
    assert old.group == GroupEvidence(5, 30, 0.1, 1e-8, 0, 3, 0)
    assert Evidence.from_json(old.to_json()) == old
