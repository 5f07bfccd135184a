"""What reach costs: the same request by somebody who reaches the whole bank and by somebody who
does not, pair by pair, in turns that chance decides: `python -m benchmarks reach`.
"""

import asyncio
import statistics
import time
from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from random import Random
from tempfile import TemporaryDirectory
from typing import Annotated, Any

import typer

from api.services import Services, access_sealer, open_services
from api.settings import Settings
from benchmarks.access_log import DESK, Unrecorded
from graph.domain.access import Identity, Reach, Role
from graph.domain.scope import Scope
from graph.queries.conditions import within
from ingest.demo import DemoOptions
from schema.build import Schema, build_schema
from schema.execution import context_for
from schema.ids import NodeKind, global_id
from scripts.console import progress, result
from scripts.demo import load_demo

_SIMILAR = """
query ($id: ID!) { complaint(id: $id) { similar(first: 10) { score complaint { id } } } }
"""
_PRECEDENTS = """
query ($id: ID!) { complaint(id: $id) { precedents(first: 10) { score reach case { narrative } } } }
"""
_SEARCH = """
query ($id: ID!) { complaint(id: $id) { id }
  searchComplaints(text: "信用卡分期手续费没有提前告知", first: 10) { score complaint { id } } }
"""
_QUERIES = {"similar": _SIMILAR, "precedents": _PRECEDENTS, "search": _SEARCH, "desk": DESK}
#: Pairs before those that count: statements that only a reach sends are new for each person, and
#: java compiles them while they run.
_WARM = 20
_WHOLE = Identity("bench", "", frozenset(set(Role) - {Role.CUSTOMER}), Reach(everything=True))
_PLACES = """
MATCH (c:Complaint) UNWIND c.branchCodes AS code
RETURN code, count(*) AS n ORDER BY n DESC, code
"""
_DEPARTMENTS = """
MATCH (c:Complaint) UNWIND c.departmentCodes AS code
RETURN code, count(*) AS n ORDER BY n DESC, code
"""


@dataclass(frozen=True, slots=True)
class Ratio:
    """Of one query by one person: medians in milliseconds, and their ratio's median over pairs."""

    query: str
    person: str
    share: float
    whole_milliseconds: float
    own_milliseconds: float
    ratio: float
    rows: float


async def measured(services: Services, pairs: int, seed: int) -> list[Ratio]:
    """Without the access log, whose cost has a benchmark of its own."""
    quiet = Unrecorded(services.database, access_sealer(services.keyring))
    services = replace(services, recorder=quiet)
    schema, chance = build_schema(), Random(seed)  # noqa: S311 - no secret
    total = (await services.database.read("MATCH (c:Complaint) RETURN count(c) AS n"))[0]["n"]
    results = []
    for name, reach in await _reaches(services, total):
        person = Identity("nobody-in-particular", "", frozenset({Role.HANDLER}), reach)
        bounds = within(Scope.of(person))
        rows = await services.database.read(
            f"MATCH (c:Complaint) WHERE c.narrative IS NOT NULL AND {bounds.predicate} "
            "RETURN c.id AS id ORDER BY c.id",
            **bounds.parameters,
        )
        ids = [row["id"] for row in rows]
        for query in _QUERIES:
            results.append(
                await _ratio(services, schema, (query, name), person, chance.choices(ids, k=pairs))
            )
            share = round(len(ids) / total, 3)
            results[-1] = replace(results[-1], share=share)
    return results


async def _reaches(services: Services, total: int) -> list[tuple[str, Reach]]:
    places = await services.database.read(_PLACES)
    departments = await services.database.read(_DEPARTMENTS)

    def nearest(rows: Sequence[Any], share: float) -> str:
        return str(min(rows, key=lambda row: abs(row["n"] - share * total))["code"])

    outlet, branch = nearest(places, 0.01), nearest(places, 0.2)
    department = nearest(departments, 0.1)
    return [
        ("an outlet", Reach(branches=(outlet,))),
        ("a branch", Reach(branches=(branch,))),
        ("a department", Reach(departments=(department,))),
        ("both", Reach(branches=(outlet,), departments=(department,))),
    ]


async def _ratio(
    services: Services, schema: Schema, named: tuple[str, str], person: Identity, ids: list[str]
) -> Ratio:
    query, name = named
    whole, own, rows = [], [], []
    chance = Random(len(ids))  # noqa: S311 - no secret
    for number, identity in enumerate([*chance.choices(ids, k=_WARM), *ids]):
        key = global_id(NodeKind.COMPLAINT, identity)
        taken = {}
        for side in chance.sample((_WHOLE, person), 2):
            started = time.perf_counter()
            answer = await schema.execute(
                _QUERIES[query],
                variable_values={"id": key},
                context_value=context_for(services, side),
            )
            taken[side.actor] = time.perf_counter() - started
            assert not answer.errors, answer.errors
            if side is person and query in {"similar", "precedents"}:
                assert answer.data is not None
                rows.append(len(answer.data["complaint"][query]))
        if number >= _WARM:
            whole.append(taken[_WHOLE.actor])
            own.append(taken[person.actor])
    ratios = [one / other for one, other in zip(own, whole, strict=True)]
    return Ratio(
        query,
        name,
        0.0,
        round(1000 * statistics.median(whole), 1),
        round(1000 * statistics.median(own), 1),
        round(statistics.median(ratios), 2),
        round(statistics.mean(rows), 1) if rows else 0.0,
    )


def main(
    size: Annotated[int, typer.Option(min=100, help="Complaints of the demo bank.")] = 3_000,
    pairs: Annotated[int, typer.Option(min=5, help="Pairs of each query and person.")] = 40,
    seed: Annotated[int, typer.Option(help="Another seed asks for other cases.")] = 1,
    json: Annotated[bool, typer.Option("--json", help="One JSON object.")] = False,
) -> None:
    """Ask as somebody with a reach and without, and compare the times."""

    async def work() -> list[Ratio]:
        with TemporaryDirectory(prefix="reach-") as home, progress(quiet=json) as shown:
            async with open_services(Settings.load(home=Path(home)), shown) as services:
                await load_demo(services, shown, DemoOptions(size=size))
                return await measured(services, pairs, seed)

    result({"ratios": [asdict(each) for each in asyncio.run(work())]}, as_json=json)
