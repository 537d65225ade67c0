"""What a phone shows beside offers: gigs nearby on our own map, a shared position, a sign that is read."""

import asyncio
import re

import pytest
from playwright.async_api import expect

from tests.browser.visiting import Visitor, Visitors
from tests.serving import Serving
from tests.talking import eventually, ok, post_gig

pytestmark = [pytest.mark.browser, pytest.mark.asyncio(loop_scope="module")]

PHONE = (360, 640)
HERE = {"lat": 28.0560, "lng": 115.5460, "datum": "wgs84"}
GPS = {"latitude": HERE["lat"], "longitude": HERE["lng"]}


async def looking(market: Serving, visitors: Visitors, phone: str, trade: str, floor_fen: int = 0) -> Visitor:
    """Somebody of one trade on a phone, looking for work by GPS."""
    async with market.http(market.person("worker", "周福生", phone)) as http:
        profile = {"trades": [trade], "mode": "ebike", "floor_wage_fen": floor_fen}
        await ok(http.put("/api/v1/workers/me", json=profile))
    worker = await visitors.open(market.url, "/worker/", PHONE, geolocation=GPS, permissions=["geolocation"])
    await worker.log_in(phone)
    await worker.tap("go-available", "consent-yes")
    return worker


async def test_the_gigs_nearby_are_on_our_map(own_market: Serving, visitors: Visitors) -> None:
    employer = own_market.person("employer", "大桥物流")
    for number, (lat, lng) in enumerate([(28.0600, 115.5500), (28.0603, 115.5502), (28.0480, 115.5400)]):
        where = {"lat": lat, "lng": lng, "datum": "wgs84"}
        await post_gig(own_market, employer, where, title=f"看守仓库{number + 1}号", trade="guard")
    # Listed, but below what this worker asks for, and so not offered.
    worker = await looking(own_market, visitors, "13812360031", "guard", 50_000)
    await worker.see("waiting")
    await worker.tap("tab-nearby")
    await worker.see("nearby-map")
    await expect(worker.at("nearby-mark")).to_have_count(2)
    await worker.shot("worker-nearby-map", full=True)
    several = worker.page.get_by_role("button", name="这里有 2 个活")
    await several.press("Enter")
    await expect(worker.at("nearby").locator("li")).to_have_count(2)
    await worker.shot("worker-nearby-chosen", full=True)
    await worker.tap("nearby-all")
    await expect(worker.at("nearby").locator("li")).to_have_count(3)
    width = re.compile(r"^[-\d.]+ [-\d.]+ ([\d.]+)")

    async def shown_m() -> float:
        found = width.match(await worker.at("nearby-map").get_attribute("viewBox") or "")
        assert found
        return float(found[1])

    before = await shown_m()
    await worker.tap("nearby-in")
    assert await shown_m() < before


async def test_every_tab_says_that_the_position_is_shared(own_market: Serving, visitors: Visitors) -> None:
    worker = await looking(own_market, visitors, "13812360032", "carer")
    await expect(worker.at("sharing")).to_contain_text("正在共享您的位置")
    for tab in ("my-gigs", "tab-nearby", "tab-me"):
        await worker.tap(tab)
        await expect(worker.at("sharing-bar")).to_contain_text("正在共享您的位置")
        await worker.shot(f"worker-sharing-{tab}")
    await worker.tap("sharing-stop")
    await worker.gone("sharing-bar")
    await worker.tap("tab-home")
    await worker.see("go-available")


async def test_piece_work_is_taken_with_its_price_a_piece(own_market: Serving, visitors: Visitors) -> None:
    worker = await looking(own_market, visitors, "13812360034", "herb_sorter")
    wage = {"amount_fen": 170, "per": "piece"}
    await post_gig(
        own_market, own_market.person("employer", "仁和药材行"), HERE, trade="herb_sorter", wage=wage
    )
    await worker.read("¥1.70 每件")
    await worker.tap("offer-accept")
    await expect(worker.at("taken")).to_contain_text("¥1.70 每件")


