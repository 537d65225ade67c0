"""People in front of the pages: a profile of their own each, driven by test ids, watched for complaints."""

import asyncio
import math
import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from axe_playwright_python.async_playwright import Axe
from playwright.async_api import (
    Browser,
    BrowserContext,
    ConsoleMessage,
    Error,
    FloatRect,
    Locator,
    Page,
    Request,
)

NOBODY_IS_LOGGED_IN = "/api/v1/auth/sessions/current"
PATIENCE_MS = 60_000
"""Of a browser beside a whole market and other tests on two slow cores; seldom a second is needed."""
BESIDE_PX = 30

LAYOUT = """() => {
  const found = [];
  const wide = document.documentElement.scrollWidth;
  if (wide > innerWidth) found.push(`${wide} px wide`);
  const shown = (e) => {
    const { width, height } = e.getBoundingClientRect();
    return width && height && getComputedStyle(e).visibility !== "hidden";
  };
  const all = (selector) => [...document.querySelectorAll(selector)].filter(shown);
  const name = (e) => e.dataset.testid || e.textContent.trim();
  for (const e of all("button, a.button, nav a, input:not([type=checkbox]), select")) {
    const { width, height } = e.getBoundingClientRect();
    const least = e.matches(".big, .go, .key") ? 60 : 44;
    if (height < least - 0.5 || width < 43.5) found.push(`small: ${name(e)} ${width}×${height}`);
  }
  for (const e of all(".button, .pill, .chip, h1, h2, h3, .tile, .door, .callup, td, th"))
    if (e.scrollWidth > e.clientWidth + 1 && getComputedStyle(e).display !== "inline")
      found.push(`clipped: ${name(e)}`);
  return found;
}"""

WCAG = {
    "resultTypes": ["violations"],
    "runOnly": {"type": "tag", "values": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]},
}

STUCK = """(how) => document.querySelectorAll(".send, .reply").forEach((e) => { e.style.position = how; })"""

SMALLEST_TEXT = """() => {
  const words = (e) => !e.children.length && e.textContent.trim() && !e.closest("svg");
  const texts = [...document.querySelectorAll("body *")].filter(words);
  const shown = texts.filter((e) => e.getBoundingClientRect().height);
  return Math.min(...shown.map((e) => parseFloat(getComputedStyle(e).fontSize)));
}"""

TWO_FRAMES = "new Promise((drawn) => requestAnimationFrame(() => requestAnimationFrame(drawn)))"
"""What a page has been told is drawn after it."""

CONTROLLED = """() => {
  const keeper = navigator.serviceWorker;
  const taken = new Promise((resolve) => keeper.addEventListener("controllerchange", resolve, { once: true }));
  return keeper.controller ? true : taken.then(() => true);
}"""
"""Whether the page's service worker answers for it, once it does."""


