"""Staff see on the map from where a place is reached, what the stations cover and where the next would help."""

import re
from collections.abc import Iterator

import pytest
from playwright.async_api import expect

from gigmarket.domain.geo import Datum
from gigmarket.travel.datum import from_wgs84
from tests.browser.visiting import Visitor, Visitors
from tests.serving import Serving, serving
from tests.talking import go_available
from tests.travel.riverside import given, riverside
from tests.travel.roads_town import at

pytestmark = [pytest.mark.browser, pytest.mark.asyncio(loop_scope="module")]


@pytest.fixture(scope="module")
def river(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Serving]:
    """A demo server on the river town's roads, with the bridge at the town's western end."""
    folder = tmp_path_factory.mktemp("river")
    settings = riverside(folder / "town", bridges=(0.0,))
    with serving(folder, **settings, GIGMARKET_DEMO="true", GIGMARKET_POLICY='{"circle_s": 600}') as running:
        yield running


async def test_reach_and_coverage_on_roads(river: Serving, visitors: Visitors) -> None:
    for x, y in ((450, -200), (460, -210), (470, -220), (480, 300), (490, 310), (500, 320)):
        await go_available(river, river.person("worker"), given(at(x, y - 500)))
    staff = await visitors.open(river.url, "/staff/", (1280, 900))
    await staff.tap("demo-login", "part-map")
    await expect(staff.at("covered-residents")).to_have_text("100%")
    await expect(staff.at("basemap").locator(".minor")).to_have_attribute("d", re.compile("^M.*L"))
    await staff.read("道路：© OpenStreetMap contributors")
    await staff.tap("reach-mode-walk")
    await expect(staff.at("covered-residents")).to_have_text("75%")
    # The bridge is at the other end of the streets: half of the workers are too far, too.
    await expect(staff.at("covered-workers")).to_have_text("50%")
    await expect(staff.at("next-site")).to_have_count(1)
    await expect(staff.at("next-sites")).to_contain_text("新覆盖 100 人")
    await staff.at("reach-station").select_option("heyan")
    await expect(staff.at("reach-said")).to_contain_text("河沿驿站：走路 10 分钟内")
    await expect(staff.at("reach")).to_be_visible()
    cells = int(await staff.at("reach").get_attribute("data-cells") or 0)
    assert cells > 10
    await expect(staff.at("estimated")).to_have_count(0)
    await staff.tap("map-in")
    await staff.shot("staff-reach", full=True)

    box = await staff.at("cell-map").bounding_box()
    assert box
    await staff.page.mouse.click(box["x"] + box["width"] * 0.4, box["y"] + box["height"] * 0.6)
    await expect(staff.at("reach-said")).to_contain_text("选中的地点")
    await expect(staff.at("reach-station")).to_have_value("")
    await staff.tap("lang-switch")
    await staff.read("Reach of the stations")
    await staff.shot("staff-reach-en", full=True)
    await staff.tap("reach-clear")
    await staff.gone("reach")


async def test_without_roads_it_says_estimated(market: Serving, visitors: Visitors) -> None:
    staff = await visitors.open(market.url, "/staff/", (390, 844))
    await staff.tap("demo-login", "part-map")
    await staff.see("coverage")
    await expect(staff.at("basemap").locator("path").first).to_have_attribute("d", "")
    station = await staff.at("reach-station").locator("option").nth(1).get_attribute("value")
    await staff.at("reach-station").select_option(station)
    await expect(staff.at("reach-said")).to_contain_text("估算")
    await expect(staff.at("estimated")).to_have_count(2)
    # The map moves to a station that was out of sight.
    map_box = await staff.at("cell-map").bounding_box()
    reach_box = await staff.at("reach").bounding_box()
    assert map_box
    assert reach_box
    assert map_box["x"] <= reach_box["x"] <= map_box["x"] + map_box["width"]
    await staff.shot("staff-reach-phone", full=True)


async def test_a_worker_off_the_road_reads_one_calm_line(river: Serving, visitors: Visitors) -> None:
    nowhere = at(300, 5000)
    phone = await visitors.open(
        river.url,
        "/worker/",
        (390, 844),
        geolocation={"latitude": nowhere.lat, "longitude": nowhere.lng},
        permissions=["geolocation"],
    )
    await phone.tap("demo-login")
    await phone.tap("go-available", "consent-yes")
    await expect(phone.at("advice")).to_contain_text("300 米内没有")
    await phone.shot("worker-advice")


async def post_at(page: Visitor, lat: float, lng: float) -> None:
    """A posting by coordinates, said to be a GPS device's."""
    await page.tap("post-trade-porter", "where-coordinates", "preset-morning")
    await page.at("post-address").fill("洲尾")
    await page.at("post-datum").select_option("wgs84")
    await page.at("post-coordinates").fill(f"{lat}, {lng}")
    await page.at("post-wage").fill("200")
    await page.tap("post-submit")


async def test_an_employer_reads_on_the_gigs_page_that_no_road_leads_there(
    river: Serving, visitors: Visitors
) -> None:
    nowhere = at(300, 5000)
    page = await visitors.open(river.url, "/employer/", (360, 640))
    await page.log_in(river.person("employer", "洲尾砂石").phone)
    await post_at(page, nowhere.lat, nowhere.lng)
    words = page.at("fill-words")
    await expect(words).to_contain_text("300 米内没有路")
    await page.shot("employer-off-road", full=True)
    await page.page.reload()
    await expect(words).to_contain_text("300 米内没有路")
    await expect(words).not_to_contain_text("不用守着")


async def test_what_is_odd_about_a_place_stays_on_the_gigs_page(river: Serving, visitors: Visitors) -> None:
    page = await visitors.open(river.url, "/employer/", (360, 640))
    await page.log_in(river.person("employer", "洲头砂石").phone)
    await page.tap("lang-switch")
    await post_at(page, *from_wgs84(at(900, -500), Datum.GCJ02))
    await page.read("Posted. Please read what is said about the place.")
    # What is said for a moment hides neither the way back nor what the page is about.
    said, back = await page.at("toast").bounding_box(), await page.page.locator("a.back").bounding_box()
    assert said
    assert back
    assert said["y"] + said["height"] <= back["y"]
    await page.tap("lang-switch")
    await expect(page.at("place-advice")).to_contain_text("像是高德或腾讯地图的坐标")
    await page.gone("toast")
    await expect(page.at("place-advice")).to_be_visible()
    await page.shot("employer-odd-place", full=True)
