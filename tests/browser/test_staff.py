"""Staff see supply and demand as numbers and as cells, live, never as people."""

import pytest
from playwright.async_api import expect

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
