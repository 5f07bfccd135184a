"""Somebody of the bank who has signed in."""

import httpx2

from api.app import create_app
from graph.domain.access import Identity, Method, Reach, Role
from tests.support.bank import Bank
from tests.support.http import client as http_client


async def signed_in(bank: Bank, role: Role, branch: str, actor: str) -> httpx2.AsyncClient:
    access = bank.services.access
    somebody = Identity(
        actor, actor.title(), frozenset({role}), Reach(branches=(branch,)), Method.SESSION
    )
    token, _ = await access.sessions.begin(somebody, access.clock())
    asked = http_client(create_app(bank.services.settings, bank.services))
    asked.cookies.set("complaint-graph-session", token)
    asked.headers["Accept-Language"] = "en"
    return asked
