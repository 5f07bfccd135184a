"""What the keeper of an engine tells everyone: a small file, replaced whole."""

import json
import os
from dataclasses import asdict, dataclass, replace
from typing import Literal

from graph.embedded.layout import Layout
from graph.embedded.process import ProcessId

Phase = Literal["starting", "ready", "stopping", "stopped", "failed"]


@dataclass(frozen=True)
class State:
    """One keeper's word on its engine."""

    #: of the keeper's run: tells an old failure from a new one
    run: str
    phase: Phase
    keeper: ProcessId | None = None
    java: ProcessId | None = None
    port: int | None = None
    error: str | None = None

    def is_live(self) -> bool:
        """Whether the engine answers, as far as its processes tell."""
        return (
            self.phase == "ready"
            and self.keeper is not None
            and self.java is not None
            and self.keeper.is_alive()
            and self.java.is_alive()
        )

    def changed(self, **changes: object) -> "State":
        return replace(self, **changes)  # type: ignore[arg-type]


def read_state(layout: Layout) -> State | None:
    """What was last said, by a keeper that may be gone."""
    try:
        text = layout.state.read_text("utf-8")
    except FileNotFoundError:
        return None
    values = json.loads(text)
    for name in ("keeper", "java"):
        values[name] = ProcessId(**values[name]) if values[name] else None
    return State(**values)


def write_state(layout: Layout, state: State) -> None:
    """Say it; a reader sees the old words or the new ones, never half of them."""
    part = layout.state.with_name(f"state.{os.getpid()}.part")
    part.write_text(json.dumps(asdict(state)), "utf-8")
    part.replace(layout.state)
