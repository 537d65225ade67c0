"""A worker's own gigs: the way there as it is known, and what became of the money."""

import pytest
from playwright.async_api import expect

from tests.browser.visiting import Visitors
from tests.serving import Serving
from tests.talking import assigned, ok

pytestmark = [pytest.mark.browser, pytest.mark.asyncio(loop_scope="module")]

PHONE = (360, 640)
LIUGONGMIAO = {"lat": 28.1530, "lng": 115.3220, "datum": "wgs84"}


async def test_what_was_raised_and_settled_is_no_reason_for_what_was_paid(
    market: Serving, visitors: Visitors
) -> None:
    worker, employer, assignment = await assigned(market, LIUGONGMIAO, title="夜间卸货")
    page = await visitors.open(market.url, "/worker/", PHONE)
    await page.log_in(worker.phone)
    await page.tap("my-gigs")
    # Without roads the way is a straight line's, also once the gig was taken.
    await expect(page.at("assignment")).to_contain_text("分钟 · 估算")
    path = f"/api/v1/assignments/{assignment['id']}"
    async with market.http(employer) as boss, market.http(worker) as mine:
        for here in (True, False):
            await ok(boss.post(f"{path}/vouch", json={"here": here}))
        await ok(boss.post(f"{path}/settle", json={"amount_fen": 12000, "reason": "提前走了"}))
        await ok(mine.post(f"{path}/dispute", json={"reason": "说好 180 只给了 120"}))
        await ok(boss.post(f"{path}/settle", json={"amount_fen": 18000}))
        await ok(mine.post(f"{path}/confirm"))
    done = page.at("assignment")
    await expect(done).to_have_attribute("data-status", "settled")
    await expect(done).to_contain_text("已收到 ¥180。")
    await expect(done).to_contain_text("您提过的问题已经了结：说好 180 只给了 120")
    await expect(done).not_to_contain_text("原因")
    await page.shot("worker-settled-after-dispute")
