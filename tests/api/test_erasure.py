"""What was erased is nowhere in the bytes of the store's files."""

import asyncio
from contextlib import suppress
from datetime import date
from pathlib import Path

import pytest

from api.services import open_services
from api.settings import Settings
from graph.consistency import check
from graph.domain.enums import IdentifierKind
from ingest.record import IncomingComplaint, IncomingCustomer
from tests.support.graphql import execute

pytestmark = pytest.mark.graph

#: Rare words: one for the index of words, one for that of pairs of characters.
SECRETS = ("zyxqvquartz", "鼙鼓蟾蜍齾")
NUMBER = "13900720418"
SEARCH = "query ($t: String!) { findCases(text: $t) { matchedBy complaints { reference } } }"


async def test_erased_words_are_in_no_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    # An engine of its own, whose files are looked through.
    for name in ("URI", "USER", "PASSWORD"):
        monkeypatch.delenv(f"COMPLAINT_GRAPH_NEO4J__{name}", raising=False)
    async with open_services(Settings.load(home=tmp_path)) as services:
        for number, secret in enumerate(SECRETS):
            await services.pipeline.register(
                IncomingComplaint(
                    "desk",
                    str(number),
                    date(2026, 1, 1 + number),
                    subject=f"{secret} 年费",
                    narrative=f"信用卡年费没有告知就扣款，{secret}，要求退还。" * 20,
                    customer=IncomingCustomer(identifiers=((IdentifierKind.MOBILE, NUMBER),)),
                ),
                actor="test",
            )
        assert (await execute(services, SEARCH, t=NUMBER)).data == {
            "findCases": {
                "matchedBy": "CUSTOMER_NUMBER",
                "complaints": [{"reference": "DESK-1"}, {"reference": "DESK-0"}],
            }
        }
        assert all(_found(tmp_path, secret) for secret in SECRETS)
        complaints = await services.people.of_text(NUMBER)
        correction = await services.corrections.correction("test", "asked for it", None)
        done = await services.people.erase(complaints, correction, scrubbed=True)
        assert done == len(SECRETS)
    await _await_end(tmp_path)
    left = {secret: _found(tmp_path, secret) for secret in SECRETS}
    assert left == {secret: [] for secret in SECRETS}
    async with open_services(Settings.load(home=tmp_path)) as services:
        report = await check(services.database)
        assert report.clean, report.examples


async def _await_end(home: Path) -> None:
    """Until the engine has ended, and pruned its log."""
    for _ in range(20):
        if not any(_found(home, secret) for secret in SECRETS):
            return
        await asyncio.sleep(3)


def _found(home: Path, secret: str) -> list[str]:
    """Files of the data folder with the secret, in any encoding in which the store writes."""
    forms = [secret.encode(), secret.encode("utf-16-le"), secret.encode("utf-16-be")]
    return [
        path.name
        for path in (home / "neo4j").rglob("*")
        if any(form in _content(path) for form in forms)
    ]


def _content(path: Path) -> bytes:
    """Nothing of a folder, and of a file that the running engine has just removed."""
    with suppress(FileNotFoundError, IsADirectoryError):
        return path.read_bytes()
    return b""
