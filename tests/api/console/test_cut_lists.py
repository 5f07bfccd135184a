"""No list of a page ends without a word: each that may be cut says so, or stands here with why."""

from importlib.resources import files

import pytest
from graphql import (
    FieldNode,
    SelectionSetNode,
    TypeInfo,
    TypeInfoVisitor,
    Visitor,
    parse,
    visit,
)

from api.console.pages import environment
from graph.domain.enums import Language
from schema.build import build_schema

SCHEMA = build_schema()._schema
#: Fields that tell that there is more.
TELLING = {"totalCount", "pageInfo", "hasNextPage"}
_NEAREST = "a search: the most alike ones, of which there is no end"
_CHOICES = "what a field offers: any other one is found by typing"
_RANKED = "a ranking: the page says how many at most, and what to narrow"
_ONE_MORE = "one more is asked for than is shown: the page tells that there are more"
_COUNTED = "how many there are stands beside it"
#: By document and path: why a list may lack a count of its own.
EXEMPT = {
    "alerts alerts.nodes.evidence.complaints": _COUNTED,
    "answer-draft answerDraft.sentences.sources.complaints": "whole: no number was asked for",
    "bottlenecks bottlenecks": _RANKED,
    "choices products": _CHOICES,
    "choices branches": _CHOICES,
    "choices departments": _CHOICES,
    "choices rootCauses": _CHOICES,
    "branches branchComparison": _RANKED,
    "case complaint.escalation.alerts.evidence.complaints": _ONE_MORE,
    "case complaint.precedents": _NEAREST,
    "case complaint.similar": _NEAREST,
    "case complaint.linked": _NEAREST,
    "case complaint.outcomeCheck.cases": _NEAREST,
    "case complaint.duplicates": _ONE_MORE,
    "case complaint.repeats": _ONE_MORE,
    "case complaint.customerHistory": _ONE_MORE,
    "case complaint.branchRecent": "the latest few, as its heading says",
    "case complaint.rootCauseCandidates": _NEAREST,
    "cluster cluster.exemplars": _NEAREST,
    "cluster cluster.causes": "shares, the largest first",
    "cluster cluster.drivers": _RANKED,
    "clusters clusters.nodes.causes": "the largest share alone",
    "desk complaints.byAssignee": _CHOICES,
    "find findCases": _ONE_MORE,
    "hotspots hotspots": _RANKED,
    "insight trend": _RANKED,
    "issue systemicIssue.complaints": _COUNTED,
    "issue systemicIssue.history": "a hundred changes by people, the newest first",
    "outcome-check outcomeCheck.cases": _NEAREST,
    "plan-form systemicIssues": "as many as one page of the API has",
    "remediation-form systemicIssues": "as many as one page of the API has",
    "preview registrationPreview.customerComplaints": _ONE_MORE,
    "preview registrationPreview.precedents": _NEAREST,
    "team open.byAssignee": _COUNTED,
    "team overdue.byAssignee": _COUNTED,
    "team alerts.nodes.evidence.complaints": _COUNTED,
    "tour complaints": "the one with which the tour begins",
}


class _Lists(Visitor):
    """The lists of a document that take a number, by path, with the fields asked of each."""

    def __init__(self, types: TypeInfo) -> None:
        super().__init__()
        self.types = types
        self.found: dict[str, set[str]] = {}
        self._path: list[str] = []

    def enter_field(self, node: FieldNode, *_: object) -> None:
        self._path.append(node.alias.value if node.alias else node.name.value)
        field = self.types.get_field_def()
        if field is not None and "first" in field.args:
            self.found[".".join(self._path)] = _asked(node.selection_set)

    def leave_field(self, *_: object) -> None:
        self._path.pop()


def _asked(of: SelectionSetNode | None) -> set[str]:
    return {
        each.name.value for each in (of.selections if of else ()) if isinstance(each, FieldNode)
    }


def _lists() -> dict[str, set[str]]:
    found = {}
    for file in sorted(files("api.console").joinpath("documents").iterdir(), key=lambda f: f.name):
        types = TypeInfo(SCHEMA)
        lists = _Lists(types)
        visit(parse(file.read_text("utf-8")), TypeInfoVisitor(types, lists))
        name = file.name.removesuffix(".graphql")
        found |= {f"{name} {path}": asked for path, asked in lists.found.items()}
    return found


def test_every_list_that_may_be_cut_says_so_or_is_exempt() -> None:
    silent = {place for place, asked in _lists().items() if not asked & TELLING}
    assert silent == set(EXEMPT)


def test_a_list_that_is_cut_without_a_word_is_found() -> None:
    """The check itself."""
    types = TypeInfo(SCHEMA)
    lists = _Lists(types)
    text = "query X { complaints(first: 5) { nodes { id } } systemicIssues { totalCount } }"
    visit(parse(text), TypeInfoVisitor(types, lists))
    assert lists.found == {"complaints": {"nodes"}, "systemicIssues": {"totalCount"}}


@pytest.mark.parametrize(("total", "told"), [(3, False), (4, True)])
def test_what_is_cut_is_told_with_the_way_there(total: int, told: bool) -> None:
    parts = environment(Language.EN).get_template("parts.html").make_module()
    said = parts.cut(3, total, "/there")  # type: ignore[attr-defined]
    assert ('3 of 4 are shown. <a href="/there">' in said) is told
    more = parts.more(list(range(total)), 3, "/there")  # type: ignore[attr-defined]
    assert ('<a href="/there">' in more) is told
