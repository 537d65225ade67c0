"""The desk's first morning: place the longest-waiting worker, answer why, call, keep out, hand over."""

import re
from pathlib import Path

import pytest
from playwright.async_api import expect

from gigmarket.domain.verdict import Verdict
from tests.ageing import has_waited, is_old
from tests.browser.visiting import Visitor, Visitors
from tests.edge.test_why import considered, record
from tests.serving import Person, Serving
from tests.talking import eventually, go_available, ok, post_gig

pytestmark = [pytest.mark.browser, pytest.mark.asyncio(loop_scope="module")]

LIB = Path(__file__).parents[2] / "static" / "lib"
DESK, PHONE = (1280, 800), (360, 740)
CENTRE = {"lat": 28.0560, "lng": 115.5460, "datum": "wgs84"}
LINJIANG = {"lat": 27.9600, "lng": 115.3900, "datum": "wgs84"}


async def at_desk(
    market: Serving, visitors: Visitors, who: str = "staff", size: tuple[int, int] = DESK
) -> Visitor:
    """Somebody at the desk, logged in by the demo's one tap."""
    desk = await visitors.open(market.url, "/staff/", size)
    await desk.tap(f"desk-{who}", "demo-login")
    await desk.see("part-tasks")
    return desk


async def seats_of(market: Serving, worker: Person) -> list[str]:
    async with market.http(worker) as http:
        return [each["gig_id"] for each in (await ok(http.get("/api/v1/workers/me/assignments")))["items"]]


async def test_a_clerk_places_the_longest_waiting_worker_by_hand(
    own_market: Serving, visitors: Visitors
) -> None:
    first, second = own_market.person("worker", "周福生"), own_market.person("worker", "吴大勇")
    # Trades nobody asks for, so that no round takes them away.
    await go_available(own_market, first, CENTRE, ("gardener",))
    await go_available(own_market, second, CENTRE, ("waiter",))
    has_waited(own_market, first, second)
    gig = await post_gig(
        own_market, own_market.person("employer", "药都物流"), CENTRE, trade="guard", title="看库房"
    )
    clerk = await at_desk(own_market, visitors, "clerk")
    await clerk.tap("queue-waiting")
    row = clerk.at("row-waiting").first
    await expect(row).to_contain_text("周*")
    await clerk.shot("staff-waiting")
    await clerk.press(row.get_by_test_id("row-act"))
    choice = clerk.page.locator(f"[data-testid=choice][data-id='{gig['id']}']")
    await expect(choice).to_contain_text("没填这个工种")
    await clerk.shot("staff-place")
    await clerk.press(choice)
    # The worker reads the reason: none is chosen for the clerk, and what can be checked is there where it is so
    await expect(clerk.page.locator("[data-testid^=place-reason-][aria-checked=true]")).to_have_count(0)
    await expect(clerk.at("place-send")).to_be_disabled()
    await expect(clerk.at("place-needs")).to_have_text("先选一个理由，或者写一句。")
    await expect(clerk.at("place-reason-week_without")).to_have_count(0)
    await clerk.tap("place-reason-long_wait")
    await expect(clerk.at("place-reason-long_wait")).to_have_text("等得久（已等 60 分钟）")
    await clerk.at("place-words").fill("看过库房，会做")
    await clerk.at("place-agreed").check()
    await clerk.shot("staff-place-reason")
    await clerk.tap("place-send")
    await expect(clerk.at("place-done")).to_have_text("已替 周福生 接下“看库房”。")
    await clerk.shot("staff-placed")
    await clerk.tap("place-ok")
    await expect(clerk.at("row-waiting").first).to_contain_text("吴*")
    assert await seats_of(own_market, first) == [gig["id"]]


