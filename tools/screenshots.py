"""Pictures of every room of the console, in both languages, as somebody of the demo bank sees it.

``python -m tools.screenshots --to FOLDER`` while `make run` serves the demo bank; ``--width 390``
as on a phone, ``--dark``, ``--only desk,case``. A picture is named after its page and language;
those that the README shows stand in `docs/pictures`.
"""

import argparse
import asyncio
import shutil
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from pathlib import Path

from playwright.async_api import Browser, Page, ViewportSize, async_playwright

_LANGUAGES = {"zh": "zh-CN", "en": "en-GB"}
_HEIGHT = 860
#: Where a page's address holds it, it is asked for.
_PLACE = "{token}"
_ASK_PLACE = "{ complaints(first: 1) { nodes { progressToken } } }"
#: Under the names that Debian and others give it.
_BROWSERS = ("chromium", "chromium-browser", "google-chrome")
#: As in tests: on a machine without a graphics card, in a container, by any user.
_ARGUMENTS = ("--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage")


@dataclass(frozen=True, slots=True)
class Picture:
    """``address``: of a page; or of a list, whose first link that matches ``link`` is followed."""

    name: str
    persona: str
    address: str
    link: str | None = None


PICTURES = (
    Picture("home", "handler", "/"),
    Picture("personas", "handler", "/personas"),
    Picture("tour", "handler", "/tour"),
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
    Picture("issue", "analyst", "/issues?state=ALL", "main table a"),
    Picture("remediations", "analyst", "/remediations"),
    Picture("plan", "analyst", "/remediations/plan"),
    Picture("clusters", "analyst", "/clusters"),
    Picture("cluster", "analyst", "/clusters", "main table a"),
    Picture("drill", "handler", "/drill"),
    Picture("drill-case", "handler", "/drill/ZH-10-1"),
    Picture("audit", "auditor", "/audit"),
    Picture("changes", "auditor", "/audit/changes"),
    Picture("verify", "auditor", "/audit/verify?from=2026-01-01"),
    Picture("progress", "handler", f"/progress/{_PLACE}"),
    Picture("missing", "handler", "/no-such-page"),
)


def _executable() -> str:
    known = next(filter(None, map(shutil.which, _BROWSERS)), None)
    if known is None:
        raise SystemExit("There is no Chromium: install Debian's package `chromium`.")
    return known


def _by_persona(only: Collection[str]) -> Iterator[tuple[str, list[Picture]]]:
    wanted = [each for each in PICTURES if not only or each.name in only]
    for persona in dict.fromkeys(each.persona for each in wanted):
        yield persona, [each for each in wanted if each.persona == persona]


@dataclass(frozen=True, slots=True)
class Look:
    """Where the demo bank is, and how it is looked at; ``only``: names of pictures, none: all."""

    origin: str
    width: int = 1280
    dark: bool = False
    only: frozenset[str] = frozenset()


async def take(look: Look, folder: Path) -> list[Path]:
    """The files that were written; a page without the link that it is reached by has none."""
    made: list[Path] = []
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(
            executable_path=_executable(), args=list(_ARGUMENTS)
        )
        for language, locale in _LANGUAGES.items():
            for persona, pictures in _by_persona(look.only):
                made += await _taken(browser, look, folder, (language, locale), persona, pictures)
        await browser.close()
    return made


async def _taken(
    browser: Browser,
    look: Look,
    folder: Path,
    spoken: tuple[str, str],
    persona: str,
    pictures: list[Picture],
) -> list[Path]:
    language, locale = spoken
    context = await browser.new_context(
        base_url=look.origin,
        locale=locale,
        viewport=ViewportSize(width=look.width, height=_HEIGHT),
        color_scheme="dark" if look.dark else "light",
    )
    page = await context.new_page()
    await page.goto("/personas")
    await page.locator(f'form[action^="/personas/{persona}?"] button').click()
    made = []
    for picture in pictures:
        await page.goto(await _address(page, picture.address))
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


async def _address(page: Page, address: str) -> str:
    """With the token of a case that the person reaches."""
    if _PLACE not in address:
        return address
    answer = await page.request.post("/graphql", data={"query": _ASK_PLACE})
    nodes = (await answer.json())["data"]["complaints"]["nodes"]
    return address.replace(_PLACE, nodes[0]["progressToken"])


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--origin", default="http://127.0.0.1:8000", help="Where the demo bank is.")
    parser.add_argument("--to", type=Path, default=Path("pictures"), help="The folder.")
    parser.add_argument("--width", type=int, default=1280, help="Of the window, in pixels.")
    parser.add_argument("--dark", action="store_true", help="In dark colours.")
    parser.add_argument("--only", default="", help="Names of pictures, with commas.")
    asked = parser.parse_args()
    look = Look(
        asked.origin, asked.width, asked.dark, frozenset(filter(None, asked.only.split(",")))
    )
    asked.to.mkdir(parents=True, exist_ok=True)
    for file in asyncio.run(take(look, asked.to)):
        print(file)  # noqa: T201 - what the command is for


if __name__ == "__main__":
    main()
