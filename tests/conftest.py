"""Fixtures for all tests: one real Neo4j for the session."""

import os
from collections.abc import Iterator, Sequence
from itertools import groupby
from typing import Any

import pytest
from hypothesis import settings

from graph.embedded import Connection, EngineOptions, RepositoryError, engine

# Several processes of tests share the cores: torch would start a thread for each core in each.
if workers := int(os.environ.get("PYTEST_XDIST_WORKER_COUNT", "0")):
    os.environ.setdefault("OMP_NUM_THREADS", str(max(1, (os.cpu_count() or 1) // workers)))

# How long an example takes says nothing on a machine that does other things, too.
settings.register_profile("tests", deadline=None)
settings.load_profile("tests")


@pytest.fixture(scope="session")
def neo4j_engine(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Connection]:
    """A Neo4j that this test run may fill as it likes.

    An embedded one in a temporary folder, or the server that COMPLAINT_GRAPH_NEO4J__URI names.
    """
    uri = os.environ.get("COMPLAINT_GRAPH_NEO4J__URI")
    if uri:
        user = os.environ.get("COMPLAINT_GRAPH_NEO4J__USER", "neo4j")
        yield Connection(uri, user, os.environ.get("COMPLAINT_GRAPH_NEO4J__PASSWORD", ""))
        return
    options = EngineOptions(home=tmp_path_factory.mktemp("home"))
    try:
        with engine(options) as connection:
            yield connection
    except RepositoryError as error:
        pytest.skip(str(error))


def pytest_collection_modifyitems(items: Sequence[pytest.Item]) -> None:
    """Refuse a collection in which one test would empty the graph that another still needs.

    The graph of a fixture of package scope lives until the last test of its package. So a package
    that has one holds no test that empties the engine, by a fixture or by ``wipe``, and its tests
    stand in one row: which process runs which file is decided by the clock, and a fault there
    fails only now and then.
    """
    homes: dict[str, str] = {}
    emptying: list[tuple[str, str]] = []
    of_package: list[str] = []
    for item in items:
        package = item.nodeid.split("::")[0].rpartition("/")[0]
        of_package.append(package)
        if hasattr(getattr(item, "module", None), "wipe"):
            emptying.append((package, item.nodeid.split("::")[0]))
        for definition in _definitions(item):
            if "session_database" not in definition.argnames:
                continue
            if definition.scope == "package":
                homes[definition.baseid] = definition.argname
            else:
                emptying.append((package, item.nodeid.split("::")[0]))
    if faults := sorted({what for package, what in emptying if package in homes}):
        raise pytest.UsageError(
            "These empty the graph that their package shares; give them a package of their own: "
            + ", ".join(faults)
        )
    rows = [package for package, _ in groupby(of_package)]
    if parted := sorted({package for package in homes if rows.count(package) > 1}):
        raise pytest.UsageError(f"Other tests stand between those of {', '.join(parted)}.")


def _definitions(item: pytest.Item) -> Iterator[Any]:
    """The fixtures that a test uses, each as it applies to this test."""
    fixtures = getattr(item, "_fixtureinfo", None)
    for definitions in fixtures.name2fixturedefs.values() if fixtures else ():
        yield definitions[-1]


pytest_plugins = ["tests.support.graph"]
