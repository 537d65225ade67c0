"""A real Chromium, real servers with the demo's extras, and where screenshots go."""

import json
import os
import shutil
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest
import pytest_asyncio
from playwright.async_api import Browser, async_playwright, expect

from gigmarket.demo.show import CITY_POLICY
from loadtests.scenarios.first_screen import BINARIES
from tests.browser.visiting import PATIENCE_MS, Visitors
from tests.serving import Serving, serving

FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
]

expect.set_options(timeout=PATIENCE_MS)


@pytest.fixture(scope="session")
def market(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Serving]:
    """A server per test process, for tests that keep out of each other's way by people, trade and place."""
    with serving(
        tmp_path_factory.mktemp("pages"), GIGMARKET_DEMO="true", GIGMARKET_POLICY=json.dumps(CITY_POLICY)
    ) as running:
        yield running


@pytest.fixture(scope="module")
def own_market(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Serving]:
    """A server of the module's own, for tests that count what there is."""
    with serving(tmp_path_factory.mktemp("own"), GIGMARKET_DEMO="true") as running:
        yield running


@pytest.fixture(scope="session")
def chromium() -> str:
    """Chromium's path; without one the test is skipped."""
    found = next(filter(None, map(shutil.which, BINARIES)), None)
    if found is None:
        pytest.skip(f"no browser: none of {', '.join(BINARIES)} is on PATH")
    return found


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def browser(chromium: str) -> AsyncIterator[Browser]:
    """One browser process per module; every visitor has a profile of their own in it."""
    async with async_playwright() as playwright:
        running = await playwright.chromium.launch(executable_path=chromium, args=FLAGS)
        yield running
        await running.close()


@pytest.fixture
def screens(tmp_path: Path) -> Path:
    """Where screenshots go: the folder in GIGMARKET_SCREENS, else a temporary one."""
    folder = Path(os.environ.get("GIGMARKET_SCREENS") or tmp_path)
    folder.mkdir(parents=True, exist_ok=True)
    return folder


@pytest_asyncio.fixture(loop_scope="module")
async def visitors(browser: Browser, screens: Path) -> AsyncIterator[Visitors]:
    """Opens pages; at the end none of them may have complained or asked anybody else for anything."""
    everyone = Visitors(browser, screens)
    yield everyone
    await everyone.leave()
