"""Somebody hires: eight people in one go, again with two taps, by keyboard alone; the roster of the day."""

import math
import time
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, timezone

import pytest
from playwright.async_api import expect

from tests.browser.visiting import Visitor, Visitors
from tests.edge.test_why import record
from tests.serving import Person, Serving
from tests.talking import eventually, go_available, ok, post_gig

pytestmark = [pytest.mark.browser, pytest.mark.asyncio(loop_scope="module")]

PHONE, DESK = (360, 640), (1280, 800)
BEIJING = timezone(timedelta(hours=8))
FUCHENG = {"lat": 28.0735, "lng": 115.5585, "datum": "wgs84"}


@dataclass
class Hand:
    """Counts what a finger does."""

    visitor: Visitor
    taps: int = 0

    async def tap(self, *testids: str) -> None:
        await self.visitor.tap(*testids)
        self.taps += len(testids)

    async def fill(self, testid: str, words: str) -> None:
        await self.visitor.at(testid).fill(words)
        self.taps += 1


async def accepts(market: Serving, worker: Person) -> None:
    """The worker takes the first offer that comes."""
    async with market.http(worker) as http:

        async def offers() -> list[dict[str, str]]:
            return list((await ok(http.get("/api/v1/workers/me/offers")))["items"])

        (offer,) = await eventually(offers, "an offer")
        await ok(http.post(f"/api/v1/offers/{offer['id']}/accept"))


async def test_a_place_is_shown_on_the_map(market: Serving, visitors: Visitors) -> None:
    boss = market.person("employer", "江边码头")
    page = await visitors.open(market.url, "/employer/", PHONE)
    await page.log_in(boss.phone)
    await page.tap("post-trade-porter", "where-map")
    pin = await page.see("pin-map")
    await page.tap("pin-in", "pin-in")
    box = await pin.bounding_box()
    assert box
    mouse = page.page.mouse
    await mouse.move(box["x"] + 200, box["y"] + 100)
    await mouse.down()
    await mouse.move(box["x"] + 100, box["y"] + 60, steps=4)
    await mouse.up()
    await pin.press("ArrowDown")
    await page.shot("employer-pin", full=True)
    await page.at("post-address").fill("赣江边老码头")
    await page.tap("preset-soon")
    await page.at("post-wage").fill("200")
    await page.tap("post-submit")
    await page.gone("post-submit")
    async with market.http(boss) as http:
        (gig,) = (await ok(http.get("/api/v1/gigs")))["items"]
        middle = (await ok(http.get("/api/v1/meta")))["center"]
    # Two steps closer the picture is 6000 x 0.36 m wide; the map went 100 px left and 40 up, then a twelfth up.
    metre = 6000 * 0.36 / box["width"]
    east = (gig["site"]["lng"] - middle["lng"]) * 111_195 * math.cos(math.radians(middle["lat"]))
    south = (middle["lat"] - gig["site"]["lat"]) * 111_195
    assert east == pytest.approx(100 * metre, abs=2 * metre)
    assert south == pytest.approx(40 * metre + 6000 * 0.36 / 12, abs=2 * metre)


async def test_eight_people_and_the_same_again(market: Serving, visitors: Visitors) -> None:
    boss = market.person("employer", "药都搬运")
    workers = [market.person("worker", f"熊{name}生") for name in "福金水木火土春秋"]
    for worker in workers:
        await go_available(market, worker, FUCHENG, ("guard",))
    page = await visitors.open(market.url, "/employer/", PHONE)
    await page.log_in(boss.phone)
    await page.see("post-submit")

    begun, hand = time.monotonic(), Hand(page)
    await hand.tap("post-trade-guard", "heads-8")
    await hand.fill("post-address", "共和西路 8 号")
    await page.at("post-station").select_option("zs-fucheng")
    await hand.tap("preset-soon")
    await hand.fill("post-wage", "60")
    await expect(page.at("post-missing")).to_contain_text("最低工资")
    await page.read("至少 ¥64.4")
    await page.shot("employer-low-wage", full=True)
    await hand.fill("post-wage", "160")
    await expect(page.at("post-missing")).to_have_count(0)
    await hand.tap("post-submit")
    await page.see("pending-offer")
    print(f"\na first posting for 8: {hand.taps + 2} taps, {time.monotonic() - begun:.1f} s by machine")  # noqa: T201

    for worker in workers:
        await accepts(market, worker)
    await expect(page.at("person")).to_have_count(8)
    await expect(page.at("gig-fill").last).to_have_attribute("data-filled", "8")
    await page.shot("employer-eight", full=True)

    begun, hand = time.monotonic(), Hand(page)
    await page.page.goto(f"{market.url}/employer/#")
    await hand.tap("post-open")
    await page.see("template-filled")
    await expect(page.at("heads-8")).to_have_attribute("aria-checked", "true")
    await expect(page.at("post-wage")).to_have_value("160")
    await page.shot("employer-again", full=True)
    await hand.tap("post-submit")
    await expect(page.at("gig-row")).to_have_count(2)
    print(f"the same again: {hand.taps} taps, {time.monotonic() - begun:.1f} s by machine")  # noqa: T201


