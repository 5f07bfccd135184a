"""What the embedded engine takes of a machine's memory."""

from pathlib import Path

import psutil
import pytest

from api.settings import Settings
from graph.embedded import memory
from graph.embedded.memory import SHARES, Share, gigabytes, share


@pytest.mark.parametrize(
    ("machine", "expected"),
    [(2, Share(512, 128)), (8, Share(768, 512)), (24, Share(1024, 1024)), (503, SHARES[0][1])],
)
def test_a_larger_machine_gives_more(machine: float, expected: Share) -> None:
    assert share(machine) == expected
    # A machine of a round size tells a little less of itself.
    assert share(machine * 0.97) == expected


def test_the_engine_never_takes_more_than_a_third() -> None:
    for least, each in SHARES:
        assert (each.heap + each.page_cache) / 1024 <= max(least, 2) / 3 + 0.01


@pytest.mark.parametrize("told", [str(3 * 2**30), "max", "", None])
def test_a_container_has_what_it_may_use(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, told: str | None
) -> None:
    limit = tmp_path / "memory.max"
    if told is not None:
        limit.write_text(f"{told}\n")
    monkeypatch.setattr(memory, "_LIMITS", (limit,))
    whole = psutil.virtual_memory().total / 2**30
    assert gigabytes() == (min(3.0, whole) if told and told.isdigit() else whole)


def test_settings_say_it_or_leave_it_to_the_machine(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    usual = share(gigabytes())
    options = Settings.load(home=tmp_path).engine
    assert (options.heap_mb, options.page_cache_mb) == (usual.heap, usual.page_cache)
    monkeypatch.setenv("COMPLAINT_GRAPH_NEO4J__HEAP_MB", "300")
    options = Settings.load(home=tmp_path).engine
    assert (options.heap_mb, options.page_cache_mb) == (300, usual.page_cache)
