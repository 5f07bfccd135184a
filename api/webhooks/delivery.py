"""Telling receivers what happens: at least once each, in order, whichever process does it.

The record of what happens is the outbox: it has no gaps, and a webhook is a position in it. A
message that is not taken holds up those behind it, for this receiver alone.
"""

import asyncio
import ssl
from datetime import UTC, datetime
from functools import partial

import httpx
import structlog

from api.settings import WebhookSettings
from api.webhooks.addresses import destination
from api.webhooks.messages import Message, headers_of, message_of, secret_of, topic_of
from graph.commands.webhooks import failed, taken
from graph.database import Database
from graph.domain.identity import Keyring
from graph.domain.webhooks import Webhook
from graph.errors import ComplaintGraphError
from graph.queries.stream import next_streamed
from graph.queries.webhooks import webhooks

log = structlog.get_logger(__name__)
#: How often is looked for what has happened, in seconds.
POLL_SECONDS = 1.0
_PAGE = 200
#: Of an answer's body nothing is used; so much is read, that the connection may be used again.
_BODY = 65_536
_GONE = 410


class Deliverer:
    """Tells every webhook what it has not taken yet, until cancelled."""

    def __init__(self, database: Database, keyring: Keyring, settings: WebhookSettings) -> None:
        self._database = database
        self._keyring = keyring
        self._settings = settings
        self._running: dict[str, asyncio.Task[None]] = {}

    async def run(self) -> None:
        # No proxy of the environment and no redirect: both lead elsewhere than was looked at.
        async with (
            httpx.AsyncClient(
                timeout=self._settings.seconds, verify=self._context(), trust_env=False
            ) as client,
            asyncio.TaskGroup() as tasks,
        ):
            while True:
                # One that ends while this is read is not what was read any more.
                busy, now = frozenset(self._running), datetime.now(UTC)
                for webhook in await webhooks(self._database.read):
                    due = webhook.next_at is None or webhook.next_at <= now
                    if due and not webhook.paused and webhook.id not in busy:
                        task = tasks.create_task(self._tell(client, webhook))
                        self._running[webhook.id] = task
                        task.add_done_callback(partial(self._forget, webhook.id))
                await asyncio.sleep(POLL_SECONDS)

    def _forget(self, identity: str, _: asyncio.Task[None]) -> None:
        self._running.pop(identity, None)

    def _context(self) -> ssl.SSLContext:
        return ssl.create_default_context(cafile=self._settings.ca_file)

    async def _tell(self, client: httpx.AsyncClient, webhook: Webhook) -> None:
        """Until it has taken all, or one is not taken."""
        try:
            await self._catch_up(client, webhook)
        except ComplaintGraphError as error:
            log.warning("a webhook cannot be told", webhook=webhook.id, code=error.code)

    async def _catch_up(self, client: httpx.AsyncClient, webhook: Webhook) -> None:
        position, failures = webhook.position, webhook.failures
        has_taken = partial(taken, self._database, webhook.id, webhook.epoch)
        while True:
            stretch = await next_streamed(self._database, position, limit=_PAGE)
            for streamed in stretch.streamed:
                if not webhook.wants(topic_of(streamed)):
                    continue
                error = await self._sent(client, webhook, message_of(webhook, streamed))
                if error is not None:
                    await self._note(webhook, failures + 1, error)
                    return
                failures = 0
                if not await has_taken(streamed.position):
                    return
            # Past what it does not want, and what was removed.
            if stretch.reached == position or not await has_taken(stretch.reached):
                return
            position = stretch.reached

    async def _sent(
        self, client: httpx.AsyncClient, webhook: Webhook, message: Message
    ) -> str | None:
        """None once it was taken, else why not."""
        now = datetime.now(UTC)
        secrets = [secret_of(self._keyring, webhook, number) for number in webhook.keys(now)]
        try:
            goal = await destination(webhook.url, self._settings)
            async with (
                asyncio.timeout(self._settings.seconds),
                client.stream(
                    "POST",
                    goal.url,
                    content=message.body,
                    headers={"Host": goal.authority, **headers_of(message, secrets, now)},
                    extensions={"sni_hostname": goal.host},
                ) as answer,
            ):
                if not answer.is_success:
                    return f"HTTP {answer.status_code}"
                read = 0
                async for chunk in answer.aiter_raw():
                    read += len(chunk)
                    if read > _BODY:
                        break
                return None
        except TimeoutError:
            return f"no answer within {self._settings.seconds:g} seconds"
        except ComplaintGraphError as error:
            return error.message
        except httpx.HTTPError as error:
            return type(error).__name__

    async def _note(self, webhook: Webhook, failures: int, error: str) -> None:
        gone = error == f"HTTP {_GONE}"
        await failed(
            self._database,
            webhook.id,
            webhook.epoch,
            failures=failures,
            error=error,
            gone=gone,
            now=datetime.now(UTC),
        )
        log.warning(
            "a webhook has not taken a message",
            webhook=webhook.id,
            failures=failures,
            error=error,
            paused=gone,
        )
