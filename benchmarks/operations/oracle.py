"""Who sees which case and which field, by brute force over known rows: no code of the product.

The rules are those of docs/access.md, read a second time and written down in plain Python.
"""

import re
import tomllib
from base64 import urlsafe_b64decode
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cache, cached_property
from itertools import chain
from pathlib import Path
from typing import Any

import schema.policy
from benchmarks.operations.borders import WIDER, Borders, Row
from graph.domain.access import LOCAL, NOBODY, Identity, Reach, Role

_TABLES = Path(schema.policy.__file__).parent
#: What cannot be cut down to a reach: for those alone who reach the whole bank.
UNDIVIDED = {"watch", "correcting", "persons", "auditing", "steering"}

REACHES: Mapping[str, tuple[str, Reach]] = {
    "BJ": ("bob", Reach(branches=("BJ",))),
    "BJ-01": ("bob", Reach(branches=("BJ-01",))),
    "SH": ("bob", Reach(branches=("SH",))),
    "HO": ("bob", Reach(branches=("HO",))),
    "CARDS": ("bob", Reach(departments=("CARDS",))),
    "CREDIT and SH": ("bob", Reach(branches=("SH",), departments=("CREDIT",))),
    "ann": ("ann", Reach()),
    "ann at BJ-01": ("ann", Reach(branches=("BJ-01",))),
    "none": ("bob", Reach()),
    "no such": ("bob", Reach(branches=("BJ-0", "bj-01"), departments=("CARD",))),
    "bank": ("bob", Reach(everything=True)),
}


#: Those who also are assignees of cases.
_PEOPLE = frozenset(actor for actor, _ in REACHES.values())


def somebody(reach: str, *roles: Role) -> Identity:
    actor, where = REACHES[reach]
    return Identity(actor, actor.title(), frozenset(roles), where)


def identities() -> dict[str, Identity]:
    """Every role with part of the bank and with all of it, the handler with every kind of part."""
    found = {"LOCAL": LOCAL, "NOBODY": NOBODY}
    for role in Role:
        for reach in ("BJ", "bank"):
            found[f"{role} {reach}"] = somebody(reach, role)
    for reach in REACHES:
        found[f"HANDLER {reach}"] = somebody(reach, Role.HANDLER)
    for role, reach in (
        (Role.SUPERVISOR, "ann at BJ-01"),
        (Role.ANALYST, "CARDS"),
        (Role.AUDITOR, "CREDIT and SH"),
        (Role.ADMINISTRATOR, "SH"),
        (Role.SERVICE, "none"),
    ):
        found[f"{role} {reach}"] = somebody(reach, role)
    found["HANDLER AUDITOR BJ"] = somebody("BJ", Role.HANDLER, Role.AUDITOR)
    found["ANALYST SERVICE SH"] = somebody("SH", Role.ANALYST, Role.SERVICE)
    found["ANALYST CUSTOMER bank"] = somebody("bank", Role.ANALYST, Role.CUSTOMER)
    return found


@cache
def _table(name: str) -> dict[str, Any]:
    return tomllib.loads((_TABLES / name).read_text("utf-8"))


@cache
def group_of() -> dict[tuple[str, str], str]:
    return {
        (kind, name): group
        for group, kinds in _table("fields.toml").items()
        for kind, names in kinds.items()
        for name in names
    }


