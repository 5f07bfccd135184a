"""Documents that are known beforehand: which may run, and by what a client may name one.

A client names a document instead of sending it by its id in a manifest (``documentId``, as in the
appendix "Persisted Documents" of GraphQL over HTTP; ``doc_id``, as Relay has it) or by its sha256
(``extensions.persistedQuery``, Apollo's automatic persisted queries). What is kept here is parsed
and validated once; so are the latest documents that were sent as they are.
"""

import hashlib
import json
import re
from collections import OrderedDict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path
from typing import Any, Self

from graphql import DocumentNode, GraphQLError

from graph.errors import ConfigurationError
from schema.errors import refusal

#: Documents that are kept while the service runs, of those that clients have made known and of
#: others each: how many, of what length, and of what length together. What is parsed of one takes a
#: hundred times the room of its text.
_MOST = 1_000
_LONGEST = 20_000
_LONGEST_TOGETHER = 500_000
_APOLLO = "apollo-persisted-query-manifest"
_SHA256 = re.compile(r"[0-9a-f]{64}")
_PREFIX = "sha256:"


class DocumentMode(StrEnum):
    """What becomes of a document that is not in the manifest."""

    #: It runs.
    OPEN = "open"
    #: It runs, and the log tells its operation's name and its sha256.
    REPORTING = "reporting"
    #: It is refused.
    REQUIRED = "required"


@dataclass(frozen=True, slots=True)
class DocumentReference:
    """What a request says of its document: the text, or what it goes by, or text and hash."""

    query: str | None = None
    identity: str | None = None
    sha256: str | None = None

    @classmethod
    def of(cls, sent: Mapping[str, Any]) -> Self:
        """The reference in a request's parameters.

        Raises:
            GraphQLError: they name no document, or two, or not as it is done.
        """
        names = [sent.get(name) for name in ("documentId", "doc_id") if sent.get(name) is not None]
        sha256 = _persisted(sent.get("extensions"))
        query = sent.get("query")
        if len(names) > 1 or (names and (query or sha256)):
            raise _unclear("Name one document: by `query`, or by `documentId` (or `doc_id`).")
        if names and not isinstance(names[0], str):
            raise _unclear("`documentId` must be a string.")
        if not query and not names and not sha256:
            raise _unclear("Send a document as `query`, or name one by `documentId`.")
        return cls(query or None, names[0] if names else None, sha256)


@dataclass(slots=True)
class KnownDocument:
    """A text, and what parsing and validating it gave, once that was done."""

    text: str
    document: DocumentNode | None = None
    errors: list[GraphQLError] | None = None


class Latest:
    """The documents that were last used, by sha256, within bounds of number and length."""

    def __init__(self) -> None:
        self._kept: OrderedDict[str, KnownDocument] = OrderedDict()
        self.length = 0

    def __len__(self) -> int:
        return len(self._kept)

    def get(self, sha256: str) -> KnownDocument | None:
        return self._kept.get(sha256)

    def kept(self, sha256: str, text: str) -> KnownDocument | None:
        """The document, as the latest; None if it is too long to be kept."""
        if len(text) > _LONGEST:
            return None
        if sha256 not in self._kept:
            self._kept[sha256] = KnownDocument(text)
            self.length += len(text)
        self._kept.move_to_end(sha256)
        while len(self._kept) > _MOST or self.length > _LONGEST_TOGETHER:
            _, oldest = self._kept.popitem(last=False)
            self.length -= len(oldest.text)
        return self._kept[sha256]


