"""A process that takes random steps and may be killed at any moment: ``python -m`` with a task.

Its journal has a line before each step (WANT) and one after it (DONE, AGAIN or REFUSED). Started
again, it first repeats the last step that has no outcome, under the same key.
"""

import asyncio
import json
import sys
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from random import Random
from typing import Any
from uuid import UUID

from graph.commands.desk import StepRequest, take_step
from graph.commands.requests import RequestKey
from graph.database import Database
from graph.domain import desk
from graph.domain.desk import DeskStep, Taking
from graph.domain.enums import CaseStatus
from graph.domain.lifecycle import Situation, Step, allowed
from graph.errors import ConflictError, InvalidInputError
from tests.support.desk import minimal

_STANDS = """
CYPHER 25
MATCH (c:Complaint {id: $id}) RETURN c.version AS version, c.status AS status
"""


@dataclass(frozen=True)
class Task:
    uri: str
    user: str
    password: str
    journal: str
    seed: int
    steps: int
    cases: list[str]
    department: str


def step_of(step: Step, department: str) -> DeskStep:
    """An input that fits the step, as a rule."""
    if step is Step.CLASSIFY:
        return desk.Classify(type="FRAUD")
    if step is Step.TRANSFER:
        return desk.Transfer(department, assignee="ben")
    return minimal(step, department)


class Journal:
    """Lines that outlive the process."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self.lines = (
            [json.loads(line) for line in path.read_text().splitlines()] if path.exists() else []
        )

    def add(self, **line: Any) -> None:
        with self._path.open("a") as file:
            file.write(json.dumps(line) + "\n")
        self.lines.append(line)

    def unfinished(self) -> dict[str, Any] | None:
        last = self.lines[-1] if self.lines else None
        return last if last is not None and last["what"] == "WANT" else None

    def wanted(self) -> int:
        return sum(line["what"] == "WANT" for line in self.lines)


async def attempt(database: Database, task: Task, journal: Journal, want: dict[str, Any]) -> None:
    step = step_of(Step(want["step"]), task.department)
    key = RequestKey(f"walker-{task.seed}", "step", want["key"], json.dumps(want, sort_keys=True))
    request = StepRequest(want["case"], want["version"], step, key)
    taking = Taking(datetime.now(UTC), f"walker-{task.seed}")
    try:
        taken = await take_step(database, request, taking)
    except (ConflictError, InvalidInputError) as error:
        journal.add(what="REFUSED", key=want["key"], code=error.code)
        return
    journal.add(what="DONE" if taken.acted else "AGAIN", key=want["key"])


async def walk(task: Task) -> None:
    journal = Journal(Path(task.journal))
    async with Database.open(task.uri, task.user, task.password) as database:
        left = journal.unfinished()
        if left is not None:
            await attempt(database, task, journal, left)
        random = Random(task.seed * 1_000 + len(journal.lines))
        while journal.wanted() < task.steps:
            case = random.choice(task.cases)
            stands = (await database.read(_STANDS, id=case))[0]
            open_to = allowed(Situation(CaseStatus(stands["status"])))
            step = random.choice(open_to if random.random() < 0.8 else list(Step))
            want = {
                "what": "WANT",
                "key": str(UUID(int=task.seed * 1_000_000 + journal.wanted())),
                "case": case,
                "version": stands["version"],
                "step": step,
            }
            journal.add(**want)
            await attempt(database, task, journal, want)


if __name__ == "__main__":
    asyncio.run(walk(Task(**json.loads(sys.argv[1]))))
