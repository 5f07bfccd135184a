"""The documentation says what the code does."""

import re
from pathlib import Path

from tools.settings_page import PAGE, page

ROOT = Path(__file__).parent.parent


def test_every_setting_is_documented() -> None:
    assert PAGE.read_text(encoding="utf-8") == page()


def test_links_between_pages_lead_somewhere() -> None:
    for source in [ROOT / "README.md", *(ROOT / "docs").glob("*.md")]:
        text = source.read_text(encoding="utf-8")
        for target in re.findall(r"\]\(([^)#:]+)(?:#[^)]*)?\)", text):
            assert (source.parent / target).exists(), f"{source.name} → {target}"


def test_no_registry_address_stands_in_the_lock() -> None:
    for name in ("requirements.lock", "graph/embedded/jars.lock"):
        assert "://" not in (ROOT / name).read_text(encoding="utf-8")
