"""Reading a mapping file, and saying what is wrong with it."""

import tomllib
from importlib import resources
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from graph.errors import SourceError
from graph.validation import problems
from ingest.sources.mapping import TableMapping

_MOST_SHOWN = 5


def load_mapping(path: str | Path) -> TableMapping:
    """The mapping in a TOML file, or one of those shipped, by its name (see ``shipped``).

    Raises:
        SourceError: no such file, no TOML, or keys that are wrong; each of them is named.
    """
    text, name = _read(path)
    data = _decoded(text, name)
    if isinstance(data.get("words"), str):
        # Beside the mapping, wherever the program runs.
        data["words"] = str(Path(path).parent / data["words"])
    return _valid(data, name)


def parsed_mapping(text: str) -> TableMapping:
    """The mapping in a text that was sent: it names no file of this machine.

    Raises:
        SourceError: no TOML, or keys that are wrong; each of them is named.
    """
    data = _decoded(text, "as sent")
    if "words" in data:
        raise SourceError(
            "The mapping as sent names a file of words, which lies elsewhere: leave words out, or "
            "use `complaint-graph import table`."
        )
    return _valid(data, "as sent")


def _decoded(text: str, name: str) -> dict[str, Any]:
    try:
        return tomllib.loads(text.replace("\r\n", "\n"))
    except tomllib.TOMLDecodeError as error:
        raise SourceError(f"The mapping {name} is no TOML: {error}.") from error


def _valid(data: dict[str, Any], name: str) -> TableMapping:
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
    told = problems(error, TableMapping)
    more = len(told) - _MOST_SHOWN
    return "; ".join(told[:_MOST_SHOWN]) + (f"; and {more} more" if more > 0 else "")
