"""Reading a mapping file, and saying what is wrong with it."""

import tomllib
from collections.abc import Sequence
from importlib import resources
from pathlib import Path
from typing import Any, get_args

from pydantic import BaseModel, ValidationError

from graph.errors import SourceError
from ingest.sources.mapping import TableMapping

_MOST_SHOWN = 5


def load_mapping(path: str | Path) -> TableMapping:
    """The mapping in a TOML file, or one of those shipped, by its name (see ``shipped``).

    Raises:
        SourceError: no such file, no TOML, or keys that are wrong; each of them is named.
    """
    text, name = _read(path)
    try:
        data = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise SourceError(f"The mapping {name} is no TOML: {error}.") from error
    if isinstance(data.get("words"), str):
        # Beside the mapping, wherever the program runs.
        data["words"] = str(Path(path).parent / data["words"])
    try:
        return TableMapping.model_validate(data)
    except ValidationError as error:
        raise SourceError(f"The mapping {name} is wrong: {_sentence(error)}.") from error


def shipped() -> tuple[str, ...]:
    """The names of the mappings that come with the program."""
    return tuple(sorted(name.removesuffix(".toml") for name in _shipped_files()))


def _shipped_files() -> list[str]:
    folder = resources.files("ingest.sources") / "mappings"
    return [file.name for file in folder.iterdir() if file.name.endswith(".toml")]


def _read(path: str | Path) -> tuple[str, str]:
    name = str(path)
    if name in shipped() and not Path(name).is_file():
        file = resources.files("ingest.sources") / "mappings" / f"{name}.toml"
        return file.read_text("utf-8"), name
    try:
        return Path(path).read_text("utf-8-sig"), Path(path).name
    except UnicodeDecodeError as error:
        raise SourceError(f"The mapping {Path(path).name} is not in UTF-8; convert it.") from error
    except OSError as error:
        raise SourceError(
            f"The mapping {Path(path).name} cannot be read ({error.strerror or error}); "
            f"name a TOML file or one of those shipped: {', '.join(shipped())}."
        ) from error


def _sentence(error: ValidationError) -> str:
    errors = error.errors(include_url=False, include_input=False)
    messages = [_message(item["type"], item["loc"], item["msg"]) for item in errors[:_MOST_SHOWN]]
    more = len(errors) - len(messages)
    return "; ".join(dict.fromkeys(messages)) + (f"; and {more} more" if more else "")


def _message(kind: str, loc: Sequence[str | int], message: str) -> str:
    where = ".".join(str(part) for part in loc)
    if kind == "extra_forbidden":
        return f"{where} is no key; allowed there are {', '.join(_allowed(loc[:-1]))}"
    if kind == "missing":
        return f"{where} is missing"
    return f"{where or 'it'}: {message.removeprefix('Value error, ')}"


def _allowed(loc: Sequence[str | int]) -> list[str]:
    model: type[BaseModel] = TableMapping
    for part in loc:
        field = model.model_fields.get(str(part))
        if field is not None:
            model = _model_in(field.annotation) or model
    return list(model.model_fields)


def _model_in(annotation: Any) -> type[BaseModel] | None:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return annotation
    return next(filter(None, map(_model_in, get_args(annotation))), None)
