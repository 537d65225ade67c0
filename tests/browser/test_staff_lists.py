"""The desk's lists when they are long: everybody can be reached, and a number is the same everywhere."""

import re

import pytest
from playwright.async_api import expect

from gigmarket.domain.geo import Mode, Position
from gigmarket.domain.ids import WorkerId
from gigmarket.services import presence
from gigmarket.services.accounts import authenticate
from gigmarket.wire.people import ProfileIn
from tests.ageing import has_waited
from tests.browser.visiting import Visitors
from tests.serving import Person, Serving

pytestmark = [pytest.mark.browser, pytest.mark.asyncio(loop_scope="module")]

DESK = (1280, 800)
CENTRE = Position(28.0560, 115.5460)
MANY = 115
"""More than two pages, and so many taps."""


def waits(market: Serving, name: str) -> Person:
    """Somebody who looks for work that nobody offers."""
    worker = market.person("worker", name)
    store = market.store
    actor = store.read_now(lambda tx: authenticate(tx, worker.token, tx.now()))
    profile = ProfileIn(trades=["gardener"], mode=Mode.EBIKE)
    store.transact_now(presence.set_profile, WorkerId(worker.id), profile)
    store.transact_now(presence.go_available, actor, CENTRE, None, False)
    return worker


async def test_everybody_who_waited_long_can_be_reached(own_market: Serving, visitors: Visitors) -> None:
    long_waiting = [waits(own_market, f"龚{number}") for number in range(MANY)]
    for _ in range(3):
        waits(own_market, "熊大")
    has_waited(own_market, *long_waiting)
    desk = await visitors.open(own_market.url, "/staff/", DESK)
    await desk.tap("desk-staff", "demo-login", "queue-waiting")
    await expect(desk.at("queue")).to_contain_text("等了 60 分钟以上的人")
    await expect(desk.at("queue-waiting")).to_contain_text(str(MANY))
    await expect(desk.at("row-waiting")).to_have_count(8)
    await expect(desk.at("rows-more")).to_have_text(f"再看一些（已看 8 / 共 {MANY}）")
    await desk.tap("rows-more")
    await expect(desk.at("row-waiting")).to_have_count(58)
    await desk.tap("rows-more")
    await expect(desk.at("row-waiting")).to_have_count(108)
    await desk.at("rows-more").scroll_into_view_if_needed()
    await desk.shot("staff-more")
    await desk.tap("rows-more")
    await expect(desk.at("row-waiting")).to_have_count(MANY)
    await desk.gone("rows-more")
    ids = await desk.at("row-waiting").evaluate_all("rows => rows.map((row) => row.dataset.id)")
    assert set(ids) == {worker.id for worker in long_waiting}
    # What is read stays read when the lists are asked for again.
    async with desk.page.expect_response(lambda response: response.url.endswith("/api/v1/queues")):
        pass
    await expect(desk.at("row-waiting")).to_have_count(MANY)
    await desk.tap("part-handover")
    await expect(desk.at("handover").get_by_role("heading", name="等得最久")).to_contain_text(f"{MANY} 件")
    await expect(desk.at("handover")).to_contain_text(f"还有 {MANY - 5} 件")


async def test_the_handover_sheet_has_its_date(own_market: Serving, visitors: Visitors) -> None:
    desk = await visitors.open(own_market.url, "/staff/", DESK)
    await desk.tap("desk-staff", "demo-login", "part-handover")
    await expect(desk.at("handover")).to_contain_text(re.compile(r"20\d\d-\d\d-\d\d \d\d:\d\d"))
    await expect(desk.at("handover")).not_to_contain_text("今天 ")