async def test_a_page_opened_again_and_not_touched_yet_asks_for_no_vibration(
    own_market: Serving, visitors: Visitors
) -> None:
    worker = await looking(own_market, visitors, "13812360035", "porter")
    await worker.see("waiting")

    async def kept() -> bool:
        return '"status":"available"' in str(await worker.page.evaluate("localStorage['gm.state.worker']"))

    await eventually(kept, "the page keeps where its stream is")
    await worker.page.goto("about:blank")
    await post_gig(own_market, own_market.person("employer", "仁和药材行"), HERE)
    told = asyncio.Event()

    def heard(frame: str | bytes) -> None:
        if "offer.created" in str(frame):
            told.set()

    worker.page.on("websocket", lambda stream: stream.on("framereceived", heard))
    await worker.page.goto(f"{own_market.url}/worker/")
    # Whatever looks into the page counts as a touch. The browser's complaint, were there one, fails the test
    # when the page is left.
    async with asyncio.timeout(30):
        await told.wait()
    await worker.see("offer-card")


async def test_the_sign_at_the_gate_opens_the_check_in(own_market: Serving, visitors: Visitors) -> None:
    worker = await looking(own_market, visitors, "13812360033", "packer")
    employer = own_market.person("employer", "鹿江食品")
    gig = await post_gig(own_market, employer, HERE, title="分装菊花茶", trade="packer")
    await worker.tap("offer-accept", "taken-close")
    async with own_market.http(employer) as http:
        code = (await ok(http.get(f"/api/v1/gigs/{gig['id']}")))["site_code"]
    await worker.page.goto("about:blank")
    await worker.page.goto(f"{own_market.url}/worker/#in={code}")
    await worker.see("check-in-dialog")
    await expect(worker.at("check-in-code")).to_have_value(code)
    await worker.shot("worker-sign-read")
    await worker.tap("check-in")

    async def checked_in() -> bool:
        return await worker.at("assignment").first.get_attribute("data-status") == "checked_in"

    await eventually(checked_in, "checked in")
    await worker.page.goto("about:blank")
    await worker.page.goto(f"{own_market.url}/worker/#in={code}")
    await worker.read("现在没有等着签到的活")


async def test_an_empty_list_says_what_other_trades_would_bring(
    own_market: Serving, visitors: Visitors
) -> None:
    site = {"lat": 28.2200, "lng": 115.7700, "datum": "wgs84"}
    fix = {"latitude": site["lat"], "longitude": site["lng"]}
    async with own_market.http(own_market.person("worker", "周福生", "13812360036")) as http:
        await ok(http.put("/api/v1/workers/me", json={"trades": ["porter"], "mode": "ebike"}))
    worker = await visitors.open(
        own_market.url, "/worker/", PHONE, geolocation=fix, permissions=["geolocation"]
    )
    await worker.log_in("13812360036")
    # Nobody knows yet where this is: then nothing is said about what is there.
    await worker.tap("tab-nearby")
    await worker.see("nearby-unknown")
    await worker.gone("nearby-none")
    await worker.tap("tab-home", "go-available", "consent-yes")
    await worker.see("waiting")
    employer = own_market.person("employer", "樟树仓储")
    await post_gig(own_market, employer, site, title="理货", trade="warehouse", headcount=5)

    async def listed() -> bool:
        await worker.tap("tab-home", "tab-nearby")
        return "仓库" in await (await worker.see("nearby-none")).locator("xpath=..").inner_text()

    await eventually(listed, "the gig of the other trade is told of")
    await expect(worker.at("nearby-none")).to_contain_text("暂时没有您会做的活")
    await expect(worker.at("nearby-none")).not_to_contain_text("我要找活")
    await expect(worker.at("nearby-others")).to_contain_text("要 5 人")
    await worker.shot("worker-nearby-others")
    await worker.tap("nearby-trades", "trade-warehouse", "setup-save")
    await expect(worker.at("offer-card")).to_contain_text("理货")


