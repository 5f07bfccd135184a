"""Where an identity enters a request.

There is no sign-in yet, so the service listens on this machine only and everyone is ``local``.
Roles will be read here, from the connection, and reach resolvers in ``info.context.identity``.
"""

from starlette.requests import HTTPConnection

from schema.execution import LOCAL
from schema.request import Identity


def identify(connection: HTTPConnection) -> Identity:
    """Who asks."""
    return LOCAL
