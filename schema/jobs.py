"""Long work: begun, looked at while it goes on and afterwards, stopped."""

from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from functools import partial
from typing import Annotated, Any, Self

import strawberry

from graph.commands import jobs as commands
from graph.commands.requests import RequestKey
from graph.domain import jobs as models
from graph.domain.access import Role
from graph.errors import NotFoundError
from graph.queries import jobs as queries
from ingest.jobs import Reporter
from schema.arguments import After, FirstOfPage
from schema.changing import MutationInput, MutationPayload, acted, errors_field
from schema.connections import Connection
from schema.enums import ExportFormat, JobKind, JobPhase, JobState
from schema.execution import context_for
from schema.exports.asking import Asking
from schema.filters import ComplaintFilterInput, as_variables, to_model
from schema.ids import NodeKind, global_id, key_of
from schema.newest import newest_first
from schema.node import Node
from schema.refusals import ANY, UserError, refuses
from schema.request import Info, RequestContext
from schema.resolved import resolved
from schema.staff import NAME, name_of
from similarity.refitting import refit_now


@strawberry.type(description="Equal problems of a file. No value of the file is kept.")
class JobProblem:
    rejected: bool = strawberry.field(
        description="Whether the rows were not taken; otherwise the value was left out."
    )
    field: str = strawberry.field(description="What it is about.")
    reason: str = strawberry.field(description="What is wrong.")
    count: int = strawberry.field(description="In how many rows.")
    line: int = strawberry.field(description="The first line that has it.")

    @classmethod
    def from_model(cls, model: models.JobProblem) -> Self:
        return cls(
            rejected=model.rejected,
            field=model.field,
            reason=model.reason,
            count=model.count,
            line=model.line,
        )


@strawberry.type(description="What a job came to; what its kind does not count is null.")
class JobReport:
    rows: int | None = strawberry.field(description="Of the file that was read or written.")
    created: int | None = strawberry.field(description="Complaints that are new.")
    updated: int | None = strawberry.field(description="Complaints that have changed.")
    unchanged: int | None = strawberry.field(description="Rows that say what is known.")
    rejected: int | None = strawberry.field(description="Rows that were not taken.")
    warnings: int | None = strawberry.field(description="Values that were left out.")
    clusters: int | None = strawberry.field(description="Clusters that there are now.")
    moved: int | None = strawberry.field(description="Complaints whose cluster has changed.")
    problems: list[JobProblem] = strawberry.field(
        description="By field and reason: what rejects rows first, then by how often."
    )
    notes: list[str] = strawberry.field(description="What the file shows as a whole.")

    @classmethod
    def from_model(cls, model: models.JobReport) -> Self:
        return cls(
            rows=model.rows,
            created=model.created,
            updated=model.updated,
            unchanged=model.unchanged,
            rejected=model.rejected,
            warnings=model.warnings,
            clusters=model.clusters,
            moved=model.moved,
            problems=[JobProblem.from_model(each) for each in model.problems],
            notes=list(model.notes),
        )


@strawberry.type(description="Work that takes longer than a request.")
class Job(Node):
    kind: JobKind = strawberry.field(description="What it does.")
    state: JobState = strawberry.field(description="How it stands.")
    title: str | None = strawberry.field(description="The name of an imported file, masked.")
    started_by: str = strawberry.field(description="Who began it.")
    started_at: datetime = strawberry.field(description="When.")
    ended_at: datetime | None = strawberry.field(description="When it ended; null while it runs.")
    phase: JobPhase | None = strawberry.field(description="What it is at, or was last.")
    phase_started_at: datetime | None = strawberry.field(description="Since when.")
    done: int = strawberry.field(description="How much of the phase is done.")
    total: int | None = strawberry.field(description="Of how much; null if nobody knows.")
    report: JobReport | None = strawberry.field(description="What it came to, once it has ended.")
    error: str | None = strawberry.field(
        description="Why it failed, in one sentence that says what to do."
    )
    file: str | None = strawberry.field(
        description="The name of an export's file, while there is one to fetch at "
        "`/jobs/{id}/file`, by who began it."
    )
    file_until: datetime | None = strawberry.field(description="How long there is.")

    @resolved(description=NAME)
    async def started_by_name(self, info: Info) -> str | None:
        return await name_of(info, self.started_by)

    @classmethod
    def from_model(cls, model: models.Job) -> Self:
        return cls(
            id=global_id(NodeKind.JOB, model.id),
            kind=model.kind,
            state=model.state,
            title=model.title,
            started_by=model.person,
            started_at=model.started_at,
            ended_at=model.ended_at,
            phase=model.phase,
            phase_started_at=model.phase_at,
            done=model.done,
            total=model.total,
            report=None if model.report is None else JobReport.from_model(model.report),
            error=model.error,
            file=model.file,
            file_until=model.file_until,
        )

    @classmethod
    async def fetch(cls, info: Info, key: str) -> "Job | None":
        model = await visible(info.context, key)
        return None if model is None else cls.from_model(model)


async def visible(context: RequestContext, key: str) -> models.Job | None:
    """A job that is one's own; administrators see all."""
    model = await queries.by_id(context.uses.database.read, key)
    whose = _whose(context)
    return model if model is not None and whose in {None, model.person} else None


