"""Words that several rules need, among them the maintained names of regulators."""

import tomllib
from collections.abc import Mapping
from functools import cache
from importlib.resources import files

from ingest.textrules.reading import read


@cache
def lists() -> Mapping[str, tuple[str, ...]]:
    """The shipped lists by name, as texts are read.

    ``regulator``, ``hotline``, ``ombudsman``, ``petition``: see ``regulators.toml``.
    """
    folder = files(__package__)
    shared = tomllib.loads(folder.joinpath("lists.toml").read_text("utf-8"))
    bodies = tomllib.loads(folder.joinpath("regulators.toml").read_text("utf-8"))
    result = {name: tuple(map(read, words)) for name, words in shared.items()}
    for body in bodies["body"]:
        kind = body["kind"]
        names = (*body.get("zh", ()), *body.get("en", ()))
        result[kind] = (*result.get(kind, ()), *map(read, names))
    return result
