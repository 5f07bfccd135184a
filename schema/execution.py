"""What an execution of the schema needs beside the document."""

from graph.domain.access import LOCAL, Identity
from graph.domain.enums import Language
from schema.request import RequestContext, Uses


def context_for(
    uses: Uses, identity: Identity = LOCAL, language: Language = Language.ZH
) -> RequestContext:
    """The context of one operation; never used for a second one."""
    context = RequestContext(uses, identity)
    context.language = language
    return context
