"""What pydantic finds wrong, in sentences: the field, the problem, the name that was meant."""

import re
from collections.abc import Callable, Iterable, Sequence
from difflib import get_close_matches
from typing import Any, TypeAlias, get_args

from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails

Place: TypeAlias = Sequence[int | str]


def dotted(place: Place) -> str:
    """The name of a field in a file: ``rules.0.level``."""
    return ".".join(str(part) for part in place)


def problems(
    error: ValidationError, model: type[BaseModel], name: Callable[[Place], str] = dotted
) -> list[str]:
    """A sentence, without its full stop, for each thing that is wrong with input for ``model``.

    ``name``: what a field is called, by its place. Of the input only what is none of a fixed
    list of values is told.
    """
    lines = [_line(details, model, name) for details in error.errors(include_url=False)]
    # A field that is missing because its name is mistyped is told once.
    meant = {line.rsplit("did you mean ", 1)[1].rstrip("?") for line in lines if "mean " in line}
    lines = [line for line in lines if line not in {f"field {m} is missing" for m in meant}]
    return list(dict.fromkeys(lines))


def hint(name: str, known: Iterable[str]) -> str:
    """The nearest name if one is near, all of them otherwise."""
    names = list(known)
    return nearest(name, names) or (f"; there are {', '.join(names)}" if names else "")


def _line(details: ErrorDetails, model: type[BaseModel], name: Callable[[Place], str]) -> str:
    place = [part for part in details["loc"] if part != "[key]"]
    field = f"field {name(place)!r}"
    match details["type"]:
        case "extra_forbidden":
            return f"there is no {field}{hint(str(place[-1]), _fields(model, place[:-1]))}"
        case "missing":
            return f"{field} is missing"
        case "literal_error" | "enum":
            names = re.findall(r"'([^']+)'", str(details.get("ctx", {}).get("expected", "")))
            near = nearest(str(details["input"]), names)
            return f"{field}: {details['input']!r} is none of {', '.join(names)}{near}"
        case "value_error":  # a validator's own words
            message = details["msg"].removeprefix("Value error, ")
        case _:
            message = details["msg"][0].lower() + details["msg"][1:]
    return f"{field}: {message}" if place else message


def _fields(model: type[BaseModel], place: Place) -> list[str]:
    """The names that a model takes, found along a path of nested ones; none along another path."""
    for part in place:
        field = model.model_fields.get(str(part))
        inner = _model_in(field.annotation) if field else model if isinstance(part, int) else None
        if inner is None:
            return []
        model = inner
    return [field.alias or name for name, field in model.model_fields.items()]


def _model_in(annotation: Any) -> type[BaseModel] | None:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return annotation
    return next(filter(None, map(_model_in, get_args(annotation))), None)


def nearest(name: str, names: Sequence[str]) -> str:
    folded = {each.casefold(): each for each in names}
    near = get_close_matches(name.casefold(), list(folded), n=1, cutoff=0.6)
    return f"; did you mean {folded[near[0]]!r}?" if near else ""
