"""The page of settings from the classes that read them: `python -m tools.settings_page`."""

from pathlib import Path

from pydantic import BaseModel
from pydantic_core import PydanticUndefined

from api.settings import PREFIX, Settings

PAGE = Path(__file__).parent.parent / "docs" / "settings.md"
HEAD = """# Settings

Environment variables; nested names are joined by two underscores. A wrong one is named at the
start, with what to do.

| variable | default | what it is |
|---|---|---|
"""


def page() -> str:
    return HEAD + "".join(_rows(Settings, PREFIX))


def _rows(kind: type[BaseModel], prefix: str) -> list[str]:
    rows = []
    for name, field in kind.model_fields.items():
        inner = field.annotation
        if isinstance(inner, type) and issubclass(inner, BaseModel):
            rows += _rows(inner, f"{prefix}{name.upper()}__")
            continue
        default = "" if field.default in (None, PydanticUndefined) else f"`{field.default}`"
        rows.append(f"| `{prefix}{name.upper()}` | {default} | {field.description} |\n")
    return rows


if __name__ == "__main__":
    PAGE.write_text(page(), encoding="utf-8")
