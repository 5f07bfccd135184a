"""The one tree of exceptions; every message is a sentence for a person and says what to do.

::

    ComplaintGraphError
    ├── ConfigurationError        a setting is wrong or two settings contradict each other
    ├── UnavailableError          a part that we need cannot be reached, started or used
    │   ├── EngineError           the embedded Neo4j cannot be installed, started or stopped
    │   ├── CapabilityError       the Neo4j server lacks something we need
    │   ├── ModelError            the encoder's model is missing or broken
    │   ├── BusyError             more is asked for at once than one process serves
    │   └── SlowConsumerError     a follower that did not keep up; says where to resume
    ├── InvalidInputError         what was sent cannot be taken; ``path`` names the part
    │   ├── UnknownCodeError      a product, branch, type ... that does not exist
    │   ├── CursorError           a cursor of another list, or none of ours
    │   ├── SourceError           a file or mapping that cannot be read at all
    │   └── TooLargeError         a file that is larger than is taken
    ├── NoTextError               there is no text to compare, so that nothing can be alike
    ├── NotYetError               what was asked for has not been computed yet
    ├── UnauthenticatedError      nobody is known to ask, or what was shown does not hold
    ├── ForbiddenError            who asks is known, and may not
    ├── ThrottledError            who asks has asked for too much; says when to come again
    ├── ConflictError             another content under the same key, or a stale version
    └── NotFoundError             nothing has this id

No HTTP codes here: ``schema.errors`` and ``scripts`` translate, once each.
"""

import traceback
from collections.abc import Mapping, Sequence
from typing import Any


class ComplaintGraphError(Exception):
    """Root of all errors that this project raises on purpose."""

    code = "INTERNAL"

    def __init__(self, message: str, *, path: Sequence[str] = ()) -> None:
        """``message``: one sentence for a person; ``path``: the part of the input it is about."""
        super().__init__(message)
        self.message = message
        self.path = tuple(path)
        #: What a program needs to go on, told beside the code.
        self.details: Mapping[str, int | str] = {}


class ConfigurationError(ComplaintGraphError):
    code = "CONFIGURATION"


class UnavailableError(ComplaintGraphError):
    code = "UNAVAILABLE"


class EngineError(UnavailableError):
    code = "ENGINE_UNAVAILABLE"


class CapabilityError(UnavailableError):
    code = "SERVER_LACKS_CAPABILITY"


class ModelError(UnavailableError):
    code = "MODEL_UNAVAILABLE"


class BusyError(UnavailableError):
    code = "BUSY"


class SlowConsumerError(UnavailableError):
    code = "SLOW_CONSUMER"

    def __init__(self, position: int) -> None:
        super().__init__(
            "Events came faster than you took them: subscribe again with `after` and this position."
        )
        self.details = {"position": str(position)}


class InvalidInputError(ComplaintGraphError):
    code = "INVALID_INPUT"


class UnknownCodeError(InvalidInputError):
    code = "UNKNOWN_CODE"


class CursorError(InvalidInputError):
    code = "INVALID_CURSOR"


class SourceError(InvalidInputError):
    code = "INVALID_SOURCE"


class TooLargeError(InvalidInputError):
    code = "TOO_LARGE"


class NoTextError(ComplaintGraphError):
    code = "NO_TEXT"


class NotYetError(ComplaintGraphError):
    code = "NOT_YET"


class UnauthenticatedError(ComplaintGraphError):
    code = "UNAUTHENTICATED"


class ForbiddenError(ComplaintGraphError):
    code = "FORBIDDEN"


class ThrottledError(ComplaintGraphError):
    code = "THROTTLED"

    def __init__(self, points: int, remaining: int, maximum: int, seconds: int) -> None:
        """``seconds``: until there are so many points again."""
        super().__init__(
            f"This costs {points:,} points, and {remaining:,} are left of {maximum:,} a minute: "
            f"ask again in {seconds:,} seconds, or for less."
        )
        self.remaining, self.maximum, self.seconds = remaining, maximum, seconds
        self.details = {"retryAfter": seconds}


class ConflictError(ComplaintGraphError):
    code = "CONFLICT"


class NotFoundError(ComplaintGraphError):
    code = "NOT_FOUND"


def described(error: BaseException) -> dict[str, Any]:
    """An exception for a log: its type and where it came from; its message may repeat input."""
    frames = traceback.extract_tb(error.__traceback__)
    return {
        "error": f"{type(error).__module__}.{type(error).__qualname__}",
        "where": [f"{frame.filename}:{frame.lineno} {frame.name}" for frame in frames[-8:]],
    }
