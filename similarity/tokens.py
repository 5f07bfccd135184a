"""Sealed tokens that tell, when a precedent is rated, where and how it had been shown."""

import hmac
import json
from base64 import urlsafe_b64encode
from dataclasses import dataclass
from datetime import datetime, timedelta

from joserfc import jwe
from joserfc.errors import JoseError
from joserfc.jwk import OctKey

from graph.domain.moments import EARLIEST
from graph.errors import ConfigurationError, InvalidInputError

SHORTEST_SECRET = 16
LONGEST_TOKEN = 1_000
_MICROSECOND = timedelta(microseconds=1)
_HASH_BYTES = 16
_HEADER = {"alg": "dir", "enc": "A256GCM"}
#: No other algorithms, whatever a token says.
_TAKEN = [*_HEADER.values()]


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
    """Makes and reads tokens with the installation's secret (bytes, at least 16).

    A token is encrypted (JWE, A256GCM): it names a case that its reader may not know.

    Raises:
        ConfigurationError: the secret is too short.
    """

    def __init__(self, secret: bytes) -> None:
        if len(secret) < SHORTEST_SECRET:
            raise ConfigurationError(
                f"The key that signs precedents is too short: give {SHORTEST_SECRET} bytes or more."
            )
        self._key = hmac.digest(secret, b"precedent query", "sha256")
        self._seal = OctKey.import_key(hmac.digest(secret, b"precedent token", "sha256"))

    def digest(self, query: str) -> str:
        """A keyed hash of what was asked: a text or a complaint's id."""
        hashed = hmac.digest(self._key, query.encode("utf-8", "surrogatepass"), "sha256")
        return urlsafe_b64encode(hashed[:_HASH_BYTES]).decode().rstrip("=")

    def seal(self, shown: Shown) -> str:
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
        content = json.dumps(fields, separators=(",", ":")).encode()
        return jwe.encrypt_compact(_HEADER, content, self._seal)

    def read(self, token: str) -> Shown:
        """What a token of ours says.

        Raises:
            InvalidInputError: it was not made by this installation.
        """
        try:
            if len(token) > LONGEST_TOKEN:
                raise ValueError("too long")
            fields = json.loads(jwe.decrypt_compact(token, self._seal, _TAKEN).plaintext or b"")
        except (JoseError, ValueError) as error:
            raise InvalidInputError(
                "This is no token of a precedent: send the one that came with it, unchanged.",
                path=["token"],
            ) from error
        query, complaint, rank, space, weights, since, asked = fields
        at = EARLIEST + since * _MICROSECOND
        return Shown(query, complaint, rank, space, weights, at, asked)
