"""Random operations over the whole schema, with ids and words of cases near and foreign.

Why not hypothesis-graphql: its strategies draw each value by its type alone, so that hardly an
operation would meet a case; and they cannot begin in the middle of a stream.
"""

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from random import Random
from typing import Any
from uuid import UUID

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

from benchmarks.operations.borders import Borders, Row, gid, secret
from benchmarks.operations.values import CODES, ODD, TIMES, WORDS
from benchmarks.operations.wide import SCHEMA

#: Of a selection: how deep it goes at most, and how many fields it has at a level. One of five
#: operations is large: those find most each, and small ones more in the same time.
SIZES = ((7, 6), (4, 4), (3, 4), (3, 3), (2, 3))
#: How often a value is one that nobody sends who means well.
_ODD_SHARE = 0.03
#: Words of texts that an operation writes begin here: those of the bank lie below.
_FIRST_WORD = 100_000
_WORDS_EACH = 20


class Word(str):
    """Stands in a document without quotes."""

    __slots__ = ()


@dataclass
class Pools:
    """What arguments are drawn from; ``cursors`` and ``tokens`` grow by what answers held."""

    ids: list[str]
    by_kind: dict[str, list[str]]
    versions: dict[str, int]
    references: list[str]
    words: list[str]
    assignees: list[str]
    cursors: list[str] = field(default_factory=list)
    tokens: list[str] = field(default_factory=list)
    keys: list[str] = field(default_factory=list)
    #: What a customer is given to follow his case by: the right of whoever holds it.
    progress: list[str] = field(default_factory=list)

    @classmethod
    def of(cls, made: Borders) -> "Pools":
        pools = cls([], {}, {}, [], [], [])
        pools.follow(made)
        return pools

    def follow(self, made: Borders) -> None:
        """Know the rows as they are now; what answers held stays."""
        rows = sorted(made.rows.values(), key=lambda row: row.id)
        complaints = [gid("Complaint", row.id) for row in rows]
        customers = sorted({gid("Customer", row.customer) for row in rows if row.customer})
        others = [gid(kind, key) for row in rows for kind, key in _hanging(row)]
        groups = [gid("Alert", key) for key in made.groups]
        many = [made.issue, made.remediation, *made.clusters]
        catalogue = [gid("Branch", "SH"), gid("Department", "CARDS"), gid("Product", "LOAN")]
        self.by_kind = {
            "complaint": complaints,
            "customer": customers,
            "cluster": list(made.clusters),
            "alert": [*groups, *(gid("Alert", key) for row in rows for key in sorted(row.alerts))],
            "groupEvent": groups,
            "issue": [made.issue],
            "remediation": [made.remediation],
            "opening": list(made.openings),
        }
        self.ids = [*complaints, *customers, *others, *many * 5, *groups * 5, *catalogue]
        self.versions = {gid("Complaint", row.id): row.version for row in rows}
        self.references = [row.reference for row in rows]
        self.words = sorted({word for row in rows for word in row.shown | row.hidden})
        self.assignees = sorted({"ann", "bob", *(row.assignee for row in rows if row.assignee)})

    def learn(self, answer: Any) -> None:
        """Keep cursors and tokens for later operations, of whoever."""
        if isinstance(answer, dict):
            for name, each in answer.items():
                if isinstance(each, str) and name in ("cursor", "endCursor", "startCursor"):
                    self.cursors.append(each)
                elif isinstance(each, str) and name == "token":
                    self.tokens.append(each)
                elif isinstance(each, str) and name == "progressToken":
                    self.progress.append(each)
                else:
                    self.learn(each)
        elif isinstance(answer, list):
            for one in answer:
                self.learn(one)
        del self.cursors[:-200], self.tokens[:-200], self.progress[:-200], self.keys[:-50]


def _hanging(row: Row) -> list[tuple[str, str]]:
    return [
        *(("CaseEvent", key) for key in sorted(row.events)[:2]),
        *(("Resolution", key) for key in sorted(row.resolutions)),
        *(("Alert", key) for key in sorted(row.alerts)),
    ]


@dataclass(frozen=True, slots=True)
class Operation:
    """A document with its variables; ``change``: the mutation that it is, if it is one."""

    document: str
    variables: dict[str, Any]
    change: str | None = None


