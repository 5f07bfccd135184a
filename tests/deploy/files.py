"""The files that ship the service, as data, and the settings that they name."""

import re
from pathlib import Path
from typing import Any

import yaml
from pydantic import BaseModel

from api.settings import PREFIX, Settings

ROOT = Path(__file__).parent.parent.parent
DEPLOY = ROOT / "deploy"
CHART = DEPLOY / "helm" / "complaint-graph"
UNIT = DEPLOY / "systemd" / "complaint-graph.service"
DOCKERFILE = DEPLOY / "Dockerfile"
COMPOSE = DEPLOY / "compose" / "compose.yaml"
#: Who the service is in a container.
UID = 10001


def known(kind: type[BaseModel] = Settings, prefix: str = PREFIX) -> set[str]:
    """The variables of all settings."""
    names: set[str] = set()
    for name, field in kind.model_fields.items():
        inner = field.annotation
        if isinstance(inner, type) and issubclass(inner, BaseModel):
            names |= known(inner, f"{prefix}{name.upper()}__")
        else:
            names.add(f"{prefix}{name.upper()}")
    return names


def named(text: str) -> set[str]:
    """The variables that a text names."""
    return set(re.findall(rf"{PREFIX}[A-Z0-9_]*[A-Z0-9]", text))


def yaml_of(path: Path) -> Any:
    return yaml.safe_load(path.read_text("utf-8"))


def compose(name: str) -> Any:
    """A service of the compose file."""
    return yaml_of(COMPOSE)["services"][name]


def instructions(word: str) -> list[str]:
    """The arguments of an instruction of the Dockerfile, in order, without line breaks."""
    text = re.sub(r"\\\n\s*", "", DOCKERFILE.read_text("utf-8"))
    return re.findall(rf"^{word} (.*)$", text, re.MULTILINE)


def unit() -> dict[str, list[str]]:
    """The lines of the unit by their name."""
    lines: dict[str, list[str]] = {}
    for line in UNIT.read_text("utf-8").splitlines():
        if "=" in line and not line.startswith("#"):
            name, _, value = line.partition("=")
            lines.setdefault(name, []).append(value)
    return lines
