"""Staff see supply and demand as numbers and as cells, live, never as people."""

from datetime import UTC, datetime, timedelta

import pytest
from playwright.async_api import expect

from gigmarket.services import history
from gigmarket.wire.states import MarketCells, MarketCounters, MarketStates, TradeCount
from tests.browser.visiting import Visitors
from tests.serving import Serving
from tests.talking import go_available, post_gig

pytestmark = [pytest.mark.browser, pytest.mark.asyncio(loop_scope="module")]

FUCHENG = {"lat": 28.0720, "lng": 115.5570, "datum": "wgs84"}
DAQIAO = {"lat": 28.0330, "lng": 115.5560, "datum": "wgs84"}


async def test_counters_and_cells_move(own_market: Serving, visitors: Visitors) -> None:
    for number in range(4):
        await go_available(own_market, own_market.person("worker", f"赵{number}"), FUCHENG, ("builder",))
    staff = await visitors.open(own_market.url, "/staff/", (1280, 800))
    await staff.tap("demo-login", "part-map")
    await expect(staff.at("counter-available_workers")).to_have_text("4")
    await expect(staff.at("cell").first).to_have_text("4")

    await go_available(own_market, own_market.person("worker", "孙五"), DAQIAO, ("cleaner",))
    employer = own_market.person("employer", "城建公司")
    await post_gig(own_market, employer, FUCHENG, trade="assembler", title="装货架", headcount=3)
    await expect(staff.at("counter-available_workers")).to_have_text("5")
    await expect(staff.at("counter-free_seats")).to_have_text("3")
    await staff.tap("part-balance")
    await expect(staff.at("trade-table")).to_contain_text("缺 3 人")
    await staff.shot("staff-balance")
    await staff.tap("part-map")
    await staff.tap("map-all", "map-busy")
    await expect(staff.at("cell")).to_have_count(3)
    # One person in a cell is never shown as one.
    await expect(staff.page.locator("[data-testid=cell] text").filter(has_text="1–2")).to_have_count(1)
    await staff.shot("staff-quiet")
    await staff.tap("lang-switch")
    await staff.read("Looking for work")
    await staff.shot("staff-english")


async def test_a_worker_is_not_staff(own_market: Serving, visitors: Visitors) -> None:
    staff = await visitors.open(own_market.url, "/staff/", (1280, 800))
    answer = await staff.page.request.post(f"{own_market.url}/demo/login", data={"role": "worker"})
    assert answer.ok
    await staff.page.reload()
    await staff.see("demo-login")
    for path in ("/market/stats", "/market/map"):
        for client, status in (("staff", 401), ("worker", 403)):
            answer = await staff.page.request.get(
                f"{own_market.url}/api/v1{path}", headers={"X-Client": client}
            )
            assert answer.status == status


def kept(market: Serving, minutes_ago: int, workers: int, seats: int) -> None:
    """What the janitor kept of that minute."""
    at = datetime.now(UTC).replace(second=0, microsecond=0) - timedelta(minutes=minutes_ago)
    # Many who sort herbs fill no builder's seat.
    by_trade = [
        TradeCount(trade="builder", workers=workers - 30, free_seats=seats),
        TradeCount(trade="herb_sorter", workers=30, free_seats=0),
    ]
    counters = MarketCounters(
        available_workers=workers,
        open_gigs=1,
        free_seats=seats,
        pending_offers=0,
        assigned_today=0,
        working_now=0,
        by_trade=by_trade,
        at=at,
    )
    states: MarketStates = {"market.counters": counters, "market.cells": MarketCells(cell_m=500, cells=[])}
    market.store.transact_now(history.keep, states, at)


async def test_the_last_hours_as_a_chart_and_the_map_of_then(own_market: Serving, visitors: Visitors) -> None:
    now = datetime.now(UTC)
    to_five = now.minute % 5
    for step in range(11):
        kept(own_market, to_five + 5 * (step + 1), 40 + step, 10 + 5 * step)
    staff = await visitors.open(own_market.url, "/staff/", (1280, 800))
    await staff.tap("demo-login", "part-balance")
    await expect(staff.at("chart").locator("canvas")).to_be_visible()
    await expect(staff.at("history-told")).to_contain_text("最多缺 40 人")
    await staff.at("history-trade").select_option("builder")
    await expect(staff.at("history-told")).to_contain_text("最多缺 40 人")
    await staff.at("history-trade").select_option("herb_sorter")
    await expect(staff.at("history-told")).to_contain_text("找活的人一直不比空缺少")
    await staff.at("history-trade").select_option("")
    await staff.shot("staff-history", full=True)
    await staff.tap("part-map")
    slider = staff.at("replay-slider")
    await slider.focus()
    await staff.page.keyboard.press("Home")
    await expect(staff.at("counter-available_workers")).to_have_text("50")
    await expect(staff.at("counter-free_seats")).to_have_text("60")
    await expect(staff.at("replay")).to_contain_text("的市场")
    # Wherever somebody looks, it says that this is not now, and one button goes back.
    at = (await staff.at("map-past").inner_text()).strip()
    await expect(staff.at("past")).to_contain_text(f"正在看 {at} 的市场，不是现在。")
    await expect(staff.at("map-title")).to_have_text(f"{at} 的市场")
    await expect(staff.page.locator(".tile .when")).to_have_text([at] * 6)
    await expect(staff.page.get_by_role("button", name="回到现在")).to_have_count(1)
    await expect(staff.at("replay-live")).to_be_in_viewport()
    await staff.shot("staff-replay-slider")
    await staff.shot("staff-replay", full=True)
    await expect(staff.at("replay-live")).to_be_in_viewport()
    await staff.page.keyboard.press("ArrowRight")
    await expect(staff.at("counter-available_workers")).to_have_text("49")
    await staff.tap("replay-live")
    await expect(staff.at("counter-available_workers")).not_to_have_text("49")
    await staff.gone("past")
    await expect(staff.at("map-title")).to_have_text("此刻的市场")
    await expect(staff.page.locator(".when")).to_have_count(0)
