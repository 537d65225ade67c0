"""Who taps twice presses once: what comes up under the finger is not pressed by the second tap."""

from datetime import UTC, datetime, timedelta

import pytest
from playwright.async_api import expect

from tests.browser.test_kiosk_frame import WIDE, worker_at
from tests.browser.visiting import TWO_FRAMES, Visitor, Visitors
from tests.serving import Serving, place
from tests.talking import go_available, post_gig

pytestmark = [pytest.mark.browser, pytest.mark.asyncio(loop_scope="module")]

PHONE = (360, 640)


async def place_of(visitor: Visitor, testid: str) -> tuple[float, float]:
    """The middle of what carries this test id, once it takes a tap."""
    await visitor.at(testid).first.click(trial=True)
    box = await (await visitor.see(testid)).bounding_box()
    assert box
    return box["x"] + box["width"] / 2, box["y"] + box["height"] / 2


async def twice(visitor: Visitor, testid: str, then: str) -> str:
    """Tap, and at the same moment and place again once `then` is there; what the second tap lies on."""
    clock = visitor.page.clock
    now = datetime.now(UTC)
    await clock.set_fixed_time(now)
    x, y = await place_of(visitor, testid)
    await visitor.page.mouse.click(x, y)
    await visitor.see(then)
    await visitor.page.evaluate(TWO_FRAMES)
    under = await visitor.page.evaluate(
        "([x, y]) => document.elementFromPoint(x, y).closest('button')?.dataset.testid ?? ''", [x, y]
    )
    await visitor.page.mouse.click(x, y)
    await visitor.page.evaluate(TWO_FRAMES)
    await clock.set_fixed_time(now + timedelta(seconds=1))
    return str(under)


async def test_an_offer_is_not_declined_by_the_second_tap(market: Serving, visitors: Visitors) -> None:
    worker, where = market.person("worker", "周福生"), place()
    await go_available(market, worker, where, ("packer",))
    phone = await visitors.open(market.url, "/worker/", PHONE)
    await phone.log_in(worker.phone)
    await phone.see("waiting")
    await post_gig(market, market.person("employer", "鹿江食品"), where, trade="packer", title="分装菊花茶")
    assert await twice(phone, "offer-decline", "decline") == "decline-skip"
    await expect(phone.at("decline")).to_be_visible()
    await expect(phone.at("offer-card")).to_be_attached()
    # One tap later it is meant.
    await phone.tap("decline-skip")
    await phone.gone("offer-card")


async def test_nobody_is_sent_home_by_going_back_twice(own_market: Serving, visitors: Visitors) -> None:
    kiosk, _ = await worker_at(own_market, visitors, WIDE)
    await kiosk.tap("kiosk-find-work")
    assert await twice(kiosk, "kiosk-back", "kiosk-rest") == "kiosk-rest"
    await kiosk.read("起在等活")
    await expect(kiosk.at("kiosk-rest")).to_be_enabled()
    await expect(kiosk.at("toasts")).to_be_empty()


async def test_the_same_key_is_pressed_as_often_as_it_is_touched(
    own_market: Serving, visitors: Visitors
) -> None:
    kiosk = await visitors.open(own_market.url, "/kiosk/", WIDE)
    await kiosk.tap("demo-login", "kiosk-start")
    await kiosk.see("kiosk-digits")
    await kiosk.page.clock.set_fixed_time(datetime.now(UTC))
    await kiosk.tap("kiosk-key-1", "kiosk-key-3", "kiosk-key-8", "kiosk-key-8", "kiosk-key-8")
    await expect(kiosk.at("kiosk-digits")).to_have_text("138 88")
