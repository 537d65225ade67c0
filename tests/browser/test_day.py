"""A day's work with two people: one is late and says so, the foreman says who is here, all are paid at once."""

from datetime import UTC, datetime, timedelta

import pytest
from playwright.async_api import expect

from tests.browser.visiting import Visitors
from tests.serving import Person, Serving
from tests.talking import eventually, go_available, ok, post_gig

pytestmark = [pytest.mark.browser, pytest.mark.asyncio(loop_scope="module")]

PHONE, DESK = (360, 640), (1280, 800)
WHERE = {"lat": 28.12, "lng": 115.40, "datum": "wgs84"}


async def hired(market: Serving, employer: Person, names: tuple[str, ...]) -> list[Person]:
    """These people on one gig, which begins in an hour."""
    workers = [market.person("worker", name) for name in names]
    for worker in workers:
        await go_available(market, worker, WHERE, ("builder",))
    starts = datetime.now(UTC) + timedelta(hours=1)
    hours = {"starts_at": starts.isoformat(), "ends_at": (starts + timedelta(hours=4)).isoformat()}
    await post_gig(market, employer, WHERE, trade="builder", title="拌灰搬砖", headcount=len(names), **hours)
    for worker in workers:
        async with market.http(worker) as http:

            async def offers(http=http) -> list[dict[str, str]]:
                return list((await ok(http.get("/api/v1/workers/me/offers")))["items"])

            (offer,) = await eventually(offers, "an offer")
            await ok(http.post(f"/api/v1/offers/{offer['id']}/accept"))
    return workers


async def test_late_then_here_then_paid_together(market: Serving, visitors: Visitors) -> None:
    boss = market.person("employer", "赣中建筑队")
    workers = await hired(market, boss, ("万福根", "邓水生"))
    phone = await visitors.open(market.url, "/worker/", PHONE)
    await phone.log_in(workers[0].phone)
    await phone.tap("my-gigs", "late-open")
    await phone.see("late-20")
    await phone.shot("worker-late")
    await phone.tap("late-20")
    await phone.see("late-told")

    employer = await visitors.open(market.url, "/employer/", DESK)
    await employer.log_in(boss.phone)
    await employer.tap("gig-row")
    await expect(employer.at("late")).to_have_count(1)
    await expect(employer.at("person")).to_have_count(2)
    await employer.shot("employer-roster", full=True)
    for here in (1, 2):
        await employer.tap("vouch-here")
        await expect(employer.at("vouch-left")).to_have_count(here)
    await phone.see("vouched")
    await phone.shot("worker-vouched")
    for left in (1, 0):
        await employer.tap("vouch-left")
        await expect(employer.at("vouch-left")).to_have_count(left)

    await employer.tap("settle-all", "settle-all-dialog-yes")
    await employer.gone("settle-all-dialog-yes")
    await employer.page.emulate_media(media="print")
    await expect(employer.at("sheet")).to_contain_text("邓水生")
    await employer.page.screenshot(path=employer.folder / "employer-sheet.png")
    await employer.page.emulate_media(media="screen")

    await phone.tap("confirm-paid", "step-confirm-yes", "tab-me")
    await expect(phone.at("earned-sum")).to_contain_text("¥180")
    await phone.shot("worker-earned", full=True)
