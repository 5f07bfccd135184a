"""Ids and keyed hashes: what may leave the building never tells what it was made from.

HMAC-SHA-256 under the installation's key (RFC 2104), cut to 128 bits, in lower-case base32.
"""

import base64
import hmac
from dataclasses import dataclass, field

from graph.domain.enums import IdentifierKind
from graph.errors import ConfigurationError

_BYTES = 16
KEY_BYTES = 32


@dataclass(frozen=True, slots=True)
class Keyring:
    """The installation's secret key, and what is derived from it."""

    key: bytes = field(repr=False)

    def __post_init__(self) -> None:
        if len(self.key) < KEY_BYTES:
            raise ConfigurationError(
                f"The installation key has {len(self.key)} bytes; it needs at least {KEY_BYTES}."
            )

    def complaint_id(self, source_system: str, source_id: str) -> str:
        """The same for the same source row, so that every import gives the same graph."""
        return self._derive("complaint", source_system, source_id)

    def identifier(self, kind: IdentifierKind, normalised: str) -> str:
        """The keyed hash under which an identifier of a person is kept."""
        return self._derive("identifier", kind, normalised)

    def customer_id(self, identifier: str) -> str:
        """The customer id that an identifier's hash stands for (see ``customers``)."""
        return self._derive("customer", identifier)

    def content_hash(self, content: str) -> str:
        """A digest of a source row's meaning; keyed, because the row holds personal data."""
        return self._derive("content", content)

    def secret(self, purpose: str) -> bytes:
        """A key of its own for one purpose, such as signing tokens."""
        return hmac.digest(self.key, purpose.encode(), "sha256")

    def _derive(self, *parts: str) -> str:
        # A length before each part: ("a", "bc") and ("ab", "c") must differ.
        data = b"".join(
            len(raw).to_bytes(4, "big") + raw
            for raw in (part.encode("utf-8", "surrogatepass") for part in parts)
        )
        digest = hmac.digest(self.key, data, "sha256")
        return base64.b32encode(digest[:_BYTES]).decode().rstrip("=").lower()
