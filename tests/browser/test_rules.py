"""The public rules, a draw recomputed in the browser, one's own limit of the way, and the fairness report."""

from datetime import UTC, datetime

import numpy as np
import pytest
from playwright.async_api import expect

from gigmarket.domain import draw
from gigmarket.domain.calendar import day_of
from gigmarket.domain.fairness import Day
from gigmarket.domain.ids import WorkerId
from tests.browser.visiting import Visitors
from tests.serving import Serving
from tests.talking import go_available, ok

pytestmark = [pytest.mark.browser, pytest.mark.asyncio(loop_scope="module")]

KEYS = [0, 1, 2**53, 2**64 - 1, draw.key_of(WorkerId("w1")), draw.key_of(WorkerId("w2"))]


async def test_anyone_reads_the_rules_in_both_languages(market: Serving, visitors: Visitors) -> None:
    visitor = await visitors.open(market.url, "/rules/", (360, 640))
    await visitor.read("只派路上不超过")
    assert await visitor.smallest_text() >= 18
    await visitor.shot("rules", full=True)
    await visitor.read("樟树市零工")
    before = await visitor.smallest_text()
    await visitor.tap("elder-switch")
    assert await visitor.smallest_text() > before
    await visitor.shot("rules-elder", full=True)
    await visitor.tap("elder-switch", "lang-switch")
    await visitor.read("You are offered work within")
    await expect(visitor.page.get_by_text("MOHRSS 2022, No. 38")).to_have_count(2)
    await expect(visitor.page.locator("main, #app").first).not_to_contain_text("人社部")


async def test_from_the_rules_one_gets_back_and_home(market: Serving, visitors: Visitors) -> None:
    visitor = await visitors.open(market.url, "/", (360, 640))
    await visitor.tap("rules")
    await visitor.read("只派路上不超过")
    await visitor.tap("back")
    await visitor.see("door-worker")
    await visitor.tap("rules", "home")
    await visitor.see("door-worker")


async def test_the_browser_draws_as_the_server_does(market: Serving, visitors: Visitors) -> None:
    chain = draw.chain(b"a secret of the test", 50)
    drawn = draw.tickets(chain.seeds[7], np.array(KEYS, dtype=np.uint64)).tolist()
    lots = [{"key": str(key), "ticket": ticket} for key, ticket in zip(KEYS, drawn, strict=True)]
    turn = {"anchor": chain.anchor.hex(), "turn": 7, "seed": chain.seeds[7].hex(), "gigs": [{"lots": lots}]}
    visitor = await visitors.open(market.url, "/rules/", (1280, 800))
    script = "async (turn) => (await import('/static/rules/draw.js')).check(turn)"

    assert await visitor.page.evaluate(script, turn) == {"seed": True, "wrong": 0, "lots": len(KEYS)}
    assert (await visitor.page.evaluate(script, {**turn, "turn": 8}))["seed"] is False
    other = {**turn, "seed": chain.seeds[8].hex()}
    assert (await visitor.page.evaluate(script, other)) == {
        "seed": False,
        "wrong": len(KEYS),
        "lots": len(KEYS),
    }


async def test_a_turn_that_nobody_knows_is_said_so(market: Serving, visitors: Visitors) -> None:
    visitor = await visitors.open(market.url, "/rules/", (1280, 800))
    visitor.expected.append("404")
    await visitor.at("chain").fill("999999")
    await visitor.at("turn").fill("1")
    await visitor.tap("check")
    await visitor.read("没有这一轮")


@pytest.mark.parametrize("door", ["/", "/staff/"])
async def test_the_rules_are_one_tap_away(market: Serving, visitors: Visitors, door: str) -> None:
    visitor = await visitors.open(market.url, door, (1280, 800))
    if door == "/staff/":
        await visitor.tap("demo-login")
    await visitor.tap("rules")
    await visitor.read("只派路上不超过")


async def test_how_far_i_would_go_is_stored_and_shown_again(market: Serving, visitors: Visitors) -> None:
    worker = await visitors.open(market.url, "/worker/", (360, 640))
    await worker.log_in("13812360051", "程远")
    await worker.tap("trade-gardener", "setup-save", "tab-me")
    await worker.read("15 分钟（默认）")
    await expect(worker.at("reach-15")).to_have_attribute("aria-checked", "true")
    for minutes in (20, 10):
        await worker.tap(f"reach-{minutes}")
        await expect(worker.at(f"reach-{minutes}")).to_have_attribute("aria-checked", "true")
        await worker.page.reload()
        await worker.tap("tab-me")
        await expect(worker.at(f"reach-{minutes}")).to_have_attribute("aria-checked", "true")
    await expect(worker.page.get_by_role("radio", checked=True)).to_have_count(1)
    await worker.shot("worker-reach", full=True)
    # The rest of the profile is changed without it.
    await worker.tap("edit-profile", "mode-walk", "setup-save")
    await expect(worker.at("reach-10")).to_have_attribute("aria-checked", "true")
    await worker.tap("reach-15")
    await expect(worker.at("reach-15")).to_have_attribute("aria-checked", "true")
    answer = await worker.page.request.get(f"{market.url}/api/v1/workers/me", headers={"X-Client": "worker"})
    assert (await answer.json())["reach_s"] is None
    await worker.tap("lang-switch")
    await worker.read("15 min (usual)")
    await worker.shot("worker-reach-english", full=True)


async def test_staff_see_how_evenly_work_is_shared(own_market: Serving, visitors: Visitors) -> None:
    people = [own_market.person("worker", name) for name in ("赵一", "钱二", "孙三")]
    today = day_of(datetime.now(UTC))
    rows = [
        Day(WorkerId(person.id), today, hours * 3600, worked * 3600)
        for person, hours, worked in zip(people, (8, 8, 5), (4, 2, 0), strict=True)
    ]
    own_market.store.transact_now(lambda tx: tx.days.add(rows))
    await go_available(own_market, people[2], {"lat": 28.072, "lng": 115.557, "datum": "wgs84"}, ("cleaner",))
    desk = own_market.person("staff")
    async with own_market.http(desk) as http:
        body = {"groups": ["veteran"], "document": "discharge"}
        await ok(http.put(f"/api/v1/workers/{people[0].id}/groups", json=body))

    staff = await visitors.open(own_market.url, "/staff/", (1280, 800))
    await staff.tap("demo-login", "part-fair")
    # (½ + ¼)² / (3 × (½² + ¼²)), and a moment of waiting.
    await expect(staff.at("fair-evenness")).to_have_text("0.60")
    await expect(staff.at("fair-never")).to_have_text("3")
    await expect(staff.at("fair-waiting")).to_have_text("1")
    await expect(staff.at("fair-group-veteran")).to_contain_text("退役军人")
    await expect(staff.at("fair-group-veteran")).to_contain_text("50%")
    await staff.press(staff.page.get_by_text("看是谁"))
    await expect(staff.at("fair-never-list")).to_contain_text("孙*")
    await staff.shot("staff-fairness", full=True)
    await staff.tap("fair-days-1")
    await expect(staff.at("fair-evenness")).to_have_text("0.60")
    await staff.tap("lang-switch")
    await staff.read("Longest wait now")
    await staff.shot("staff-fairness-english", full=True)
