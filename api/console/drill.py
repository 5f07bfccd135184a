"""Training on simulated cases: begun, answered one by one, scored; and how far people agree."""

import secrets
from collections.abc import Mapping, Sequence
from functools import cache
from typing import Any
from uuid import uuid4

from fastapi import APIRouter
from graphql import GraphQLInputObjectType, GraphQLSchema
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from api.console import forms, plots
from api.console.asking import Console, Visit
from api.console.forms import Field, choices, posted, refuse
from api.console.pages import N_, page
from api.console.room import ConsoleRoute
from api.console.tables import Column, Kind, Row, Table, figure
from api.console.wording import translations
from graph.domain.drills import FEWEST, LARGEST_SEED, MOST, DrillKey
from graph.domain.enums import Language
from graph.errors import ForbiddenError, InvalidInputError
from schema.drills import AnswerDrillInput

USUAL = 10
#: What is asked of a case, in the order of the work.
LABELS: Mapping[str, str] = {
    "type": N_("Type"),
    "riskTypes": N_("Risks"),
    "level": N_("Level"),
    "precedent": N_("Precedent"),
    "outcome": N_("Outcome"),
    "remedy": N_("Remedy"),
    "compensation": N_("Compensation"),
}
#: No risk is an answer, too.
_MAY_BE_EMPTY = "riskTypes"
_NOT_YOURS = "Drills are not yours to take."


def routes(console: Console) -> APIRouter:
    router = APIRouter(route_class=ConsoleRoute)

    @router.get("/drill")
    async def start(request: Request) -> Response:
        return await _start(console, await console.visit(request), {})

    @router.post("/drill")
    async def begin(request: Request) -> Response:
        visit = await console.visit(request)
        sent = {name: values[0] for name, values in (await posted(request)).items()}
        try:
            key = _key(sent, visit.language)
        except InvalidInputError as error:
            return await _start(console, visit, sent, error.message)
        return RedirectResponse(f"/drill/{key.code}", 303)

    @router.get("/drill/agreement")
    async def agreement(request: Request, drill: str = "") -> Response:
        visit = await console.visit(request)
        answer = await console.ask(visit, "drill-agreement", drill=drill)
        found = answer.data["drillAgreement"]
        if found is None:
            raise ForbiddenError("Agreement is not yours to see.")
        words = choices(answer.data)
        values = {"found": found, "words": words, **_agreement(found, visit, words)}
        return page(visit, "drill/agreement.html", values)

    @router.get("/drill/{code}")
    async def drill(request: Request, code: str, case: str = "") -> Response:
        return await _drill(console, await console.visit(request), code, _whole(case))

    @router.post("/drill/{code}")
    async def answer(request: Request, code: str, case: str = "") -> Response:
        visit, number = await console.visit(request), _whole(case)
        sent, wanted = await posted(request), fields(console.schema._schema)
        asked = [field for field in wanted if field.name != _MAY_BE_EMPTY]
        problems: Sequence[Mapping[str, Any]] = forms.problems(asked, sent)
        if not problems:
            given = forms.sent(wanted, sent, {}, visit.services.zone)
            data = {**given, "drill": code, "case": number, "idempotencyKey": _request(sent)}
            payload = await console.change(visit, "drill-answer", data)
            problems = payload["errors"]
            if not problems:
                return RedirectResponse(_next(payload["drill"], number), 303)
        return await _drill(console, visit, code, number, sent, problems)

    @router.post("/drill/{code}/finish")
    async def finish(request: Request, code: str) -> Response:
        visit = await console.visit(request)
        data = {"drill": code, "idempotencyKey": _request(await posted(request))}
        refuse(await console.change(visit, "drill-finish", data))
        return RedirectResponse(f"/drill/{code}", 303)

    return router


@cache
def fields(schema: GraphQLSchema) -> tuple[Field, ...]:
    """What is asked of a case."""
    kind = schema.type_map[AnswerDrillInput.__name__]
    assert isinstance(kind, GraphQLInputObjectType)
    return forms.fields_of(kind, LABELS)


def _key(sent: Mapping[str, str], language: Language) -> DrillKey:
    """The drill that a form asks for: by its code, or a new one.

    Raises:
        InvalidInputError: there is no such one.
    """
    if code := sent.get("code", "").strip():
        return DrillKey.of(code)
    size, spoken = sent.get("size", ""), sent.get("language", "")
    return DrillKey(
        secrets.randbelow(LARGEST_SEED + 1),
        _whole(size),
        Language(spoken) if spoken in set(Language) else language,
    )


def _whole(text: str) -> int:
    """A number as an address or a form has it; 0, which names nothing, for what is none."""
    return int(text) if text.isascii() and text.isdecimal() and len(text) < 10 else 0


def _request(sent: Mapping[str, Sequence[str]]) -> str:
    return sent.get("key", [str(uuid4())])[0]


def _next(drill: Mapping[str, Any], case: int) -> str:
    """The next case without an answer, after this one or from the start; else this one."""
    left = [each["number"] for each in drill["cases"] if each["answer"] is None]
    after = [number for number in left if number > case]
    return f"/drill/{drill['code']}?case={(after or left or [case])[0]}"


