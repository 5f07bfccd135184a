"""The composition root: everything a process needs, built from the settings and closed at the end.

The web service and the command line both start here; nothing else builds drivers or models.
"""

import asyncio
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from datetime import timedelta
from functools import partial
from pathlib import Path
from typing import TypeAlias
from zoneinfo import ZoneInfo

from api.access.access import Access
from api.installation_key import keyring
from api.settings import Settings
from graph.capabilities import check_capabilities
from graph.database import Database
from graph.domain.access_log import Sealer
from graph.domain.deadlines import TimeLimits
from graph.domain.identity import Keyring
from graph.domain.rules import RuleSet
from graph.domain.vocabulary import Vocabulary
from graph.embedded import Connection, engine
from graph.migrations.runner import migrate
from graph.progress import Progress, silent
from graph.queries.size import BankSize
from ingest.classification.files import ClassifierFiles
from ingest.classification.rules import rulebook
from ingest.classification.suggester import Suggester
from ingest.corrections import Corrections
from ingest.desk import Desk
from ingest.drafting import Drafter, Rephraser, load_templates
from ingest.drill import Drills
from ingest.drill.making import Maker
from ingest.escalation.rulebook import load_rules
from ingest.guidance import Procedures, load_procedures
from ingest.importer import Importer
from ingest.intake import Intake, load_intakes
from ingest.jobs import FileImports, Jobs
from ingest.masking import Masker
from ingest.openings import Openings
from ingest.person import People
from ingest.pipeline import Pipeline
from ingest.prepare import Preparer
from ingest.progress_tokens import ProgressTokens
from ingest.registration_preview import Previewer
from ingest.sources import TableMapping
from ingest.watching import Watcher
from schema.analyses import Turns
from schema.exports.job import CaseExports
from schema.follower import Follower
from schema.policy import Policy, load_policy
from schema.rates import Buckets
from schema.recorder import PURPOSE, Recorder
from similarity.encoding import AsyncEncoder, RunningEncoder
from similarity.finder import Finder
from similarity.precedents import Precedents
from similarity.spaces import SpaceBook
from similarity.tokens import PrecedentTokens
from similarity.weights import WordWeights

#: Makes the encoder of a model; it is called with the progress of loading it.
MakeEncoder: TypeAlias = Callable[[str, Progress], RunningEncoder]
#: How soon a missing model is found out, before the engine is started for nothing.
MISSING_SECONDS = 0.3


@dataclass(frozen=True, slots=True)
class Services:
    """What resolvers and commands work with."""

    settings: Settings
    database: Database
    keyring: Keyring
    vocabulary: Vocabulary
    encoder: RunningEncoder
    book: SpaceBook
    weights: WordWeights
    finder: Finder
    precedents: Precedents
    suggester: Suggester
    pipeline: Pipeline
    desk: Desk
    corrections: Corrections
    people: People
    previewer: Previewer
    drills: Drills
    openings: Openings
    watcher: Watcher
    procedures: Procedures
    drafter: Drafter
    progress_tokens: ProgressTokens
    preparer: Preparer
    importer: Importer
    follower: Follower
    access: Access
    policy: Policy
    recorder: Recorder
    buckets: Buckets
    turns: Turns
    jobs: Jobs
    exports: CaseExports
    imports: FileImports
    intake: Intake
    size: BankSize

    @property
    def limits(self) -> TimeLimits:
        """The bank's time limits."""
        return self.settings.intake.limits

    @property
    def zone(self) -> ZoneInfo:
        """The bank's zone of days and months."""
        return self.settings.intake.zone


@asynccontextmanager
async def open_database(settings: Settings, progress: Progress = silent) -> AsyncIterator[Database]:
    """The graph, started if need be, checked, and migrated to the newest step."""
    async with AsyncExitStack() as stack:
        connection = await _connection(settings, stack, progress)
        database = await stack.enter_async_context(
            Database.open(
                connection.uri,
                connection.user,
                connection.password,
                name=settings.neo4j.database,
                read_seconds=settings.neo4j.read_seconds,
            )
        )
        await check_capabilities(database)
        await migrate(database)
        yield database


@asynccontextmanager
async def open_services(
    settings: Settings,
    progress: Progress = silent,
    *,
    make: MakeEncoder | None = None,
    process: str | None = None,
) -> AsyncIterator[Services]:
    """Everything, with the model loaded and the spaces open.

    ``make``: what encodes for a model; by default one in this process. ``process``: of several that
    serve, the name of this one.

    What waits from earlier is left to ``api.background``.

    Raises:
        ConfigurationError, UnavailableError: one sentence that says what to do.
    """
    keys = keyring(settings)
    # Before anything is started or written: a wrong rule file changes nothing.
    rules = load_rules(settings.desk.rules)
    policy = load_policy(settings.access.policy)
    intakes = load_intakes(settings.jobs.intake)
    async with AsyncExitStack() as stack:
        make = make or partial(_own_encoder, settings)
        encoder = make(settings.encoder.model, progress)
        stack.push_async_callback(encoder.close)
        # The model loads while the engine starts; that it is missing is known before either.
        loading = asyncio.create_task(encoder.ready())
        stack.callback(loading.cancel)
        await asyncio.wait({loading}, timeout=MISSING_SECONDS)
        if loading.done():
            loading.result()
        database = await stack.enter_async_context(open_database(settings, progress))
        await loading
        opened: list[RunningEncoder] = []
        stack.push_async_callback(_close_all, opened)

        def load(model: str) -> RunningEncoder:
            opened.append(make(model, silent))
            return opened[-1]

        book = SpaceBook(database, encoder, load)
        await book.start(progress)
        services = _services(
            settings, database, keys, encoder, book, rules, policy, intakes, process
        )
        stack.push_async_callback(services.recorder.close)
        stack.push_async_callback(services.buckets.close)
        # The first to end: what runs needs all the others.
        stack.push_async_callback(services.jobs.close)
        stack.callback(services.imports.uploads.close)
        await services.suggester.start(book.writable, progress)
        await services.weights.refresh()
        await services.size.refresh()
        yield services


