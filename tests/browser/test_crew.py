"""Couples look for work together, on phones and at the hall's kiosk: the one who leads answers for both."""

from datetime import UTC, datetime, timedelta

import pytest
from playwright.async_api import expect

from tests.browser.visiting import Visitor, Visitors
from tests.serving import Person, Serving
from tests.talking import ok, posting

pytestmark = [pytest.mark.browser, pytest.mark.asyncio(loop_scope="module")]

PHONE, SCREEN, DESK = (360, 640), (1080, 1920), (1280, 800)
HERE = {"lat": 28.0560, "lng": 115.5460, "datum": "wgs84"}
GPS = {"latitude": HERE["lat"], "longitude": HERE["lng"]}
KIOSK_PHONE, KIOSK_PIN = "13800000001", "1234"


async def on_a_phone(market: Serving, visitors: Visitors, number: str, name: str, trade: str) -> Visitor:
    """Somebody of one trade on a phone, not looking for work yet."""
    phone = await visitors.open(market.url, "/worker/", PHONE, geolocation=GPS, permissions=["geolocation"])
    await phone.log_in(number, name)
    await phone.tap(f"trade-{trade}", "setup-save")
    await phone.see("go-available")
    return phone


async def leads(phone: Visitor) -> str:
    """The code that this phone's worker reads out."""
    await phone.tap("tab-me", "crew-open")
    return (await (await phone.see("crew-code")).inner_text()).strip()


async def post(market: Serving, employer: Person, **changes: object) -> str:
    """A gig for two that begins soon enough to check in; its site code."""
    start = datetime.now(UTC) + timedelta(hours=1)
    hours = {"starts_at": start.isoformat(), "ends_at": (start + timedelta(hours=4)).isoformat()}
    async with market.http(employer) as http:
        body = posting(HERE, headcount=2, **hours, **changes)
        return str((await ok(http.post("/api/v1/gigs", json=body), 201))["site_code"])


async def test_two_phones_one_answer(own_market: Serving, visitors: Visitors) -> None:
    leader = await on_a_phone(own_market, visitors, "13812370001", "周福生", "gardener")
    mate = await on_a_phone(own_market, visitors, "13812370002", "郑小红", "gardener")
    await leader.tap("tab-me")
    await leader.see("crew-open")
    await leader.shot("worker-crew-none", full=True)
    code = await leads(leader)
    await leader.at("crew").scroll_into_view_if_needed()
    await leader.at("crew-leave").scroll_into_view_if_needed()
    await leader.shot("worker-crew-code")

    await mate.tap("tab-me")
    await mate.at("crew-join-code").fill("000000" if code != "000000" else "000001")
    mate.expected.append("/workers/me/crew/join")
    await mate.tap("crew-join")
    await mate.read("数字不对")
    await mate.at("crew-join-code").fill(code)
    await mate.tap("crew-join")
    await expect(mate.at("crew-member")).to_have_count(2)
    await expect(leader.at("crew-member")).to_have_count(2)
    await leader.shot("worker-crew", full=True)

    await leader.tap("tab-home", "go-available", "consent-yes")
    await expect(leader.at("crew-waits")).to_contain_text("郑* 没在找活")
    await leader.shot("worker-crew-waits")
    employer = own_market.person("employer", "药都物流", "13812370003")
    site_code = await post(own_market, employer, trade="gardener", title="修剪绿化带")
    await mate.tap("tab-home", "go-available", "consent-yes")
    await expect(leader.at("offer-together")).to_contain_text("您替大家答复")
    await expect(mate.at("offer-together")).to_contain_text("由领头的人答复")
    await mate.gone("offer-accept")
    await mate.see("offer-decline")
    await leader.shot("worker-crew-offer")
    await mate.shot("worker-crew-offer-member", full=True)

    board = await visitors.open(own_market.url, "/employer/", DESK)
    await board.log_in("13812370003")
    await board.tap("gig-row")
    await expect(board.at("pending-offer")).to_have_count(2)
    await leader.tap("offer-accept", "taken-close")
    await mate.gone("offer-card")
    await expect(board.at("together")).to_have_count(2)
    await board.shot("employer-crew", full=True)

    await leader.tap("check-in-open")
    await expect(leader.at("for-crew-true")).to_have_attribute("aria-checked", "true")
    await leader.at("check-in-code").fill(site_code)
    await leader.shot("worker-crew-check-in")
    await leader.tap("check-in")
    await mate.tap("my-gigs")
    await expect(mate.at("assignment")).to_have_attribute("data-status", "checked_in")
    await leader.tap("check-out")
    await leader.see("for-crew-true")
    await leader.tap("step-check_out-yes")
    await expect(mate.at("assignment")).to_have_attribute("data-status", "completed")


