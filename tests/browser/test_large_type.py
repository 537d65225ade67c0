"""A browser set to the largest type (30 px): an offer is seen before its answers, nothing is cut off."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio
from playwright.async_api import async_playwright, expect

from tests.browser.conftest import FLAGS
from tests.browser.visiting import LAYOUT, Visitor, Visitors
from tests.serving import Serving, place
from tests.talking import go_available, post_gig

pytestmark = [pytest.mark.browser, pytest.mark.asyncio(loop_scope="module")]

PHONE = (360, 640)
LARGEST = "--blink-settings=defaultFontSize=30"
ROOT = "parseFloat(getComputedStyle(document.documentElement).fontSize)"
COVERED = """() => {
  const stop = document.querySelector("[data-testid=sharing-stop]").getBoundingClientRect();
  return stop.bottom - document.querySelector("nav.tabs").getBoundingClientRect().top;
}"""
"""How many px of the way to stop sharing lie under the tabs."""


@pytest_asyncio.fixture(loop_scope="module")
async def large(chromium: str, screens: Path) -> AsyncIterator[Visitors]:
    """Visitors whose browser is set so."""
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=chromium, args=[*FLAGS, LARGEST])
        everyone = Visitors(browser, screens)
        yield everyone
        await everyone.leave()
        await browser.close()


async def fits(visitor: Visitor, name: str) -> None:
    """No larger than the requirement's 30 px, and nothing sticks out or is clipped."""
    assert await visitor.page.evaluate(ROOT) == 30
    await visitor.page.evaluate("scrollTo(0, 0)")
    assert await visitor.page.evaluate(LAYOUT) == [], name
    await visitor.page.screenshot(path=visitor.folder / f"{name}.png", animations="disabled")


@pytest.mark.parametrize("elder", [False, True], ids=["", "elder"])
async def test_an_offer_is_read_before_it_is_answered(market: Serving, large: Visitors, elder: bool) -> None:
    worker, boss, where = market.person("worker", "周福生"), market.person("employer", "鹿江食品"), place()
    await go_available(market, worker, where, ("packer",))
    phone = await large.open(
        market.url,
        "/worker/",
        PHONE,
        permissions=["geolocation"],
        geolocation={"latitude": where["lat"], "longitude": where["lng"]},
    )
    if elder:
        await phone.tap("elder-switch")
    await phone.log_in(worker.phone)
    await phone.see("waiting")
    await post_gig(market, boss, where, trade="packer", title="分装菊花茶", note="自带手套口罩")
    card = await phone.see("offer-card")
    await fits(phone, "worker-offer-30px")
    await expect(card.get_by_role("heading", name="分装菊花茶")).to_be_in_viewport(ratio=1)
    await expect(card.locator(".pay")).to_be_in_viewport(ratio=1)
    await phone.tap("offer-accept", "taken-close", "tab-nearby")
    await phone.see("nearby-refresh")
    await fits(phone, "worker-nearby-30px")
    assert await phone.page.evaluate(COVERED) <= 0


async def test_a_posting_fits(market: Serving, large: Visitors) -> None:
    employer = await large.open(market.url, "/employer/", PHONE)
    await employer.log_in("13812350301", "药都食品")
    await employer.see("post-headcount")
    await fits(employer, "employer-post-30px")
