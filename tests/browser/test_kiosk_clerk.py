"""A clerk at the kiosk on a low screen: whose papers end, a first visit by keys alone, a card that fits."""

import pytest
from playwright.async_api import expect

from tests.browser.test_kiosk import by_code
from tests.browser.test_kiosk_papers import CLERK_PIN, PRINTS
from tests.browser.visiting import Visitor, Visitors
from tests.serving import Serving
from tests.talking import ok

pytestmark = [pytest.mark.browser, pytest.mark.asyncio(loop_scope="module")]

WIDE = (1280, 800)
CLERK, WORKER, NEW = "13812390001", "13812390002", "13812390003"


async def at_the_desk(own_market: Serving, visitors: Visitors) -> Visitor:
    """The demo's kiosk in the hands of a clerk."""
    clerk = own_market.person("clerk", "李协管", CLERK, station="zs-city")
    own_market.person("worker", "欧阳大山", WORKER)
    async with own_market.http(clerk) as http:
        await ok(http.put("/api/v1/clerks/me/pin", json={"pin": CLERK_PIN}), 204)
    kiosk = await visitors.open(own_market.url, "/kiosk/", WIDE)
    await kiosk.tap("demo-login", "kiosk-help", "kiosk-clerk")
    await kiosk.page.evaluate(PRINTS)
    await kiosk.see("clerk-no-pin")
    await kiosk.keys(CLERK)
    await kiosk.keys(CLERK_PIN)
    await kiosk.see("clerk-desk")
    return kiosk


async def test_the_keys_keep_their_size_beside_a_printed_card(own_market: Serving, visitors: Visitors) -> None:
    kiosk = await at_the_desk(own_market, visitors)
    before = await kiosk.at("kiosk-key-1").bounding_box()
    await kiosk.tap(*(f"kiosk-key-{digit}" for digit in WORKER), "clerk-card")
    await kiosk.see("wallet-card")
    after = await kiosk.at("kiosk-key-1").bounding_box()
    assert before
    assert after
    assert after["height"] == before["height"]
    for there in ("kiosk-key-1", "kiosk-enter", "clerk-card", "clerk-lost", "clerk-register", "kiosk-leave"):
        await expect(kiosk.at(there)).to_be_in_viewport(ratio=1)
    await kiosk.shot("kiosk-card-wide")


async def test_whose_papers_end_is_named_before_they_do(own_market: Serving, visitors: Visitors) -> None:
    kiosk = await at_the_desk(own_market, visitors)
    await kiosk.tap(*(f"kiosk-key-{digit}" for digit in WORKER), "clerk-lost")
    await expect(kiosk.at("clerk-lost-whose")).to_have_text("欧* · 138 1239 0002")
    await kiosk.shot("kiosk-lost-wide")
    await kiosk.tap("clerk-revoke-yes")
    await kiosk.gone("clerk-revoke")


async def test_a_first_visit_by_the_keys_from_the_number_just_typed_to_the_halls_list(
    own_market: Serving, visitors: Visitors
) -> None:
    kiosk = await at_the_desk(own_market, visitors)
    await kiosk.tap(*(f"kiosk-key-{digit}" for digit in NEW), "clerk-register")
    await expect(kiosk.at("new-phone")).to_have_value(NEW)
    await kiosk.at("new-name").fill("孙小红")
    await kiosk.tap(*(f"new-key-{digit}" for digit in "1122"))
    await expect(kiosk.at("new-pin")).to_have_value("1122")
    await expect(kiosk.at("new-save")).to_be_in_viewport(ratio=1)
    await kiosk.shot("kiosk-register-wide")
    await kiosk.tap("new-save", "kiosk-find-work", "trade-porter", "setup-save")
    await kiosk.see("joined")
    await kiosk.shot("kiosk-joined-wide")
    await kiosk.tap("kiosk-back")
    await kiosk.read("起在等活")


async def test_a_clerk_without_a_pin_needs_no_keyboard(own_market: Serving, visitors: Visitors) -> None:
    own_market.person("clerk", "王协管", "13812390004", station="zs-city")
    kiosk = await visitors.open(own_market.url, "/kiosk/", WIDE)
    await kiosk.tap("demo-login", "kiosk-help", "kiosk-clerk", "clerk-no-pin")
    await kiosk.see("by-code")
    await kiosk.shot("kiosk-by-code-wide")
    await by_code(kiosk, "13812390004")
    await kiosk.read("设终端密码")
    await expect(kiosk.page.locator("input")).to_have_count(0)
    await kiosk.tap("kiosk-leave")
    await kiosk.see("kiosk-start")


async def test_a_card_that_was_read_is_not_the_next_ones(own_market: Serving, visitors: Visitors) -> None:
    kiosk = await at_the_desk(own_market, visitors)
    await kiosk.tap("clerk-register")
    await kiosk.page.keyboard.type("36098219750315421X")
    await kiosk.page.keyboard.press("Enter")
    await kiosk.read("身份证已读到")
    # The first one changes their mind; the second has no card.
    await kiosk.tap("kiosk-back", "clerk-register")
    await kiosk.see("clerk-new")
    await expect(kiosk.page.get_by_text("身份证已读到")).to_have_count(0)
    await expect(kiosk.at("clerk-new")).to_contain_text("身份证")
