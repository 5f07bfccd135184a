"""The coded trees around a complaint: products, branches, departments, root causes."""

import hashlib
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from graph.domain.enums import BranchLevel, CatalogueKind
from graph.domain.vocabulary import Label

_NOT_WORD = re.compile(r"[\W_]+")
_SLUG_CHARACTERS = 40


@dataclass(frozen=True, slots=True)
class CatalogueEntry:
    """One node of a tree; ``wider`` is the code of the entry it is part of.

    ``wider_names``: (Chinese or none, own) names of wider entries, nearest first, where its own
    name stands for others too.
    """

    kind: CatalogueKind
    code: str
    name: str
    name_zh: str | None = None
    wider: str | None = None
    level: BranchLevel | None = None
    outlets: int | None = None
    customers: int | None = None
    wider_names: tuple[tuple[str | None, str], ...] = ()

    @property
    def label(self) -> Label:
        return tree_label(self.name, self.name_zh, self.wider_names)


def tree_label(name: str, name_zh: str | None, wider: Iterable[Sequence[str | None]] = ()) -> Label:
    """What an entry is called among all of its tree: "Alpha > CA" where there are several CA."""
    path = [*reversed([(zh or own or "", own or "") for zh, own in wider]), (name_zh or name, name)]
    return Label(" > ".join(zh for zh, _ in path), " > ".join(own for _, own in path))


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
