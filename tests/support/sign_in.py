"""A bank's sign-in for tests: a server of keys whose tokens we sign, and an OpenID provider."""

import asyncio
import json
import sys
import threading
import time
from collections.abc import AsyncIterator, Iterator, Mapping
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass, field, replace
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import httpx
from joserfc import jwt
from joserfc.jwk import KeySet, RSAKey

from api.access.access import Access
from api.settings import Settings
from graph.embedded.process import free_port
from tests.support.bank import Bank

AUDIENCE = "complaint-graph"


def changed(bank: Bank, **sections: Any) -> Bank:
    """The bank with other settings, and who asks by them."""
    before = bank.services.settings
    settings = Settings.load(
        **{
            "home": before.home,
            "neo4j": before.neo4j.model_dump(),
            "privacy": before.privacy.model_dump(),
            **sections,
        }
    )
    access = Access.of(settings, bank.services.database, bank.services.keyring)
    return replace(bank, services=replace(bank.services, settings=settings, access=access))


@dataclass
class Issuer:
    """Answers as a provider does, from a socket; ``fetched`` counts how often its keys were."""

    url: str = ""
    keys: list[RSAKey] = field(default_factory=list)
    fetched: int = 0
    broken: bool = False

    def rotate(self) -> RSAKey:
        """Another key under another name; those before are gone."""
        key = RSAKey.generate_key(2048, {"kid": f"key-{len(self.keys)}-{time.monotonic_ns()}"})
        self.keys = [key]
        return key

    def claims(self, **changes: Any) -> dict[str, Any]:
        """What a valid token says; a None leaves a claim out."""
        now = int(time.time())
        claims = {
            "iss": self.url,
            "aud": AUDIENCE,
            "sub": "u-17",
            "name": "Lin Yue",
            "roles": ["handler"],
            "branches": ["BJ-01"],
            "iat": now,
            "exp": now + 300,
        }
        return {name: value for name, value in {**claims, **changes}.items() if value is not None}

    def token(self, header: Mapping[str, Any] | None = None, **changes: Any) -> str:
        """Signed by the newest key."""
        key = self.keys[-1]
        return jwt.encode(
            {"alg": "RS256", "kid": key.kid, **(header or {})}, self.claims(**changes), key
        )


@contextmanager
def issuer() -> Iterator[Issuer]:
    """An issuer with one key, until the end of the block."""
    made = Issuer()
    made.rotate()

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            if made.broken:
                self.send_error(503)
                return
            if self.path == "/.well-known/openid-configuration":
                answer: Any = {
                    "issuer": made.url,
                    "authorization_endpoint": f"{made.url}/authorize",
                    "token_endpoint": f"{made.url}/token",
                    "jwks_uri": f"{made.url}/jwks",
                }
            else:
                made.fetched += 1
                answer = KeySet(list(made.keys)).as_dict(private=False)
            body = json.dumps(answer).encode()
            self.send_response(200)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: Any) -> None:
            """Nothing on standard error."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        made.url = f"http://127.0.0.1:{server.server_address[1]}"
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        try:
            yield made
        finally:
            server.shutdown()
            thread.join()


@asynccontextmanager
async def provider(*users: Mapping[str, Any]) -> AsyncIterator[str]:
    """A whole OpenID provider in a process of its own, with these people; its address."""
    port = free_port(None)
    claims = [part for user in users for part in ("--user-claims", json.dumps(user))]
    command = (sys.executable, "-W", "ignore", "-m", "oidc_provider_mock")
    process = await asyncio.create_subprocess_exec(
        *command,
        *("--host", "127.0.0.1", "--port", str(port), *claims),
        stdout=asyncio.subprocess.DEVNULL,
        stderr=asyncio.subprocess.DEVNULL,
    )
    address = f"http://127.0.0.1:{port}"
    try:
        async with asyncio.timeout(60), httpx.AsyncClient() as asked:
            while True:
                try:
                    await asked.get(f"{address}/jwks")
                    break
                except httpx.TransportError:
                    assert process.returncode is None, "the provider has ended"
                    await asyncio.sleep(0.1)
        yield address
    finally:
        process.terminate()
        await process.wait()
