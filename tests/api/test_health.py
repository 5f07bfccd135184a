"""Whether the service lives, and which part is not ready."""

from dataclasses import replace
from types import SimpleNamespace
from typing import Any

import neo4j
import pytest

from api import observing
from api.health import readiness
from api.observing import Observer
from graph.database import Database
from graph.errors import UnavailableError
from similarity.encoding import AsyncEncoder
from tests.support.bank import Bank
from tests.support.http import service

pytestmark = pytest.mark.graph


async def test_a_service_with_all_its_parts_is_ready(bank: Bank) -> None:
    async with service(bank) as asked:
        live, ready = await asked.get("/health/live"), await asked.get("/health/ready")
    assert live.json() == {"alive": True}
    assert ready.status_code == 200
    states = ready.json()
    assert states.pop("waiting").keys() == {"link", "escalate"}
    assert states == {
        "ready": True,
        "graph": "ready",
        "indexes": "ready",
        "encoder": "ready",
    }


async def test_a_model_that_is_not_loaded_is_named(bank: Bank) -> None:
    encoder = AsyncEncoder(bank.services.settings.encoder_options())
    loading = replace(bank, services=replace(bank.services, encoder=encoder))
    async with service(loading) as asked:
        ready = await asked.get("/health/ready")
    assert ready.status_code == 503
    assert ready.json()["ready"] is False
    assert "model" in ready.json()["encoder"]
    assert ready.json()["graph"] == "ready"


async def test_an_index_that_is_missing_is_named(bank: Bank) -> None:
    book: Any = SimpleNamespace(active=SimpleNamespace(space=SimpleNamespace(index="no_index")))
    parts = await readiness(replace(bank.services, book=book))
    assert parts["indexes"] == "Not online: no_index."


async def test_a_graph_that_does_not_answer_is_named(bank: Bank) -> None:
    driver = neo4j.AsyncGraphDatabase.driver("bolt://127.0.0.1:1", max_transaction_retry_time=0)
    async with driver:
        away = Database(driver, "neo4j", 1.0)
        parts = await readiness(replace(bank.services, database=away))
    assert "does not answer" in (parts["graph"] or "")
    assert parts["encoder"] is None


async def test_figures_that_cannot_be_read_leave_the_last_and_end_nothing(
    bank: Bank, monkeypatch: pytest.MonkeyPatch
) -> None:
    observer = Observer(bank.services)
    await observer.observe()
    before = observer.observed
    assert before.figures.complaints > 0
    assert before.parts == {"graph": True, "indexes": True, "encoder": True}

    async def away(_: object) -> None:
        raise UnavailableError("Neo4j does not answer.")

    monkeypatch.setattr(observing, "figures", away)
    await observer.observe()
    assert observer.observed.figures == before.figures
    assert observer.observed.parts["graph"] is False


async def test_the_application_starts_and_stops_with_given_services(bank: Bank) -> None:
    from api.app import create_app

    app = create_app(bank.services.settings, bank.services)
    async with app.router.lifespan_context(app):
        pass
    # They were given, so they stay open.
    assert bank.services.encoder.is_ready
