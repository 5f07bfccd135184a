"""Signed tokens under which a customer may see how far his complaint has come."""

import hashlib

from itsdangerous import BadData, URLSafeSerializer

from graph.errors import InvalidInputError

_LONGEST = 300


class ProgressTokens:
    """Signs and reads complaints' ids with the installation's secret; nothing is stored."""

    def __init__(self, secret: bytes) -> None:
        self._serializer = URLSafeSerializer(
            secret, salt="progress", signer_kwargs={"digest_method": hashlib.sha256}
        )

    def sign(self, complaint: str) -> str:
        return str(self._serializer.dumps(complaint))

    def read(self, token: str) -> str:
        """The complaint's id.

        Raises:
            InvalidInputError: it was not signed by this installation.
        """
        try:
            if len(token) > _LONGEST:
                raise BadData("too long")
            return str(self._serializer.loads(token.encode("utf-8", "replace")))
        except BadData as error:
            raise InvalidInputError(
                "This is no token of a complaint's progress: use the whole one that was given.",
                path=["token"],
            ) from error
