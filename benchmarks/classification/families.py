"""The CFPB's products by family: names that were merged, split and renamed over the years."""

import tomllib
from collections.abc import Mapping
from functools import cache
from importlib import resources


@cache
def families() -> Mapping[str, str]:
    """The family of each product's name."""
    text = resources.files("benchmarks.classification").joinpath("families.toml").read_text("utf-8")
    known: Mapping[str, list[str]] = tomllib.loads(text)["families"]
    return {name: family for family, names in known.items() for name in names}
