"""Signed tokens that tell, when a precedent is rated, where and how it had been shown."""

import hashlib
import hmac
from base64 import urlsafe_b64encode
from dataclasses import dataclass
from datetime import datetime, timedelta

from itsdangerous import BadData, URLSafeSerializer

from graph.domain.moments import EARLIEST
from graph.errors import ConfigurationError, InvalidInputError

SHORTEST_SECRET = 16
LONGEST_TOKEN = 1_000
_MICROSECOND = timedelta(microseconds=1)
_HASH_BYTES = 16


@dataclass(frozen=True, slots=True)
class Shown:
    """A precedent at a place of a list.

    ``query``: the digest of what was asked (``PrecedentTokens.digest``); ``rank`` starts at 1;
    ``space`` and ``weights`` name what it was ranked by; ``at`` is aware; ``asked``: the complaint
    that it was shown for, None for a text.
    """

    query: str
    complaint: str
    rank: int
    space: str
    weights: str
    at: datetime
    asked: str | None = None

    @property
    def list(self) -> str:
        """The list that it stood in: the same for all that were shown together."""
        return f"{self.query}.{(self.at - EARLIEST) // _MICROSECOND}"


class PrecedentTokens:
    """Signs and reads tokens with the installation's secret (bytes, at least 16).

    A token is signed, not encrypted: it holds ids, codes and a keyed hash, no text of a person.

    Raises:
        ConfigurationError: the secret is too short.
    """

    def __init__(self, secret: bytes) -> None:
        if len(secret) < SHORTEST_SECRET:
            raise ConfigurationError(
                f"The key that signs precedents is too short: give {SHORTEST_SECRET} bytes or more."
            )
        self._key = hmac.digest(secret, b"precedent query", "sha256")
        self._serializer = URLSafeSerializer(
            secret, salt="precedent", signer_kwargs={"digest_method": hashlib.sha256}
        )

    def digest(self, query: str) -> str:
        """A keyed hash of what was asked: a text or a complaint's id."""
        hashed = hmac.digest(self._key, query.encode("utf-8", "surrogatepass"), "sha256")
        return urlsafe_b64encode(hashed[:_HASH_BYTES]).decode().rstrip("=")

    def sign(self, shown: Shown) -> str:
        since = (shown.at - EARLIEST) // _MICROSECOND
        fields = [
            shown.query,
            shown.complaint,
            shown.rank,
            shown.space,
            shown.weights,
            since,
            shown.asked,
        ]
        return str(self._serializer.dumps(fields))

    def read(self, token: str) -> Shown:
        """What a token of ours says.

        Raises:
            InvalidInputError: it was not signed by this installation.
        """
        try:
            if len(token) > LONGEST_TOKEN:
                raise BadData("too long")
            fields = self._serializer.loads(token.encode("utf-8", "replace"))
        except BadData as error:
            raise InvalidInputError(
                "This is no token of a precedent: send the one that came with it, unchanged.",
                path=["token"],
            ) from error
        query, complaint, rank, space, weights, since, asked = fields
        at = EARLIEST + since * _MICROSECOND
        return Shown(query, complaint, rank, space, weights, at, asked)
