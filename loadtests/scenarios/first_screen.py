"""`first_screen`: until a phone shows something to press, on a village's line: 400 kbit/s, 100 ms each way.

A real Chromium with an empty cache, its network slowed by the browser itself and its processor to a quarter.
By HTTP/2 through nginx with deploy/nginx.conf, as a city runs it, where nginx and openssl are there, and by
HTTP/1.1 straight to the server. `floor` is what the line needs for the bytes alone.
"""

import asyncio
import shutil
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from typing import Any

from sqlalchemy import Connection

from loadtests import nginx, serving
from loadtests.report import Result, skipped, versions

APART = True
BINARIES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
BITS = 400_000
LATENCY_MS = 100
SLOWER_CPU = 4
BYTES = """() => performance.getEntriesByType("resource").concat(performance.getEntriesByType("navigation"))
  .reduce((sum, { transferSize }) => sum + transferSize, 0)"""


@dataclass(frozen=True, slots=True)
class Size:
    """How often each page is opened."""

    turns: int = 5


FULL = Size()
TINY = Size(turns=1)
PAGES = (("/worker/", "login-phone"), ("/kiosk/", "enrol-code"))


def run(size: Size = FULL) -> dict[str, Any]:
    """`value` is the worker page's median in ms; the kiosk's is in the detail."""
    binary = next(filter(None, map(shutil.which, BINARIES)), None)
    if binary is None:
        return skipped("first_screen", f"none of {', '.join(BINARIES)} is on PATH")
    folder = Path(tempfile.mkdtemp(prefix="gigmarket-load-"))
    try:
        found = asyncio.run(_run(folder, binary, size))
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    worker = found.get("http2", found["http1"])["/worker/"]
    floor = worker["bytes"] * 8 / BITS * 1000
    detail = {
        "what": f"opening the page until it can be used, {BITS // 1000} kbit/s, {LATENCY_MS} ms, empty cache",
        "floor_is": "the page's bytes at that rate",
        "cpu_slowed": SLOWER_CPU,
        "pages": found,
        "versions": versions("playwright", "fastapi", "uvicorn"),
    }
    value = worker["ms"]
    return Result("first_screen", value, round(floor, 1), round(value / floor, 3), "ms", detail).as_dict()


def _nobody(_connection: Connection) -> None:
    """An empty market."""


async def _run(folder: Path, binary: str, size: Size) -> dict[str, Any]:
    from playwright.async_api import async_playwright

    found: dict[str, Any] = {}
    with serving.market(folder, _nobody, "{}") as server, nginx.before(server.url, folder) as proxy:
        async with async_playwright() as playwright:
            browser = await playwright.chromium.launch(executable_path=binary, args=["--no-sandbox"])
            for name, url in (("http1", server.url), ("http2", proxy)):
                if url is not None:
                    found[name] = await _pages(browser, url, size)
            await browser.close()
    return found


async def _pages(browser: Any, url: str, size: Size) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for path, shown in PAGES:
        opened = [await _open(browser, url + path, shown) for _ in range(size.turns)]
        took = [ms for ms, _ in opened]
        found[path] = {"ms": round(median(took), 1), "all_ms": took, "bytes": opened[-1][1]}
    return found


async def _open(browser: Any, address: str, shown: str) -> tuple[float, int]:
    screen = {"width": 360, "height": 640}
    context = await browser.new_context(viewport=screen, service_workers="block", ignore_https_errors=True)
    page = await context.new_page()
    line = await context.new_cdp_session(page)
    await line.send("Network.enable")
    network = {"offline": False, "latency": LATENCY_MS, "uploadThroughput": BITS / 16}
    await line.send("Network.emulateNetworkConditions", {**network, "downloadThroughput": BITS / 8})
    await line.send("Emulation.setCPUThrottlingRate", {"rate": SLOWER_CPU})
    began = time.perf_counter()
    await page.goto(address, wait_until="commit")
    await page.get_by_test_id(shown).first.wait_for()
    took = (time.perf_counter() - began) * 1000
    sent = int(await page.evaluate(BYTES))
    await context.close()
    return round(took, 1), sent