def _services(
    settings: Settings,
    database: Database,
    keys: Keyring,
    encoder: RunningEncoder,
    book: SpaceBook,
    rules: RuleSet,
    policy: Policy,
    intakes: Mapping[str, TableMapping],
    process: str | None,
) -> Services:
    intake = settings.intake
    preparer = Preparer(Masker(), keys, intake)
    suggester = Suggester(
        database,
        ClassifierFiles(classifiers(settings)),
        rulebook(rules),
        settings.encoder_options(None).models_folder / "general",
    )
    pipeline = Pipeline(database, book, preparer, rules, suggester)
    weights = WordWeights(database)
    finder = Finder(database, book, weights, intake.vocabulary, settings.search_options)
    desk = Desk(database, pipeline, intake, suggester, book)
    corrections = Corrections(database, pipeline, desk, keys)
    people = People(database, finder, corrections, keys)
    importer = Importer(pipeline, preparer, keys, settings.home / "imports")
    jobs = Jobs(database)
    hours = timedelta(hours=settings.jobs.export_hours)
    precedents = Precedents(finder, PrecedentTokens(keys.secret("precedent-token")))
    return Services(
        settings=settings,
        database=database,
        keyring=keys,
        vocabulary=intake.vocabulary,
        encoder=encoder,
        book=book,
        weights=weights,
        finder=finder,
        precedents=precedents,
        suggester=suggester,
        pipeline=pipeline,
        desk=desk,
        corrections=corrections,
        people=people,
        previewer=Previewer(database, book, preparer, suggester, pipeline.escalator, finder),
        drills=Drills(database, Maker(preparer, pipeline.escalator, suggester.rules)),
        openings=Openings(database, desk, people, precedents, settings.access.opening_terms),
        watcher=Watcher(database, rules, intake.zone),
        procedures=load_procedures(settings.business.procedures, intake.vocabulary),
        drafter=Drafter(
            load_templates(settings.answers.templates, intake.vocabulary),
            settings.answer_terms,
            intake.zone,
            _rephraser(settings),
        ),
        progress_tokens=ProgressTokens(keys.secret("progress-token")),
        preparer=preparer,
        importer=importer,
        follower=Follower(database, settings.follower_options),
        access=Access.of(settings, database, keys),
        policy=policy,
        recorder=Recorder(database, access_sealer(keys)),
        buckets=Buckets(settings.rates),
        turns=Turns(settings.turns),
        jobs=jobs,
        exports=CaseExports(jobs, settings.home / "exports", hours),
        imports=FileImports(database, jobs, importer, preparer.masker, intake, process),
        intake=Intake(importer, preparer.masker, intake.zone, intakes),
        size=BankSize(database),
    )


def _rephraser(settings: Settings) -> Rephraser | None:
    options = settings.answers.rephrasing
    return None if options is None else Rephraser(options)


def _own_encoder(settings: Settings, model: str, progress: Progress) -> AsyncEncoder:
    return AsyncEncoder(settings.encoder_options(model), progress)


async def _close_all(encoders: list[RunningEncoder]) -> None:
    for encoder in encoders:
        await encoder.close()


async def _connection(settings: Settings, stack: AsyncExitStack, progress: Progress) -> Connection:
    """The configured server, or the embedded engine on a lease that ends with ``stack``."""
    if settings.neo4j.uri is not None:
        password = settings.neo4j.password.get_secret_value()
        return Connection(settings.neo4j.uri, settings.neo4j.user, password)
    lease = engine(settings.engine, progress)
    connection = await asyncio.to_thread(lease.__enter__)
    stack.push_async_callback(asyncio.to_thread, lease.__exit__, None, None, None)
    return connection


def classifiers(settings: Settings) -> Path:
    """Where the versions of the classifier lie."""
    return settings.home / "classifiers"


def access_sealer(keys: Keyring) -> Sealer:
    """What the access log is sealed with."""
    return Sealer(keys.secret(PURPOSE))


def demo_settings(settings: Settings) -> Settings:
    """The same settings over the demo bank's own data folder."""
    return settings.model_copy(update={"home": settings.home / "demo"})


def settings_of(*, demo: bool) -> Settings:
    """The settings as they are now, or those of the demo bank."""
    settings = Settings.load()
    return demo_settings(settings) if demo else settings
