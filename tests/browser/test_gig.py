"""One gig from nothing to done, as three people see it on their own screens."""

import pytest
from playwright.async_api import expect

from tests.browser.visiting import Visitor, Visitors
from tests.serving import Serving

pytestmark = [pytest.mark.browser, pytest.mark.asyncio(loop_scope="module")]

PHONE, DESK = (360, 640), (1280, 800)
FUCHENG = {"latitude": 28.0735, "longitude": 115.5585}


async def look_for_work(worker: Visitor, trade: str) -> None:
    """A new worker's first minute: what I can do, then go, by GPS with consent."""
    await worker.tap(f"trade-{trade}", "setup-save", "go-available", "consent-yes")


async def post(employer: Visitor, trade: str, title: str, station: str, wage: str) -> None:
    """A posting in an hour's time near a station."""
    await employer.tap("post-open", f"post-trade-{trade}")
    await employer.at("post-title").fill(title)
    await employer.at("post-address").fill("共和西路 8 号 2 号仓库")
    await employer.at("post-station").select_option(station)
    await employer.tap("preset-soon", "post-meals")
    await employer.at("post-wage").fill(wage)
    await expect(employer.at("post-missing")).to_have_count(0)


async def test_a_gig_from_nothing_to_done(market: Serving, visitors: Visitors) -> None:
    worker = await visitors.open(
        market.url, "/worker/", PHONE, geolocation=FUCHENG, permissions=["geolocation"]
    )
    await worker.log_in("13812340001", "周福生")
    await worker.see("setup")
    await worker.tap("trade-herb_sorter", "trade-farmhand", "setup-save")
    await worker.see("go-available")
    await worker.shot("worker-home")
    await worker.tap("go-available", "consent-yes")
    await worker.see("waiting")

    employer = await visitors.open(market.url, "/employer/", DESK)
    await employer.log_in("13812340002", "仁和药材行")
    await post(employer, "herb_sorter", "分拣黄栀子", "zs-fucheng", "180")
    await employer.shot("employer-post", full=True)
    await employer.tap("post-submit")
    await employer.see("pending-offer")

    await worker.see("offer-card")
    await worker.read("分拣黄栀子")
    await worker.read("¥180")
    await worker.shot("worker-offer")
    await worker.tap("offer-accept")
    await worker.see("taken")
    await expect(worker.at("site-address").first).to_have_text("共和西路 8 号 2 号仓库")
    await worker.tap("taken-close")

    await expect(employer.at("person")).to_have_attribute("data-status", "confirmed")
    await employer.read("周福生")
    await expect(employer.at("gig-fill").first).to_have_attribute("data-filled", "1")
    code = await employer.at("site-code").inner_text()

    await worker.see("my-gigs-list")
    await worker.shot("worker-mygigs")
    worker.expected.append("/check-in)")
    await worker.tap("check-in-open")
    await worker.at("check-in-code").fill("000000" if code != "000000" else "111111")
    await worker.tap("check-in")
    await worker.page.get_by_role("alert").wait_for()
    await worker.at("check-in-code").fill(code)
    await worker.tap("check-in")
    await worker.see("check-out")
    await expect(employer.at("person")).to_have_attribute("data-status", "checked_in")
    await worker.tap("check-out", "step-check_out-yes")
    await expect(worker.at("assignment")).to_have_attribute("data-status", "completed")

    await employer.tap("settle")
    await expect(employer.at("settle-amount")).to_have_value("180")
    await employer.shot("employer-settle")
    await employer.tap("settle-yes")
    await employer.gone("settle-yes")

    await worker.tap("confirm-paid", "step-confirm-yes")
    await expect(worker.at("assignment")).to_have_attribute("data-status", "settled")
    await expect(employer.at("person")).to_have_attribute("data-status", "settled")
    await employer.shot("employer-done")


async def test_a_refusal_frees_the_seat_for_the_next(market: Serving, visitors: Visitors) -> None:
    near = {"latitude": 28.0430, "longitude": 115.5950}
    first = await visitors.open(market.url, "/worker/", PHONE, geolocation=near, permissions=["geolocation"])
    await first.log_in("13812340003", "吴大勇")
    await look_for_work(first, "gardener")
    employer = await visitors.open(market.url, "/employer/", PHONE)
    await employer.log_in("13812340004", "滨江园林")
    await post(employer, "gardener", "修剪樟树", "zs-zhangjiashan", "160")
    await employer.shot("employer-post-phone", full=True)
    await employer.tap("post-submit")

    await first.see("offer-card")
    await first.tap("offer-extend")
    await expect(first.at("offer-extend")).to_be_disabled()
    await first.tap("offer-decline", "decline-too_far")
    await first.see("waiting")
    await expect(employer.at("pending-offer")).to_have_count(0)

    second = await visitors.open(market.url, "/worker/", PHONE, geolocation=near, permissions=["geolocation"])
    await second.log_in("13812340005", "郑小红")
    await look_for_work(second, "gardener")
    await second.see("offer-card")
    await second.tap("offer-accept")
    await second.see("taken")
    await employer.read("郑小红")
    await employer.tap("cancel-gig", "cancelgig-yes")
    await second.gone("taken")
    await second.tap("my-gigs")
    await expect(second.at("assignment")).to_have_attribute("data-status", "cancelled_by_employer")
    await expect(first.at("offer-card")).to_have_count(0)
