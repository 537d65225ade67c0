"""A kiosk is let in by a code and shut out at once; without a network it keeps attendance for later."""

import asyncio

import pytest
from playwright.async_api import Route, expect

from tests.browser.test_kiosk import PHONE, PIN, SCREEN
from tests.browser.test_kiosk_papers import SIX, goes_home_with_a_ticket, scan
from tests.browser.visiting import Visitors
from tests.serving import Serving
from tests.talking import ok

pytestmark = [pytest.mark.browser, pytest.mark.asyncio(loop_scope="module")]


async def test_staff_approve_a_screen_by_its_code_and_revoke_it_while_it_is_open(
    own_market: Serving, visitors: Visitors
) -> None:
    staff = own_market.person("staff", "市局")
    async with own_market.http() as http:
        await ok(http.post("/demo/login", json={"role": "worker"}))
    kiosk = await visitors.open(own_market.url, "/kiosk/", SCREEN)
    shown = await kiosk.see("enrol-code")
    await expect(shown).to_have_attribute("data-code", SIX)
    code = await shown.get_attribute("data-code")
    async with own_market.http(staff) as http:
        asked = {"code": code, "station_id": "zs-linjiang"}
        device = await ok(http.post("/api/v1/kiosks/enrolments/approve", json=asked), 201)
        await kiosk.see("kiosk-start")
        await kiosk.read("临江零工驿站")
        await kiosk.page.reload()
        await kiosk.identify(PHONE, PIN)
        await kiosk.read("张建国，您好")
        # Its own requests are refused from now on.
        kiosk.expected += ["401", "4503"]
        await ok(http.post(f"/api/v1/kiosks/{device['id']}/revoke"))
    again = await kiosk.see("enrol-code")
    await expect(again).not_to_have_attribute("data-code", str(code))
    content = await kiosk.page.content()
    assert "张建国" not in content
    assert "临江零工驿站" not in content


async def test_nothing_moves_under_a_finger_while_the_code_comes_and_a_refusal_is_said(
    own_market: Serving, visitors: Visitors
) -> None:
    kiosk = await visitors.open(own_market.url, "/", SCREEN)
    asked = asyncio.Event()

    async def late(route: Route) -> None:
        await asked.wait()
        await route.continue_()

    async def refused(route: Route) -> None:
        problem = {"type": "/problems/unavailable", "title": "Unavailable", "status": 503}
        await route.fulfill(status=503, json=problem, content_type="application/problem+json")

    await kiosk.page.route("**/kiosks/enrolments", late)
    await kiosk.page.route("**/demo/login", refused)
    await kiosk.page.goto(f"{own_market.url}/kiosk/")
    await kiosk.see("demo-login")
    before = await kiosk.at("demo-login").bounding_box()
    asked.set()
    await expect(kiosk.at("enrol-code")).to_have_attribute("data-code", SIX)
    assert await kiosk.at("demo-login").bounding_box() == before
    kiosk.expected.append("503")
    await kiosk.tap("demo-login")
    await kiosk.read("系统正忙")
    assert await kiosk.at("demo-login").bounding_box() == before


async def test_a_late_answer_who_is_here_does_not_throw_out_who_came_meanwhile(
    own_market: Serving, visitors: Visitors
) -> None:
    """A new screen does not wait for that answer: it has nobody to hope for."""
    async with own_market.http() as http:
        await ok(http.post("/demo/login", json={"role": "worker"}))
    kiosk = await visitors.open(own_market.url, "/", SCREEN)
    here, answered = asyncio.Event(), asyncio.Event()

    async def late(route: Route) -> None:
        response = await route.fetch()
        await here.wait()
        await route.fulfill(response=response)
        answered.set()

    await kiosk.page.route("**/auth/sessions/current", late, times=1)
    await kiosk.page.goto(f"{own_market.url}/kiosk/")
    await kiosk.tap("demo-login")
    await kiosk.see("kiosk-start")
    here.set()
    await answered.wait()
    await kiosk.identify(PHONE, PIN)


