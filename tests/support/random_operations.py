"""Random operations over the whole schema, with ids and words of cases near and foreign."""

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from random import Random
from typing import Any

from graphql import (
    GraphQLArgument,
    GraphQLEnumType,
    GraphQLInputObjectType,
    GraphQLList,
    GraphQLNonNull,
    GraphQLObjectType,
    get_named_type,
    is_abstract_type,
    is_composite_type,
)

from tests.support.borders import Borders, Row, gid
from tests.support.selections import SCHEMA

#: Of a selection: how deep it goes at most, and how many fields it has at a level.
DEEPEST = 7
WIDEST = 6
_TIMES = ("2026-01-20T00:00:00Z", "2026-03-01T00:00:00Z", "2026-11-01T00:00:00Z")
_CODES = (
    "HO", "BJ", "BJ-01", "SH", "CARDS", "CREDIT", "CARD", "CARD-FEE", "LOAN", "UNTOLD", "SLOW",
    "FEE_DISPUTE", "bank", "border", "no such",
)  # fmt: skip
_WORDS = ("年费没有告知", "房贷", "annual fee", "X1", "D1", "C3", "BANK", "BORDER", "资管计划")


class Word(str):
    """Stands in a document without quotes."""

    __slots__ = ()


@dataclass
class Pools:
    """What arguments are drawn from; ``cursors`` and ``tokens`` grow by what answers held."""

    ids: list[str]
    complaints: list[str]
    customers: list[str]
    references: list[str]
    words: list[str]
    assignees: list[str]
    clusters: list[str]
    cursors: list[str] = field(default_factory=list)
    tokens: list[str] = field(default_factory=list)

    @classmethod
    def of(cls, made: Borders) -> "Pools":
        rows = sorted(made.rows.values(), key=lambda row: row.id)
        complaints = [gid("Complaint", row.id) for row in rows]
        customers = sorted({gid("Customer", row.customer) for row in rows if row.customer})
        others = [gid(kind, key) for row in rows for kind, key in _hanging(row)]
        many = [made.issue, made.remediation, *made.clusters]
        groups = [gid("Alert", key) for key in made.groups]
        catalogue = [gid("Branch", "SH"), gid("Department", "CARDS"), gid("Product", "LOAN")]
        words = sorted({word for row in rows for word in row.shown | row.hidden})
        return cls(
            [*complaints, *customers, *others, *many * 5, *groups * 5, *catalogue],
            complaints,
            customers,
            [row.reference for row in rows],
            words,
            sorted({row.assignee for row in rows if row.assignee}),
            list(made.clusters),
        )

    def learn(self, answer: Any) -> None:
        """Keep cursors and tokens for later operations, of whoever."""
        if isinstance(answer, dict):
            for name, each in answer.items():
                if isinstance(each, str) and name in ("cursor", "endCursor", "startCursor"):
                    self.cursors.append(each)
                elif isinstance(each, str) and name in ("token", "progressToken"):
                    self.tokens.append(each)
                else:
                    self.learn(each)
        elif isinstance(answer, list):
            for one in answer:
                self.learn(one)
        del self.cursors[:-200], self.tokens[:-200]


def _hanging(row: Row) -> list[tuple[str, str]]:
    return [
        *(("CaseEvent", key) for key in sorted(row.events)[:2]),
        *(("Resolution", key) for key in sorted(row.resolutions)),
        *(("Alert", key) for key in sorted(row.alerts)),
    ]


