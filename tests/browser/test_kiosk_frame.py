"""What the kiosk shows fits its screen: the way out is always there, and every view begins at its top."""

import re
from datetime import UTC, datetime, timedelta
from itertools import count

import pytest
from playwright.async_api import expect

from tests.browser.test_kiosk import PIN, SCREEN, post_at
from tests.browser.test_kiosk_papers import PRINTS, scan
from tests.browser.visiting import Visitor, Visitors
from tests.serving import Serving
from tests.talking import ok

pytestmark = [pytest.mark.browser, pytest.mark.asyncio(loop_scope="module")]

WIDE = (1280, 800)
NUMBERS = count(1)
TRADE = iter(("packer", "porter", "cleaner", "kitchen", "waiter", "gardener", "guard", "carer"))
NOTE = "自带手套口罩，穿长裤；粉尘较大，有过敏的请不要来。下午五点集合点名，迟到半小时以上按缺勤处理。"
REFUSED = {"state": "refused", "why": "not-checked-in"}
CUT = """() => {
  const place = document.querySelector(".doors").getBoundingClientRect();
  return [...document.querySelectorAll(".doors > *")].filter((each) => {
    const { top, bottom } = each.getBoundingClientRect();
    return top < place.top - 1 || bottom > place.bottom + 1;
  }).map((each) => each.textContent);
}"""
"""What the column of the doors cuts off."""
ROOM = "document.querySelector('.scroll').clientHeight"
DOWN = "document.querySelector('.scroll').scrollTo(0, 1e6)"


def hours(ahead: int) -> dict[str, str]:
    """An hour of work, so many hours from now."""
    start = datetime.now(UTC) + timedelta(hours=ahead)
    return {"starts_at": start.isoformat(), "ends_at": (start + timedelta(hours=1)).isoformat()}


async def can_leave(kiosk: Visitor) -> None:
    """The head and the way out are wholly on the screen, wherever one has scrolled to."""
    for scrolled in ("0", DOWN):
        await kiosk.page.evaluate(scrolled)
        await expect(kiosk.at("lang-switch")).to_be_in_viewport(ratio=1)
        await expect(kiosk.at("kiosk-leave")).to_be_in_viewport(ratio=1)


async def worker_at(own_market: Serving, visitors: Visitors, size: tuple[int, int]) -> tuple[Visitor, str]:
    """The demo's kiosk on a screen of this size, a worker of the test's own logged in, and the trade that
    nobody else here has.
    """
    trade = next(TRADE)
    phone = f"1371234{next(NUMBERS):04}"
    async with own_market.http(own_market.person("worker", "张建国", phone)) as http:
        await ok(http.put("/api/v1/workers/me", json={"trades": [trade], "mode": "ebike"}))
        await ok(http.put("/api/v1/workers/me/pin", json={"pin": PIN}), 204)
    kiosk = await visitors.open(own_market.url, "/kiosk/", size)
    await kiosk.page.add_init_script(PRINTS)
    await kiosk.page.reload()
    await kiosk.tap("demo-login")
    await kiosk.identify(phone, PIN)
    return kiosk, trade


