"""What the one who asks may see of the cases."""

from dataclasses import dataclass

from graph.domain.filters import ComplaintFilter
from graph.domain.scope import NOTHING, Scope
from similarity.precedents import Asked


@dataclass(frozen=True, slots=True)
class Sight:
    """``scope``: the cases seen in full; ``elsewhere``: precedents outside of it are seen too."""

    scope: Scope
    elsewhere: bool = False

    def asked(self, filters: ComplaintFilter | None) -> Asked:
        """For precedents: who asks, and which ones."""
        return Asked(self.scope, filters, self.elsewhere)


#: Of somebody who may not see any case.
BLIND = Sight(NOTHING)
