"""The station's shared screen: a clerk sets it up, a worker without a phone is called up and takes the gig."""

import asyncio

import pytest
from playwright.async_api import Route, expect

from tests.browser.visiting import Visitor, Visitors
from tests.serving import Person, Serving
from tests.talking import ok, posting

pytestmark = [pytest.mark.browser, pytest.mark.asyncio(loop_scope="module")]

SCREEN = (1080, 1920)
PHONE, PIN = "13800000001", "1234"
"""The demo's worker: 张建国, porter, packer and herb sorter."""
WATCH = """
window.aloneEarly = false;
const there = (id) => document.querySelector(`[data-testid=${id}]`) !== null;
new MutationObserver(() => { window.aloneEarly ||= there("BELOW") && !there("demo-login"); })
  .observe(document, { childList: true, subtree: true });
"""
"""Whether the demo's button came after what stands below it, and so moved it."""


async def demo_worker(own_market: Serving) -> None:
    """The demo's worker exists, whichever test comes first in this process."""
    async with own_market.http() as http:
        await ok(http.post("/demo/login", json={"role": "worker"}))


async def kiosk_at_work(own_market: Serving, visitors: Visitors) -> Visitor:
    """The demo's kiosk by one tap, and the demo's worker entered."""
    await demo_worker(own_market)
    kiosk = await visitors.open(own_market.url, "/kiosk/", SCREEN)
    await kiosk.tap("demo-login")
    await kiosk.see("kiosk-start")
    return kiosk


async def by_code(kiosk: Visitor, phone: str) -> None:
    """A clerk without a PIN logs in by a code, on the kiosk's own keys."""
    await kiosk.tap(*(f"clerk-key-{digit}" for digit in phone), "clerk-enter")
    await kiosk.read("短信验证码")
    await kiosk.tap(*(f"clerk-key-{digit}" for digit in await kiosk.code_for(phone)), "clerk-enter")


async def post_at(own_market: Serving, employer: Person, station: str, **changes: object) -> None:
    """A gig next to a station."""
    async with own_market.http(employer) as http:
        stations = (await ok(http.get("/api/v1/stations")))["items"]
        where = next(each["position"] for each in stations if each["id"] == station)
        site = {**where, "address": "药都大道 128 号 2 号仓库"}
        await ok(http.post("/api/v1/gigs", json=posting(where, site=site, **changes)), 201)


async def test_a_clerk_sets_the_screen_up(own_market: Serving, visitors: Visitors) -> None:
    clerk = own_market.person("clerk", "李协管", "13812350001", station="zs-linjiang")
    kiosk = await visitors.open(own_market.url, "/kiosk/", SCREEN)
    await kiosk.tap("enrol-by-clerk")
    await by_code(kiosk, clerk.phone)
    await kiosk.see("kiosk-enrol")
    await kiosk.shot("kiosk-setup")
    await kiosk.tap("kiosk-enrol")
    await kiosk.see("kiosk-start")
    await kiosk.read("临江零工驿站")
    names = {cookie["name"] for cookie in await kiosk.context.cookies()}
    assert "gm_kiosk" in names
    assert "gm_clerk" not in names
    await kiosk.page.reload()
    await kiosk.see("kiosk-start")


@pytest.mark.parametrize(("path", "below"), [("/kiosk/", "enrol-by-clerk"), ("/worker/", "login-phone")])
async def test_nothing_moves_under_a_finger_when_the_city_is_known(
    own_market: Serving, visitors: Visitors, path: str, below: str
) -> None:
    screen = await visitors.open(own_market.url, path, SCREEN, service_workers="block")
    screen.expected.append("Service Worker registration blocked")
    await screen.see(below)
    known = asyncio.Event()

    async def hold(route: Route) -> None:
        await known.wait()
        await route.continue_()

    await screen.page.route("**/api/v1/meta", hold)
    await screen.page.add_init_script(WATCH.replace("BELOW", below))
    await screen.page.evaluate("localStorage.clear()")
    async with screen.page.expect_response("**/api/v1/auth/sessions/current"):
        await screen.page.reload()
    await screen.page.evaluate(
        "new Promise((drawn) => requestAnimationFrame(() => requestAnimationFrame(drawn)))"
    )
    known.set()
    await screen.see("demo-login")
    await screen.see(below)
    assert await screen.page.evaluate("window.aloneEarly") is False


