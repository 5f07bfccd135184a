"""A process that uses the engine: run as a program it obeys, imported it is told what to do."""

import json
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Self

from graph.embedded import EngineOptions, engine
from graph.embedded.process import program_environment

_RETRY_SECONDS = 120.0
_COUNT_UP = """
MERGE (n:Count {id: 0}) SET n.value = coalesce(n.value, 0) + 1 RETURN n.value AS value
"""


class User:
    """Another process that holds a lease and runs statements when asked."""

    def __init__(self, options: EngineOptions) -> None:
        self._process = subprocess.Popen(
            [sys.executable, "-m", "tests.graph.embedded.user", json.dumps(options.to_json())],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            cwd=Path(__file__).parents[3],
            env=program_environment(),
        )
        self.pid = self._process.pid

    def joined(self) -> str:
        """Wait until it uses the engine; returns the address."""
        return str(self._heard()["uri"])

    def run(self, statement: str, **parameters: Any) -> list[dict[str, Any]]:
        """Run a statement over there; its driver retries while the engine is away."""
        self.ask(statement, parameters)
        return self.answer()

    def count_up(self) -> int:
        """Add one to a number in the graph; returns it."""
        return int(self.run(_COUNT_UP)[0]["value"])

    def counted(self) -> int:
        """The number in the graph."""
        return int(self.run("MATCH (n:Count) RETURN n.value AS value")[0]["value"])

    def ask(self, statement: str, parameters: Mapping[str, Any]) -> None:
        assert self._process.stdin is not None
        self._process.stdin.write(json.dumps([statement, parameters]) + "\n")
        self._process.stdin.flush()

    def answer(self) -> list[dict[str, Any]]:
        rows: list[dict[str, Any]] = self._heard()["rows"]
        return rows

    def _heard(self) -> dict[str, Any]:
        assert self._process.stdout is not None
        line = self._process.stdout.readline()
        assert line, f"the user process ended with code {self._process.wait()}"
        heard: dict[str, Any] = json.loads(line)
        return heard

    def leave(self) -> None:
        """Let it go in peace."""
        self._process.communicate()
        assert self._process.returncode == 0

    def kill(self) -> None:
        self._process.kill()
        self._process.communicate()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        if self._process.poll() is None:
            self.kill()


def main() -> None:
    import neo4j
    import structlog

    structlog.configure(logger_factory=structlog.PrintLoggerFactory(sys.stderr))
    options = EngineOptions.from_json(json.loads(sys.argv[1]))
    with engine(options) as connection:
        _say({"uri": connection.uri})
        auth = (connection.user, connection.password)
        with neo4j.GraphDatabase.driver(
            connection.uri, auth=auth, max_transaction_retry_time=_RETRY_SECONDS
        ) as driver:
            for line in sys.stdin:
                statement, parameters = json.loads(line)
                records, _, _ = driver.execute_query(statement, parameters, database_="neo4j")
                _say({"rows": [record.data() for record in records]})


def _say(message: Mapping[str, Any]) -> None:
    sys.stdout.write(json.dumps(message) + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    main()