async def test_a_member_says_no_for_both_and_goes_alone(own_market: Serving, visitors: Visitors) -> None:
    leader = await on_a_phone(own_market, visitors, "13812370011", "吴大勇", "carer")
    mate = await on_a_phone(own_market, visitors, "13812370012", "陈二妹", "carer")
    code = await leads(leader)
    await mate.tap("tab-me")
    await mate.at("crew-join-code").fill(code)
    await mate.tap("crew-join")
    await expect(mate.at("crew-member")).to_have_count(2)
    for one in (leader, mate):
        await one.tap("tab-home", "go-available", "consent-yes")
    employer = own_market.person("employer", "康养中心", "13812370013")
    await post(own_market, employer, trade="carer", title="照看老人")
    await mate.see("offer-card")
    await leader.see("offer-card")
    await mate.tap("offer-decline", "decline-skip")
    await mate.gone("offer-card")
    await leader.gone("offer-card")
    await mate.tap("tab-me", "crew-leave", "crew-leave-ask-yes")
    await mate.see("crew-open")
    # Now the seat is for who did not decline, alone.
    await leader.see("offer-card")
    await leader.gone("offer-together")


async def test_at_a_kiosk_by_the_keys(own_market: Serving, visitors: Visitors) -> None:
    async with own_market.http() as http:
        await ok(http.post("/demo/login", json={"role": "worker"}))
    leader = await on_a_phone(own_market, visitors, "13812370021", "周福生", "packer")
    code = await leads(leader)
    await leader.tap("tab-home", "go-available", "consent-yes")
    kiosk = await visitors.open(own_market.url, "/kiosk/", SCREEN)
    await kiosk.tap("demo-login")
    await kiosk.identify(KIOSK_PHONE, KIOSK_PIN)
    await kiosk.tap("kiosk-crew")
    await kiosk.see("crew-open")
    await kiosk.shot("kiosk-crew-none")
    await kiosk.tap(*(f"pad-key-{digit}" for digit in code), "crew-join")
    await expect(kiosk.at("crew-member")).to_have_count(2)
    await kiosk.shot("kiosk-crew")
    await kiosk.tap("kiosk-back", "kiosk-find-work")
    employer = own_market.person("employer", "仁和药材行", "13812370023")
    await post(own_market, employer, trade="packer", title="打包药酒")
    await kiosk.see("offer-together")
    await kiosk.gone("offer-accept")
    await kiosk.shot("kiosk-crew-offer")
    await leader.tap("offer-accept")
    await kiosk.gone("offer-card")
    await kiosk.tap("kiosk-back", "kiosk-my-gigs")
    await expect(kiosk.at("assignment")).to_have_count(1)
    await kiosk.tap("kiosk-back", "kiosk-crew", "crew-leave", "crew-leave-ask-yes")
    await kiosk.see("crew-open")


async def test_an_employer_asks_for_people_who_come_together(own_market: Serving, visitors: Visitors) -> None:
    employer = await visitors.open(own_market.url, "/employer/", PHONE)
    await employer.log_in("13812370033", "仁和药材行")
    await employer.tap("post-trade-waiter")
    await employer.gone("post-crew-1")
    await employer.tap("heads-5", "post-crew-3")
    await employer.at("post-crew-3").scroll_into_view_if_needed()
    await employer.shot("employer-post-crew")
    await expect(employer.at("post-crew-3")).to_have_attribute("aria-checked", "true")
    await employer.tap("heads-2")
    # No crew is larger than the gig.
    await expect(employer.at("post-crew-2")).to_have_attribute("aria-checked", "true")
