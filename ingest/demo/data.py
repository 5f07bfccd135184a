"""The data files beside the code."""

import tomllib
from collections.abc import Mapping
from importlib.resources import files
from typing import Any

_HERE = files(__package__)
THEME_FILES = ("card", "account", "loan", "wealth", "digital")


def toml(name: str) -> Mapping[str, Any]:
    """One of our data files, by its name without the ending."""
    return tomllib.loads(_HERE.joinpath(f"{name}.toml").read_text(encoding="utf-8"))


def theme_tables() -> dict[str, Mapping[str, Any]]:
    """All themes by name, in the order of the files."""
    return {name: table for file in THEME_FILES for name, table in toml(f"texts/{file}").items()}
