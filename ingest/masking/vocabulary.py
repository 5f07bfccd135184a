"""The word lists beside the code: ``words/*.txt``, entries divided by commas."""

from functools import cache
from importlib.resources import files

_COMMENT = "# "


@cache
def words(name: str, folder: str = "words") -> tuple[str, ...]:
    """The entries of a list, in its order."""
    return tuple(entry for line in _lines(name, folder) for entry in line.split(", "))


@cache
def characters(name: str, folder: str = "words") -> frozenset[str]:
    """The characters of a list that is written without commas."""
    return frozenset("".join(_lines(name, folder)))


def _lines(name: str, folder: str) -> list[str]:
    text = files("ingest.masking").joinpath(*folder.split("/"), f"{name}.txt").read_text("utf-8")
    lines = (line.removesuffix(",") for line in text.splitlines())
    return [line for line in lines if line and not line.startswith(_COMMENT)]
