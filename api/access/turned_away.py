"""Who has not signed in: a browser is led to the sign-in and back, a program is told 401."""

from urllib.parse import urlencode, urlsplit

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from api.replies import not_executed, weighted
from graph.errors import UnauthenticatedError

#: Where one signs in; what fails there does not lead there again.
SIGN_IN = "/sign-in"
_HTML = ("text/html", "application/xhtml+xml")


async def turned_away(request: Request, error: UnauthenticatedError) -> Response:
    """303 for a browser that opens a page, the same as htmx takes it, or 401 as JSON."""
    refused = await not_executed(request, error)
    if request.url.path.startswith(SIGN_IN) or "authorization" in request.headers:
        return refused
    if "hx-request" in request.headers:
        # A script would follow 303 itself, to the provider's origin, which it may not read.
        refused.headers["HX-Redirect"] = _sign_in(_followed(request, "hx-current-url"))
        return refused
    if not takes_page(request):
        return refused
    back = _own(request) if request.method == "GET" else _followed(request, "referer")
    return RedirectResponse(_sign_in(back), 303, headers={"Cache-Control": "no-store"})


def takes_page(request: Request) -> bool:
    """Whether a browser opens the address for somebody to read, rather than a program or script."""
    mode = request.headers.get("sec-fetch-mode")
    if mode is not None and mode != "navigate":
        return False
    quality = dict(reversed(weighted(request.headers.get("accept", ""))))
    html = max(quality.get(kind, 0.0) for kind in _HTML)
    return html > 0 and html >= quality.get("application/json", 0.0)


def _sign_in(back: str) -> str:
    return f"{SIGN_IN}?{urlencode({'to': back})}"


def _own(request: Request) -> str:
    """The page that was asked for, with what stands behind its path: a list is a bookmark."""
    url = request.url
    return f"{url.path}?{url.query}" if url.query else url.path


def _followed(request: Request, header: str) -> str:
    """The page that somebody is on, by what the browser says; ``/`` if it is not one of ours."""
    try:
        page = urlsplit(request.headers.get(header, ""))
    except ValueError:
        return "/"
    if page.netloc.lower() != request.headers.get("host", "").lower() or not page.path:
        return "/"
    return f"{page.path}?{page.query}" if page.query else page.path