@pytest.mark.parametrize("size", [SCREEN, WIDE], ids=["tall", "wide"])
async def test_the_way_out_is_on_every_view_and_each_begins_at_its_top(
    own_market: Serving, visitors: Visitors, size: tuple[int, int], request: pytest.FixtureRequest
) -> None:
    kiosk, trade = await worker_at(own_market, visitors, size)
    name = request.node.callspec.id
    await kiosk.tap("kiosk-find-work", "kiosk-back")
    await expect(kiosk.at("kiosk-rest")).to_be_in_viewport(ratio=1)
    await can_leave(kiosk)
    await kiosk.shot(f"kiosk-waiting-{name}")
    await kiosk.tap("kiosk-rest")
    said = await kiosk.page.locator(".toast").bounding_box()
    way_out = await kiosk.at("kiosk-leave").bounding_box()
    assert said
    assert way_out
    assert said["y"] + said["height"] <= way_out["y"]
    await kiosk.tap("kiosk-find-work", "kiosk-back")
    await kiosk.tap("kiosk-crew")
    await can_leave(kiosk)
    await kiosk.tap("kiosk-back")
    employer = own_market.person("employer", "仁和药材行", "13812380001")
    title = "分拣新到的黄栀子、枳壳和车前草，装袋过秤，装车上高栏货车"
    await post_at(own_market, employer, "zs-city", trade=trade, title=title, note=NOTE, meals=True)
    await expect(kiosk.at("offer-accept")).to_be_in_viewport(ratio=1)
    await expect(kiosk.at("kiosk-rest")).to_be_in_viewport(ratio=1)
    await can_leave(kiosk)
    await kiosk.page.evaluate("document.querySelector('.scroll').scrollTo(0, 0)")
    await kiosk.shot(f"kiosk-offered-{name}")
    await kiosk.tap("offer-accept")
    await kiosk.see("ticket")
    await can_leave(kiosk)
    await kiosk.tap("kiosk-back", "kiosk-my-gigs", "kiosk-reprint")
    await kiosk.see("ticket")
    await can_leave(kiosk)
    await kiosk.tap("kiosk-back")
    await can_leave(kiosk)
    await kiosk.tap("kiosk-back")
    await expect(kiosk.page.get_by_role("heading", level=1)).to_be_in_viewport(ratio=1)
    await kiosk.tap("kiosk-help")
    await can_leave(kiosk)


async def test_a_view_says_that_there_is_more_below(own_market: Serving, visitors: Visitors) -> None:
    kiosk, trade = await worker_at(own_market, visitors, WIDE)
    await expect(kiosk.at("more-below")).to_have_count(0)
    await kiosk.tap("kiosk-find-work")
    employer = own_market.person("employer", "仁和药材行", "13812380001")
    await post_at(own_market, employer, "zs-city", trade=trade, title="装箱", note=NOTE)
    # What the answers hide of an offer is named, and comes into view when one asks for it.
    await expect(kiosk.at("offer-more")).to_contain_text("说明")
    await kiosk.shot("kiosk-offer-more")
    await kiosk.tap("offer-more")
    await kiosk.gone("offer-more")
    await kiosk.tap("offer-accept")
    await kiosk.see("ticket")
    await kiosk.tap("more-below")
    await kiosk.page.wait_for_function("document.querySelector('.scroll').scrollTop > 0")
    room = await kiosk.page.evaluate(ROOM)
    await kiosk.page.evaluate(DOWN)
    await kiosk.gone("more-below")
    # Its room stays, so that nothing moves under a finger that scrolls.
    assert await kiosk.page.evaluate(ROOM) == room
    await expect(kiosk.at("print-ticket")).to_be_in_viewport(ratio=1)


@pytest.mark.parametrize("size", [SCREEN, WIDE], ids=["tall", "wide"])
async def test_the_ticket_says_all_that_the_offer_said(
    own_market: Serving, visitors: Visitors, size: tuple[int, int], request: pytest.FixtureRequest
) -> None:
    kiosk, trade = await worker_at(own_market, visitors, size)
    name = request.node.callspec.id
    await kiosk.tap("kiosk-find-work")
    employer = own_market.person("employer", "仁和药材行", "13812380001")
    offered = {"note": NOTE, "meals": True, "transport": True, **hours(1)}
    await post_at(own_market, employer, "zs-city", trade=trade, title="装箱", **offered)
    await kiosk.tap("offer-accept")
    ticket = await kiosk.see("ticket")
    for words in (NOTE, "管饭", "包接送", "电动车 1 分钟 · 估算"):
        await expect(ticket).to_contain_text(words)
    # The site is the station's own place: to leave at the start's own minute would be too late.
    for said in (ticket, kiosk.at("taken")):
        await expect(said).to_contain_text("前到就行")
        await expect(said).not_to_contain_text("来得及")
    await kiosk.shot(f"kiosk-taken-{name}")
    await ticket.screenshot(path=kiosk.folder / f"kiosk-ticket-{name}.png")
    await kiosk.tap("kiosk-back", "kiosk-my-gigs")
    await expect(kiosk.at("assignment")).to_contain_text("电动车 1 分钟 · 估算")
    await kiosk.tap("lang-switch")
    # In the last hour of a day it is tomorrow.
    await expect(kiosk.at("assignment")).to_contain_text(re.compile("Leave: To(day|morrow)"))
    await kiosk.shot(f"kiosk-gigs-english-{name}")


