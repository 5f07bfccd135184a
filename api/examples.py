"""Queries worth trying: one file each, its title in the first line."""

from dataclasses import dataclass
from functools import cache
from importlib.resources import files


@dataclass(frozen=True, slots=True)
class Example:
    title: str
    query: str


@cache
def examples() -> tuple[Example, ...]:
    """All examples, in the order of their files' names."""
    folder = files("api").joinpath("queries")
    results = sorted(
        (f for f in folder.iterdir() if f.name.endswith(".graphql")), key=lambda f: f.name
    )
    return tuple(_example(file.read_text(encoding="utf-8")) for file in results)


def _example(text: str) -> Example:
    return Example(text.partition("\n")[0].removeprefix("#").strip(), text)
