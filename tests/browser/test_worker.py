"""The worker's phone on its own: logging in, large type, English, a line that breaks, my own data."""

from typing import Literal

import pytest
from playwright.async_api import expect

from tests.browser.visiting import Visitor, Visitors
from tests.serving import Serving, place
from tests.talking import go_available, post_gig

pytestmark = [pytest.mark.browser, pytest.mark.asyncio(loop_scope="module")]

PHONE = (360, 640)
READABLE_PX = 18
"""适老化: the smallest text in elder mode."""


async def available(market: Serving, visitors: Visitors, where: tuple[float, float]) -> Visitor:
    """The demo's worker by one tap, looking for work at this place."""
    lat, lng = where
    worker = await visitors.open(
        market.url,
        "/worker/",
        PHONE,
        geolocation={"latitude": lat, "longitude": lng},
        permissions=["geolocation"],
    )
    await worker.tap("demo-login", "go-available", "consent-yes")
    await worker.see("waiting")
    return worker


async def test_back_after_the_line_broke(own_market: Serving, visitors: Visitors) -> None:
    worker = await available(own_market, visitors, (28.0620, 115.5430))
    async with worker.offline():
        await worker.see("line-banner")
        await worker.shot("worker-offline")
        # Posted while the phone is away: its stream goes on where it stopped.
        employer = own_market.person("employer", "鹿江食品")
        where = {"lat": 28.0625, "lng": 115.5435, "datum": "wgs84"}
        await post_gig(own_market, employer, where, title="分装菊花茶", trade="packer")
    await worker.see("offer-card")
    await worker.gone("line-banner")
    await worker.tap("offer-decline", "decline-skip")
    await worker.see("waiting")
    await worker.tap("go-offline")
    await worker.see("go-available")


async def test_large_type_and_english(market: Serving, visitors: Visitors) -> None:
    worker = await visitors.open(market.url, "/worker/", PHONE)
    await worker.log_in("13812360001", "Wu Fang")
    await worker.tap("trade-cleaner", "setup-save")
    await worker.see("go-available")
    assert await worker.smallest_text() < READABLE_PX

    await worker.tap("elder-switch")
    for tab in ("tab-me", "tab-nearby", "my-gigs", "tab-home"):
        await worker.tap(tab)
        await expect(worker.at(tab)).to_have_attribute("aria-current", "page")
        assert await worker.smallest_text() >= READABLE_PX, tab
        await worker.shot(f"worker-elder-{tab}")
    await worker.page.reload()
    await worker.see("go-available")
    assert await worker.smallest_text() >= READABLE_PX

    await worker.tap("lang-switch")
    await worker.read("Find work")
    assert await worker.page.locator("html").get_attribute("lang") == "en"
    for tab in ("tab-me", "tab-nearby", "my-gigs", "tab-home"):
        await worker.tap(tab)
        await expect(worker.at(tab)).to_have_attribute("aria-current", "page")
        await worker.shot(f"worker-english-{tab}")
    await worker.tap("lang-switch", "elder-switch")
    await worker.read("我要找活")


async def test_nearby_pin_and_leaving(market: Serving, visitors: Visitors) -> None:
    employer = market.person("employer", "大桥物流")
    where = {"lat": 28.0330, "lng": 115.5560, "datum": "wgs84"}
    await post_gig(market, employer, where, title="看守仓库", trade="guard")
    worker = await visitors.open(market.url, "/worker/", PHONE)
    await worker.log_in("13812360002", "钱守信")
    await worker.tap("trade-guard", "setup-save", "go-station", "station-zs-daqiao")
    await worker.see("offer-card")
    await worker.tap("offer-decline", "decline-hours")
    await worker.see("waiting")
    await worker.tap("tab-nearby")
    await worker.read("看守仓库")
    await worker.shot("worker-nearby")
    await worker.tap("tab-me")
    await worker.at("pin").fill("2468")
    await worker.tap("pin-save")
    await expect(worker.at("pin")).to_have_value("")
    await worker.shot("worker-me", full=True)
    await worker.tap("log-out", "logout-yes")
    await worker.see("login-phone")
    await worker.page.reload()
    await worker.see("login-phone")


async def test_a_wrong_code_lets_nobody_in(market: Serving, visitors: Visitors) -> None:
    worker = await visitors.open(market.url, "/worker/", PHONE)
    worker.expected.append("/api/v1/auth/sessions)")
    await worker.at("login-phone").fill("13812360003")
    await worker.tap("login-submit")
    await worker.see("login-code")
    right = await worker.code_for("13812360003")
    await worker.at("login-code").fill("000000" if right != "000000" else "111111")
    await worker.tap("login-submit")
    await worker.page.get_by_role("alert").wait_for()
    await worker.shot("worker-wrong-code", full=True)
    await worker.at("login-code").fill(right)
    await worker.at("login-name").fill("冯实")
    await worker.tap("login-submit")
    await worker.see("setup")


WATCH = """() => void (window.answeredAtOnce = new Promise((seen) => {
  const watch = new MutationObserver(() => {
    const button = document.querySelector("[data-testid=offer-accept]");
    if (!button) return;
    watch.disconnect();
    const { left, top, width, height } = button.getBoundingClientRect();
    seen(button.contains(document.elementFromPoint(left + width / 2, top + height / 2)));
  });
  watch.observe(document.body, { childList: true, subtree: true });
}))"""
"""Notes whether a tap where 接 comes up would hit it the moment it does."""


@pytest.mark.parametrize("motion", ["no-preference", "reduce"])
async def test_an_offer_that_comes_up_under_a_finger_is_not_taken(
    market: Serving, visitors: Visitors, motion: Literal["no-preference", "reduce"]
) -> None:
    who, where = market.person("worker", "郑小红"), place()
    await go_available(market, who, where, ("gardener",))
    worker = await visitors.open(market.url, "/worker/", PHONE, reduced_motion=motion)
    await worker.log_in(who.phone)
    await worker.see("waiting")
    await worker.page.evaluate(WATCH)
    await post_gig(market, market.person("employer", "鹿江食品"), where, trade="gardener")
    assert await worker.page.evaluate("window.answeredAtOnce") is False
    await worker.tap("offer-decline", "decline-skip", "go-offline")
    await worker.see("go-available")