class Operations:
    """A stream of documents with variables; the same seed gives the same ones."""

    def __init__(self, pools: Pools, random: Random, may: Callable[[str, str], bool]) -> None:
        self.pools = pools
        self.random = random
        self._may = may
        self._variables: dict[str, tuple[str, Any]] = {}
        self._fragments: list[str] = []
        self._aliases = 0

    def next(self) -> tuple[str, dict[str, Any]]:
        self._variables, self._fragments, self._aliases = {}, [], 0
        assert SCHEMA.query_type is not None
        roots = self.random.choices(self._roots(), k=self.random.choice((1, 1, 1, 2, 3)))
        parts = [self._field(SCHEMA.query_type, name, 0) for name in roots]
        declared = ", ".join(f"${name}: {kind}" for name, (kind, _) in self._variables.items())
        head = f"query Q({declared})" if declared else "query Q"
        text = " ".join([f"{head} {{ __typename {' '.join(parts)} }}", *self._fragments])
        return text, {name: value for name, (_, value) in self._variables.items()}

    def _roots(self) -> list[str]:
        """Mostly what is permitted: what is denied gives no answer to look through."""
        assert SCHEMA.query_type is not None
        every = list(SCHEMA.query_type.fields)
        permitted = [name for name in every if self._may("Query", name)]
        return permitted if permitted and self.random.random() < 0.95 else every

    def _selection(self, kind: str, depth: int) -> str:
        named = SCHEMA.type_map[kind]
        assert not isinstance(named, GraphQLEnumType)
        if is_abstract_type(named):
            inside = [
                f"... on {one.name} {self._selection(one.name, depth)}"
                for one in SCHEMA.get_possible_types(named)
                if self.random.random() < 0.5 and self._identified(one.name)
            ]
            return "{ __typename " + " ".join(inside) + " }"
        assert isinstance(named, GraphQLObjectType)
        names = [name for name in named.fields if self._wanted(kind, name, depth)]
        chosen = self.random.sample(names, min(len(names), self.random.randint(1, WIDEST)))
        body = " ".join(["__typename", *(self._field(named, name, depth) for name in chosen)])
        return self._wrapped(kind, f"{{ {body} }}")

    def _identified(self, kind: str) -> bool:
        named = SCHEMA.type_map[kind]
        assert isinstance(named, GraphQLObjectType)
        known = "id" not in named.fields or self._may(kind, "id")
        return known or self.random.random() < 0.05

    def _wanted(self, kind: str, name: str, depth: int) -> bool:
        named = SCHEMA.type_map[kind]
        assert isinstance(named, GraphQLObjectType)
        if depth >= DEEPEST and is_composite_type(get_named_type(named.fields[name].type)):
            return False
        return self._may(kind, name) or self.random.random() < 0.03

    def _wrapped(self, kind: str, body: str) -> str:
        """Now and then as a fragment, named or not."""
        drawn = self.random.random()
        if drawn < 0.05:
            return f"{{ __typename ... on {kind} {body} }}"
        if drawn < 0.1:
            name = f"f{len(self._fragments)}"
            self._fragments.append(f"fragment {name} on {kind} {body}")
            return f"{{ __typename ...{name} }}"
        return body

    def _field(self, named: GraphQLObjectType, name: str, depth: int) -> str:
        each = named.fields[name]
        given = [
            f"{argument}: {value}"
            for argument, value in (
                (one, self._argument(name, one, about)) for one, about in each.args.items()
            )
            if value is not None
        ]
        called = name + (f"({', '.join(given)})" if given else "")
        if self._aliases < 40 and (given or self.random.random() < 0.1):
            # Two with other arguments never meet under one name.
            self._aliases += 1
            called = f"a{self._aliases}: {called}"
        target = get_named_type(each.type)
        return (
            f"{called} {self._selection(target.name, depth + 1)}"
            if (is_composite_type(target))
            else called
        )

    def _argument(self, of: str, name: str, about: GraphQLArgument) -> str | None:
        must = isinstance(about.type, GraphQLNonNull)
        often = name in ("first", "id", "reference", "text") or must
        seldom = name in ("after", "before", "last")
        if not often and self.random.random() < (0.85 if seldom else 0.6):
            return None
        value = self._value(of, name, about.type)
        if self.random.random() < 0.2:
            variable = f"v{len(self._variables)}"
            self._variables[variable] = (str(about.type), value)
            return f"${variable}"
        return _literal(value)

    def _value(self, of: str, name: str, kind: Any) -> Any:
        if isinstance(kind, GraphQLNonNull):
            kind = kind.of_type
        if isinstance(kind, GraphQLList):
            return [
                self._value(of, name, kind.of_type) for _ in range(self.random.choice((1, 1, 2)))
            ]
        if isinstance(kind, GraphQLEnumType):
            return Word(self.random.choice(list(kind.values)))
        if isinstance(kind, GraphQLInputObjectType):
            return self._input(kind)
        draw = _SCALARS[get_named_type(kind).name]
        return draw(self, of, name)

    def _input(self, kind: GraphQLInputObjectType) -> dict[str, Any]:
        optional = [n for n, f in kind.fields.items() if not isinstance(f.type, GraphQLNonNull)]
        wanted = set(self.random.sample(optional, min(len(optional), self.random.randint(0, 2))))
        wanted |= kind.fields.keys() - set(optional)
        if "amountFrom" in wanted or "amountTo" in wanted:
            wanted.add("currency")
        return {n: self._value(kind.name, n, kind.fields[n].type) for n in sorted(wanted)}

    def _identity(self, of: str, name: str) -> str:
        pools = self.pools
        near: Sequence[str] = {
            "complaint": pools.complaints,
            "customer": pools.customers,
            "clusters": pools.clusters,
            "explainAccess": pools.complaints,
        }.get(name if of in ("ComplaintFilter", "outcomeCheck", "explainAccess") else of, pools.ids)
        drawn = near if self.random.random() < 0.9 and near else pools.ids
        return self.random.choice(drawn) if self.random.random() < 0.98 else "bm8="

    def _text(self, of: str, name: str) -> str:
        pools, draw = self.pools, self.random.choice
        if name == "reference":
            return draw(pools.references)
        if name in ("after", "before"):
            return draw(pools.cursors or ["none"])
        if name == "token":
            return draw(pools.tokens or ["none"])
        if name in ("assignee", "person"):
            return draw(pools.assignees)
        if name == "currency":
            return "CNY"
        if name == "operation":
            return draw(["complaints", "clusters", "answerComplaint"])
        if name == "field":
            return draw(["Complaint.narrative", "Complaint.customer", "Complaint.events"])
        if name == "text":
            word = draw(draw([pools.words, pools.references, _WORDS, pools.assignees]))
            return word if self.random.random() < 0.7 else f"{word} {draw(_WORDS)}"
        return draw(_CODES)

    def _number(self, _of: str, name: str) -> int:
        if name in ("first", "last"):
            return self.random.choice((1, 2, 3, 5))
        return self.random.choice((1, 2, 3))


_SCALARS: dict[str, Callable[[Operations, str, str], Any]] = {
    "ID": Operations._identity,
    "String": Operations._text,
    "Int": Operations._number,
    "Float": lambda made, _of, _name: round(made.random.random(), 2),
    "Boolean": lambda made, _of, _name: made.random.random() < 0.5,
    "DateTime": lambda made, _of, _name: made.random.choice(_TIMES),
    "Date": lambda made, _of, _name: made.random.choice(_TIMES)[:10],
    "Decimal": lambda made, _of, _name: str(made.random.choice((0, 100, 1_050, 2_000))),
}


def _literal(value: Any) -> str:
    if isinstance(value, Word):
        return str(value)
    if isinstance(value, dict):
        return "{" + ", ".join(f"{name}: {_literal(one)}" for name, one in value.items()) + "}"
    if isinstance(value, list):
        return "[" + ", ".join(map(_literal, value)) + "]"
    return json.dumps(value, ensure_ascii=False)