@dataclass
class Visitor:
    """One person's page. `complaints` is what the browser said that it should not have."""

    context: BrowserContext
    page: Page
    origin: str
    folder: Path
    complaints: list[str] = field(default_factory=list)
    expected: list[str] = field(default_factory=list)
    """Parts of complaints that the test provokes."""
    _tapped: tuple[float, float] = (-1e6, -1e6)

    def at(self, testid: str) -> Locator:
        """What carries this test id."""
        return self.page.get_by_test_id(testid)

    async def see(self, testid: str) -> Locator:
        """The first of what carries this test id, once it is visible."""
        found = self.at(testid).first
        await found.wait_for()
        return found

    async def tap(self, *testids: str) -> None:
        """Tap one after the other."""
        for testid in testids:
            await self.press(self.at(testid).first)

    async def press(self, found: Locator) -> None:
        """Tap this, but not where the last tap was: the second of a double tap presses nothing new."""
        box = await self._in_view(found)
        x, y = box["width"] / 2, box["height"] / 2
        if math.dist(self._tapped, (box["x"] + x, box["y"] + y)) < BESIDE_PX:
            # On the side of it that is further from the last.
            x *= 0.5 if self._tapped[0] > box["x"] + x else 1.5
        await found.click(position={"x": x, "y": y})
        self._tapped = (box["x"] + x, box["y"] + y)

    async def _in_view(self, found: Locator) -> FloatRect:
        """Where it is once it is in view. What is drawn anew meanwhile is looked up again, as for a click."""
        while True:
            try:
                await found.scroll_into_view_if_needed()
            except Error as error:
                if "not attached" not in error.message:
                    raise
            else:
                if box := await found.bounding_box():
                    return box

    async def keeps_files(self) -> None:
        """Wait until the browser answers for the page's files by itself: what is loaded later is there then."""
        async with asyncio.timeout(PATIENCE_MS / 1000):
            await self.page.evaluate(CONTROLLED)

    async def gone(self, testid: str) -> None:
        """Wait until nothing carries this test id."""
        await self.at(testid).first.wait_for(state="hidden")

    async def read(self, words: str) -> Locator:
        """The first place where these words stand, once they do."""
        found = self.page.get_by_text(words).first
        await found.wait_for()
        return found

    async def keys(self, digits: str) -> None:
        """Press a kiosk's keys, then enter."""
        await self.tap(*(f"kiosk-key-{digit}" for digit in digits), "kiosk-enter")

    async def identify(self, phone: str, pin: str) -> None:
        """Start at a kiosk, phone number and PIN, up to the three doors."""
        await self.tap("kiosk-start")
        await self.keys(phone)
        await self.keys(pin)
        await self.see("kiosk-find-work")

    async def log_in(self, phone: str, name: str | None = None) -> None:
        """By phone and the code that the demo's inbox shows."""
        await self.at("login-phone").fill(phone)
        await self.tap("login-submit")
        await self.see("login-code")
        await self.at("login-code").fill(await self.code_for(phone))
        if name:
            await self.at("login-name").fill(name)
        await self.tap("login-submit")
        await self.gone("login-code")

    async def code_for(self, phone: str) -> str:
        """The newest code in the demo's inbox for a phone."""
        answer = await self.page.request.get(f"{self.origin}/demo/inbox.json")
        ends = (phone[:3], phone[-2:])
        texts = [
            item["text"] for item in (await answer.json())["items"] if (item["to"][:3], item["to"][-2:]) == ends
        ]
        found = re.search(r"\d{6}", texts[0])
        assert found
        return found.group()

    async def smallest_text(self) -> float:
        """Font size in px of the smallest visible text."""
        return float(await self.page.evaluate(SMALLEST_TEXT))

    async def barriers(self) -> list[str]:
        """What keeps somebody from using this page as it is now, by axe-core's WCAG 2.2 A and AA rules."""
        # What waits behind a bar that sticks to the screen's edge comes out when scrolled.
        await self.page.evaluate(STUCK, "static")
        found = await Axe().run(self.page, options=WCAG)
        await self.page.evaluate(STUCK, "")
        return [
            f"{rule['id']}: {node['html'][:160]} {node['failureSummary'].splitlines()[1:2]}"
            for rule in found.response["violations"]
            for node in rule["nodes"]
        ]

    async def shot(self, name: str, full: bool = False) -> None:
        """Look at the page: nothing sticks out, is too small to hit or barred to anybody; keep the picture."""
        if full:
            await self.page.evaluate("scrollTo(0, 0)")
        assert await self.page.evaluate(LAYOUT) == [], name
        found = await self.barriers()
        assert found == [], f"{name}: {found}"
        await self.page.screenshot(path=self.folder / f"{name}.png", full_page=full, animations="disabled")

    @asynccontextmanager
    async def offline(self) -> AsyncIterator[None]:
        """No network meanwhile."""
        self.expected.append("ERR_INTERNET_DISCONNECTED")
        await self.context.set_offline(True)
        yield
        await self.context.set_offline(False)

    def watch(self) -> None:
        """Note page errors, console errors and warnings, and requests to anybody else."""
        self.page.on("pageerror", lambda error: self.complaints.append(f"page error: {error}"))
        self.page.on("console", self._said)
        self.page.on("request", self._asked)

    def _said(self, message: ConsoleMessage) -> None:
        if message.type not in ("error", "warning"):
            return
        where = message.location.get("url", "")
        if "401" in message.text and where == self.origin + NOBODY_IS_LOGGED_IN:
            return
        # The page's own doing: it gave up a stream while that was being opened, at a logout or when a test's
        # clock runs ahead of the network.
        if "WebSocket is closed before the connection is established" in message.text:
            return
        self.complaints.append(f"{message.text} ({where})")

    def _asked(self, request: Request) -> None:
        if not request.url.startswith((f"{self.origin}/", "data:", "blob:")):
            self.complaints.append(f"asked elsewhere: {request.url}")

    def unexpected(self) -> list[str]:
        """The complaints nobody provoked."""
        return [said for said in self.complaints if not any(part in said for part in self.expected)]


class Visitors:
    """Everyone who visits during one test."""

    def __init__(self, browser: Browser, folder: Path) -> None:
        self._browser = browser
        self._folder = folder
        self._visitors: list[Visitor] = []

    async def open(self, origin: str, path: str, size: tuple[int, int], **options: Any) -> Visitor:
        """A new profile with a screen of this size (CSS px), at this page."""
        context = await self._browser.new_context(
            viewport={"width": size[0], "height": size[1]},
            device_scale_factor=1,
            locale="zh-CN",
            timezone_id="Asia/Shanghai",
            **options,
        )
        context.set_default_timeout(PATIENCE_MS)
        visitor = Visitor(context, await context.new_page(), origin, self._folder)
        visitor.watch()
        self._visitors.append(visitor)
        await visitor.page.goto(origin + path)
        return visitor

    async def leave(self) -> None:
        """Close everything. Fails with what went wrong on any page."""
        complaints = [said for visitor in self._visitors for said in visitor.unexpected()]
        for visitor in self._visitors:
            await visitor.context.close()
        assert not complaints, "\n".join(complaints)
