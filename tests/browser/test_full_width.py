"""Figures written in full width, as Chinese keyboards may: they are what they look like."""

import pytest
from playwright.async_api import expect

from tests.browser.visiting import Visitors
from tests.serving import Serving

pytestmark = [pytest.mark.browser, pytest.mark.asyncio(loop_scope="module")]

WIDE = str.maketrans("0123456789.", "０１２３４５６７８９．")


async def test_a_phone_number_and_a_wage_in_full_width(market: Serving, visitors: Visitors) -> None:
    hand = await visitors.open(market.url, "/employer/", (390, 844))
    await hand.log_in("13812350177", "药都物流")
    await hand.tap("post-open")
    await hand.at("post-wage").fill("180.5".translate(WIDE))
    await expect(hand.at("post-wage")).to_have_value("180.5")
    other = await visitors.open(market.url, "/worker/", (360, 640))
    await other.at("login-phone").fill("13812350178".translate(WIDE))
    await expect(other.at("login-phone")).to_have_value("13812350178")
    await other.tap("login-submit")
    await other.see("login-code")
    code = await other.code_for("13812350178")
    await other.at("login-code").fill(code.translate(WIDE))
    await expect(other.at("login-code")).to_have_value(code)
