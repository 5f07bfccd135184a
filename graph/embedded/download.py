"""One jar from the first Maven repository that gives the right one."""

import os
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from graph.embedded.jars import Jar, sha256_of
from graph.embedded.maven import Repository
from graph.errors import EngineError

if TYPE_CHECKING:
    import requests

#: jars that are downloaded at once
THREADS = 8
_ATTEMPTS = 5
_REQUEST_SECONDS = 20
_CHUNK_BYTES = 1 << 16
#: answers that another attempt may better
_PASSING = (408, 425, 429)


class RepositoryError(EngineError):
    """No Maven repository gives what is needed: most often there is no network."""


class Downloads:
    """Downloads into a folder; threads may share it."""

    def __init__(self, folder: Path, remotes: tuple[Repository, ...]) -> None:
        import requests

        self._folder = folder
        self._remotes = remotes
        self._session = requests.Session()
        adapter = requests.adapters.HTTPAdapter(pool_maxsize=THREADS)
        for scheme in ("https://", "http://"):
            self._session.mount(scheme, adapter)

    def fetch(self, jar: Jar) -> Path:
        """The path of the jar, whose content is that of the lock.

        Raises:
            EngineError: what the repositories give is another jar.
            RepositoryError: none of them gives any.
            OSError: the folder cannot be written.
        """
        import requests

        reasons: dict[str, str] = {}
        differs = False
        for remote in self._remotes:
            try:
                path = self._patiently(remote, jar)
            except requests.RequestException as error:
                reasons[remote.host] = _reason(error)
                continue
            if sha256_of(path) == jar.sha256:
                return path
            differs = True
        if differs:
            raise EngineError(
                f"The jar {jar.coordinates} is not the one that this release was made with "
                "(its sha256 differs): look whether the Maven repository you use alters files."
            )
        raise _unavailable(jar, reasons)

    def _patiently(self, remote: Repository, jar: Jar) -> Path:
        from tenacity import Retrying, retry_if_exception, stop_after_attempt
        from tenacity import wait_random_exponential as wait

        retrying = Retrying(
            retry=retry_if_exception(_may_pass),
            stop=stop_after_attempt(_ATTEMPTS),
            wait=wait(multiplier=0.5, max=8),
            reraise=True,
        )
        return retrying(self._download, remote, jar)

    def _download(self, remote: Repository, jar: Jar) -> Path:
        path = self._folder / jar.name
        with self._session.get(
            f"{remote.url}/{jar.path}",
            auth=remote.credentials,
            stream=True,
            timeout=_REQUEST_SECONDS,
        ) as response:
            response.raise_for_status()
            with path.open("wb") as file:
                for chunk in response.iter_content(_CHUNK_BYTES):
                    file.write(chunk)
                file.flush()
                # a name that survives a power cut must not outlive its content
                os.fsync(file.fileno())
        return path


def _may_pass(error: BaseException) -> bool:
    """Whether another attempt may do better: the network or the repository was at fault."""
    import requests

    if not isinstance(error, requests.RequestException):
        return False
    if error.response is not None:
        return error.response.status_code >= 500 or error.response.status_code in _PASSING
    hopeless = (requests.exceptions.SSLError, ValueError)  # the latter: no address at all
    return not isinstance(error, hopeless)


def _reason(error: "requests.RequestException") -> str:
    import requests

    if isinstance(error, requests.exceptions.SSLError):
        return "no TLS that this machine trusts; REQUESTS_CA_BUNDLE names the bank's certificates"
    if isinstance(error, ValueError):
        return "no address of a repository"
    if error.response is None:
        return "no answer"
    return f"answers {error.response.status_code} {error.response.reason}".rstrip()


def _unavailable(jar: Jar, reasons: Mapping[str, str]) -> RepositoryError:
    hosts = ", ".join(f"{host} ({reason})" for host, reason in reasons.items())
    return RepositoryError(
        f"Neo4j cannot be installed, as {jar.coordinates} is not to be had from {hosts}: connect "
        "to the network, name a mirror and its user (in ~/.m2/settings.xml, or as central = "
        "address in the section [repositories] of ~/.config/jgo.conf), or set "
        "COMPLAINT_GRAPH_NEO4J__URI to a Neo4j server of your own."
    )
