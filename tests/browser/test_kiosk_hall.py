"""The hall's board belongs to nobody: it goes back to Chinese, and names its station in the language chosen."""

import pytest
from playwright.async_api import expect

from tests.browser.test_kiosk import SCREEN
from tests.browser.visiting import Visitors
from tests.serving import Serving

pytestmark = [pytest.mark.browser, pytest.mark.asyncio(loop_scope="module")]


async def test_a_hall_left_in_english_is_chinese_again(own_market: Serving, visitors: Visitors) -> None:
    kiosk = await visitors.open(own_market.url, "/kiosk/", SCREEN)
    await kiosk.page.clock.install()
    await kiosk.page.reload()
    await kiosk.tap("demo-login", "lang-switch")
    await kiosk.read("Touch to start")
    await kiosk.page.clock.run_for(50_000)
    await kiosk.read("Touch to start")
    await kiosk.page.clock.run_for(15_000)
    await kiosk.read("点这里开始")
    # And stays at work.
    await kiosk.tap("kiosk-start")
    await kiosk.see("kiosk-digits")


async def test_help_in_english_names_the_station_in_english(own_market: Serving, visitors: Visitors) -> None:
    kiosk = await visitors.open(own_market.url, "/kiosk/", SCREEN)
    await kiosk.tap("demo-login", "lang-switch", "kiosk-help")
    await expect(kiosk.page.locator("main")).to_contain_text("the window of Zhangshu Gig Market")
    await kiosk.shot("kiosk-help-english")