class Operations:
    """Documents with variables by number: the same seed and pools give the same ones."""

    def __init__(self, pools: Pools, seed: str, may: Callable[[str, str], bool]) -> None:
        self.pools = pools
        self.random = Random()  # noqa: S311 - no secret
        self._seed = seed
        self._may = may
        self._begin(0)

    def _begin(self, number: int) -> None:
        self.random.seed(f"{self._seed}:{number}")
        self._deepest, self._widest = self.random.choice(SIZES)
        self._variables: dict[str, tuple[str, Any]] = {}
        self._fragments: list[str] = []
        self._aliases = 0
        self._word = _FIRST_WORD + number % _FIRST_WORD * _WORDS_EACH

    def query(self, number: int) -> Operation:
        """One to five root fields."""
        self._begin(number)
        assert SCHEMA.query_type is not None
        roots = self.random.choices(
            self._roots(SCHEMA.query_type), k=self.random.choice((1, 1, 2, 3, 5))
        )
        return self._operation(
            "query", [self._field(SCHEMA.query_type, name, 0) for name in roots], None
        )

    def change(self, number: int) -> Operation:
        """One mutation."""
        self._begin(number)
        assert SCHEMA.mutation_type is not None
        name = self.random.choice(self._roots(SCHEMA.mutation_type))
        each = SCHEMA.mutation_type.fields[name]
        kind = each.args["input"].type
        self._variables["i"] = (str(kind), self._value(name, "input", kind))
        payload = get_named_type(each.type).name
        inside = self._selection(payload, 1)
        errors = "{ __typename errors { __typename ... on UserError { message path } } "
        return self._operation(
            "mutation", [f"{name}(input: $i) {errors}... on {payload} {inside} }}"], name
        )

    def _operation(self, kind: str, parts: list[str], change: str | None) -> Operation:
        declared = ", ".join(f"${name}: {kind}" for name, (kind, _) in self._variables.items())
        head = f"{kind} Q({declared})" if declared else f"{kind} Q"
        text = " ".join([f"{head} {{ __typename {' '.join(parts)} }}", *self._fragments])
        return Operation(
            text, {name: given for name, (_, given) in self._variables.items()}, change
        )

    def _roots(self, kind: GraphQLObjectType) -> list[str]:
        """Mostly what is permitted: what is denied gives no answer to look through."""
        every = list(kind.fields)
        permitted = [name for name in every if self._may(kind.name, name)]
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
        chosen = self.random.sample(names, min(len(names), self.random.randint(1, self._widest)))
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
        if depth >= self._deepest and is_composite_type(get_named_type(named.fields[name].type)):
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
        if not is_composite_type(target):
            return called
        return f"{called} {self._selection(target.name, depth + 1)}"

    def _argument(self, of: str, name: str, about: GraphQLArgument) -> str | None:
        must = isinstance(about.type, GraphQLNonNull)
        often = name in ("first", "id", "reference", "text") or must
        seldom = name in ("after", "before", "last")
        if not often and self.random.random() < (0.85 if seldom else 0.6):
            return None
        value = None if not must and self._rare() else self._value(of, name, about.type)
        if self.random.random() < 0.2 or _odd(value):
            variable = f"v{len(self._variables)}"
            self._variables[variable] = (str(about.type), value)
            return f"${variable}"
        return _literal(value)

    def _rare(self) -> bool:
        return self.random.random() < _ODD_SHARE

    def _value(self, of: str, name: str, kind: Any) -> Any:
        """``of``: the field or the input type that the value is for."""
        if isinstance(kind, GraphQLNonNull):
            kind = kind.of_type
        if isinstance(kind, GraphQLList):
            few = self.random.choice((1, 1, 2))
            return [self._value(of, name, kind.of_type) for _ in range(0 if self._rare() else few)]
        if isinstance(kind, GraphQLEnumType):
            return Word(self.random.choice(list(kind.values)))
        if isinstance(kind, GraphQLInputObjectType):
            return self._input(kind)
        scalar = get_named_type(kind).name
        if self._rare():
            return self.random.choice(ODD[scalar])
        return _SCALARS[scalar](self, of, name)

    def _input(self, kind: GraphQLInputObjectType) -> dict[str, Any]:
        optional = [n for n, f in kind.fields.items() if not isinstance(f.type, GraphQLNonNull)]
        few = 1 if kind.name == "BulkStep" and not self._rare() else self.random.randint(0, 3)
        wanted = set(self.random.sample(optional, min(len(optional), few)))
        wanted |= kind.fields.keys() - set(optional)
        if kind.name == "OpenCaseInput":
            wanted = {"reason", self.random.choice(("reference", "precedent"))}
        if "amountFrom" in wanted or "amountTo" in wanted:
            wanted.add("currency")
        made = {n: self._value(kind.name, n, kind.fields[n].type) for n in sorted(wanted)}
        if "version" in made and self.random.random() < 0.9:
            made["version"] = self.pools.versions.get(made.get("complaint", ""), made["version"])
        for n in optional:
            if n in made and self._rare():
                made[n] = None
        return made

    def _identity(self, of: str, name: str) -> str:
        pools = self.pools
        wanted = of if name in ("id", "ids") else name
        near: Sequence[str] = pools.by_kind.get(wanted.removesuffix("s"), pools.ids)
        drawn = near if self.random.random() < 0.9 and near else pools.ids
        return self.random.choice(drawn) if self.random.random() < 0.98 else "bm8="

    def _text(self, of: str, name: str) -> str:
        pools, draw = self.pools, self.random.choice
        if of.endswith("Input") and name in _WRITTEN:
            self._word += 1
            return f"{draw(WORDS)}，{secret(self._word)}，{draw(WORDS)}"
        if name == "reference":
            return draw(pools.references)
        if name in ("after", "before"):
            return draw(pools.cursors or ["none"])
        if (of, name) == ("progress", "token"):
            return draw(pools.progress or ["none"])
        if name in ("token", "precedent"):
            return draw(pools.tokens or ["none"])
        if name in ("assignee", "person", "owner"):
            return draw(pools.assignees)
        if name == "idempotencyKey":
            pools.keys.append(str(UUID(int=self.random.getrandbits(128), version=4)))
            return draw(pools.keys) if self._rare() else pools.keys[-1]
        if name == "passages":
            return draw(pools.words)
        if name == "text":
            word = draw(draw([pools.words, pools.references, WORDS, pools.assignees]))
            return word if self.random.random() < 0.7 else f"{word} {draw(WORDS)}"
        return draw(CODES.get(name, CODES[""]))

    def _number(self, _of: str, name: str) -> int:
        if name in ("first", "last"):
            return self.random.choice((1, 2, 3, 5))
        return self.random.choice((1, 2, 3))


