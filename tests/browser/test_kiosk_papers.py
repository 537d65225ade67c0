"""A worker without a phone goes home with a ticket, and any kiosk knows it again; a clerk prints cards."""

import re

import pytest
from playwright.async_api import expect

from tests.browser.test_kiosk import PHONE, PIN, SCREEN, by_code, demo_worker, kiosk_at_work, post_at
from tests.browser.visiting import Visitor, Visitors
from tests.serving import Serving
from tests.talking import ok

pytestmark = [pytest.mark.browser, pytest.mark.asyncio(loop_scope="module")]

PRINTS = "window.print = () => document.documentElement.toggleAttribute('data-printed', true)"
SIX = re.compile(r"^\d{6}$")
CLERK, CLERK_PIN = "13812350011", "9753"


async def scan(kiosk: Visitor, code: str) -> None:
    """A scanner types the code and Enter, whatever is on the screen."""
    await kiosk.page.keyboard.type(code)
    await kiosk.page.keyboard.press("Enter")


async def free(own_market: Serving) -> None:
    """The demo's worker has promised none of these hours, whatever an earlier test left."""
    async with own_market.http(own_market.person("worker", phone=PHONE)) as http:
        for each in (await ok(http.get("/api/v1/workers/me/assignments")))["items"]:
            if each["status"] == "confirmed":
                await ok(http.post(f"/api/v1/assignments/{each['id']}/cancel"))


async def goes_home_with_a_ticket(
    own_market: Serving, visitors: Visitors, title: str
) -> tuple[Visitor, str, str]:
    """From the hall to the printed ticket: the kiosk, the ticket's code, and the site's code."""
    kiosk = await kiosk_at_work(own_market, visitors)
    await free(own_market)
    await kiosk.page.evaluate(PRINTS)
    await kiosk.identify(PHONE, PIN)
    await kiosk.tap("kiosk-find-work", "joined-done")
    employer = own_market.person("employer", "仁和药材行")
    await post_at(own_market, employer, "zs-city", trade="packer", title=title)
    await kiosk.see("callup")
    await kiosk.identify(PHONE, PIN)
    await kiosk.tap("offer-accept")
    ticket = await kiosk.see("ticket")
    code = await ticket.get_attribute("data-code")
    assert code
    async with own_market.http(employer) as http:
        (gig,) = (await ok(http.get("/api/v1/gigs")))["items"]
        site_code = (await ok(http.get(f"/api/v1/gigs/{gig['id']}")))["site_code"]
    return kiosk, code, site_code


async def test_the_ticket_is_printed_and_any_kiosk_takes_it(own_market: Serving, visitors: Visitors) -> None:
    kiosk, code, site_code = await goes_home_with_a_ticket(own_market, visitors, "打包药酒")
    await expect(kiosk.page.locator("html")).to_have_attribute("data-printed", "")
    ticket = kiosk.at("ticket")
    for words in ("打包药酒", "药都大道 128 号 2 号仓库", "仁和药材行", "¥180", "张建国"):
        await expect(ticket).to_contain_text(words)
    # As the printer gets it: the ticket alone, on its paper's width.
    await kiosk.page.emulate_media(media="print")
    await expect(kiosk.at("kiosk-leave").first).to_be_hidden()
    box = await ticket.bounding_box()
    assert box
    assert box["width"] <= 80 / 25.4 * 96
    await ticket.screenshot(path=kiosk.folder / "kiosk-ticket.png")
    pdf = await kiosk.page.pdf(prefer_css_page_size=True)
    assert pdf.startswith(b"%PDF")
    await kiosk.page.emulate_media(media="screen")
    await kiosk.tap("kiosk-leave")
    await kiosk.see("kiosk-start")

    other = await kiosk_at_work(own_market, visitors)
    other.expected.append("/api/v1/kiosks/scan")
    await scan(other, code[:-1] + ("A" if code[-1] != "A" else "B"))
    await other.read("这张票或卡不能用了")
    await expect(other.at("kiosk-start")).to_be_visible()
    # On any screen: in the middle of somebody's phone number too.
    await other.tap("kiosk-start", "kiosk-key-1", "kiosk-key-3")
    await scan(other, code)
    await other.see("ticket-page")
    await expect(other.at("assignment")).to_have_count(1)
    await other.shot("kiosk-ticket-page")
    await other.tap("check-in-open", *(f"pad-key-{digit}" for digit in site_code), "check-in")
    await expect(other.at("assignment")).to_have_attribute("data-status", "checked_in")
    await other.tap("check-out", "step-check_out-yes")
    await expect(other.at("assignment")).to_have_attribute("data-status", "completed")
    await other.tap("kiosk-leave")
    await other.see("kiosk-start")
    stored = await other.page.evaluate("JSON.stringify([{...localStorage}, {...sessionStorage}])")
    assert code not in stored