async def test_an_offer_in_large_type_says_what_lies_below(own_market: Serving, visitors: Visitors) -> None:
    site = {"lat": 28.3100, "lng": 115.8800, "datum": "wgs84"}
    async with own_market.http(own_market.person("worker", "周福生", "13812360037")) as http:
        await ok(http.put("/api/v1/workers/me", json={"trades": ["gardener"], "mode": "ebike"}))
    where = {"latitude": site["lat"], "longitude": site["lng"]}
    worker = await visitors.open(
        own_market.url, "/worker/", PHONE, geolocation=where, permissions=["geolocation"]
    )
    await worker.log_in("13812360037")
    await worker.tap("go-available", "consent-yes")
    await worker.see("waiting")
    note = "自带手套和水，过敏的别来，五点整在大门口点名，找戴红帽子的工头。"
    await post_gig(
        own_market,
        own_market.person("employer", "阁山药材种植"),
        site,
        trade="gardener",
        title="采摘吴茱萸",
        note=note,
    )
    await worker.see("offer-card")
    await worker.shot("worker-offer-plain")
    await worker.tap("elder-switch")
    await expect(worker.at("offer-more")).to_contain_text("说明")
    await worker.shot("worker-offer-large")
    hinting = await worker.at("offer-card").bounding_box()

    async def read() -> bool:
        await worker.page.mouse.wheel(0, 200)
        return await worker.at("offer-more").count() == 0

    await eventually(read, "all of it was read, and nothing is hinted at any more")
    # With the hint nothing else went: what is under a finger that scrolls stays there.
    silent = await worker.at("offer-card").bounding_box()
    assert hinting
    assert silent
    assert silent["height"] == hinting["height"]
    await worker.shot("worker-offer-large-read")


async def test_without_roads_the_way_to_a_gig_taken_is_an_estimate_too(
    own_market: Serving, visitors: Visitors
) -> None:
    worker = await looking(own_market, visitors, "13812360038", "kitchen")
    await worker.see("waiting")
    await post_gig(own_market, own_market.person("employer", "药膳酒楼"), HERE, trade="kitchen")
    await worker.see("offer-card")
    offered = await worker.at("offer-card").bounding_box()
    why = await worker.at("why-me").bounding_box()
    # Clear of the card, and all of it on the screen of a small phone.
    assert offered is not None
    assert why is not None
    assert why["y"] >= offered["y"] + offered["height"] + 6
    assert why["y"] + why["height"] <= PHONE[1]
    await worker.shot("worker-offer-why")
    await worker.tap("offer-accept", "taken-close")
    await expect(worker.at("assignment").first).to_contain_text("估算")


async def test_a_seat_given_by_hand_is_not_called_a_rounds(own_market: Serving, visitors: Visitors) -> None:
    worker = await looking(own_market, visitors, "13812360039", "carer")
    await worker.see("waiting")
    gig = await post_gig(
        own_market, own_market.person("employer", "药都物流"), HERE, trade="driver", title="送药材"
    )
    person = own_market.person("worker", "周福生", "13812360039")
    async with own_market.http(own_market.person("staff")) as http:
        asked = {"worker_id": person.id, "reason": "会开车，只是没填"}
        await ok(http.post(f"/api/v1/gigs/{gig['id']}/place", json=asked), 201)
    await worker.tap("why-me")
    await expect(worker.at("why-words")).to_contain_text("由工作人员安排")
    await expect(worker.at("why-basis")).to_have_count(0)


async def test_the_privacy_words_tell_what_an_employer_really_sees(
    own_market: Serving, visitors: Visitors
) -> None:
    worker = await looking(own_market, visitors, "13812360040", "assembler")
    await worker.see("waiting")
    boss = own_market.person("employer", "盐化机械")
    gig = await post_gig(own_market, boss, HERE, trade="assembler")
    await worker.tap("offer-accept", "taken-close", "tab-me")
    async with own_market.http(boss) as http:
        (seat,) = (await ok(http.get(f"/api/v1/gigs/{gig['id']}")))["assignments"]
    assert seat["worker"]["phone"] == "138******40"
    await worker.read("遮住中间的号码（像 137******01）")
