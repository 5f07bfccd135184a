"""The word lists beside a package's code: ``words/*.txt``, entries divided by commas."""

from functools import cache
from importlib.resources import files

_COMMENT = "# "


@cache
def words(name: str, package: str = "ingest.masking") -> tuple[str, ...]:
    """The entries of a list, in its order."""
    return tuple(entry for line in _lines(name, package) for entry in line.split(", "))


@cache
def characters(name: str, package: str = "ingest.masking") -> frozenset[str]:
    """The characters of a list that is written without commas."""
    return frozenset("".join(_lines(name, package)))


def _lines(name: str, package: str) -> list[str]:
    text = files(package).joinpath("words", f"{name}.txt").read_text("utf-8")
    lines = (line.removesuffix(",") for line in text.splitlines())
    return [line for line in lines if line and not line.startswith(_COMMENT)]
