"""Templates, and what every page has: who visits, in which language, where one can go."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cache
from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined
from starlette.responses import HTMLResponse, Response

from api import assets
from api.console.asking import Visit
from api.console.wording import PUNCTUATION, Wording, marked, translations
from api.page_headers import HEADERS
from graph.domain.access import Identity, Role
from graph.domain.enums import OPEN_STATUSES, Language
from graph.domain.vocabulary import label_of

_HEADERS = {**HEADERS, "Cache-Control": "no-store"}


@dataclass(frozen=True, slots=True)
class Room:
    """A part of the house; ``roles``: whose it is; ``whole``: of those who reach the whole bank."""

    path: str
    name: str
    roles: frozenset[Role]
    whole: bool = False

    def open_to(self, identity: Identity) -> bool:
        return bool(self.roles & identity.roles) and (identity.reach.everything or not self.whole)


_STAFF = frozenset({Role.HANDLER, Role.SUPERVISOR, Role.AUDITOR, Role.ADMINISTRATOR})
_ANALYSTS = frozenset({Role.ANALYST, Role.SUPERVISOR, Role.AUDITOR, Role.ADMINISTRATOR})


def N_(text: str) -> str:  # noqa: N802 - the usual name of a mark for the catalogue
    return text


ROOMS = (
    Room("/desk", N_("Desk"), _STAFF),
    Room(
        "/register",
        N_("Register"),
        frozenset({Role.HANDLER, Role.SUPERVISOR, Role.ADMINISTRATOR}),
    ),
    Room("/team", N_("Team"), frozenset({Role.SUPERVISOR})),
    Room("/insight", N_("Insight"), _ANALYSTS),
    Room("/alerts", N_("Early warning"), _ANALYSTS),
    Room("/issues", N_("Issues"), _ANALYSTS),
    Room("/remediations", N_("Remediations"), _ANALYSTS),
    Room("/clusters", N_("Clusters"), _ANALYSTS),
    Room("/audit", N_("Audit"), frozenset({Role.AUDITOR, Role.ADMINISTRATOR}), whole=True),
    Room("/drill", N_("Drill"), _STAFF | _ANALYSTS),
    Room("/jobs", N_("Jobs"), _STAFF | _ANALYSTS),
)
#: Pages that the menu does not name.
_BESIDE = (
    Room("/cases", N_("Cases"), _STAFF),
    Room("/find", N_("Found cases"), _STAFF),
    Room("/openings", N_("Open a case from elsewhere"), _STAFF),
    Room("/imports", N_("Import a file"), frozenset({Role.ADMINISTRATOR})),
)


def room_of(path: str) -> Room | None:
    """The room that a page lies in."""
    return next((room for room in (*ROOMS, *_BESIDE) if path.startswith(room.path)), None)


@cache
def environment(language: Language) -> Environment:
    """The templates in one language."""
    made = Environment(
        loader=PackageLoader("api.console"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        extensions=["jinja2.ext.i18n"],
    )
    made.install_gettext_translations(translations(language), newstyle=True)  # type: ignore[attr-defined]
    made.filters["marked"] = marked
    made.filters["listed"] = PUNCTUATION[language]["comma"].join
    made.globals.update(PUNCTUATION[language])
    return made


def page(visit: Visit, name: str, values: Mapping[str, Any], *, status: int = 200) -> Response:
    """A page, or a part of one, for a visitor."""
    return HTMLResponse(assets.versioned(written(visit, name, values)), status, _HEADERS)


def written(visit: Visit, name: str, values: Mapping[str, Any]) -> str:
    """The HTML of a template for a visitor."""
    services, identity = visit.services, visit.identity
    wording = Wording(visit.language, services.zone, services.limits.calendar)
    template = environment(visit.language).get_template(name)
    return template.render(
        wording=wording,
        now=datetime.now(UTC),
        language=visit.language,
        identity=identity,
        roles=[label_of(role).text(visit.language) for role in sorted(identity.roles)],
        open_statuses={status.value for status in OPEN_STATUSES},
        rooms=[room for room in ROOMS if room.open_to(identity)],
        path=visit.request.url.path,
        partial="hx-request" in visit.request.headers,
        listener=visit.listener,
        position=visit.position,
        **values,
    )
