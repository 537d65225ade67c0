"""A line that breaks while a page fetches the city's trades or stations: the page asks again by itself."""

import pytest
from playwright.async_api import Route, expect

from tests.browser.test_kiosk import PIN, SCREEN
from tests.browser.visiting import Visitor, Visitors
from tests.serving import Serving
from tests.talking import ok

pytestmark = [pytest.mark.browser, pytest.mark.asyncio(loop_scope="module")]

PHONE, DESK = (360, 640), (1280, 800)


async def breaks_once(visitor: Visitor, *names: str) -> None:
    """The first question for each of these lists gets no answer; the page is opened anew."""
    broken: set[str] = set()

    async def answer(route: Route) -> None:
        name = route.request.url.rsplit("/", 1)[1]
        if name in broken:
            await route.continue_()
        else:
            broken.add(name)
            await route.abort()

    for name in names:
        await visitor.page.route(f"**/api/v1/{name}", answer)
    visitor.expected += ["ERR_FAILED", "Service Worker registration blocked"]
    await visitor.page.reload()


async def test_a_worker_can_say_what_he_does(market: Serving, visitors: Visitors) -> None:
    phone = await visitors.open(market.url, "/worker/", PHONE, service_workers="block")
    await breaks_once(phone, "trades")
    await phone.log_in("13812350101", "郑大力")
    await phone.tap("trade-guard", "setup-save")
    await phone.see("go-available")


async def test_an_employer_can_post(market: Serving, visitors: Visitors) -> None:
    employer = await visitors.open(market.url, "/employer/", PHONE)
    await breaks_once(employer, "trades", "stations")
    await employer.log_in("13812350102", "鹿江食品")
    await employer.tap("post-trade-guard")
    await expect(employer.at("post-station").get_by_role("option", name="樟树市零工市场")).to_be_attached()


async def test_a_kiosk_can_take_in_somebody_new(own_market: Serving, visitors: Visitors) -> None:
    worker = own_market.person("worker", "孙小红", "13812350103")
    async with own_market.http(worker) as http:
        await ok(http.put("/api/v1/workers/me/pin", json={"pin": PIN}), 204)
    kiosk = await visitors.open(own_market.url, "/kiosk/", SCREEN, service_workers="block")
    await breaks_once(kiosk, "trades")
    await kiosk.tap("demo-login")
    await kiosk.identify(worker.phone, PIN)
    await kiosk.tap("kiosk-find-work", "trade-guard", "setup-save")
    await kiosk.see("joined")


async def test_a_desk_knows_its_towns(own_market: Serving, visitors: Visitors) -> None:
    staff = await visitors.open(own_market.url, "/staff/", DESK)
    await breaks_once(staff, "trades", "stations")
    await staff.tap("demo-login")
    await expect(staff.at("town").get_by_role("option", name="临江镇")).to_be_attached()
