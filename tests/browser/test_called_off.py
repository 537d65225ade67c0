"""A gig that is called off after it was taken: the worker is told at once, before anybody sets out."""

import pytest
from playwright.async_api import expect

from tests.browser.visiting import Visitors
from tests.serving import Serving, place
from tests.talking import go_available, ok, post_gig

pytestmark = [pytest.mark.browser, pytest.mark.asyncio(loop_scope="module")]

PHONE = (360, 640)
SAID = "“分装菊花茶”不用去了：雇主取消了。"


async def test_whoever_reads_where_to_go_is_told_not_to(market: Serving, visitors: Visitors) -> None:
    worker, boss, where = market.person("worker", "周福生"), market.person("employer", "鹿江食品"), place()
    await go_available(market, worker, where, ("packer",))
    phone = await visitors.open(market.url, "/worker/", PHONE)
    await phone.log_in(worker.phone)
    await phone.see("waiting")
    gig = await post_gig(market, boss, where, trade="packer", title="分装菊花茶")
    await phone.tap("offer-accept")
    await phone.see("taken")
    async with market.http(boss) as http:
        await ok(http.post(f"/api/v1/gigs/{gig['id']}/cancel"))
    await expect(phone.at("toasts")).to_have_text(SAID)
    await phone.gone("taken")
    await expect(phone.page.locator("main .notice").first).to_contain_text(SAID)
    await phone.shot("worker-called-off")
    await phone.press(phone.page.get_by_role("button", name="知道了"))
    await expect(phone.page.locator("main")).not_to_contain_text(SAID)
