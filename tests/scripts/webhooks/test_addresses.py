"""Nothing is sent anywhere but to the hosts that are allowed, at the addresses that are allowed."""

import socket
from typing import Any

import pytest

from api.settings import WebhookSettings
from api.webhooks.addresses import checked, destination
from graph.errors import ForbiddenError, InvalidInputError, UnavailableError

NAME = "hooks.bank.example"
URL = f"https://{NAME}/in?a=1"


def settings(**changes: Any) -> WebhookSettings:
    return WebhookSettings.model_validate({"hosts": [NAME], **changes})


def leads_to(monkeypatch: pytest.MonkeyPatch, *addresses: str) -> None:
    def known(_: str, port: int, **__: object) -> list[tuple[Any, ...]]:
        if not addresses:
            raise socket.gaierror("no such name")
        family = {True: socket.AF_INET6, False: socket.AF_INET}
        return [
            (family[":" in each], socket.SOCK_STREAM, 6, "", (each, port)) for each in addresses
        ]

    async def resolve(_: object, host: str, port: int, **more: object) -> list[tuple[Any, ...]]:
        return known(host, port, **more)

    monkeypatch.setattr("asyncio.base_events.BaseEventLoop.getaddrinfo", resolve)


@pytest.mark.parametrize(
    "url",
    [
        "",
        "hooks.bank.example/in",
        "ftp://hooks.bank.example/",
        "https:///in",
        "https://user:word@hooks.bank.example/",
        "https://hooks.bank.example/#part",
        "https://hooks.bank.example/" + "x" * 2_000,
        "https://[::1/",
        "javascript:alert(1)",
    ],
)
def test_what_is_no_address_is_refused(url: str) -> None:
    with pytest.raises(InvalidInputError):
        checked(url, settings())


@pytest.mark.parametrize(
    "url",
    [
        "https://hooks.bank.example.evil.example/",
        "https://evil.example/hooks.bank.example",
        "https://169.254.169.254/latest/meta-data",
        "https://2130706433/",
        "https://xhooks.bank.example/",
    ],
)
def test_other_hosts_are_refused(url: str) -> None:
    with pytest.raises(ForbiddenError):
        checked(url, settings())
    with pytest.raises(ForbiddenError):
        checked(URL, WebhookSettings())


def test_a_name_in_capitals_is_the_same() -> None:
    assert checked(URL.upper(), settings(hosts=["HOOKS.Bank.example"]))


@pytest.mark.parametrize(
    "addresses",
    [
        ["127.0.0.1"],
        ["10.1.2.3"],
        ["169.254.169.254"],
        ["0.0.0.0"],
        ["224.0.0.1"],
        ["::1"],
        ["fe80::1"],
        ["fd00::1"],
        ["::ffff:10.0.0.1"],
        ["93.184.216.34", "10.0.0.1"],
        ["192.168.1.1", "93.184.216.34"],
    ],
)
async def test_a_name_that_leads_inside_is_refused(
    monkeypatch: pytest.MonkeyPatch, addresses: list[str]
) -> None:
    leads_to(monkeypatch, *addresses)
    with pytest.raises(ForbiddenError, match="leads to"):
        await destination(URL, settings())


@pytest.mark.parametrize("address", ["93.184.216.34", "2606:2800:220:1:248:1893:25c8:1946"])
async def test_the_address_that_was_looked_at_is_asked(
    monkeypatch: pytest.MonkeyPatch, address: str
) -> None:
    leads_to(monkeypatch, address)
    goal = await destination(URL, settings())
    assert goal.url.host == address
    assert (goal.url.scheme, goal.url.raw_path) == ("https", b"/in?a=1")
    assert (goal.host, goal.authority) == (NAME, NAME)


async def test_networks_of_the_bank_are_those_that_are_named(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    inside = settings(networks=["10.20.0.0/16"])
    leads_to(monkeypatch, "10.20.3.4")
    assert (await destination(URL, inside)).url.host == "10.20.3.4"
    leads_to(monkeypatch, "::ffff:10.20.3.4")
    assert await destination(URL, inside)
    for elsewhere in ("10.21.0.1", "93.184.216.34", "127.0.0.1"):
        leads_to(monkeypatch, elsewhere)
        with pytest.raises(ForbiddenError):
            await destination(URL, inside)


async def test_only_this_machine_is_told_without_tls(monkeypatch: pytest.MonkeyPatch) -> None:
    plain = URL.replace("https", "http")
    leads_to(monkeypatch, "93.184.216.34")
    with pytest.raises(InvalidInputError, match="use https"):
        await destination(plain, settings())
    leads_to(monkeypatch, "127.0.0.1")
    assert await destination(plain, settings(networks=["127.0.0.0/8"]))


async def test_a_name_that_leads_nowhere(monkeypatch: pytest.MonkeyPatch) -> None:
    leads_to(monkeypatch)
    with pytest.raises(UnavailableError, match="leads nowhere"):
        await destination(URL, settings())
