"""Where an employer's address leads: to a posting of their own, and else back to the board."""

import pytest
from playwright.async_api import expect

from tests.browser.visiting import Visitors
from tests.serving import Serving, place
from tests.talking import post_gig

pytestmark = [pytest.mark.browser, pytest.mark.asyncio(loop_scope="module")]

PHONE = (390, 844)


async def test_a_posting_that_is_not_there_is_no_dead_end(market: Serving, visitors: Visitors) -> None:
    boss, other = market.person("employer", "鹿江食品"), market.person("employer", "药都物流")
    gig = await post_gig(market, other, place(), trade="packer")
    await post_gig(market, boss, place(), trade="packer", title="分装菊花茶")
    page = await visitors.open(market.url, f"/employer/#gig={gig['id']}", PHONE)
    await page.log_in(boss.phone)
    await expect(page.at("gig-missing")).to_contain_text("这里没有这个活")
    await page.shot("employer-missing")
    await page.press(page.page.get_by_role("link", name="所有的活"))
    await expect(page.at("gig-row")).to_contain_text("分装菊花茶")


async def test_the_next_to_log_in_begins_at_their_own_board(market: Serving, visitors: Visitors) -> None:
    boss, other = market.person("employer", "樟树食品"), market.person("employer", "赣江食品")
    for each in (boss, other):
        await post_gig(market, each, place(), trade="packer")
    page = await visitors.open(market.url, "/employer/", PHONE)
    await page.log_in(boss.phone)
    await page.tap("gig-row", "log-out")
    await page.see("login-phone")
    await page.log_in(other.phone)
    await expect(page.at("gig-row")).to_be_visible()