SHANGQING = {"lat": 28.2710, "lng": 115.8190, "datum": "wgs84"}
"""Nobody else's tests are here."""


async def test_the_calm_sentence_is_the_real_reason(market: Serving, visitors: Visitors) -> None:
    boss = market.person("employer", "山前养老")
    gig = await post_gig(market, boss, SHANGQING, trade="carer", title="照看老人")
    page = await visitors.open(market.url, "/employer/", PHONE)
    await page.log_in(boss.phone)
    record(market, gig["id"])
    await page.page.goto(f"{market.url}/employer/#gig={gig['id']}")
    words = page.at("fill-words")
    await expect(words).to_contain_text(
        "15 分钟路程内，眼下没有会这个工种又在找活的人。有人来了马上去问。一直找到"
    )
    await expect(words).to_contain_text("您不用守着。")
    await page.shot("employer-nobody-near", full=True)
    for funnel, said in (
        (
            {"engaged": 2, "offered_elsewhere": 1},
            "有 3 个对口的人：3 人正忙或已被问。有人空出来马上去问。一直找到",
        ),
        ({"wage": 2}, "2 人工钱不够。有人空出来马上去问。一直找到"),
    ):
        record(market, gig["id"], **funnel)
        await page.page.reload()
        await expect(words).to_contain_text(said)
    await expect(words).to_contain_text("提高工钱，能多问 2 人。")
    await expect(words).not_to_contain_text("不用守着")
    await page.tap("lang-switch")
    await expect(words).to_contain_text(
        "2 wanting more pay. Whoever becomes free is asked at once. We look until"
    )
    await page.shot("employer-kept-away", full=True)


async def test_the_first_posting_has_no_way_back_to_itself(market: Serving, visitors: Visitors) -> None:
    boss = market.person("employer", "初来食品")
    page = await visitors.open(market.url, "/employer/", PHONE)
    await page.log_in(boss.phone)
    await page.see("post-submit")
    await expect(page.page.locator("a.back")).to_have_count(0)
    await post_gig(market, boss, SHANGQING, trade="carer")
    await page.tap("post-open")
    await expect(page.page.locator("a.back")).to_have_count(1)


async def test_the_roster_is_of_the_day_that_was_chosen(market: Serving, visitors: Visitors) -> None:
    boss = market.person("employer", "夜市烧烤")
    now = datetime.now(UTC)
    await post_gig(
        market,
        boss,
        SHANGQING,
        trade="carer",
        starts_at=(now + timedelta(days=3)).isoformat(),
        ends_at=(now + timedelta(days=3, hours=4)).isoformat(),
    )
    page = await visitors.open(market.url, "/employer/", PHONE)
    await page.log_in(boss.phone)
    await page.tap("day-open")
    await page.read("今天没有活。")
    await page.tap("roster-tomorrow")
    await page.read("明天的花名册")
    await expect(page.at("roster-none")).to_have_text("明天没有活。")


async def test_a_gig_that_is_too_long_is_told_its_limit_before_it_is_sent(
    market: Serving, visitors: Visitors
) -> None:
    boss = market.person("employer", "通宵分拣")
    await post_gig(market, boss, SHANGQING, trade="carer")
    page = await visitors.open(market.url, "/employer/", PHONE)
    await page.log_in(boss.phone)
    await page.tap("post-open")
    begins = datetime.now(BEIJING) + timedelta(days=1)
    await page.at("post-starts").fill(begins.strftime("%Y-%m-%dT08:00"))
    await page.at("post-wage").fill("900")
    await page.at("post-ends").fill((begins + timedelta(days=1)).strftime("%Y-%m-%dT16:00"))
    await expect(page.at("post-length")).to_have_text("32 小时 · 一个活最长 24 小时，请把收工改早一点")
    await expect(page.at("post-missing")).to_have_text("一个活最长 24 小时，请把收工改早一点")
    await expect(page.at("post-submit")).to_be_disabled()
    await page.shot("employer-too-long")
    # A page that does not know the limit, or an old one, is told by the refusal.
    await page.page.evaluate("localStorage.removeItem('gm.city')")
    await page.page.route("**/api/v1/meta", lambda route: route.abort())
    page.expected += ["ERR_FAILED", "422"]
    await page.page.reload()
    await page.tap("template-new")
    await page.tap("post-trade-carer", "place")
    await page.at("post-starts").fill(begins.strftime("%Y-%m-%dT08:00"))
    await page.at("post-ends").fill((begins + timedelta(days=1)).strftime("%Y-%m-%dT16:00"))
    await page.at("post-wage").fill("900")
    await page.tap("post-submit")
    await expect(page.at("post-problem")).to_have_text("一个活最长 24 小时，请把收工改早一点。")
    await page.tap("preset-morning")
    await expect(page.at("post-problem")).to_have_count(0)


ON_TOP = """(e) => {
  const { left, top, width, height } = e.getBoundingClientRect();
  const seen = document.elementFromPoint(left + width / 2, top + height / 2);
  return e.contains(seen);
}"""
"""Whether the middle of something is in view with nothing over it."""