async def test_without_a_network_attendance_is_kept_and_reconciled(
    own_market: Serving, visitors: Visitors
) -> None:
    kiosk, code, site_code = await goes_home_with_a_ticket(own_market, visitors, "装箱")
    await kiosk.tap("kiosk-leave")
    await kiosk.see("kiosk-start")
    async with kiosk.offline():
        await kiosk.see("line-banner")
        await scan(kiosk, code)
        await kiosk.see("offline-paper")
        await kiosk.shot("kiosk-offline")
        await kiosk.tap(*(f"kept-key-{digit}" for digit in site_code), "kept-enter")
        await kiosk.see("kept-waiting")
        # Twice is once.
        await scan(kiosk, code)
        await kiosk.tap(*(f"kept-key-{digit}" for digit in site_code), "kept-enter")
        await expect(kiosk.at("kept-waiting")).to_have_count(1)
        await scan(kiosk, code)
        await kiosk.tap("kept-check-out")
        await expect(kiosk.at("kept-waiting")).to_have_count(2)
        await kiosk.shot("kiosk-kept")
        stored = await kiosk.page.evaluate("JSON.stringify({...localStorage})")
        assert "张" not in stored
        assert PHONE not in stored
    await expect(kiosk.at("kept-done")).to_have_count(2)
    await kiosk.shot("kiosk-reconciled")
    await kiosk.identify(PHONE, PIN)
    await kiosk.tap("kiosk-my-gigs")
    await expect(kiosk.at("assignment").filter(has_text="装箱")).to_have_attribute("data-status", "completed")
    assert code not in await kiosk.page.evaluate("JSON.stringify({...localStorage})")


async def test_what_was_refused_is_shown_with_its_reason(own_market: Serving, visitors: Visitors) -> None:
    kiosk, code, site_code = await goes_home_with_a_ticket(own_market, visitors, "贴标")
    await kiosk.tap("kiosk-leave")
    kiosk.expected.append("/api/v1/kiosks/attendance")
    wrong = f"{(int(site_code) + 1) % 1_000_000:06d}"
    async with kiosk.offline():
        await kiosk.see("line-banner")
        await scan(kiosk, code)
        await kiosk.tap(*(f"kept-key-{digit}" for digit in wrong), "kept-enter")
        await kiosk.see("kept-waiting")
    refused = await kiosk.see("kept-refused")
    await expect(refused).to_contain_text("现场数字不对")
    await expect(refused).to_contain_text(code[-4:])
    await kiosk.shot("kiosk-kept-refused")
    await kiosk.page.reload()
    await kiosk.tap("kept-read")
    await kiosk.gone("kept-refused")


async def test_who_never_checked_in_is_not_told_that_the_gig_is_over(
    own_market: Serving, visitors: Visitors
) -> None:
    kiosk, code, _ = await goes_home_with_a_ticket(own_market, visitors, "码货")
    await kiosk.tap("kiosk-leave")
    kiosk.expected.append("/api/v1/kiosks/attendance")
    async with kiosk.offline():
        await kiosk.see("line-banner")
        await scan(kiosk, code)
        await kiosk.tap("kept-check-out")
        await kiosk.see("kept-waiting")
    refused = await kiosk.see("kept-refused")
    await expect(refused).to_contain_text("还没签到")
    await expect(refused).not_to_contain_text("取消")


async def test_the_line_breaks_while_somebody_checks_in(own_market: Serving, visitors: Visitors) -> None:
    kiosk, _, site_code = await goes_home_with_a_ticket(own_market, visitors, "封箱")
    await kiosk.tap("kiosk-back", "kiosk-my-gigs")
    mine = kiosk.at("assignment").filter(has_text="封箱")
    await kiosk.press(mine.get_by_test_id("check-in-open"))
    async with kiosk.offline():
        await kiosk.tap(*(f"pad-key-{digit}" for digit in site_code), "check-in")
        await kiosk.read("已经替您记下")
    await expect(mine).to_have_attribute("data-status", "checked_in")
