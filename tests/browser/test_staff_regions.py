"""City → town → village: a desk chooses what it looks at, and staff of a village see no more than theirs."""

import asyncio
from collections.abc import AsyncIterator

import pytest
import pytest_asyncio
from playwright.async_api import Route, expect

from tests.ageing import has_waited
from tests.browser.visiting import TWO_FRAMES, Visitor, Visitors
from tests.serving import Serving, serving
from tests.talking import go_available, post_gig
from tests.villages import GUANTIAN, HALL, TANGXIA, villages

pytestmark = [pytest.mark.browser, pytest.mark.asyncio(loop_scope="module")]

DESK, PHONE = (1280, 800), (360, 740)


async def people_wait(market: Serving) -> None:
    """One at the town's station, one in each village, and work in one of the two."""
    for name, where in (("熊金花", HALL), ("邹小兰", TANGXIA), ("聂大江", GUANTIAN)):
        worker = market.person("worker", name)
        await go_available(market, worker, where, ("driver",))
        has_waited(market, worker)
    await post_gig(market, market.person("employer", "店下果园"), TANGXIA, title="橘园除草")


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def market_of_villages(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Serving]:
    """A demo server with two villages' own stations, and people who wait."""
    folder = tmp_path_factory.mktemp("villages")
    with serving(folder, **villages(folder), GIGMARKET_DEMO="true") as running:
        await people_wait(running)
        yield running


async def waiting(desk: Visitor, *names: str) -> None:
    await expect(desk.at("row-waiting")).to_have_count(len(names))
    for name in names:
        await expect(desk.at("row-waiting").filter(has_text=name)).to_have_count(1)


async def test_from_the_city_to_a_village(market_of_villages: Serving, visitors: Visitors) -> None:
    desk = await visitors.open(market_of_villages.url, "/staff/", DESK)
    await desk.tap("desk-staff", "demo-login", "queue-waiting")
    await waiting(desk, "熊*", "邹*", "聂*")
    await desk.gone("village")
    await desk.at("town").select_option("店下镇")
    await waiting(desk, "熊*", "邹*", "聂*")
    await desk.at("village").select_option("塘下村")
    await waiting(desk, "邹*")
    await desk.tap("queue-unfilled")
    await expect(desk.at("row-unfilled")).to_contain_text("橘园除草")
    await desk.shot("staff-village")
    await desk.tap("part-map")
    await expect(desk.at("region-seats")).to_have_text("1")
    await expect(desk.at("region-workers")).to_have_text("1")
    await desk.read("店下镇 · 塘下村：空缺")
    await desk.at("village").select_option("官田村")
    await expect(desk.at("region-seats")).to_have_text("0")
    # Stations are judged for everybody, and it says so.
    await expect(desk.at("coverage-city")).to_have_text("这里是全市的，不分镇村。")
    await desk.shot("staff-village-map")
    await desk.page.reload()
    await expect(desk.at("town")).to_have_value("店下镇")
    await expect(desk.at("village")).to_have_value("官田村")
    await desk.tap("part-balance")
    await expect(desk.at("trade-table")).to_contain_text("司机")
    await expect(desk.at("trade-table")).not_to_contain_text("搬运")
    await desk.shot("staff-village-balance")
    await desk.tap("part-stations")
    await expect(desk.at("station")).to_have_count(1)
    await expect(desk.at("station")).to_contain_text("官田村零工驿站")
    await desk.tap("part-handover")
    await expect(desk.at("handover")).to_contain_text("店下镇 · 官田村")
    # A village was one of its town's: another town begins with all of it.
    await desk.at("town").select_option("临江镇")
    await desk.gone("village")
    await expect(desk.at("handover")).to_contain_text("临江镇 ·")
    await desk.tap("part-stations")
    await expect(desk.at("station")).to_have_count(1)
    assert await desk.barriers() == []


@pytest.mark.parametrize(
    ("station", "chosen", "names"),
    [
        ("zs-dianxia", "店下镇", ("熊*", "邹*", "聂*")),
        ("tangxia", "店下镇 · 塘下村", ("邹*",)),
    ],
)
async def test_staff_of_a_station_see_its_region(
    market_of_villages: Serving, visitors: Visitors, station: str, chosen: str, names: tuple[str, ...]
) -> None:
    own = market_of_villages.person("staff", "龚干部", station=station)
    desk = await visitors.open(market_of_villages.url, "/staff/", PHONE)
    await desk.tap("desk-staff")
    await desk.log_in(own.phone)
    await expect(desk.at("region")).to_have_text(chosen)
    await desk.gone("town")
    await desk.tap("queue-waiting")
    await waiting(desk, *names)
    await desk.tap("part-stations")
    await expect(desk.at("station")).to_have_count(3 if len(names) == 3 else 1)
    if station == "tangxia":
        await desk.gone("village")
        await desk.shot("staff-village-phone")
        return
    await desk.at("village").select_option("官田村")
    await expect(desk.at("station")).to_have_count(1)


async def test_a_clerk_begins_with_the_own_village_and_may_look_beyond(
    market_of_villages: Serving, visitors: Visitors
) -> None:
    own = market_of_villages.person("clerk", "李协管", station="tangxia")
    desk = await visitors.open(market_of_villages.url, "/staff/", DESK)
    await desk.tap("desk-clerk")
    await desk.log_in(own.phone)
    await desk.tap("queue-waiting")
    await waiting(desk, "邹*")
    await expect(desk.at("village")).to_have_value("塘下村")
    await desk.at("village").select_option("")
    await waiting(desk, "熊*", "邹*", "聂*")
    await desk.at("town").select_option("临江镇")
    await desk.gone("row-waiting")
    # The next to sit down begins with their own.
    await desk.tap("log-out", "desk-clerk")
    await desk.log_in(own.phone)
    await expect(desk.at("village")).to_have_value("塘下村")


async def test_a_late_answer_about_the_city_is_not_shown_as_the_villages(
    market_of_villages: Serving, visitors: Visitors
) -> None:
    desk = await visitors.open(market_of_villages.url, "/staff/", DESK)
    await desk.tap("desk-staff", "demo-login", "queue-waiting")
    await desk.see("row-waiting")
    held, go_on = asyncio.Event(), asyncio.Event()

    async def late(route: Route) -> None:
        held.set()
        await go_on.wait()
        await route.continue_()

    await desk.at("town").select_option("店下镇")
    await waiting(desk, "熊*", "邹*", "聂*")
    await desk.page.route(lambda url: url.endswith("/api/v1/queues"), late)
    await desk.at("town").select_option("")
    await held.wait()
    await desk.at("town").select_option("临江镇")
    await desk.gone("row-waiting")
    async with desk.page.expect_response(lambda response: response.url.endswith("/api/v1/queues")) as answer:
        go_on.set()
    await (await answer.value).finished()
    await desk.page.evaluate(TWO_FRAMES)
    # Not waited for: the next look at the lists would put it right.
    assert await desk.at("row-waiting").count() == 0


async def test_staff_of_the_city_choose_as_they_like(market_of_villages: Serving, visitors: Visitors) -> None:
    own = market_of_villages.person("staff", "市局", station="zs-city")
    desk = await visitors.open(market_of_villages.url, "/staff/", DESK)
    await desk.tap("desk-staff")
    await desk.log_in(own.phone)
    await desk.at("town").select_option("店下镇")
    await desk.at("village").select_option("塘下村")
    await desk.tap("queue-waiting")
    await waiting(desk, "邹*")
