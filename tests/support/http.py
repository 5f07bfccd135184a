"""Asking the service over HTTP, without a socket."""

from typing import Any

import httpx2
from starlette.types import ASGIApp

from api.app import create_app
from tests.support.bank import Bank

HOST = "http://127.0.0.1:8000"


def client(app: ASGIApp) -> httpx2.AsyncClient:
    return httpx2.AsyncClient(transport=httpx2.ASGITransport(app=app), base_url=HOST)


def service(bank: Bank, **options: Any) -> httpx2.AsyncClient:
    """A client of the whole application over the bank."""
    return client(create_app(bank.services.settings, bank.services, **options))


async def post(asked: httpx2.AsyncClient, query: str, **variables: Any) -> httpx2.Response:
    return await asked.post("/graphql", json={"query": query, "variables": variables})


def code_of(answer: httpx2.Response) -> str:
    """The code of an answer's first error."""
    return str(answer.json()["errors"][0]["extensions"]["code"])
