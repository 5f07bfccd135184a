"""Runs random operations as people of one role and looks each answer through.

Queries run side by side. Mutations run one after the other, and the rows are read anew after each
that changed something: what an answer showed must have been within reach before it or after it.
"""

import asyncio
import time
import traceback
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass, field, replace
from datetime import UTC, datetime
from typing import Any

import structlog

from benchmarks.operations.borders import Borders, refresh
from benchmarks.operations.drawing import Operation, Operations, Pools
from benchmarks.operations.oracle import Oracle, somebody
from benchmarks.operations.wide import asked
from graph.domain.access import Identity, Role
from graph.progress import Progress, silent
from graph.queries.openings import opened_by

log = structlog.get_logger(__name__)

#: Operations of one person before the next one's turn; of these so many are mutations.
BATCH = 100
CHANGES = 10
#: How many run at once.
TOGETHER = 8
#: How long one may take, on a busy machine.
SECONDS = 300.0
#: Whose turn it is, batch by batch: each with another part of the bank, or all of it, or none.
REACHES = ("BJ", "CARDS", "ann", "SH", "none", "CREDIT and SH", "bank", "ann at BJ-01")
#: So many findings are kept whole.
_KEPT = 50


@dataclass(frozen=True, slots=True)
class Finding:
    """What must not be: a leak, an INTERNAL, an exception; and what gives it again."""

    kind: str
    what: list[str]
    person: str
    number: int
    document: str
    variables: dict[str, Any]


@dataclass
class Figures:
    """``answered``: with data; ``changed``: mutations that did something."""

    operations: int = 0
    answered: int = 0
    changed: int = 0
    codes: Counter[str] = field(default_factory=Counter)
    found: Counter[str] = field(default_factory=Counter)
    findings: list[Finding] = field(default_factory=list)
    seconds: float = 0.0

    def note(self, finding: Finding) -> None:
        self.found[finding.kind] += 1
        if len(self.findings) < _KEPT:
            self.findings.append(finding)


def batches(offset: int, count: int) -> Iterator[range]:
    """Numbers of operations, cut where people change."""
    start, end = offset, offset + count
    while start < end:
        stop = min(end, (start // BATCH + 1) * BATCH)
        yield range(start, stop)
        start = stop


class Runner:
    """Operations of one role on a bank; ``world`` is the bank as it is now."""

    def __init__(self, made: Borders, role: Role, seed: int) -> None:
        self.made = made
        self.role = role
        self.seed = seed
        self.figures = Figures()
        self.pools = Pools.of(made)

    def stand_on(self, made: Borders) -> None:
        """Go on with a bank that was made anew."""
        self.made = made
        self.pools = Pools.of(made)

    async def run(self, numbers: range, report: Progress = silent) -> None:
        started = time.perf_counter()
        for batch in batches(numbers.start, len(numbers)):
            await self._batch(batch)
            report(str(self.role), batch.stop - numbers.start, len(numbers))
        self.figures.seconds += time.perf_counter() - started

    async def _batch(self, numbers: range) -> None:
        # What one person was given is no other's to hold.
        self.pools.progress.clear()
        reach = REACHES[numbers.start // BATCH % len(REACHES)]
        oracle = Oracle(await self._person(reach), self.made)
        drawn = Operations(self.pools, f"{self.role}:{self.seed}", oracle.may)
        changes = [number for number in numbers if number % BATCH >= BATCH - CHANGES]
        places = asyncio.Semaphore(TOGETHER)

        async def one(number: int) -> None:
            async with places:
                await self._query(oracle, number, drawn.query(number))

        queries = (one(number) for number in numbers if number not in changes)
        await asyncio.gather(*queries)
        for number in changes:
            oracle = await self._change(oracle, reach, number, drawn.change(number))

    async def _person(self, reach: str) -> Identity:
        """With what the person has opened from beyond reach, as the service has it."""
        identity = somebody(reach, self.role)
        opened = await opened_by(self.made.services.database, identity.actor, datetime.now(UTC))
        return replace(identity, opened=opened)

    async def _query(self, oracle: Oracle, number: int, operation: Operation) -> None:
        answer = await self._asked(oracle.identity, number, operation)
        self._held([oracle], number, operation, answer)

    async def _change(
        self, oracle: Oracle, reach: str, number: int, operation: Operation
    ) -> Oracle:
        assert operation.change
        answer = await self._asked(oracle.identity, number, operation)
        before = replace(oracle, made=replace(self.made))
        payload = (answer.get("data") or {}).get(operation.change)
        if payload and not payload["errors"]:
            self.figures.changed += 1
        # What was refused may have left something, too: that is what is looked for.
        await refresh(self.made)
        self.pools.follow(self.made)
        after = Oracle(await self._person(reach), self.made)
        self._held([before, after], number, operation, answer)
        return after

    async def _asked(self, identity: Identity, number: int, operation: Operation) -> dict[str, Any]:
        """Data and errors, as clients get them; empty if there is no answer."""
        try:
            async with asyncio.timeout(SECONDS):
                result = await asked(
                    self.made.services, identity, operation.document, **operation.variables
                )
        except (Exception, asyncio.CancelledError) as error:
            # Whatever it is, it is what is looked for; but whoever ends the run may.
            if (task := asyncio.current_task()) is not None and task.cancelling():
                raise
            told = "".join(traceback.format_exception(error)[-3:])
            self._find("crash", [told], identity, number, operation)
            return {}
        return {"data": result.data, "errors": [error.formatted for error in result.errors or ()]}

    def _held(
        self,
        oracles: Sequence[Oracle],
        number: int,
        operation: Operation,
        answer: dict[str, Any],
    ) -> None:
        """``oracles``: of the bank before and after; what either permits may be shown."""
        figures, identity = self.figures, oracles[-1].identity
        figures.operations += 1
        figures.answered += answer.get("data") is not None
        codes = [error.get("extensions", {}).get("code") for error in answer.get("errors", ())]
        figures.codes.update(str(code) for code in codes)
        if "INTERNAL" in codes or None in codes:
            self._find("internal", [str(answer["errors"])], identity, number, operation)
        asked = _cases(operation.variables)
        leaked = set.intersection(*(set(oracle.leaks(answer, asked)) for oracle in oracles))
        if leaked:
            self._find("leak", sorted(leaked), identity, number, operation)
        self.pools.learn(answer.get("data"))

    def _find(
        self, kind: str, what: list[str], identity: Identity, number: int, operation: Operation
    ) -> None:
        person = f"{self.role} {identity.actor} {identity.reach}"
        finding = Finding(kind, what, person, number, operation.document, operation.variables)
        # At once: a night's run may be ended before its figures are shown.
        log.error("found", **asdict(finding))
        self.figures.note(finding)


def _cases(variables: dict[str, Any]) -> frozenset[str]:
    """Of a step in bulk: the ids that it was asked for."""
    cases = variables.get("i", {}).get("cases") or ()
    return frozenset(str(each["complaint"]) for each in cases)
