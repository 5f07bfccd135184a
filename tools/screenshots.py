"""Pictures of every room of the console, in both languages, as somebody of the demo bank sees it.

``python -m tools.screenshots --to FOLDER`` while `make run` serves the demo bank. A picture is
named after its page and language; those that the README shows stand in `docs/pictures`.
"""

import argparse
import asyncio
import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from playwright.async_api import Browser, ViewportSize, async_playwright

_LANGUAGES = {"zh": "zh-CN", "en": "en-GB"}
_WIDE = ViewportSize(width=1280, height=860)
#: Under the names that Debian and others give it.
_BROWSERS = ("chromium", "chromium-browser", "google-chrome")


@dataclass(frozen=True, slots=True)
class Picture:
    """``address``: of a page; or of a list, whose first link that matches ``link`` is followed."""

    name: str
    persona: str
    address: str
    link: str | None = None


PICTURES = (
    Picture("desk", "handler", "/desk"),
    Picture("find", "handler", "/find?text=手续费没有告知"),
    Picture("register", "handler", "/register"),
    Picture("case", "supervisor", "/desk?order=LEVEL_DESC", "td.reference a"),
    Picture("case-decided", "supervisor", "/desk?status=CLOSED", "td.reference a"),
    Picture("step", "supervisor", "/desk", "td.reference a >> ul.steps a"),
    Picture("team", "supervisor", "/team"),
    Picture("insight", "analyst", "/insight?by=PRODUCT"),
    Picture("hotspots", "analyst", "/insight/hotspots"),
    Picture("branches", "analyst", "/insight/branches"),
    Picture("bottlenecks", "analyst", "/insight/bottlenecks"),
    Picture("alerts", "analyst", "/alerts"),
    Picture("issues", "analyst", "/issues"),
    Picture("remediations", "analyst", "/remediations"),
    Picture("clusters", "analyst", "/clusters"),
    Picture("cluster", "analyst", "/clusters", "main table a"),
    Picture("drill", "handler", "/drill"),
    Picture("drill-case", "handler", "/drill/ZH-10-1"),
    Picture("audit", "auditor", "/audit"),
    Picture("changes", "auditor", "/audit/changes"),
    Picture("verify", "auditor", "/audit/verify?from=2026-01-01"),
)


def _executable() -> str:
    known = next(filter(None, map(shutil.which, _BROWSERS)), None)
    if known is None:
        raise SystemExit("There is no Chromium: install Debian's package `chromium`.")
    return known


def _by_persona() -> Iterator[tuple[str, list[Picture]]]:
    for persona in dict.fromkeys(each.persona for each in PICTURES):
        yield persona, [each for each in PICTURES if each.persona == persona]


async def take(origin: str, folder: Path) -> list[Path]:
    """The files that were written; a page without the link that it is reached by has none."""
    made: list[Path] = []
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=_executable())
        for language, locale in _LANGUAGES.items():
            for persona, pictures in _by_persona():
                made += await _taken(browser, origin, folder, (language, locale), persona, pictures)
        await browser.close()
    return made


async def _taken(
    browser: Browser,
    origin: str,
    folder: Path,
    spoken: tuple[str, str],
    persona: str,
    pictures: list[Picture],
) -> list[Path]:
    language, locale = spoken
    context = await browser.new_context(base_url=origin, locale=locale, viewport=_WIDE)
    page = await context.new_page()
    await page.goto("/personas")
    await page.locator(f'form[action^="/personas/{persona}?"] button').click()
    made = []
    for picture in pictures:
        await page.goto(picture.address)
        for link in picture.link.split(" >> ") if picture.link else ():
            if not await page.locator(link).count():
                break
            await page.locator(link).first.click()
        else:
            await page.wait_for_load_state("networkidle")
            file = folder / f"{picture.name}-{language}.png"
            await page.screenshot(path=file, full_page=True)
            made.append(file)
    await context.close()
    return made


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--origin", default="http://127.0.0.1:8000", help="Where the demo bank is.")
    parser.add_argument("--to", type=Path, default=Path("pictures"), help="The folder.")
    asked = parser.parse_args()
    asked.to.mkdir(parents=True, exist_ok=True)
    for file in asyncio.run(take(asked.origin, asked.to)):
        print(file)  # noqa: T201 - what the command is for


if __name__ == "__main__":
    main()
