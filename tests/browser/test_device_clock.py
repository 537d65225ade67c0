"""A device whose clock is minutes off: what is offered stays, and what is written down has the right time."""

from datetime import UTC, datetime, timedelta

import pytest

from tests.browser.test_offline import KEPT as FILES_KEPT
from tests.browser.test_offline import keeps
from tests.browser.test_worker_kept import KEPT, check_in, hired
from tests.browser.visiting import Visitor, Visitors
from tests.serving import Serving, place
from tests.talking import go_available, post_gig

pytestmark = [pytest.mark.browser, pytest.mark.asyncio(loop_scope="module")]

PHONE = (360, 640)
OFF = timedelta(minutes=10)
FAST = f"""{{
  const Right = Date;
  const off = {OFF.total_seconds() * 1000};
  window.Date = class extends Right {{
    constructor(...given) {{ super(...(given.length ? given : [Right.now() + off])); }}
    static now() {{ return Right.now() + off; }}
  }};
}}"""


async def set_forward(phone: Visitor) -> None:
    """This device's clock from the next page on."""
    await phone.page.add_init_script(FAST)


async def test_an_offer_outlives_a_reload_on_a_phone_that_is_fast(market: Serving, visitors: Visitors) -> None:
    worker, where = market.person("worker", "周福生"), place()
    await go_available(market, worker, where, ("packer",))
    phone = await visitors.open(market.url, "/worker/", PHONE)
    await set_forward(phone)
    await phone.page.reload()
    await phone.log_in(worker.phone)
    await phone.see("waiting")
    await post_gig(market, market.person("employer", "鹿江食品"), where, trade="packer", title="分装菊花茶")
    await phone.see("offer-card")
    await keeps(phone, "分装菊花茶")
    # A phone on which nothing is known of its clock.
    await phone.page.evaluate("localStorage.removeItem('gm.clock')")
    await phone.page.reload()
    await phone.tap("offer-accept")
    await phone.see("taken")


async def test_attendance_without_a_network_has_the_servers_time(
    own_market: Serving, visitors: Visitors
) -> None:
    boss = own_market.person("employer", "药都食品")
    phone, _, code = await hired(own_market, visitors, boss, "周水生")
    await set_forward(phone)
    await phone.page.reload()
    await phone.see("check-in-open")
    assert await phone.page.evaluate(FILES_KEPT)
    await keeps(phone, "药都大道")
    phone.expected += ["ERR_", "WebSocket"]
    async with phone.offline():
        await phone.page.reload()
        await phone.see("line-banner")
        await check_in(phone, code)
        await phone.see("kept-waiting")
        (step,) = await phone.page.evaluate(KEPT)
        assert abs(datetime.fromisoformat(step["at"]) - datetime.now(UTC)) < OFF / 2
        # Away before the line comes back.
        await phone.page.close()