async def test_called_up_from_the_hall(own_market: Serving, visitors: Visitors) -> None:
    kiosk = await kiosk_at_work(own_market, visitors)
    await kiosk.identify(PHONE, PIN)
    await kiosk.shot("kiosk-menu")
    await kiosk.tap("kiosk-find-work")
    await kiosk.see("joined")
    await kiosk.tap("joined-done")
    await kiosk.see("kiosk-start")
    await kiosk.read("大厅等活 1 人")

    employer = own_market.person("employer", "仁和药材行")
    await post_at(
        own_market,
        employer,
        "zs-city",
        trade="packer",
        title="打包药酒",
        meals=True,
        note="自带手套",
        wage={"amount_fen": 170, "per": "piece"},
    )
    await expect(kiosk.at("callup")).to_contain_text("张*")
    assert "张建国" not in await kiosk.page.content()
    await kiosk.identify(PHONE, PIN)
    await kiosk.see("offer-card")
    await kiosk.shot("kiosk-offer")
    await kiosk.tap("offer-accept")
    await kiosk.see("taken")
    await kiosk.read("药都大道 128 号 2 号仓库")
    await expect(kiosk.at("taken").locator("h2").first).to_have_text("打包药酒 · ¥1.70 每件")
    await expect(kiosk.at("ticket")).to_contain_text("¥1.70 每件")
    await kiosk.shot("kiosk-taken")
    await kiosk.tap("kiosk-back", "kiosk-my-gigs")
    await expect(kiosk.at("assignment")).to_have_attribute("data-status", "confirmed")
    await kiosk.shot("kiosk-gigs")
    await kiosk.tap("kiosk-leave")
    await kiosk.see("kiosk-start")
    await kiosk.gone("callup")


async def test_a_wrong_pin_opens_nothing(own_market: Serving, visitors: Visitors) -> None:
    kiosk = await kiosk_at_work(own_market, visitors)
    kiosk.expected.append("/api/v1/kiosks/identify")
    await kiosk.tap("kiosk-start")
    await kiosk.keys(PHONE)
    await kiosk.keys("4321")
    await kiosk.page.get_by_role("alert").wait_for()
    await kiosk.shot("kiosk-refused")
    assert await kiosk.at("kiosk-find-work").count() == 0


async def test_without_a_network_nothing_typed_is_called_wrong(own_market: Serving, visitors: Visitors) -> None:
    kiosk = await kiosk_at_work(own_market, visitors)
    await kiosk.keeps_files()
    async with kiosk.offline():
        await kiosk.tap("kiosk-start")
        await kiosk.keys(PHONE)
        await kiosk.keys(PIN)
        said = kiosk.page.get_by_role("alert")
        await expect(said).to_contain_text("没有连上服务器")
        await expect(said).not_to_contain_text("不对")


async def test_leaving_lets_go_of_what_is_still_being_read(own_market: Serving, visitors: Visitors) -> None:
    kiosk = await kiosk_at_work(own_market, visitors)
    await kiosk.identify(PHONE, PIN)
    asked = asyncio.Event()
    await kiosk.page.route("**/api/v1/workers/me", lambda route: asked.set())
    await asked.wait()
    let_go: list[str] = []
    kiosk.page.on("requestfailed", lambda read: let_go.append(read.url.removeprefix(kiosk.origin)))
    async with kiosk.page.expect_event("requestfinished", lambda done: done.method == "DELETE"):
        await kiosk.tap("kiosk-leave")
    assert "/api/v1/workers/me" in let_go


async def test_nobody_touches_and_the_screen_is_wiped(own_market: Serving, visitors: Visitors) -> None:
    kiosk = await kiosk_at_work(own_market, visitors)
    await kiosk.page.clock.install()
    await kiosk.page.reload()
    await kiosk.identify(PHONE, PIN)
    ended = asyncio.ensure_future(
        kiosk.page.wait_for_event(
            "requestfinished", lambda asked: asked.method == "DELETE" and "sessions/current" in asked.url
        )
    )
    await kiosk.page.clock.run_for(46_000)
    await kiosk.see("idle-warning")
    await kiosk.shot("kiosk-idle")
    await kiosk.tap("idle-stay")
    await kiosk.gone("idle-warning")
    await kiosk.page.clock.run_for(61_000)
    await kiosk.see("kiosk-start")
    await ended
    assert "张建国" not in await kiosk.page.content()
    stored = await kiosk.page.evaluate(
        "JSON.stringify([{...localStorage}, {...sessionStorage}, document.cookie])"
    )
    assert PHONE not in stored
