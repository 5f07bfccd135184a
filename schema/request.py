"""What every resolver finds in its context: who asks, what there is to ask, and the loaders."""

from copy import copy
from dataclasses import dataclass
from functools import partial
from typing import Protocol, Self, TypeAlias
from zoneinfo import ZoneInfo

import strawberry

from graph.database import Database
from graph.domain.access import Identity
from graph.domain.deadlines import TimeLimits
from graph.domain.enums import Language
from graph.domain.identity import Keyring
from graph.domain.scope import Scope
from graph.domain.vocabulary import Vocabulary
from graph.queries.size import BankSize
from ingest.classification.suggester import Suggester
from ingest.corrections import Corrections
from ingest.desk import Desk
from ingest.drafting import Drafter
from ingest.drill import Drills
from ingest.guidance import Procedures
from ingest.jobs import Jobs
from ingest.openings import Openings
from ingest.person import People
from ingest.pipeline import Pipeline
from ingest.progress_tokens import ProgressTokens
from ingest.registration_preview import Previewer
from schema.analyses import Turns
from schema.exports.job import CaseExports
from schema.follower import Follower
from schema.loaders import Loaders
from schema.policy import Group, Policy
from schema.rates import Buckets
from schema.recorder import Recorder
from schema.shown import Shown
from schema.sight import Sight
from schema.spending import Spent
from similarity.finder import Finder
from similarity.precedents import Precedents


class Uses(Protocol):
    """The parts of the service that resolvers use; whoever builds the application gives them."""

    @property
    def database(self) -> Database: ...
    @property
    def finder(self) -> Finder: ...
    @property
    def precedents(self) -> Precedents: ...
    @property
    def suggester(self) -> Suggester: ...
    @property
    def pipeline(self) -> Pipeline: ...
    @property
    def procedures(self) -> Procedures: ...
    @property
    def drafter(self) -> Drafter: ...
    @property
    def progress_tokens(self) -> ProgressTokens: ...
    @property
    def limits(self) -> TimeLimits: ...
    @property
    def desk(self) -> Desk: ...
    @property
    def corrections(self) -> Corrections: ...
    @property
    def openings(self) -> Openings: ...
    @property
    def people(self) -> People: ...
    @property
    def drills(self) -> Drills: ...
    @property
    def previewer(self) -> Previewer: ...
    @property
    def vocabulary(self) -> Vocabulary: ...
    @property
    def zone(self) -> ZoneInfo: ...
    @property
    def policy(self) -> Policy: ...
    @property
    def keyring(self) -> Keyring: ...
    @property
    def follower(self) -> Follower: ...
    @property
    def recorder(self) -> Recorder: ...
    @property
    def buckets(self) -> Buckets: ...
    @property
    def turns(self) -> Turns: ...
    @property
    def jobs(self) -> Jobs: ...
    @property
    def exports(self) -> CaseExports: ...
    @property
    def size(self) -> BankSize: ...


@dataclass
class RequestContext:
    """One request: its identity, the service's parts, and loaders that live as long as it.

    ``shown``: the cases in the answer that is being made; ``spent``: what that costs; ``purpose``:
    why they are looked at, as it was sent; ``language``: of labels and sentences whose field names
    none.
    """

    uses: Uses
    identity: Identity
    loaders: Loaders
    shown: Shown
    spent: Spent
    purpose: str | None = None
    language: Language = Language.ZH

    def __init__(self, uses: Uses, identity: Identity) -> None:
        super().__init__()
        self.uses = uses
        self.identity = identity
        self.shown = Shown()
        self.spent = Spent()
        self.forget()

    def fresh(self) -> Self:
        """The same request's context for another operation: a connection carries several."""
        other = copy(self)
        other.shown = Shown()
        other.spent = Spent()
        other.forget()
        return other

    def forget(self) -> None:
        """Drop what was read: a mutation or an event has changed it."""
        self.loaders = Loaders(
            self.uses.database,
            self.uses.finder,
            self.uses.precedents,
            self.uses.suggester,
            self.sight,
            partial(self.uses.turns.turn, self.identity.actor),
        )

    def language_of(self, asked: Language | None) -> Language:
        """The language that a field names, else that of the request."""
        return asked or self.language

    @property
    def permitted(self) -> frozenset[Group]:
        """The groups of fields that the one who asks may ask for."""
        return self.uses.policy.permitted(self.identity)

    @property
    def sight(self) -> Sight:
        """What the one who asks may see; a connection is told who that is after it was opened."""
        return self.uses.policy.sight(self.identity)

    @property
    def scope(self) -> Scope:
        """The cases that the one who asks sees in full."""
        return self.sight.scope


Info: TypeAlias = strawberry.Info[RequestContext, None]
