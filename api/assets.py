"""The files that pages load: ours, and browser libraries, which `make setup` fetches.

A closed list: what is not named here is not served. ``url`` gives an address with a hash of the
content, which browsers may keep for good.
"""

import gzip
import json
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from hashlib import sha256
from importlib.resources import files
from importlib.resources.abc import Traversable

from fastapi import APIRouter
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

from api.page_headers import HEADERS
from api.replies import weighted
from graph.errors import NotFoundError

#: The libraries: the name that is served, and the file among npm's packages.
LIBRARIES: Mapping[str, str] = json.loads(
    files("api").joinpath("web", "package.json").read_text("utf-8")
)["served"]
#: The texts of the libraries' licences, in one file.
LICENCES = "licences.txt"
FETCHED = frozenset({*LIBRARIES, LICENCES})
#: Served as one file: these of the folder of its name, in this order; what is on paper goes last.
PARTS: Mapping[str, Sequence[str]] = {
    "console.css": (
        *("base", "desk", "case", "insight", "drill", "progress", "entrance", "notices", "print"),
    )
}
OURS = frozenset({*PARTS, "console.js", "live.js", "plots.js", "query_page.css", "query_page.js"})

STATIC: Traversable = files("api").joinpath("static")
DIST: Traversable = files("api").joinpath("web", "dist")

_MEDIA_TYPES = {"css": "text/css", "js": "text/javascript", "txt": "text/plain"}
_FOR_GOOD = "public, max-age=31536000, immutable"
_ADDRESS = re.compile(r'"/assets/([\w.-]+)"')


@dataclass(frozen=True, slots=True)
class Asset:
    """A file as it is served. ``version``: the first 16 hex digits of its sha256."""

    body: bytes
    compressed: bytes
    media_type: str
    version: str


def routes() -> APIRouter:
    router = APIRouter()

    # Not async: the first reader of a file waits for its compression, and nobody else.
    @router.get("/assets/{name}")
    def asset(name: str, request: Request) -> Response:
        if name not in FETCHED | OURS:
            raise HTTPException(404)
        if missing([name]):
            raise NotFoundError(f"{name} is missing: in a clone, `make setup` fetches it.")
        return _response(_asset(name), request)

    return router


def missing(names: Iterable[str]) -> list[str]:
    """Those of the names that are not there, as when npm's registry was away at set-up."""
    return [name for name in names if not all(path.is_file() for path in _paths(name))]


def url(name: str) -> str:
    """The address of a file that is there, with its version."""
    return f"/assets/{name}?v={_asset(name).version}"


def versioned(page: str) -> str:
    """A page's HTML whose addresses of files, each a whole attribute, have versions."""

    def address(found: re.Match[str]) -> str:
        return found[0] if missing([found[1]]) else f'"{url(found[1])}"'

    return _ADDRESS.sub(address, page)


def _paths(name: str) -> list[Traversable]:
    if name in PARTS:
        folder, _, kind = name.rpartition(".")
        return [STATIC.joinpath(folder, f"{part}.{kind}") for part in PARTS[name]]
    return [(DIST if name in FETCHED else STATIC).joinpath(name)]


@cache
def _asset(name: str) -> Asset:
    body = b"".join(path.read_bytes() for path in _paths(name))
    return Asset(
        body,
        gzip.compress(body, mtime=0),
        _MEDIA_TYPES[name.rpartition(".")[2]],
        sha256(body).hexdigest()[:16],
    )


def _response(asset: Asset, request: Request) -> Response:
    current = request.query_params.get("v") == asset.version
    headers = {
        **HEADERS,
        "Cache-Control": _FOR_GOOD if current else "no-cache",
        "ETag": f'"{asset.version}"',
        "Vary": "Accept-Encoding",
    }
    if request.headers.get("if-none-match") == headers["ETag"]:
        return Response(status_code=304, headers=headers)
    accepted = weighted(request.headers.get("accept-encoding", ""))
    if any(name == "gzip" and quality > 0 for name, quality in accepted):
        headers["Content-Encoding"] = "gzip"
        return Response(asset.compressed, headers=headers, media_type=asset.media_type)
    return Response(asset.body, headers=headers, media_type=asset.media_type)
