"""The maintained names of bodies to which customers turn (``regulators.toml``)."""

import tomllib
from collections.abc import Mapping
from functools import cache
from importlib.resources import files

from ingest.textrules.reading import read


@cache
def lists() -> Mapping[str, tuple[str, ...]]:
    """Names by kind of body, as texts are read: regulator, hotline, ombudsman, petition."""
    bodies = tomllib.loads(files(__package__).joinpath("regulators.toml").read_text("utf-8"))
    result: dict[str, tuple[str, ...]] = {}
    for body in bodies["body"]:
        kind = body["kind"]
        names = (*body.get("zh", ()), *body.get("en", ()))
        result[kind] = (*result.get(kind, ()), *map(read, names))
    return result
