"""The coded trees around a complaint: products, branches, departments, root causes."""

import hashlib
import re
from dataclasses import dataclass

from graph.domain.enums import BranchLevel, CatalogueKind

_NOT_WORD = re.compile(r"[\W_]+")
_SLUG_CHARACTERS = 40


@dataclass(frozen=True, slots=True)
class CatalogueEntry:
    """One node of a tree; ``wider`` is the code of the entry it is part of."""

    kind: CatalogueKind
    code: str
    name: str
    name_zh: str | None = None
    wider: str | None = None
    level: BranchLevel | None = None
    outlets: int | None = None
    customers: int | None = None


def code_for(*path: str) -> str:
    """A readable code of a name: a slug of its last part and 6 hex digits of the whole path.

    ``path`` runs from the widest name to the entry's own, so that a name that occurs under two
    parents gets two codes.
    """
    slug = _NOT_WORD.sub("-", path[-1].casefold()).strip("-")[:_SLUG_CHARACTERS].strip("-")
    digest = hashlib.sha256("\x1f".join(path).encode("utf-8", "surrogatepass")).hexdigest()[:6]
    return f"{slug}-{digest}" if slug else digest


def chain(
    kind: CatalogueKind, *names: str, levels: tuple[BranchLevel, ...] = ()
) -> tuple[CatalogueEntry, ...]:
    """Entries for names from the widest to the narrowest, each part of the one before."""
    codes = [code_for(*names[: depth + 1]) for depth in range(len(names))]
    return tuple(
        CatalogueEntry(
            kind,
            codes[depth],
            name,
            wider=codes[depth - 1] if depth else None,
            level=levels[depth] if levels else None,
        )
        for depth, name in enumerate(names)
    )