async def test_an_official_answers_why_in_three_taps(own_market: Serving, visitors: Visitors) -> None:
    worker = own_market.person("worker", "李四", "13712345678")
    await go_available(own_market, worker, LINJIANG, ("packer",))
    gig = await post_gig(
        own_market, own_market.person("employer", "临江酒业"), LINJIANG, trade="cleaner", title="洗酒坛"
    )
    lost = considered(worker, Verdict.OTHERS_FIRST, 420)
    record(own_market, gig["id"], lost, others_first=1)
    desk = await at_desk(own_market, visitors)
    await desk.tap("part-why")
    await desk.at("find-phone").fill(worker.phone)
    await desk.tap("find-go")
    await desk.press(desk.page.locator(f"[data-testid=ask-gig][data-id='{gig['id']}']"))
    await expect(desk.at("ask-found")).to_contain_text("合适，别人在前")
    await expect(desk.at("ask-numbers")).to_contain_text("7 分钟")
    await expect(desk.page.get_by_text("这个活没有派给过他")).to_be_visible()
    await desk.shot("staff-why", full=True)
    # By hand it can be mended at once, and then the answer is another.
    await desk.tap("part-tasks", "queue-unfilled")
    row = desk.page.locator(f"[data-testid=row-unfilled][data-id='{gig['id']}']")
    await desk.press(row.get_by_test_id("row-act"))
    await desk.press(desk.page.locator(f"[data-testid=choice][data-id='{worker.id}']"))
    await expect(desk.at("place-reason-asked")).to_be_visible()
    for ground in ("long_wait", "week_without"):
        await expect(desk.at(f"place-reason-{ground}")).to_have_count(0)
    await desk.tap("place-reason-asked", "place-send")
    await expect(desk.at("place-done")).to_contain_text("位置留 2 分钟")
    async with own_market.http(worker) as http:
        (offer,) = (await ok(http.get("/api/v1/workers/me/offers")))["items"]
    is_old(own_market, offer["id"])
    await desk.tap("place-ok", "queue-undelivered")
    waiting = desk.at("row-undelivered").filter(has_text="洗酒坛")
    await expect(waiting).to_contain_text("还没送到")
    await desk.shot("staff-undelivered")
    await desk.press(waiting.get_by_test_id("row-act"))
    await desk.tap("call-show")
    await expect(desk.at("call-number")).to_contain_text("李四 137 1234 5678")
    await desk.shot("staff-call")
    await desk.tap("call-agreed")
    await desk.gone("call")
    assert await seats_of(own_market, worker) == [gig["id"]]
    await desk.tap("part-why")
    await desk.at("find-phone").fill(worker.phone)
    await desk.tap("find-go")
    await desk.at("ask-words").fill("酒坛")
    await desk.tap("ask-find")
    await desk.tap("ask-gig")
    await expect(desk.at("ask-found")).to_have_text("由工作人员安排，理由：本人到窗口要求")
    await expect(desk.at("ask-history")).to_contain_text("接了")
    await desk.shot("staff-why-by-hand", full=True)


async def test_keeping_out_and_groups(own_market: Serving, visitors: Visitors) -> None:
    worker = own_market.person("worker", "郑小红", "13712345679")
    desk = await at_desk(own_market, visitors)
    await desk.tap("part-people")
    await desk.at("find-phone").fill(worker.phone)
    await desk.tap("find-go")
    await desk.tap("group-veteran")
    await desk.at("group-document").select_option("discharge")
    await desk.tap("group-save")
    await expect(desk.at("toasts")).to_contain_text("已登记")
    await desk.tap("account-suspend", "suspend-yes")
    await expect(desk.page.get_by_text("请写一句理由")).to_be_visible()
    await desk.at("suspend-reason").fill("冒用他人证件")
    await desk.shot("staff-suspend")
    await desk.tap("suspend-yes")
    await expect(desk.at("account-state")).to_contain_text("停用")
    await desk.shot("staff-people")
    async with own_market.http(worker) as http:

        async def out() -> bool:
            return (await http.get("/api/v1/workers/me")).status_code == 401

        await eventually(out, "the session has ended")
    await desk.tap("account-suspend")
    await desk.at("suspend-reason").fill("误会")
    await desk.tap("suspend-yes")
    await expect(desk.at("account-state")).to_have_text("正常")


