"""A town with followers, and the browser in which their states are kept."""

from collections.abc import AsyncIterator

import pytest_asyncio
from playwright.async_api import async_playwright

from tests.browser.conftest import FLAGS, chromium  # noqa: F401
from tests.law.engine import Engine, open_engine
from tests.law.followers import Law
from tests.services.conftest import market, template, town  # noqa: F401
from tests.services.town import Town


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def engine(chromium: str) -> AsyncIterator[Engine]:  # noqa: F811
    """One page for all tests of a module."""
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=chromium, args=FLAGS)
        yield await open_engine(browser)
        await browser.close()


@pytest_asyncio.fixture(loop_scope="module")
async def law(town: Town, engine: Engine) -> AsyncIterator[Law]:  # noqa: F811
    """The law over a new town; everything that was asked is carried out at the end."""
    engine.steps.clear()
    engine.notes.clear()
    yield Law(town, engine)
