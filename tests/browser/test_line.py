"""A line that breaks and comes back moves nothing: a finger may be on its way."""

from contextlib import AsyncExitStack

import pytest
from playwright.async_api import expect

from gigmarket.edge.ws.seats import MOST_PER_ACCOUNT
from tests.browser.visiting import Visitor, Visitors
from tests.serving import Serving
from tests.talking import post_gig, stream_of

pytestmark = [pytest.mark.browser, pytest.mark.asyncio(loop_scope="module")]

NARROW, PHONE, SCREEN, WIDE, DESK = (320, 568), (360, 640), (1080, 1920), (1280, 800), (1280, 800)
PLACES = """() => {
  const found = [...document.querySelectorAll("button, a, input, select, h1, h2, article")];
  return Object.fromEntries(found.filter((e) => e.dataset.testid !== "elder-switch").map((e, n) => {
    const { x, y, width, height } = e.getBoundingClientRect();
    return [`${n} ${e.dataset.testid ?? e.tagName}`, [x, y, width, height]];
  }));
}"""
"""Where everything is that can be tapped, and what is read above it, in px."""


async def moves_nothing(visitor: Visitor, name: str) -> None:
    """The line breaks and comes back."""
    before = {
        name: pytest.approx(place, abs=0.5) for name, place in (await visitor.page.evaluate(PLACES)).items()
    }
    async with visitor.offline():
        await visitor.see("line-banner")
        assert await visitor.page.evaluate(PLACES) == before
        await visitor.shot(f"line-{name}")
    await visitor.gone("line-banner")
    assert await visitor.page.evaluate(PLACES) == before


@pytest.mark.parametrize("large", [False, True], ids=["", "large"])
@pytest.mark.parametrize("english", [False, True], ids=["chinese", "english"])
@pytest.mark.parametrize("size", [NARROW, PHONE], ids=["narrow", "phone"])
async def test_a_phone(
    market: Serving, visitors: Visitors, size: tuple[int, int], english: bool, large: bool
) -> None:
    phone = await visitors.open(market.url, "/worker/", size)
    await phone.tap("demo-login")
    await phone.see("go-available")
    if large:
        await phone.tap("elder-switch")
    if english:
        await phone.tap("lang-switch")
        await phone.read("Find work")
    await phone.keeps_files()
    await moves_nothing(phone, f"phone-{size[0]}{'-english' * english}{'-large' * large}")


@pytest.mark.parametrize("size", [SCREEN, WIDE], ids=["upright", "wide"])
async def test_a_kiosk(market: Serving, visitors: Visitors, size: tuple[int, int]) -> None:
    kiosk = await visitors.open(market.url, "/kiosk/", size)
    await kiosk.tap("demo-login")
    await kiosk.see("kiosk-start")
    await kiosk.keeps_files()
    await moves_nothing(kiosk, f"kiosk-{size[0]}")


@pytest.mark.parametrize("size", [PHONE, DESK], ids=["phone", "desk"])
@pytest.mark.parametrize(("role", "first"), [("employer", "post-open"), ("staff", "queue-undelivered")])
async def test_a_desk(
    market: Serving, visitors: Visitors, role: str, first: str, size: tuple[int, int]
) -> None:
    desk = await visitors.open(market.url, f"/{role}/", size)
    await desk.tap("demo-login")
    await desk.see(first)
    await moves_nothing(desk, f"{role}-{size[0]}")


async def test_the_line_breaks_under_a_finger(own_market: Serving, visitors: Visitors) -> None:
    where = {"latitude": 28.0620, "longitude": 115.5430}
    phone = await visitors.open(
        own_market.url, "/worker/", PHONE, geolocation=where, permissions=["geolocation"]
    )
    await phone.log_in("13812360021", "吴大勇")
    await phone.tap("trade-gardener", "setup-save", "go-available", "consent-yes")
    await phone.see("waiting")
    employer = own_market.person("employer", "滨江园林")
    await post_gig(own_market, employer, {"lat": 28.0622, "lng": 115.5432, "datum": "wgs84"}, trade="gardener")
    # An offer that has just come up takes no answer yet.
    await phone.at("offer-accept").click(trial=True)
    button = await phone.at("offer-accept").bounding_box()
    assert button
    await phone.page.mouse.move(button["x"] + button["width"] / 2, button["y"] + button["height"] / 2)
    await phone.page.mouse.down()
    async with phone.offline():
        await phone.see("line-banner")
        await phone.page.mouse.up()
        await expect(phone.at("offer-accept")).to_be_disabled()
    await phone.see("taken")


@pytest.mark.parametrize("large", [False, True], ids=["", "large"])
async def test_a_page_that_was_opened_elsewhere_says_so_and_takes_over_again(
    own_market: Serving, visitors: Visitors, large: bool
) -> None:
    worker = own_market.person("worker", "李秀英", f"1381236002{2 + large}")
    phone = await visitors.open(own_market.url, "/worker/", PHONE)
    await phone.log_in(worker.phone)
    await phone.tap("trade-cleaner", "setup-save")
    await phone.see("go-available")
    if large:
        await phone.tap("elder-switch")
    async with AsyncExitStack() as elsewhere:
        for _ in range(MOST_PER_ACCOUNT):
            await elsewhere.enter_async_context(stream_of(own_market, worker))
        await expect(phone.at("line-banner")).to_contain_text("您在别处打开了这个页面")
        await phone.shot(f"line-replaced{'-large' * large}")
    await phone.press(phone.at("line-banner").get_by_role("button"))
    await phone.gone("line-banner")
