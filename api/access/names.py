"""Names of those who ask, kept for events that are read after they have left."""

from collections import OrderedDict
from dataclasses import dataclass, field
from datetime import datetime

from api.access.sessions import noted
from graph.commands.staff import keep_name
from graph.database import Database
from graph.domain.access import Identity, Method

#: People whose names a process remembers to have kept; the others' are written again.
_REMEMBERED = 10_000


@dataclass(slots=True)
class Names:
    """Writes a name when somebody is first seen by this process, and when it has changed."""

    database: Database
    kept: OrderedDict[str, str] = field(default_factory=OrderedDict)

    async def keep(self, identity: Identity, now: datetime) -> None:
        """Nobody is refused because a name cannot be written."""
        actor, name = identity.actor, identity.name
        if identity.method is Method.LOCAL or not name or self.kept.get(actor) == name:
            return
        if await noted(keep_name(self.database, actor, name, now)):
            self.kept[actor] = name
        if len(self.kept) > _REMEMBERED:
            self.kept.popitem(last=False)
