"""Where messages may be sent: named hosts alone, at addresses that are looked at before each one.

A name may lead elsewhere tomorrow than when it was allowed. So it is resolved here, its address is
held against what may be, and the connection goes to that address.
"""

import asyncio
import socket
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv6Address, ip_address

import httpx

from api.settings import WebhookSettings
from graph.errors import ForbiddenError, InvalidInputError, UnavailableError

_LONGEST = 2_000


@dataclass(frozen=True, slots=True)
class Destination:
    """``url`` with the address in place of the name; ``host``: the name, as TLS and the receiver
    are to know it.
    """

    url: httpx.URL
    host: str
    authority: str


def checked(url: str, settings: WebhookSettings) -> httpx.URL:
    """The address of a receiver, if messages may be sent there.

    Raises:
        InvalidInputError: it is none, or not by https.
        ForbiddenError: its host is not among those that are allowed.
    """
    try:
        parsed = httpx.URL(url)
    except (httpx.InvalidURL, ValueError) as error:
        raise InvalidInputError(f"This is no address: {error}.", path=["url"]) from error
    if len(url) > _LONGEST or parsed.scheme not in {"http", "https"} or not parsed.host:
        raise InvalidInputError("Write it as https://host/path.", path=["url"])
    if parsed.userinfo or parsed.fragment:
        raise InvalidInputError(
            "It has a password or a fragment, which have no place in it.", path=["url"]
        )
    if parsed.host.lower() not in {host.lower() for host in settings.hosts}:
        raise ForbiddenError(
            f"{parsed.host} is not among COMPLAINT_GRAPH_WEBHOOKS__HOSTS: add it there first.",
            path=["url"],
        )
    return parsed


async def destination(url: str, settings: WebhookSettings) -> Destination:
    """Where a message goes now.

    Raises:
        InvalidInputError, ForbiddenError: as ``checked``, and: it leads to an address that is not
            allowed, or by http to another machine.
        UnavailableError: the name leads nowhere.
    """
    parsed = checked(url, settings)
    port = parsed.port or (443 if parsed.scheme == "https" else 80)
    loop = asyncio.get_running_loop()
    try:
        known = await loop.getaddrinfo(parsed.host, port, type=socket.SOCK_STREAM)
    except OSError as error:
        raise UnavailableError(f"The name {parsed.host} leads nowhere.") from error
    addresses = [ip_address(str(each[4][0]).partition("%")[0]) for each in known]
    for each in addresses:
        # All of them: which one is taken must not be left to whoever answers for the name.
        if not _is_allowed(each, settings):
            raise ForbiddenError(f"The name {parsed.host} leads to {each}, which is not allowed.")
    address = addresses[0]
    if parsed.scheme == "http" and not address.is_loopback:
        raise InvalidInputError("Only this machine is told by http: use https.", path=["url"])
    return Destination(
        parsed.copy_with(host=str(address)), parsed.host, parsed.netloc.decode("ascii")
    )


def _is_allowed(address: IPv4Address | IPv6Address, settings: WebhookSettings) -> bool:
    plain = getattr(address, "ipv4_mapped", None) or address
    if settings.networks:
        return any(plain in network for network in settings.networks)
    return plain.is_global and not plain.is_multicast