#: Texts that people write: each gets a word that nothing else has.
_WRITTEN = frozenset(
    ("narrative", "subject", "note", "reason", "summary", "title", "titleEn", "text")
)
_SCALARS: dict[str, Callable[[Operations, str, str], Any]] = {
    "ID": Operations._identity,
    "String": Operations._text,
    "Int": Operations._number,
    "Float": lambda made, _of, _name: round(made.random.random(), 2),
    "Boolean": lambda made, _of, _name: made.random.random() < 0.5,
    "DateTime": lambda made, _of, _name: made.random.choice(TIMES),
    "Date": lambda made, _of, _name: made.random.choice(TIMES)[:10],
    "Decimal": lambda made, _of, _name: str(made.random.choice((0, 100, 1_050, 2_000))),
    "Position": lambda made, _of, _name: str(made.random.choice((0, 1, 100))),
}


def _odd(value: Any) -> bool:
    """Whether a document could not hold it as it is."""
    return isinstance(value, str) and not value.isprintable()


def _literal(value: Any) -> str:
    if isinstance(value, Word):
        return str(value)
    if isinstance(value, dict):
        return "{" + ", ".join(f"{name}: {_literal(one)}" for name, one in value.items()) + "}"
    if isinstance(value, list):
        return "[" + ", ".join(map(_literal, value)) + "]"
    # As escapes: what is no text at all (half a surrogate pair) is refused by the parser.
    return json.dumps(value)
