"""What Maven's own ``settings.xml`` says about repositories: mirrors, profiles, credentials.

Of a bank's settings these count: ``mirrors`` by Maven's rules, the repositories of active
``profiles`` (one of them may be called ``central``), and user and password of ``servers``.
``${env.NAME}`` is replaced anywhere. See https://maven.apache.org/settings.html.
"""

import os
import re
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import unquote, urlsplit, urlunsplit
from xml.etree import ElementTree

from graph.errors import ConfigurationError

CENTRAL = "central"
_ENVIRONMENT = re.compile(r"\$\{env\.([^}]+)\}")
#: how Maven 3 and Maven 4 write a password that only they can read
_ENCRYPTED = re.compile(r"\{.+\}|\[.+\]")
_LOCAL = ("localhost", "127.0.0.1")


@dataclass(frozen=True)
class Repository:
    """An address without a slash at its end and without credentials, which stand beside it."""

    url: str
    credentials: tuple[str, str] | None = field(default=None, repr=False)

    @classmethod
    def at(cls, address: str, credentials: tuple[str, str] | None = None) -> "Repository":
        """The repository at an address that may hold a user and a password itself."""
        parts = urlsplit(address.strip().rstrip("/"))
        if parts.username is not None and credentials is None:
            credentials = (unquote(parts.username), unquote(parts.password or ""))
        return cls(urlunsplit(parts._replace(netloc=parts.netloc.rpartition("@")[2])), credentials)

    @property
    def host(self) -> str:
        return urlsplit(self.url).hostname or self.url


def repositories_of(settings: Path, central: str) -> list[Repository]:
    """The repositories in the order in which Maven asks them, the last one in ``central``'s place.

    Raises:
        ConfigurationError: the file cannot be used; the message says why and what to do.
    """
    if not settings.exists():
        return [Repository.at(central)]
    return _Settings(settings).repositories(central)


class _Settings:
    def __init__(self, path: Path) -> None:
        self._path = path
        try:
            self._root = ElementTree.parse(path).getroot()  # noqa: S314 (the user's own file)
        except ElementTree.ParseError as error:
            raise ConfigurationError(
                f"{path} is not well-formed XML ({error}): mend it."
            ) from error

    def repositories(self, central: str) -> list[Repository]:
        named = self._of_profiles()
        named[CENTRAL] = named.pop(CENTRAL, central)
        reached = (self._reached(name, url) for name, url in named.items())
        return [repository for repository in reached if repository is not None]

    def _of_profiles(self) -> dict[str, str]:
        """The repositories of active profiles by their names."""
        active = [_stripped(entry.text) for entry in self._all("activeProfiles/activeProfile")]
        profiles = [
            profile
            for profile in self._all("profiles/profile")
            if self._text(profile, "id") in active
            or self._text(profile, "activation/activeByDefault") == "true"
        ]
        return {
            self._text(entry, "id"): self._text(entry, "url")
            for profile in profiles
            for entry in self._all("repositories/repository", profile)
        }

    def _reached(self, name: str, url: str) -> Repository | None:
        """The mirror of a repository or, without one, itself; None when Maven blocks it."""
        mirrors = self._all("mirrors/mirror")
        # A mirror of exactly this one goes before those of many, whatever their order.
        for mirror in sorted(mirrors, key=lambda each: self._text(each, "mirrorOf") != name):
            if _covers(self._text(mirror, "mirrorOf"), name, url):
                if self._text(mirror, "blocked") == "true":
                    return None
                name, url = self._text(mirror, "id"), self._text(mirror, "url")
                break
        return Repository.at(url, self._credentials(name))

    def _credentials(self, name: str) -> tuple[str, str] | None:
        for server in self._all("servers/server"):
            if self._text(server, "id") == name and self._text(server, "username"):
                password = self._text(server, "password")
                if _ENCRYPTED.fullmatch(password):
                    raise ConfigurationError(
                        f"The password of the server {name} in {self._path} is encrypted, and only "
                        "Maven can read it: give it as ${env.NAME}, or name the mirror in "
                        "~/.config/jgo.conf."
                    )
                return self._text(server, "username"), password
        return None

    def _all(
        self, path: str, element: ElementTree.Element | None = None
    ) -> list[ElementTree.Element]:
        return (self._root if element is None else element).findall(_anywhere(path))

    def _text(self, element: ElementTree.Element, path: str) -> str:
        return _ENVIRONMENT.sub(self._variable, _stripped(element.findtext(_anywhere(path))))

    def _variable(self, match: re.Match[str]) -> str:
        name = match.group(1)
        if name not in os.environ:
            raise ConfigurationError(
                f"{self._path} names the environment variable {name}, which is not set: set it."
            )
        return os.environ[name]


def _anywhere(path: str) -> str:
    """A path whose elements may stand in any XML namespace or none."""
    return "/".join("{*}" + name for name in path.split("/"))


def _stripped(text: str | None) -> str:
    return (text or "").strip()


def _covers(pattern: str, name: str, url: str) -> bool:
    """Whether ``mirrorOf`` means a repository."""
    parts = {part.strip() for part in pattern.split(",")}
    if f"!{name}" in parts:
        return False
    address = urlsplit(url)
    meant = {name, "*"}
    if address.hostname not in _LOCAL and address.scheme != "file":
        meant |= {"external:*"} | ({"external:http:*"} if address.scheme == "http" else set())
    return not meant.isdisjoint(parts)