async def test_a_clerk_acts_for_a_worker_and_prints_a_card(own_market: Serving, visitors: Visitors) -> None:
    clerk = own_market.person("clerk", "李协管", CLERK, station="zs-city")
    async with own_market.http(clerk) as http:
        await ok(http.put("/api/v1/clerks/me/pin", json={"pin": CLERK_PIN}), 204)
    kiosk = await kiosk_at_work(own_market, visitors)
    await kiosk.page.evaluate(PRINTS)
    await kiosk.tap("kiosk-help", "kiosk-clerk")
    await kiosk.see("clerk-no-pin")
    await kiosk.keys(CLERK)
    await kiosk.keys(CLERK_PIN)
    await kiosk.see("clerk-desk")
    await kiosk.shot("kiosk-clerk")
    await kiosk.tap(*(f"kiosk-key-{digit}" for digit in PHONE), "clerk-card")
    card = await kiosk.see("wallet-card")
    code = await card.get_attribute("data-code")
    assert code
    await expect(kiosk.page.locator("html")).to_have_attribute("data-printed", "")
    await kiosk.shot("kiosk-card")
    await kiosk.tap("kiosk-enter")
    await kiosk.see("acting-for")
    await kiosk.read("李协管 代 张建国 办理")
    await kiosk.shot("kiosk-acting-for")
    await kiosk.tap("kiosk-find-work")
    await kiosk.tap("joined-done")
    # The worker is done, the clerk goes on with the next one; then the card opens the three doors.
    await kiosk.see("clerk-desk")
    assert "张建国" not in await kiosk.page.content()
    await scan(kiosk, code)
    await kiosk.see("kiosk-find-work")
    await expect(kiosk.at("acting-for")).to_have_count(0)
    await kiosk.tap("kiosk-leave")
    await kiosk.see("kiosk-start")
    rows = [row[2:] for row in own_market.rows("audit")["audit"]]
    worker = own_market.person("worker", phone=PHONE)
    assert (worker.id, clerk.id, "presence.set", "available") in rows

    # Lost: the clerk ends it while it is open somewhere.
    other = await kiosk_at_work(own_market, visitors)
    await scan(other, code)
    await other.see("kiosk-find-work")
    async with own_market.http(clerk) as http:
        await ok(http.post("/api/v1/stations/me/cards/revoke", json={"phone": PHONE}))
    other.expected.append("401")
    other.expected.append("/api/v1/kiosks/scan")
    await other.see("kiosk-start")
    await scan(other, code)
    await other.read("这张票或卡不能用了")


async def test_a_clerk_without_a_pin_sets_one_and_registers_somebody(
    own_market: Serving, visitors: Visitors
) -> None:
    own_market.person("clerk", "王协管", "13812350012", station="zs-city")
    kiosk = await kiosk_at_work(own_market, visitors)
    await kiosk.tap("kiosk-help", "kiosk-clerk", "clerk-no-pin")
    await by_code(kiosk, "13812350012")
    await kiosk.read("设终端密码")
    await kiosk.tap(*(f"clerk-key-{digit}" for digit in CLERK_PIN), "clerk-enter")
    await kiosk.see("clerk-no-pin")
    names = {cookie["name"] for cookie in await kiosk.context.cookies()}
    await kiosk.keys("13812350012")
    await kiosk.keys(CLERK_PIN)
    await kiosk.tap("clerk-register")
    await kiosk.at("new-name").fill("孙小红")
    await kiosk.at("new-phone").fill("13700009999")
    await kiosk.at("new-pin").fill("1122")
    # The ID card reader types like a scanner; the number itself stands nowhere.
    await kiosk.press(kiosk.at("clerk-new").get_by_role("heading"))
    await scan(kiosk, "11010519491231002X")
    await kiosk.read("身份证已读到")
    await kiosk.shot("kiosk-register")
    await kiosk.tap("new-save")
    await kiosk.see("acting-for")
    await kiosk.tap("kiosk-leave")
    await kiosk.see("clerk-desk")
    await kiosk.tap("kiosk-leave")
    assert "gm_clerk" not in names

    await scan(kiosk, "11010519491231002X")
    await kiosk.read("请按密码")
    await kiosk.keys("1122")
    await kiosk.read("孙小红，您好")


@pytest.mark.parametrize("size", [SCREEN, (1280, 800)])
async def test_every_page_fits_both_screens(
    own_market: Serving, visitors: Visitors, size: tuple[int, int]
) -> None:
    name = "wide" if size[0] > size[1] else "tall"
    await demo_worker(own_market)
    kiosk = await visitors.open(own_market.url, "/kiosk/", size)
    await kiosk.see("enrol-code")
    await expect(kiosk.at("enrol-code")).to_have_attribute("data-code", SIX)
    await kiosk.shot(f"kiosk-enrol-{name}")
    await kiosk.tap("demo-login")
    await kiosk.see("kiosk-start")
    await kiosk.shot(f"kiosk-hall-{name}")
    await kiosk.tap("kiosk-help")
    await kiosk.shot(f"kiosk-help-{name}")
    await kiosk.tap("kiosk-clerk")
    await kiosk.see("clerk-no-pin")
    await kiosk.shot(f"kiosk-clerk-pin-{name}")
    await kiosk.tap("kiosk-leave")
    await kiosk.identify(PHONE, PIN)
    await kiosk.shot(f"kiosk-doors-{name}")
    await kiosk.tap("kiosk-my-gigs")
    await kiosk.shot(f"kiosk-gigs-{name}")
    if await kiosk.at("kiosk-reprint").count():
        await kiosk.tap("kiosk-reprint")
        await kiosk.see("ticket")
        await kiosk.shot(f"kiosk-reprint-{name}")
    await kiosk.tap("lang-switch")
    await kiosk.shot(f"kiosk-english-{name}")