async def test_a_ticket_is_printed_without_the_others(own_market: Serving, visitors: Visitors) -> None:
    kiosk, trade = await worker_at(own_market, visitors, WIDE)
    employer = own_market.person("employer", "仁和药材行", "13812380001")
    for title, hour in (("装箱", 1), ("贴标", 3)):
        await kiosk.tap("kiosk-find-work")
        await post_at(own_market, employer, "zs-city", trade=trade, title=title, **hours(hour))
        await kiosk.tap("offer-accept")
        await kiosk.see("ticket")
        await kiosk.tap("kiosk-back")
    await kiosk.tap("kiosk-my-gigs", "kiosk-reprint")
    tickets = kiosk.at("ticket")
    await expect(tickets).to_have_count(2)
    for chosen in (1, 0):
        await kiosk.press(kiosk.at("print-ticket").nth(chosen))
        await kiosk.page.emulate_media(media="print")
        await expect(tickets.nth(chosen)).to_be_visible()
        await expect(tickets.nth(1 - chosen)).to_be_hidden()
        await kiosk.page.emulate_media(media="screen")


@pytest.mark.parametrize("language", ["zh", "en"])
async def test_what_an_outage_left_behind_fits_the_hall_and_the_newest_comes_first(
    own_market: Serving, visitors: Visitors, language: str
) -> None:
    kiosk = await visitors.open(own_market.url, "/kiosk/", WIDE)
    await kiosk.tap("demo-login")
    await kiosk.see("kiosk-start")
    old = [
        {"key": f"old-{n}", "op": "check_out", "at": "2026-01-02T08:00:00Z", "mark": f"OLD{n}", **REFUSED}
        for n in range(4)
    ]
    await kiosk.page.evaluate("(kept) => localStorage.setItem('gm.kept', JSON.stringify(kept))", old)
    await kiosk.page.reload()
    await kiosk.see("kept")
    # English comes with the first touch; whoever leaves leaves Chinese behind.
    await kiosk.tap("lang-switch")
    await kiosk.read("Touch to start")
    await kiosk.keeps_files()
    async with kiosk.offline():
        await kiosk.see("line-banner")
        await scan(kiosk, f"GM1.{'0' * 26}.{'A' * 12}MINE")
        await kiosk.tap("kept-check-out")
        await kiosk.read("点这里开始")
        if language == "en":
            await kiosk.tap("lang-switch")
            await kiosk.read("Touch to start")
        await expect(kiosk.at("kept").get_by_role("listitem").first).to_contain_text("MINE")
        await expect(kiosk.at("kept-waiting")).to_be_in_viewport(ratio=1)
        for there in ("kiosk-start", "kiosk-help", "more-below"):
            await expect(kiosk.at(there)).to_be_in_viewport(ratio=1)
        assert await kiosk.page.evaluate(CUT) == []
        await kiosk.shot(f"kiosk-kept-wide-{language}")
        await kiosk.at("kept-read").last.scroll_into_view_if_needed()
        await expect(kiosk.at("kept-read").last).to_be_in_viewport(ratio=1)
        await kiosk.gone("more-below")
        # Away before the line comes back: the code is nobody's, and what the server says of it is not asked.
        await kiosk.page.evaluate("localStorage.clear()")
        await kiosk.page.close()
