"""The map of a full city: 500 gigs and 50,000 workers in cells, dragged by hand; frame times are reported."""

import json
import random
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from playwright.async_api import expect

from gigmarket.domain.geo import Position
from gigmarket.domain.gig import Draft, Site, Wage, WageUnit
from gigmarket.domain.ids import EmployerId, WorkerId
from gigmarket.domain.trade import TRADES
from gigmarket.live.connection import connect
from gigmarket.live.index import Index, Placement
from gigmarket.services import gigs
from gigmarket.services.rules import Rules
from gigmarket.store.transaction import Transaction
from tests.browser.visiting import Visitors
from tests.serving import KEYS, Serving

pytestmark = [pytest.mark.browser, pytest.mark.asyncio(loop_scope="module")]

GIGS, WORKERS = 500, 50_000
CENTRE = Position(28.0560, 115.5460)
FRAMES = """async () => {
  window.frames_ms = [];
  let last = performance.now();
  const tick = (at) => {
    window.frames_ms.push(at - last);
    last = at;
    window.ticking = requestAnimationFrame(tick);
  };
  window.ticking = requestAnimationFrame(tick);
}"""
COVERED = """() => {
  const boxes = (selector) =>
    [...document.querySelectorAll(selector)].map((e) => [e.textContent, e.getBoundingClientRect()]);
  const numbers = boxes(".cell text");
  const meets = (a, b) => a.left < b.right && b.left < a.right && a.top < b.bottom && b.top < a.bottom;
  // A letter's box is higher than its ink.
  const seen = ({ left, right, top, bottom, height }) =>
    ({ left, right, top: top + height / 5, bottom: bottom - height / 5 });
  return boxes(".station text").flatMap(([name, box]) =>
    numbers.filter(([, number]) => meets(seen(box), seen(number))).map(([number]) => `${name}: ${number}`));
}"""
"""Names of stations on numbers of people."""


def somewhere(rng: random.Random) -> Position:
    """Most live near the middle, some in the villages."""
    spread = rng.choice((0.02, 0.05, 0.12))
    return Position(CENTRE.lat + rng.gauss(0, spread), CENTRE.lng + rng.gauss(0, spread))


def post_many(tx: Transaction, employer: str) -> None:
    rng, rules, now = random.Random(3), Rules(), datetime.now(UTC)
    for number in range(GIGS):
        start = now + timedelta(hours=4)
        draft = Draft(
            title=f"第 {number} 个活",
            trade=rng.choice(TRADES).code,
            headcount=rng.randint(1, 6),
            site=Site(somewhere(rng), "药都大道 1 号"),
            starts_at=start,
            ends_at=start + timedelta(hours=4),
            wage=Wage(18_000, WageUnit.DAY),
        )
        gigs.post(tx, rules, EmployerId(employer), draft)


async def crowd(market: Serving) -> None:
    """Workers for the map alone: the live index has them, SQL does not, so that no round offers them work."""
    rng, until = random.Random(4), datetime.now(UTC) + timedelta(hours=2)
    redis = connect(market.live_url)
    index = Index(redis, KEYS, [trade.code for trade in TRADES])
    await index.put_many(
        [
            Placement(WorkerId(f"crowd-{n}"), somewhere(rng), frozenset({rng.choice(TRADES).code}), until)
            for n in range(WORKERS)
        ]
    )
    await redis.aclose()


async def test_a_full_city_can_be_dragged(own_market: Serving, visitors: Visitors, screens: Path) -> None:
    employer = own_market.person("employer", "药都物流")
    own_market.store.transact_now(post_many, employer.id)
    await crowd(own_market)
    staff = await visitors.open(own_market.url, "/staff/", (1280, 800))
    await staff.tap("demo-login", "part-map")
    await expect(staff.at("counter-available_workers")).to_have_text("50,000")
    await expect(staff.at("counter-open_gigs")).to_have_text("500")
    await staff.tap("map-all")
    await staff.shot("staff-crowd")
    box = await staff.at("cell-map").bounding_box()
    assert box
    before = await staff.at("cell-map").get_attribute("viewBox")
    mouse = staff.page.mouse
    x, y = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
    await staff.page.evaluate(FRAMES)
    for _ in range(3):
        await mouse.move(x, y)
        await mouse.down()
        for step in range(30):
            await mouse.move(x - 6 * step, y - 3 * step)
        await mouse.up()
    frames = sorted(await staff.page.evaluate("() => (cancelAnimationFrame(window.ticking), window.frames_ms)"))
    told = {
        "frames": len(frames),
        "p50_ms": round(frames[len(frames) // 2], 1),
        "p95_ms": round(frames[int(len(frames) * 0.95)], 1),
        "max_ms": round(frames[-1], 1),
    }
    (screens / "staff-frames.json").write_text(json.dumps(told))
    assert await staff.at("cell-map").get_attribute("viewBox") != before
    await staff.tap("map-busy", *["map-in"] * 4)
    await expect(staff.page.locator("[data-testid=cell] text").first).to_be_visible()
    await staff.shot("staff-crowd-near")
    for zoom in ("map-in", "map-out", "map-out"):
        assert await staff.page.evaluate(COVERED) == []
        await staff.tap(zoom)
    await expect(staff.page.locator(".station text").first).to_be_attached()
