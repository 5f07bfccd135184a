"""Rephrasing by an endpoint: a small real HTTP server, behind the same validator."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from graph.domain.answers import AnswerFacts, AnswerTerms
from graph.domain.desk import Proposal
from graph.domain.enums import Language, OutcomeKind, RemedyKind, Rephrasing
from graph.domain.money import Money
from graph.domain.vocabulary import Vocabulary
from ingest.drafting import Drafter, Rephraser, RephrasingOptions, load_templates

FACTS = AnswerFacts(
    reference="R-1",
    received=date(2026, 3, 2),
    today=date(2026, 3, 14),
    proposal=Proposal(OutcomeKind.UPHELD, RemedyKind.MONETARY, Money(30_000, "CNY")),
    terms=AnswerTerms(),
)
SOUND = (
    "Thank you for writing on 2 March 2026. You were right: the fee was never explained to you. We "
    "uphold your complaint and will pay you CNY 300. If you disagree, ask us for a review, and we "
    "will tell you the result within 30 days."
)


@contextmanager
def endpoint(status: int, content: Any) -> Iterator[tuple[str, list[dict[str, Any]]]]:
    """The address of a server that gives one completion, and what it was asked."""
    asked: list[dict[str, Any]] = []

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["content-length"]))
            asked.append(
                {"path": self.path, "key": self.headers["authorization"]} | json.loads(body)
            )
            answer = json.dumps({"choices": [{"message": {"content": content}}]}).encode()
            self.send_response(status)
            self.send_header("content-length", str(len(answer)))
            self.end_headers()
            self.wfile.write(answer)

        def log_message(self, *arguments: object) -> None:
            """Nothing is written."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = Thread(target=server.serve_forever)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_address[1]}/v1", asked
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def drafter(url: str) -> Drafter:
    options = RephrasingOptions(url, "small", key="secret", seconds=10)
    templates = load_templates(None, Vocabulary())
    return Drafter(templates, FACTS.terms, ZoneInfo("Asia/Shanghai"), Rephraser(options))


async def test_a_draft_is_rephrased() -> None:
    with endpoint(200, SOUND) as (url, asked):
        draft = await drafter(url).draft(FACTS, Language.EN)
    assert (draft.rephrasing, draft.text) == (Rephrasing.DONE, SOUND)
    assert draft.sentences
    (request,) = asked
    assert (request["path"], request["key"]) == ("/v1/chat/completions", "Bearer secret")
    assert request["model"] == "small"
    assert "CNY 300" in request["messages"][1]["content"]


@pytest.mark.parametrize(
    "wrong", [SOUND.replace("CNY 300", "CNY 350"), SOUND + " We guarantee it.", "All is well."]
)
async def test_what_the_validator_refuses_is_told_and_not_used(wrong: str) -> None:
    plain = load_templates(None, Vocabulary()).draft(FACTS, Language.EN)
    with endpoint(200, wrong) as (url, _):
        draft = await drafter(url).draft(FACTS, Language.EN)
    assert (draft.rephrasing, draft.text) == (Rephrasing.REFUSED, plain.text)


@pytest.mark.parametrize(("status", "content"), [(500, "x"), (200, None), (200, " ")])
async def test_an_endpoint_that_fails_leaves_the_template(status: int, content: Any) -> None:
    with endpoint(status, content) as (url, _):
        draft = await drafter(url).draft(FACTS, Language.EN)
    assert draft.rephrasing is Rephrasing.FAILED
    assert "CNY 300" in draft.text


async def test_an_endpoint_that_is_not_there_leaves_the_template() -> None:
    with endpoint(200, SOUND) as (url, _):
        pass
    draft = await drafter(url).draft(FACTS, Language.EN)
    assert draft.rephrasing is Rephrasing.FAILED