def _whose(context: RequestContext) -> str | None:
    """Whose jobs somebody sees; None: everybody's."""
    identity = context.identity
    return None if Role.ADMINISTRATOR in identity.roles else identity.actor


@strawberry.input(description="All complaints, to be divided into clusters anew.")
class StartRefitInput(MutationInput):
    """Nothing but what every mutation takes."""


@strawberry.input(description="Cases to be written as a table.")
class StartExportInput(MutationInput):
    filter: ComplaintFilterInput | None = strawberry.field(
        default=None, description="Which cases, of those that one sees; left out: all of them."
    )
    format: ExportFormat = strawberry.field(description="What it is written as.")


@strawberry.input(description="A job that is no longer needed.")
class CancelJobInput(MutationInput):
    job: strawberry.ID = strawberry.field(description="Its id.")


@refuses(*ANY, NotFoundError)
class JobError(UserError):
    """Why it was not done."""


@strawberry.type(description="What became of it.")
class JobPayload(MutationPayload):
    errors: list[JobError] = errors_field()
    job: Job | None = strawberry.field(description="The job, if there is one.")


@strawberry.type
class JobQuery:
    """``Query`` inherits this."""

    @resolved(description="One's own job; administrators see those of all. Null for no such job.")
    async def job(
        self,
        info: Info,
        id: Annotated[  # noqa: A002 - the API's name
            strawberry.ID, strawberry.argument(description="Its id.")
        ],
    ) -> Job | None:
        return await Job.fetch(info, key_of(id, NodeKind.JOB))

    @resolved(
        description="One's own jobs, the newest first; administrators see those of all.",
        searches=20,
    )
    async def jobs(
        self,
        info: Info,
        first: FirstOfPage = None,
        after: After = None,
        kind: Annotated[
            JobKind | None, strawberry.argument(description="Only those of this kind.")
        ] = None,
    ) -> Connection[Job]:
        database, whose = info.context.uses.database, _whose(info.context)
        return await newest_first(
            "jobs",
            (first, after),
            kind,
            partial(queries.page, database, whose, kind),
            partial(queries.count, database, whose, kind),
            Job.from_model,
        )


@strawberry.type
class JobMutation:
    """``Mutation`` inherits this."""

    @resolved(
        description="Divides all complaints into clusters anew, in the background.", searches=100
    )
    async def start_refit(
        self,
        info: Info,
        input: Annotated[  # noqa: A002 - the API's name
            StartRefitInput, strawberry.argument(description="Nothing is to be chosen.")
        ],
    ) -> JobPayload:
        return await _answered(info, input, partial(_refit, info))

    @resolved(
        description="Writes cases as a table, in the background: what one sees of them, without "
        "customers and texts. Each page of a hundred is one record in the access log.",
        searches=100,
    )
    async def start_export(
        self,
        info: Info,
        input: Annotated[  # noqa: A002 - the API's name
            StartExportInput, strawberry.argument(description="Which cases.")
        ],
    ) -> JobPayload:
        return await _answered(info, input, partial(_export, info, input))

    @resolved(
        description="Stops a job after the batch that it is at; what it has stored stays.",
        searches=20,
    )
    async def cancel_job(
        self,
        info: Info,
        input: Annotated[  # noqa: A002 - the API's name
            CancelJobInput, strawberry.argument(description="Which one.")
        ],
    ) -> JobPayload:
        return await _answered(info, input, partial(_cancel, info, input))


async def _refit(info: Info, key: RequestKey | None) -> models.Job:
    uses, actor = info.context.uses, info.context.identity.actor

    async def work(reporter: Reporter) -> models.Result:
        made = await refit_now(uses.database, datetime.now(UTC), reporter)
        counts = models.JobReport(
            rows=made.fit.texts, clusters=len(made.fit.clusters), moved=made.moved
        )
        return models.Result(counts)

    return await uses.jobs.start(models.NewJob(JobKind.REFIT, actor), work, key)


async def _export(info: Info, data: StartExportInput, key: RequestKey | None) -> models.Job:
    to_model(data.filter)
    uses, identity, language = info.context.uses, info.context.identity, info.context.language
    schema: Any = info.schema
    asking = Asking(schema, lambda: context_for(uses, identity, language))
    filters = None if data.filter is None else as_variables(data.filter)
    return await uses.exports.start(asking, filters, data.format, identity, key)


async def _cancel(info: Info, data: CancelJobInput, key: RequestKey | None) -> models.Job:
    identity = key_of(data.job, NodeKind.JOB, path=("job",))
    if await visible(info.context, identity) is None:
        raise NotFoundError("There is no job with this id.", path=["job"])
    return await commands.cancel(info.context.uses.database, identity, key)


async def _answered(
    info: Info,
    data: StartRefitInput | StartExportInput | CancelJobInput,
    act: Callable[[RequestKey | None], Awaitable[models.Job]],
) -> JobPayload:
    done = await acted(info, data, act, JobError)
    job = None if done.result is None else Job.from_model(done.result)
    return JobPayload(job=job, **done.payload())
