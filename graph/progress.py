"""How long work tells of its progress, whoever shows it."""

from collections.abc import Callable
from typing import TypeAlias

#: ``(task, done, total)``: a short name for people, units done so far, all units or None.
Progress: TypeAlias = Callable[[str, int, int | None], None]


def silent(task: str, done: int, total: int | None) -> None:
    """Show nothing."""
