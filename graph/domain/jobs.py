"""Work that takes longer than a request: who began it, how far it is, what became of it."""

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

#: A job of which nothing was heard for so long has lost its process.
SILENCE = timedelta(minutes=1)
#: Of more kinds of problems the rarest are left out.
MOST_PROBLEMS = 200


class JobKind(StrEnum):
    """What a job does."""

    IMPORT = "IMPORT"
    EXPORT = "EXPORT"
    REFIT = "REFIT"


class JobState(StrEnum):
    """How a job stands."""

    RUNNING = "RUNNING"
    DONE = "DONE"
    FAILED = "FAILED"
    CANCELLED = "CANCELLED"
    INTERRUPTED = "INTERRUPTED"


class JobPhase(StrEnum):
    """What a job is at: the tasks of ``graph.progress``, by their names there."""

    WAIT = "WAIT"
    CHECK = "CHECK"
    IMPORT = "IMPORT"
    MOVES = "MOVES"
    LINK = "LINK"
    ESCALATE = "ESCALATE"
    READ = "READ"
    COMPARE = "COMPARE"
    STAGE = "STAGE"
    WRITE = "WRITE"

    @classmethod
    def of(cls, task: str) -> "JobPhase | None":
        """The phase of a task; None for one that people are not told of."""
        return cls.__members__.get(task.upper())


class ExportFormat(StrEnum):
    """What an export is written as."""

    CSV = "CSV"
    XLSX = "XLSX"

    @property
    def ending(self) -> str:
        return f".{self.value.lower()}"


@dataclass(frozen=True, slots=True)
class JobProblem:
    """Equal problems of a file: how many rows, and the first; no value of the file is kept.

    ``rejected``: the row was not taken; otherwise the value was left out.
    """

    rejected: bool
    field: str
    reason: str
    count: int
    line: int


@dataclass(frozen=True, slots=True, kw_only=True)
class JobReport:
    """What a job came to; what its kind does not count is None.

    ``rows``: of the file that was read or written; ``clusters``, ``moved``: of a refit.
    """

    rows: int | None = None
    created: int | None = None
    updated: int | None = None
    unchanged: int | None = None
    rejected: int | None = None
    warnings: int | None = None
    clusters: int | None = None
    moved: int | None = None
    problems: tuple[JobProblem, ...] = ()
    notes: tuple[str, ...] = ()

    def to_json(self) -> str:
        return json.dumps(asdict(self), ensure_ascii=False)

    @classmethod
    def from_json(cls, text: str) -> "JobReport":
        counts = json.loads(text)
        problems = tuple(JobProblem(**each) for each in counts.pop("problems"))
        return cls(problems=problems, notes=tuple(counts.pop("notes")), **counts)


@dataclass(frozen=True, slots=True, kw_only=True)
class Job:
    """``key`` sorts by ``started_at``; ``person``: who began it; ``title``: a file's name, masked.

    ``total`` is None where nobody knows it yet. ``error``: one sentence that says what to do.
    ``file``: what an export is called when it is fetched, until ``file_until``.
    """

    id: str
    key: str
    kind: JobKind
    state: JobState
    person: str
    started_at: datetime
    title: str | None = None
    ended_at: datetime | None = None
    phase: JobPhase | None = None
    phase_at: datetime | None = None
    done: int = 0
    total: int | None = None
    report: JobReport | None = None
    error: str | None = None
    file: str | None = None
    file_until: datetime | None = None

    @classmethod
    def from_record(cls, record: Mapping[str, Any]) -> "Job":
        """Of a node; its ``state`` and ``endedAt`` as they read by the database's clock."""
        phase, report = record.get("phase"), record.get("report")
        return cls(
            id=record["id"],
            key=record["key"],
            kind=JobKind(record["kind"]),
            state=JobState(record["state"]),
            person=record["person"],
            started_at=record["startedAt"],
            title=record.get("title"),
            ended_at=record.get("endedAt"),
            phase=None if phase is None else JobPhase(phase),
            phase_at=record.get("phaseAt"),
            done=record.get("done") or 0,
            total=record.get("total"),
            report=None if report is None else JobReport.from_json(report),
            error=record.get("error"),
            file=record.get("file"),
            file_until=record.get("fileUntil"),
        )

    @property
    def running(self) -> bool:
        return self.state is JobState.RUNNING


@dataclass(frozen=True, slots=True)
class NewJob:
    """A job that is to begin; ``bound``: how many of its kind may run."""

    kind: JobKind
    person: str
    title: str | None = None
    bound: "Bound | None" = None


@dataclass(frozen=True, slots=True)
class Bound:
    """At most so many at once, in all processes: of one person, or of ``everybody`` together.

    ``message``: what whoever wants one more is told, at the part of the input ``path``.
    """

    most: int
    message: str
    everybody: bool = False
    path: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Result:
    """What a job came to. ``error``: why it failed; ``file``: what there is to fetch, so long as
    it is ``kept``.
    """

    report: JobReport | None = None
    error: str | None = None
    file: str | None = None
    kept: timedelta | None = None


@dataclass(frozen=True, slots=True)
class Beat:
    """How far a job is, as its process says it."""

    id: str
    phase: JobPhase | None
    done: int
    total: int | None
