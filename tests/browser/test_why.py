"""Why, on every screen: the phone's sheet and its appeal, the desk's answer, the employer's calm panel."""

import re
from pathlib import Path

import pytest
from playwright.async_api import expect

from gigmarket.domain.verdict import Verdict
from tests.browser.visiting import Visitors
from tests.edge.test_why import considered, made_by, record
from tests.serving import Person, Serving
from tests.talking import eventually, go_available, ok, post_gig

pytestmark = [pytest.mark.browser, pytest.mark.asyncio(loop_scope="module")]

LIB = Path(__file__).parents[2] / "static" / "lib"
PHONE, DESK = (360, 640), (1280, 800)
YICHENG = {"lat": 27.8720, "lng": 115.3570, "datum": "wgs84"}
LUSHAN = {"lat": 27.7720, "lng": 115.2570, "datum": "wgs84"}


def worker_of(market: Serving, phone: str) -> Person:
    """The same person as on the phone's screen."""
    return market.person("worker", "周福生", phone)


async def test_why_me_on_the_offer_and_an_appeal_to_its_answer(own_market: Serving, visitors: Visitors) -> None:
    worker, employer = worker_of(own_market, "13712340001"), own_market.person("employer", "药都物流")
    await go_available(own_market, worker, YICHENG, ("guard",))
    phone = await visitors.open(own_market.url, "/worker/", PHONE)
    await phone.log_in(worker.phone)
    gig = await post_gig(own_market, employer, YICHENG, trade="guard", title="夜里看库房")
    async with own_market.http(worker) as http:

        async def items() -> list[dict[str, str]]:
            found: list[dict[str, str]] = (await ok(http.get("/api/v1/workers/me/offers")))["items"]
            return found

        (offer,) = await eventually(items, "the gig is offered")
    made_by(own_market, offer["id"], record(own_market, gig["id"], considered(worker, Verdict.OFFERED, 350)))

    await phone.tap("why-me")
    await expect(phone.at("why-words")).to_have_text(
        "您骑电动车过去约 6 分钟，已经等了 30 分钟，工种和时间都合适，所以先问您。"
    )
    await phone.shot("why-me")
    await phone.tap("appeal")
    await phone.at("appeal-words").fill("路上在修，要绕一大圈。")
    await phone.shot("why-appeal")
    await phone.tap("appeal-send")
    await phone.see("appeal-done")
    await phone.tap("why-close", "offer-accept", "taken-close", "why-appeals")
    await expect(phone.at("my-appeal")).to_contain_text("等答复")

    staff = await visitors.open(own_market.url, "/staff/", DESK)
    await staff.tap("demo-login", "queue-appeals")
    await expect(staff.at("appeal")).to_contain_text("周* · 夜里看库房")
    await staff.at("answer-words").fill("谢谢，已改路程。")
    await staff.tap("answer-send")
    await expect(staff.at("appeal")).to_contain_text("已答复")
    await expect(phone.at("my-appeal")).to_contain_text("答复：谢谢，已改路程。")
    await phone.shot("why-appeals")


async def test_why_not_me_nearby_and_why_not_full(own_market: Serving, visitors: Visitors) -> None:
    worker, employer = worker_of(own_market, "13712340002"), own_market.person("employer", "沪昆货运")
    await go_available(own_market, worker, LUSHAN, ("carer",))
    async with own_market.http(worker) as http:
        # Too little pay for this worker, so that the gig stays open.
        profile = {"trades": ["carer"], "mode": "ebike", "floor_wage_fen": 30000}
        await ok(http.put("/api/v1/workers/me", json=profile))
    gig = await post_gig(own_market, employer, LUSHAN, trade="carer", title="照看老人")
    lost = considered(worker, Verdict.WAGE, 400, None)
    record(own_market, gig["id"], lost, trade=11, outside_circle=4, engaged=2, wage=1)

    phone = await visitors.open(own_market.url, "/worker/", PHONE)
    await phone.log_in(worker.phone)
    await phone.tap("tab-nearby", "why-notme")
    await expect(phone.at("why-words")).to_contain_text("一共 ¥180，低于您定的最低 ¥300")
    await phone.shot("why-not-me")
    await phone.tap("why-close", "elder-switch", "why-notme")
    await phone.see("why-words")
    await phone.shot("why-not-me-elder")
    await phone.tap("why-close", "lang-switch", "why-notme")
    await expect(phone.at("why-words")).to_contain_text("pays ¥180 in all")

    boss = await visitors.open(own_market.url, "/employer/", DESK)
    await boss.log_in(employer.phone)
    await boss.page.goto(f"{own_market.url}/employer/#gig={gig['id']}")
    await expect(boss.at("fill-words")).to_contain_text("1 人工钱不够")
    await boss.tap("why-not-full")
    await expect(boss.at("why-not-full")).to_contain_text("提高工钱，能多问 1 人。")
    await boss.shot("why-not-full")

    staff = await visitors.open(own_market.url, "/staff/", DESK)
    await staff.tap("demo-login")
    await staff.tap("queue-unfilled")
    row = staff.page.locator(f"[data-testid=row-unfilled][data-id='{gig['id']}']")
    await staff.press(row.get_by_test_id("row-why"))
    await expect(staff.at("why-words")).to_contain_text("1 人工钱不够")
    await expect(staff.at("considered")).to_contain_text("周* 低于本人最低工钱")
    await staff.shot("why-unfilled")


async def test_both_languages_have_the_same_words() -> None:
    found = [
        re.findall(r'^  "([^"]+)": "', (LIB / f"{lang}-why.js").read_text("utf-8"), re.M)
        for lang in ("zh", "en")
    ]
    assert found[0] == found[1]
    assert len(set(found[0])) == len(found[0]) > 0