async def test_stations_towns_and_the_handover_card(own_market: Serving, visitors: Visitors) -> None:
    worker = own_market.person("worker", "熊金花")
    await go_available(own_market, worker, LINJIANG, ("driver",))
    has_waited(own_market, worker)
    desk = await at_desk(own_market, visitors)
    await desk.tap("part-stations")
    await expect(desk.at("station")).not_to_have_count(0)
    assert await desk.at("station").count() > 1
    await desk.at("town").select_option("临江镇")
    await expect(desk.at("station")).to_have_count(1)
    await desk.shot("staff-stations")
    await desk.tap("part-tasks", "queue-waiting")
    await expect(desk.at("row-waiting")).to_have_count(1)
    await expect(desk.at("row-waiting")).to_contain_text("熊*")
    await desk.tap("part-map")
    await expect(desk.at("region-seats")).to_have_text("0")
    await desk.see("cell-map")
    await desk.shot("staff-town")
    await desk.tap("part-handover")
    await expect(desk.at("handover")).to_contain_text("熊* 等了")
    await desk.page.emulate_media(media="print")
    await expect(desk.at("handover-print")).to_be_hidden()
    await desk.page.emulate_media(media="screen")
    await desk.shot("staff-handover", full=True)
    await desk.tap("lang-switch")
    await expect(desk.at("handover")).to_contain_text("Handover")
    await desk.shot("staff-handover-en", full=True)


async def test_a_screen_joins_by_its_code_and_is_shut_out(own_market: Serving, visitors: Visitors) -> None:
    async with own_market.http() as http:
        screen = await ok(http.post("/api/v1/kiosks/enrolments"), 201)
        claim = f"/api/v1/kiosks/enrolments/{screen['id']}/claim"
        desk = await at_desk(own_market, visitors)
        await desk.tap("part-stations")
        await desk.at("kiosk-code").fill(screen["code"])
        await desk.at("kiosk-station").select_option("zs-linjiang")
        await desk.tap("kiosk-approve")
        await expect(desk.at("kiosk")).to_have_count(1)
        joined = await ok(http.post(claim, json={"secret": screen["secret"]}))
        assert joined["status"] == "approved"
        await desk.shot("staff-kiosks", full=True)
        await desk.tap("kiosk-revoke", "revoke-yes")
        await expect(desk.at("kiosk")).to_contain_text("已停用")
        bearer = {"Authorization": f"Bearer {joined['session']['token']}"}

        async def out() -> bool:
            asked = await http.get("/api/v1/auth/sessions/current", headers=bearer)
            return asked.status_code == 401

        await eventually(out, "the kiosk's session has ended")


async def test_the_desk_on_a_phone_and_by_keyboard(own_market: Serving, visitors: Visitors) -> None:
    worker = own_market.person("worker", "彭小红")
    await go_available(own_market, worker, CENTRE, ("herb_sorter",))
    has_waited(own_market, worker)
    desk = await at_desk(own_market, visitors, "clerk", PHONE)
    await desk.tap("queue-waiting")
    await desk.see("row-waiting")
    await desk.shot("staff-phone", full=True)
    for part in ("map", "balance", "why", "people", "stations", "handover"):
        await desk.tap(f"part-{part}")
        await expect(desk.at(f"part-{part}")).to_have_attribute("aria-current", "page")
        await desk.shot(f"staff-phone-{part}", full=True)
    await expect(desk.at("part-fair")).to_have_count(0)
    await desk.at("part-tasks").focus()
    await desk.page.keyboard.press("Enter")
    await desk.at("queue-waiting").focus()
    await desk.page.keyboard.press("Enter")
    await desk.at("row-act").first.focus()
    await desk.page.keyboard.press("Enter")
    await desk.see("place")
    await desk.page.keyboard.press("Escape")
    await desk.gone("place")


async def test_both_languages_have_the_same_words() -> None:
    for name in ("staff", "tasks"):
        found = [
            re.findall(r'^  "([^"]+)": "', (LIB / f"{lang}-{name}.js").read_text("utf-8"), re.M)
            for lang in ("zh", "en")
        ]
        assert found[0] == found[1]
        assert len(set(found[0])) == len(found[0]) > 0
