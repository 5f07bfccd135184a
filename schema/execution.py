"""What an execution of the schema needs beside the document."""

from schema.request import Identity, RequestContext, Uses

#: Whoever is at this machine: there is no sign-in yet.
LOCAL = Identity(actor="local")


def context_for(uses: Uses, identity: Identity = LOCAL) -> RequestContext:
    """The context of one operation; never used for a second one."""
    return RequestContext(uses, identity)
