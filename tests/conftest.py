"""Fixtures for all tests: one real Neo4j for the session."""

import os
from collections.abc import Iterator

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


pytest_plugins = ["tests.support.graph"]