@dataclass(frozen=True, slots=True)
class Documents:
    """The documents of one process.

    ``listed``: those of the manifest, by id. ``automatic``: those that clients have sent with
    their sha256, the latest ones; ``recent``: others that have run, which no hash names.
    """

    mode: DocumentMode = DocumentMode.OPEN
    listed: Mapping[str, KnownDocument] = field(default_factory=dict)
    automatic: Latest = field(default_factory=Latest)
    recent: Latest = field(default_factory=Latest)
    by_sha256: dict[str, KnownDocument] = field(init=False)

    def __post_init__(self) -> None:
        hashed = {_sha256(known.text): known for known in self.listed.values()}
        object.__setattr__(self, "by_sha256", hashed)

    @classmethod
    def load(cls, mode: str, manifest: Path | None) -> Self:
        """The documents of a manifest file.

        Its format is Apollo's ("apollo-persisted-query-manifest", version 1) or the plain one of
        graphql-codegen and Relay, ``{"id": "document"}``.

        Raises:
            ConfigurationError: it cannot be read, or holds something else.
        """
        texts = {} if manifest is None else _manifest(manifest)
        return cls(DocumentMode(mode), {name: KnownDocument(text) for name, text in texts.items()})

    def text(self, reference: DocumentReference) -> str:
        """The document that is to run.

        Raises:
            GraphQLError: there is none, or it may not run; ``extensions.code`` tells which.
        """
        if reference.identity is not None:
            return self._of_identity(reference.identity)
        query, sha256 = reference.query, reference.sha256
        if query is None:
            assert sha256 is not None
            return self._of_sha256(sha256)
        actual = _sha256(query)
        if sha256 is not None and sha256 != actual:
            raise _unclear("`sha256Hash` is not the sha256 of `query`: send what was hashed.")
        if actual in self.by_sha256:
            return query
        if self.mode is DocumentMode.REQUIRED:
            raise refusal(
                "Only documents of the service's manifest are run: add this one to the manifest, "
                "or send one that is in it.",
                "QUERY_NOT_IN_SAFELIST",
            )
        if sha256 is not None:
            self.automatic.kept(sha256, query)
        return query

    def known(self, text: str) -> KnownDocument | None:
        """The document with this text; from now on it is known, if it is not too long."""
        sha256 = _sha256(text)
        known = self.by_sha256.get(sha256) or self.automatic.get(sha256)
        return known or self.recent.kept(sha256, text)

    def reported(self, text: str) -> str | None:
        """The sha256 of a document that the log should tell of."""
        if self.mode is not DocumentMode.REPORTING:
            return None
        sha256 = _sha256(text)
        return None if sha256 in self.by_sha256 else sha256

    def _of_identity(self, identity: str) -> str:
        plain = identity.removeprefix(_PREFIX)
        for name in (identity, plain, f"{_PREFIX}{plain}"):
            if name in self.listed:
                return self.listed[name].text
        raise _not_listed()

    def _of_sha256(self, sha256: str) -> str:
        known = self.by_sha256.get(sha256)
        if known is None and self.mode is DocumentMode.REQUIRED:
            # To be sent the text would help nobody: it would not be run.
            raise _not_listed()
        known = known or self.automatic.get(sha256)
        if known is None:
            # Clients of automatic persisted queries know these very words, and send the text.
            raise refusal("PersistedQueryNotFound", "PERSISTED_QUERY_NOT_FOUND")
        return known.text


def _not_listed() -> GraphQLError:
    return refusal(
        "The service's manifest has no document of this id: deploy the manifest that your client "
        "was built with.",
        "PERSISTED_QUERY_NOT_IN_LIST",
    )


def _unclear(message: str) -> GraphQLError:
    return refusal(message, "BAD_REQUEST")


def _persisted(extensions: object) -> str | None:
    """The hash of Apollo's extension, if it is there."""
    persisted = extensions.get("persistedQuery") if isinstance(extensions, dict) else None
    if persisted is None:
        return None
    if not isinstance(persisted, dict) or persisted.get("version") != 1:
        raise _unclear("`extensions.persistedQuery` must be of version 1.")
    sha256 = persisted.get("sha256Hash")
    if not isinstance(sha256, str) or not _SHA256.fullmatch(sha256):
        raise _unclear("`extensions.persistedQuery.sha256Hash` must be 64 hex digits.")
    return sha256


def _sha256(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


def _manifest(path: Path) -> dict[str, str]:
    try:
        read = json.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise ConfigurationError(
            f"The manifest of documents {path} cannot be read: see COMPLAINT_GRAPH_DOCUMENTS__"
            "MANIFEST."
        ) from error
    except (ValueError, RecursionError) as error:
        raise ConfigurationError(
            f"The manifest of documents {path} is not JSON in UTF-8: write it anew."
        ) from error
    results: dict[str, str] = {}
    for name, text in _entries(read):
        if not isinstance(name, str) or not isinstance(text, str) or not name or not text.strip():
            raise _no_manifest(path)
        if results.setdefault(name, text) != text:
            raise ConfigurationError(
                f"The manifest of documents {path} has two documents of the id {name!r}."
            )
    if not results:
        raise _no_manifest(path)
    return results


def _entries(read: Any) -> Iterator[tuple[Any, Any]]:
    if isinstance(read, dict) and read.get("format") == _APOLLO and read.get("version") == 1:
        for each in read.get("operations") or ():
            yield (each.get("id"), each.get("body")) if isinstance(each, dict) else (None, None)
    elif isinstance(read, dict):
        yield from read.items()


def _no_manifest(path: Path) -> ConfigurationError:
    return ConfigurationError(
        f"{path} is no manifest of documents: it takes Apollo's format "
        f'({{"format": "{_APOLLO}", "version": 1, "operations": [{{"id", "body"}}]}}) or '
        '{"id": "document"}.'
    )
