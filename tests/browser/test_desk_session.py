"""A desk whose session ends while its page is open: the page goes to the door and says why."""

import pytest
from playwright.async_api import expect
from sqlalchemy import update

from gigmarket.store.tables import TABLES
from gigmarket.store.transaction import Transaction
from tests.browser.visiting import Visitor, Visitors
from tests.serving import Person, Serving
from tests.talking import ok

pytestmark = [pytest.mark.browser, pytest.mark.asyncio(loop_scope="module")]

DESK = (1280, 800)
SESSION = TABLES["session"]


async def at_the_desk(market: Serving, visitors: Visitors, clerk: Person) -> Visitor:
    """A clerk at their own page, which asks again every fifteen seconds."""
    page = await visitors.open(market.url, "/staff/", DESK)
    page.expected += ["401", "403"]
    await page.page.clock.install()
    await page.page.reload()
    await page.tap("desk-clerk")
    await page.log_in(clerk.phone)
    await page.see("log-out")
    return page


async def test_a_clerk_who_is_suspended_is_told(own_market: Serving, visitors: Visitors) -> None:
    clerk = own_market.person("clerk", "李协管", "13812350201", station="zs-city")
    page = await at_the_desk(own_market, visitors, clerk)
    async with own_market.http(own_market.person("staff")) as http:
        await ok(http.post(f"/api/v1/accounts/{clerk.id}/suspend", json={"reason": "核实身份"}))
    await page.page.clock.run_for(16_000)
    await expect(page.at("refused")).to_contain_text("这个账号停用了")
    await expect(page.at("login-phone")).to_be_visible()


async def test_a_clerk_whose_session_is_over_logs_in_again(own_market: Serving, visitors: Visitors) -> None:
    clerk = own_market.person("clerk", "王协管", "13812350202", station="zs-city")
    page = await at_the_desk(own_market, visitors, clerk)

    def ends(tx: Transaction) -> None:
        tx.connection.execute(
            update(SESSION).where(SESSION.c.account_id == clerk.id).values(revoked_at=tx.now())
        )

    own_market.store.transact_now(ends)
    await page.page.clock.run_for(16_000)
    await expect(page.at("login-phone")).to_be_visible()
    await page.gone("log-out")
