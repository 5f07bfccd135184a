"""What an execution of the schema needs beside the document."""

from graph.domain.access import LOCAL, Identity
from schema.request import RequestContext, Uses


def context_for(uses: Uses, identity: Identity = LOCAL) -> RequestContext:
    """The context of one operation; never used for a second one."""
    return RequestContext(uses, identity)