@pytest.mark.parametrize("size", [PHONE, DESK], ids=["phone", "desk"])
async def test_a_posting_that_failed_says_so_by_its_button(
    market: Serving, visitors: Visitors, size: tuple[int, int]
) -> None:
    boss = market.person("employer", "洲上物流")
    await post_gig(market, boss, FUCHENG, trade="packer", title="贴标签")
    page = await visitors.open(market.url, "/employer/", size)
    await page.log_in(boss.phone)
    await page.tap("post-open")
    await page.see("template-filled")
    async with page.offline():
        await page.see("line-banner")
        for at in ("top", "bottom"):
            await page.page.evaluate(f"scrollTo(0, {0 if at == 'top' else 'document.body.scrollHeight'})")
            await page.tap("post-submit")
            problem = await page.see("post-problem")
            await expect(problem).to_have_text("没有连上服务器。请看看网络，再试一次。")
            assert await problem.evaluate(ON_TOP), at
            assert await page.at("line-banner").evaluate(ON_TOP), at
            await expect(page.at("line-banner")).to_contain_text("看到的是断网前的情况")
            await page.shot(f"employer-failed-{size[0]}-{at}")
    await page.gone("line-banner")
    await page.tap("heads-2")
    await expect(page.at("post-problem")).to_have_count(0)


async def test_posting_by_keyboard_alone(market: Serving, visitors: Visitors) -> None:
    boss = market.person("employer", "仁和园艺")
    page = await visitors.open(market.url, "/employer/", DESK)
    await page.log_in(boss.phone)
    await page.see("post-submit")
    keys = page.page.keyboard

    async def reach(testid: str) -> None:
        """Tab until the focus is there, as somebody without a mouse does."""
        for _ in range(120):
            at = await page.page.evaluate("document.activeElement.dataset.testid ?? ''")
            if at == testid:
                return
            await keys.press("Tab")
        raise AssertionError(f"{testid} cannot be reached by Tab")

    await reach("post-trade-gardener")
    await keys.press("Space")
    await reach("heads-2")
    await keys.press("Space")
    await reach("post-address")
    await keys.insert_text("滨江路 3 号")
    await reach("where-station")
    await reach("post-station")
    await keys.press("ArrowDown")
    await reach("preset-morning")
    await keys.press("Enter")
    await reach("post-wage")
    await keys.insert_text("150")
    await expect(page.at("post-missing")).to_have_count(0)
    await reach("post-submit")
    await keys.press("Enter")
    await expect(page.at("gig-fill").first).to_have_attribute("data-headcount", "2")


async def test_a_place_of_before_is_one_tap(market: Serving, visitors: Visitors) -> None:
    boss = market.person("employer", "三皇宫物业")
    site = {**FUCHENG, "address": "药都大道 66 号"}
    await post_gig(market, boss, FUCHENG, trade="cleaner", title="擦玻璃", site=site)
    page = await visitors.open(market.url, "/employer/", PHONE)
    await page.log_in(boss.phone)
    await page.tap("post-open", "template-new")
    await expect(page.at("post-address")).to_have_value("")
    await page.tap("place")
    await expect(page.at("post-address")).to_have_value("药都大道 66 号")
    await expect(page.at("where-kept")).to_have_attribute("aria-checked", "true")
    await page.at("post-address").fill("福城")
    await expect(page.page.locator("[data-testid=place][data-source=station]").first).to_be_visible()
    await page.shot("employer-places", full=True)


@pytest.mark.parametrize(("size", "trade"), [(PHONE, "waiter"), (DESK, "driver")], ids=["phone", "desk"])
async def test_the_roster_and_its_sign(
    market: Serving, visitors: Visitors, size: tuple[int, int], trade: str
) -> None:
    boss, worker = market.person("employer", "赣中展览"), market.person("worker", "聂小兰")
    await go_available(market, worker, FUCHENG, (trade,))
    gig = await post_gig(market, boss, FUCHENG, trade=trade, title="会议服务")
    await accepts(market, worker)
    page = await visitors.open(market.url, "/employer/", size)
    await page.log_in(boss.phone)
    await page.tap("day-open")
    # Near midnight in Beijing the gig in an hour is tomorrow's.
    await expect(page.at("roster-none").or_(page.at("roster-person"))).to_be_visible()
    if await page.at("roster-none").count():
        await page.tap("roster-tomorrow")
    # This market has no roads.
    await expect(page.at("roster-person")).to_contain_text("分钟（估算）")
    await expect(page.at("roster-code")).to_have_text(gig["site_code"])
    await expect(page.page.get_by_role("img", name="签到码的二维码")).to_have_count(1)
    await page.shot(f"employer-day-{size[0]}", full=True)
    await page.tap("vouch-here")
    await expect(page.at("roster-person")).to_have_attribute("data-status", "checked_in")
    await page.page.emulate_media(media="print")
    await expect(page.at("signs")).to_contain_text(gig["site_code"])
    await page.page.screenshot(path=page.folder / f"employer-sign-{size[0]}.png", full_page=True)
    await page.page.emulate_media(media="screen")
    await page.tap("vouch-left")
    await expect(page.at("roster-person")).to_have_attribute("data-status", "completed")
