"""`rules check` names mistakes before anything is started, and writes nothing."""

import json
from datetime import UTC, datetime
from pathlib import Path

import pytest

from graph.database import Database
from graph.domain.enums import Level
from graph.domain.money import Money
from graph.domain.spaces import EmbeddingSpace
from graph.errors import ConfigurationError
from ingest.escalation.preview import preview
from ingest.escalation.rulebook import default_rules, default_text, parse_rules
from scripts import rules
from scripts.rules import check, show
from tests.support.escalation import CALIBRATION, alike, filed, link_everything
from tests.support.graph import TINY, put, random_vectors, snapshot, with_vector


@pytest.fixture
def _no_graph(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Whoever opens the graph fails."""
    monkeypatch.setenv("COMPLAINT_GRAPH_HOME", str(tmp_path))
    monkeypatch.delattr(rules, "open_database")
    return


@pytest.mark.usefixtures("_no_graph")
def test_a_typo_is_told_before_the_graph_is_opened(tmp_path: Path) -> None:
    file = tmp_path / "own.toml"
    file.write_text(default_text().replace("customers = 5", "custmers = 5"), encoding="utf-8")
    with pytest.raises(ConfigurationError, match=r"'custmers'; did you mean 'customers'\?"):
        check(file)


@pytest.mark.usefixtures("_no_graph")
def test_the_rules_are_printed_as_a_file(capsys: pytest.CaptureFixture[str]) -> None:
    show()
    assert parse_rules(capsys.readouterr().out, "printed").rules == default_rules().rules


@pytest.mark.graph
async def test_a_file_is_tried_on_the_last_days_without_a_write(
    database: Database, tiny: EmbeddingSpace
) -> None:
    await database.run(
        "MATCH (s:EmbeddingSpace) SET s.calibration = $values", values=CALIBRATION.to_list()
    )
    vectors = [*alike(5, seed=1), *random_vectors(4, seed=2)]
    cases = [filed(n, days=12 - n, amount=Money(6_000_000, "CNY")) for n in range(9)]
    old = filed(20, days=200, narrative="我要起诉")
    await put(database, [with_vector(c, v) for c, v in zip(cases, vectors, strict=True)])
    await put(database, [with_vector(old, random_vectors(1, seed=3)[0])])
    await link_everything(database, TINY)
    before = await snapshot(database)
    text = default_text().replace("from = 50000\n", "from = 70000\n")
    other = parse_rules(text.replace("customers = 5", "customers = 6"), "own.toml")
    found = await preview(
        database, default_rules(), other, days=90, now=datetime(2026, 6, 1, tzinfo=UTC)
    )
    assert found.complaints == 9
    assert (found.fired_before["amount-large"], found.fired_after["amount-large"]) == (9, 0)
    assert (found.groups_before, found.groups_after) == (1, 0)
    assert found.levels[Level.YELLOW, Level.GREEN] == 4
    assert found.levels[Level.RED, Level.GREEN] == 5
    assert found.changed == 9
    assert {change.rules for change in found.examples} == {
        ("amount-large",),
        ("amount-large", "group-event"),
    }
    assert await snapshot(database) == before
    same = await preview(
        database, default_rules(), default_rules(), days=90, now=datetime(2026, 6, 1, tzinfo=UTC)
    )
    assert same.changed == 0
    json.dumps(rules._facts(default_rules(), other, found))
