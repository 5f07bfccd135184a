"""What somebody sees of the console in a real Chromium: paints, and a long list under the hands.

The browser runs on the same machine as the service, without a window and without a graphics card:
its figures are upper bounds of what a handler's own computer takes for the same.
"""

import shutil
import statistics
from collections.abc import Mapping, Sequence
from typing import Any

from playwright.async_api import Browser, Page, async_playwright

#: Under the names that Debian and others give it.
_BROWSERS = ("chromium", "chromium-browser", "google-chrome")
#: A page has come to rest when nothing larger was painted for so long, in milliseconds.
_REST = 1500
_PATIENCE = 600_000
_PAINTS = """() => new Promise((resolve) => {
  new PerformanceObserver((list) => resolve({
    byte: performance.getEntriesByType("navigation")[0].responseStart,
    first: performance.getEntriesByName("first-contentful-paint")[0].startTime,
    largest: list.getEntries().at(-1).startTime,
  })).observe({ type: "largest-contentful-paint", buffered: true });
})"""
_OBSERVE = """() => {
  window.tasks = [];
  window.keys = [];
  new PerformanceObserver((list) => window.tasks.push(...list.getEntries().map((e) => e.duration)))
    .observe({ type: "longtask" });
  new PerformanceObserver((list) => window.keys.push(
    ...list.getEntries().filter((e) => e.name === "keydown").map((e) => e.duration)
  )).observe({ type: "event", durationThreshold: 16 });
}"""
#: From the top to the bottom in 240 frames, as a wheel would; the times between frames.
_SCROLL = """() => new Promise((resolve) => {
  const whole = document.documentElement.scrollHeight - innerHeight;
  const frames = [];
  let before = null;
  const step = (now) => {
    if (before !== null) frames.push(now - before);
    before = now;
    if (frames.length === 240) return resolve(frames);
    scrollTo(0, whole * (frames.length + 1) / 240);
    requestAnimationFrame(step);
  };
  requestAnimationFrame(step);
})"""
_FRAME = 1000 / 60


async def browsed(
    origin: str, pages: Mapping[str, str], listed: str, visits: int
) -> dict[str, Any]:
    """``pages``: addresses by name, each visited so often with an empty cache; ``listed``: the
    address of a long list; all times in milliseconds, medians where there are several.
    """
    executable = next(filter(None, map(shutil.which, _BROWSERS)), None)
    if executable is None:
        raise SystemExit("There is no Chromium: install Debian's package `chromium`.")
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(
            executable_path=executable, args=["--no-sandbox", "--disable-dev-shm-usage"]
        )
        paints = {
            name: await _paints(browser, f"{origin}{address}", visits)
            for name, address in pages.items()
        }
        long_list = await _long_list(browser, f"{origin}{listed}")
        await browser.close()
    return {"paints": paints, "list": long_list}


async def _opened(browser: Browser, address: str) -> Page:
    context = await browser.new_context(viewport={"width": 1280, "height": 800}, locale="zh-CN")
    context.set_default_timeout(_PATIENCE)
    page = await context.new_page()
    await page.goto(address)
    return page


async def _paints(browser: Browser, address: str, visits: int) -> dict[str, int]:
    seen: list[Mapping[str, float]] = []
    for _ in range(visits):
        page = await _opened(browser, address)
        await page.wait_for_timeout(_REST)
        seen.append(await page.evaluate(_PAINTS))
        await page.context.close()
    return {name: round(statistics.median(each[name] for each in seen)) for name in seen[0]}


async def _long_list(browser: Browser, address: str) -> dict[str, Any]:
    page = await _opened(browser, address)
    await page.wait_for_timeout(_REST)
    shown = await page.evaluate(_PAINTS)
    rows = await page.locator("#listed tr").count()
    await page.evaluate(_OBSERVE)
    frames = await page.evaluate(_SCROLL)
    scrolled = {
        "frames": len(frames),
        "dropped": sum(round(each / _FRAME) - 1 for each in frames if each > 1.5 * _FRAME),
        "longestFrame": round(max(frames)),
        "longestTask": await _longest(page),
    }
    await page.evaluate("scrollTo(0, 0)")
    await page.evaluate("() => { window.tasks = []; window.keys = []; }")
    for _ in range(200):
        await page.keyboard.press("j")
    await page.wait_for_timeout(_REST)
    keys: Sequence[float] = await page.evaluate("window.keys")
    moved = {
        "keys": 200,
        # Those that took less than two frames are not reported by the browser.
        "slow": len(keys),
        "slowest": round(max(keys, default=0)),
        "longestTask": await _longest(page),
    }
    await page.context.close()
    return {
        "rows": rows,
        **{name: round(value) for name, value in shown.items()},
        "scrolled": scrolled,
        "moved": moved,
    }


async def _longest(page: Page) -> int:
    """The longest task of those over 50 ms; 0: none took so long."""
    return round(float(await page.evaluate("Math.max(0, ...window.tasks)")))