@dataclass(frozen=True)
class Oracle:
    """What one identity may see of the bank."""

    identity: Identity
    made: Borders

    def grants(self, group: str) -> set[str]:
        table = _table("roles.toml")
        return {table[role][group] for role in self.identity.roles if group in table.get(role, {})}

    @cached_property
    def groups(self) -> frozenset[str]:
        every = set(group_of().values())
        return frozenset(group for group in every if self._may(group))

    def _may(self, group: str) -> bool:
        if group == "open":
            return True
        grants = self.grants(group)
        if group in UNDIVIDED and not self.identity.reach.everything:
            return "bank" in grants
        return bool(grants)

    def may(self, kind: str, name: str) -> bool:
        return name.startswith("__") or group_of()[kind, name] in self.groups

    @cached_property
    def reach(self) -> frozenset[str]:
        """Ids of the cases seen in full."""
        if "cases" not in self.groups:
            return frozenset()
        if "bank" in self.grants("cases"):
            return frozenset(self.made.rows)
        return frozenset(row.id for row in self.made.rows.values() if self._reaches(row))

    def _reaches(self, row: Row) -> bool:
        where = self.identity.reach
        return (
            where.everything
            or bool(_with_wider(row.branch) & set(where.branches))
            or bool(row.departments & set(where.departments))
            or row.assignee == self.identity.actor
            or row.id in self.identity.opened
        )

    @cached_property
    def own(self) -> list[Row]:
        return [row for row in self.made.rows.values() if row.id in self.reach]

    @cached_property
    def foreign(self) -> list[Row]:
        return [row for row in self.made.rows.values() if row.id not in self.reach]

    @cached_property
    def customers(self) -> frozenset[str]:
        if "customers" not in self.groups:
            return frozenset()
        return frozenset(row.customer for row in self.own if row.customer)

    @cached_property
    def elsewhere(self) -> bool:
        """Whether decided cases of the whole bank are shown as precedents."""
        return "bank" in self.grants("precedents")

    @cached_property
    def forbidden(self) -> frozenset[str]:
        """What must stand nowhere in an answer."""
        told = set(chain.from_iterable(map(_told, self.foreign)))
        seen = {self.identity.actor, *chain.from_iterable(map(_told, self.own))}
        seen.update(chain.from_iterable(row.actors for row in self.own))
        customers = {row.customer for row in self.made.rows.values() if row.customer}
        about_many: set[str] = set()
        if "watch" not in self.groups:
            ids = (self.made.issue, self.made.remediation, *self.made.clusters)
            about_many = {identity for identity in ids if identity}
        return frozenset((told - seen) | (customers - self.customers) | about_many)

    @cached_property
    def as_precedents(self) -> frozenset[str]:
        """What may stand in the text of a precedent elsewhere, and nowhere else."""
        if not self.elsewhere:
            return frozenset()
        return frozenset(chain.from_iterable(r.shown for r in self.foreign if r.decided))

    @cached_property
    def openings(self) -> frozenset[str]:
        """Ids of the person's own openings: they hold the case's, and stay his to name."""
        made = self.made.openings.items()
        return frozenset(opening for opening, person in made if person == self.identity.actor)

    def leaks(self, answer: Any, asked: frozenset[str] = frozenset()) -> list[str]:
        """Everything in an answer that belongs to a case beyond reach.

        ``asked``: ids of cases that a step was asked for; each result names its own.
        """
        precedents: list[str] = []
        strings = _strings(_without_names(answer, asked), precedents)
        others = [text for text in strings if text not in self.openings]
        found = _tokens(others) & self.forbidden
        found |= _tokens(precedents) & (self.forbidden - self.as_precedents)
        return sorted(found)


def _with_wider(branch: str | None) -> set[str]:
    found = set()
    while branch:
        found.add(branch)
        branch = WIDER[branch]
    return found


def _told(row: Row) -> Iterator[str]:
    yield from (row.id, row.reference)
    if len(row.source_id) > 6:
        yield row.source_id
    if row.assignee:
        yield row.assignee
    yield from row.shown | row.hidden


def _without_names(answer: Any, asked: frozenset[str]) -> Any:
    """An answer without what steps in bulk repeat of the request, and who began a job."""
    if isinstance(answer, dict):
        kept = list(answer.items())
        if answer.get("__typename") == "BulkStepResult":
            kept = [(name, one) for name, one in kept if str(one) not in asked]
        elif answer.get("__typename") == "Job":
            kept = [(name, one) for name, one in kept if str(one) not in _PEOPLE]
        return {name: _without_names(one, asked) for name, one in kept}
    if isinstance(answer, list):
        return [_without_names(one, asked) for one in answer]
    return answer


def _strings(answer: Any, precedents: list[str]) -> Iterator[str]:
    if isinstance(answer, dict):
        if answer.get("__typename") == "PrecedentCase":
            precedents += _strings({**answer, "__typename": ""}, [])
            return
        yield from answer
        inside = list(answer.values())
        if answer.get("__typename") == "Precedent":
            # Why it is one: in words of its own text.
            why = [one for one in inside if _is(one, "SimilarityExplanation")]
            precedents += _strings(why, [])
            inside = [one for one in inside if not _is(one, "SimilarityExplanation")]
        answer = inside
    if isinstance(answer, list | tuple):
        for one in answer:
            yield from _strings(one, precedents)
    elif answer is not None:
        yield str(answer)


def _is(value: Any, kind: str) -> bool:
    return isinstance(value, dict) and value.get("__typename") == kind


_TOKEN = re.compile(r"[\w-]+", re.ASCII)
_CODED = re.compile(r"[\w+/-]{8,}", re.ASCII)


def _tokens(texts: Iterable[str]) -> set[str]:
    """Words, also those in what is only base64: ids, cursors, tokens."""
    found: set[str] = set()
    waiting = [(text, 2) for text in texts]
    while waiting:
        text, depth = waiting.pop()
        found.update(_TOKEN.findall(text))
        # Letters that touch other ones, as in `keeper-word` or a file's name.
        found.update(re.findall(r"zq[a-z]{8}|[a-z2-7]{26}", text))
        if depth:
            waiting += [(plain, depth - 1) for plain in map(_plain, _CODED.findall(text)) if plain]
    return found


def _plain(text: str) -> str:
    text = text.replace("+", "-").replace("/", "_")
    try:
        return urlsafe_b64decode(text + "=" * (-len(text) % 4)).decode("ascii", "ignore")
    except ValueError:
        return ""