async def _start(
    console: Console, visit: Visit, sent: Mapping[str, str], error: str | None = None
) -> Response:
    """``error``: why the form that was sent leads to no drill."""
    data = (await console.ask(visit, "drill-start")).data
    values = {
        **{name: data[name] for name in ("viewer", "drills", "drillSessions")},
        "sent": {"size": str(USUAL), "language": visit.language.value, "code": "", **sent},
        "sizes": (FEWEST, MOST),
        "error": error,
    }
    return page(visit, "drill/start.html", values, status=422 if error else 200)


async def _drill(
    console: Console,
    visit: Visit,
    code: str,
    case: int,
    sent: Mapping[str, Sequence[str]] | None = None,
    problems: Sequence[Mapping[str, Any]] = (),
) -> Response:
    """A case with its form, as typed where it was refused; of a finished drill the result."""
    key = DrillKey.of(code)
    answer = await console.ask(
        visit, "drill", seed=key.seed, size=key.size, language=key.language.value
    )
    drill = answer.data["drill"]
    if drill is None:
        raise ForbiddenError(_NOT_YOURS)
    values = {"drill": drill, "words": choices(answer.data), "viewer": answer.data["viewer"]}
    if drill["finishedAt"]:
        result = _result(drill, visit, values["words"])
        return page(visit, "drill/result.html", {**values, **result})
    shown = _chosen(drill["cases"], case)
    errors = {".".join(each["path"][1:]): each["message"] for each in problems}
    values |= {
        "case": shown,
        "labels": LABELS,
        "given": sent if sent is not None else _given(shown["answer"]),
        "errors": {name: text for name, text in errors.items() if name in LABELS},
        "others": [text for name, text in errors.items() if name not in LABELS],
        "key": str(uuid4()),
    }
    return page(visit, "drill/case.html", values, status=422 if problems else 200)


def _chosen(cases: Sequence[Mapping[str, Any]], number: int) -> Mapping[str, Any]:
    """The case of this number, else the first that is not answered, else the last."""
    fitting = (each for each in cases if each["number"] == number)
    left = (each for each in cases if each["answer"] is None)
    return next(fitting, None) or next(left, None) or cases[-1]


def _given(answer: Mapping[str, Any] | None) -> dict[str, list[str]]:
    """An answer as a form sends it."""
    if answer is None:
        return {}
    plain = {name: [str(answer[name])] for name in LABELS if name not in ("type", "riskTypes")}
    risks = [each["code"] for each in answer["riskTypes"]]
    return {**plain, "type": [answer["type"]["code"]], "riskTypes": risks}


_INTERVAL = (N_("Interval from"), N_("to"))


def _figures(heading: str, kind: Kind) -> tuple[Column, ...]:
    return (Column(heading, kind), *(Column(each, kind) for each in _INTERVAL))


def _result(
    drill: Mapping[str, Any], visit: Visit, words: Mapping[str, Mapping[str, str]]
) -> dict[str, Any]:
    """The scores as a table and as a plot."""
    columns = (
        Column(N_("What was asked")),
        *_figures(N_("Right"), Kind.SHARE),
        *_figures(N_("Kappa"), Kind.DECIMAL),
    )
    names, scores = words["DrillDimension"], drill["scores"]
    rows = [
        Row((names[each["dimension"]], *figure(each["right"]), *figure(each["kappa"])))
        for each in scores
    ]
    say = translations(visit.language).gettext
    drawn = [(names[each["dimension"]], each["right"]) for each in scores]
    return {
        "table": Table("drill", columns, rows, opens=False),
        "plot": plots.shares(drawn, say(N_("Per cent right, with the 95-per-cent interval"))),
    }


def _agreement(
    found: Mapping[str, Any], visit: Visit, words: Mapping[str, Mapping[str, str]]
) -> dict[str, Any]:
    """Kappa by dimension as a table and as a plot; nothing where it is not told."""
    if found["dimensions"] is None:
        return {"table": None, "plot": None}
    columns = (
        Column(N_("What was asked")),
        Column(N_("Same answer"), Kind.SHARE),
        *_figures(N_("Kappa"), Kind.DECIMAL),
        Column(N_("Pairs"), Kind.COUNT),
        *_figures(N_("Kappa within a branch"), Kind.DECIMAL),
        Column(N_("Pairs"), Kind.COUNT),
        *_figures(N_("Kappa between branches"), Kind.DECIMAL),
        Column(N_("Pairs"), Kind.COUNT),
    )
    names, say = words["DrillDimension"], translations(visit.language).gettext
    rows = [
        Row((names[each["dimension"]], each["same"], *_kappas(each)))
        for each in found["dimensions"]
    ]
    drawn = [(names[each["dimension"]], each["every"]) for each in found["dimensions"]]
    return {
        "table": Table("agreement", columns, rows, opens=False),
        "plot": plots.kappas(drawn, say(N_("Kappa, with the 95-per-cent interval"))),
    }


def _kappas(row: Mapping[str, Any]) -> list[Any]:
    made: list[Any] = []
    for name in ("every", "within", "across"):
        made += [*figure(row[name]), row[name]["count"] if row[name] else None]
    return made
