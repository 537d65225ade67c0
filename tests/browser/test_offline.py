"""Pages that open without a network, once they were open with one: a worker's phone and a station's kiosk."""

from collections.abc import Iterator
from contextlib import contextmanager
from urllib.parse import urlsplit

import pytest
from playwright.async_api import expect

from tests.browser.visiting import Visitor, Visitors
from tests.faults.proxy import Proxy
from tests.serving import Serving
from tests.talking import eventually, post_gig

pytestmark = [pytest.mark.browser, pytest.mark.asyncio(loop_scope="module")]

PHONE, SCREEN = (360, 640), (1080, 1920)
HERE = {"latitude": 28.0560, "longitude": 115.5460}
KEPT = "async () => Boolean((await navigator.serviceWorker.ready).active)"
STATE = "localStorage.getItem('gm.state.worker') ?? ''"


@contextmanager
def reached_by(market: Serving) -> Iterator[tuple[Proxy, str]]:
    """The line between a page and the server, and the address at its end."""
    where = urlsplit(market.url)
    assert where.hostname is not None
    assert where.port is not None
    with Proxy((where.hostname, where.port)) as line:
        yield line, f"http://127.0.0.1:{line.port}"


async def keeps(page: Visitor, words: str) -> None:
    """Wait until the device has what it shows without a network."""

    async def kept() -> bool:
        return words in await page.page.evaluate(STATE)

    await eventually(kept, f"{words} is kept")


async def without_network(page: Visitor) -> None:
    """Open it anew now that nobody answers."""
    page.expected += ["ERR_CONNECTION", "ERR_SOCKET", "ERR_EMPTY_RESPONSE", "ERR_FAILED", "WebSocket"]
    await page.page.reload()


async def test_a_phone_opens_without_a_network_and_shows_where_to_go(
    own_market: Serving, visitors: Visitors
) -> None:
    employer = own_market.person("employer", "鹿江食品")
    where = {"lat": 28.0562, "lng": 115.5462, "datum": "wgs84"}
    with reached_by(own_market) as (line, address):
        worker = await visitors.open(address, "/worker/", PHONE, geolocation=HERE, permissions=["geolocation"])
        await worker.log_in("13812360021", "周福生")
        await worker.tap("trade-packer", "setup-save", "go-available", "consent-yes")
        await worker.see("waiting")
        await post_gig(own_market, employer, where, title="分装菊花茶", trade="packer")
        await worker.tap("offer-accept")
        await worker.see("taken")
        assert await worker.page.evaluate(KEPT)
        await keeps(worker, "药都大道")
        line.cut()
        await without_network(worker)
        await worker.see("line-banner")
        await worker.tap("my-gigs")
        await expect(worker.at("site-address")).to_have_text("药都大道 1 号")
        await expect(worker.at("call-employer")).to_be_visible()
        await worker.shot("worker-without-network")
        await worker.tap("tab-me")
        await worker.see("log-out")
        line.heal()
        await worker.gone("line-banner")
        await worker.tap("log-out", "logout-yes")
        await worker.see("login-phone")
        kept = await worker.page.evaluate(
            "Object.keys(localStorage).filter((name) => /state|account/.test(name))"
        )
        assert kept == []


async def test_somebody_else_on_this_phone_sees_nothing_of_the_last(
    own_market: Serving, visitors: Visitors
) -> None:
    worker = await visitors.open(own_market.url, "/worker/", PHONE)
    await worker.log_in("13812360022", "吴小春")
    await worker.tap("trade-guard", "setup-save")
    await worker.see("go-available")
    await keeps(worker, "吴小春")
    kept = await worker.page.evaluate("localStorage.getItem('gm.state.worker')")
    await worker.tap("tab-me", "log-out", "logout-yes")
    await worker.log_in("13812360023", "郑大力")
    await worker.see("setup")
    await worker.page.evaluate("(kept) => localStorage.setItem('gm.state.worker', kept)", kept)
    await worker.page.reload()
    await worker.read("先说说您会做什么")
    await expect(worker.page.get_by_text("吴小春")).to_have_count(0)


async def test_a_kiosk_opens_without_a_network_and_takes_down_attendance(
    own_market: Serving, visitors: Visitors
) -> None:
    with reached_by(own_market) as (line, address):
        kiosk = await visitors.open(address, "/kiosk/", SCREEN)
        await kiosk.tap("demo-login")
        await kiosk.see("kiosk-start")
        assert await kiosk.page.evaluate(KEPT)
        line.cut()
        await without_network(kiosk)
        await kiosk.see("line-banner")
        await kiosk.page.keyboard.type(f"GM1.{'0' * 26}.{'A' * 16}")
        await kiosk.page.keyboard.press("Enter")
        await kiosk.see("offline-paper")
        await kiosk.shot("kiosk-without-network")
        line.heal()
        await kiosk.gone("line-banner")


async def test_a_page_that_was_loaded_past_its_service_worker_is_kept_too(
    market: Serving, visitors: Visitors
) -> None:
    """As one that was loaded while the worker became active: nobody would tell it when that is done."""
    kiosk = await visitors.open(market.url, "/kiosk/", SCREEN)
    await kiosk.keeps_files()
    line = await kiosk.context.new_cdp_session(kiosk.page)
    async with kiosk.page.expect_navigation():
        await line.send("Page.reload", {"ignoreCache": True})
    await kiosk.keeps_files()
