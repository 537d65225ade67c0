"""A phone without a network keeps check-in and check-out with their time and hands them in when it is back."""

import asyncio
from datetime import UTC, datetime, timedelta

import pytest
from playwright.async_api import Route, expect
from sqlalchemy import update

from gigmarket.domain.ids import AssignmentId
from gigmarket.store.tables import TABLES
from tests.browser.visiting import Visitor, Visitors
from tests.serving import Person, Serving, place
from tests.talking import eventually, go_available, ok, post_gig

pytestmark = [pytest.mark.browser, pytest.mark.asyncio(loop_scope="module")]

PHONE, DESK = (360, 640), (1280, 800)
KEPT = "JSON.parse(localStorage.getItem('gm.kept.worker') ?? '[]')"
EARLIER = """(ms) => localStorage.setItem("gm.kept.worker", JSON.stringify(JSON.parse(localStorage.getItem(
    "gm.kept.worker")).map((step) => ({...step, at: new Date(Date.parse(step.at) - ms).toISOString()}))))"""
SENT = """async () => {
  document.querySelector('[data-testid="check-in"]').click();
  await new Promise((drawn) => requestAnimationFrame(() => requestAnimationFrame(drawn)));
  return document.querySelectorAll('[data-testid="kept-waiting"], [data-testid="check-out"]').length;
}"""
ASSIGNMENT = TABLES["assignment"]


async def hired(market: Serving, visitors: Visitors, boss: Person, name: str) -> tuple[Visitor, str, str]:
    """A phone whose owner took a gig half an hour ago that begins soon; the assignment and the site's code."""
    person, where = market.person("worker", name), place()
    await go_available(market, person, where, ("packer",))
    gig = await post_gig(market, boss, where, trade="packer", title="分装菊花茶")
    async with market.http(person) as http:

        async def offers() -> list[dict[str, str]]:
            return list((await ok(http.get("/api/v1/workers/me/offers")))["items"])

        (offer,) = await eventually(offers, "an offer")
        taken = await ok(http.post(f"/api/v1/offers/{offer['id']}/accept"))
    assignment = taken["assignment"]["id"]
    before = datetime.now(UTC) - timedelta(minutes=30)
    market.store.transact_now(
        lambda tx: tx.connection.execute(
            update(ASSIGNMENT).where(ASSIGNMENT.c.id == assignment).values(created_at=before)
        )
    )
    async with market.http(boss) as http:
        code = (await ok(http.get(f"/api/v1/gigs/{gig['id']}")))["site_code"]
    phone = await visitors.open(market.url, "/worker/", PHONE)
    await phone.log_in(person.phone)
    await phone.tap("my-gigs")
    await phone.see("check-in-open")
    return phone, assignment, code


async def check_in(phone: Visitor, code: str) -> None:
    await phone.tap("check-in-open")
    await phone.at("check-in-code").fill(code)
    await phone.tap("check-in")
    await phone.gone("check-in-dialog")


async def test_what_was_done_without_a_network_is_kept_shown_and_handed_in(
    own_market: Serving, visitors: Visitors
) -> None:
    boss = own_market.person("employer", "鹿江食品")
    phone, assignment, code = await hired(own_market, visitors, boss, "周福生")
    async with phone.offline():
        await phone.see("line-banner")
        await check_in(phone, code)
        await expect(phone.at("kept-waiting")).to_contain_text("签到，已记在手机里")
        await expect(phone.at("site-address")).to_be_visible()
        await phone.gone("check-in-open")
        await phone.shot("worker-kept-check-in", full=True)
        await phone.tap("check-out", "step-check_out-yes")
        await expect(phone.at("kept-waiting")).to_have_count(2)
        await phone.gone("check-out")
        kept = await phone.page.evaluate(KEPT)
        # Nothing in it that names anybody.
        assert {key for step in kept for key in step} == {
            *("op", "assignment_id", "code", "account", "key", "at", "state")
        }
    await phone.gone("kept-waiting")
    assert await phone.page.evaluate(KEPT) == []
    found = own_market.store.read_now(lambda tx: tx.assignments.get(AssignmentId(assignment)))
    times = [datetime.fromisoformat(step["at"]) for step in kept]
    assert [found.checked_in_at, found.checked_out_at] == times
    await phone.see("dispute")


async def test_nothing_is_said_to_be_kept_while_its_answer_is_on_its_way(
    own_market: Serving, visitors: Visitors
) -> None:
    """A button that is drawn for a moment and then again takes a tap that nobody hears."""
    boss = own_market.person("employer", "阁山食品")
    phone, _, code = await hired(own_market, visitors, boss, "周金生")
    answered = asyncio.Event()

    async def hold(route: Route) -> None:
        await answered.wait()
        await route.continue_()

    await phone.page.route("**/check-in", hold)
    await phone.tap("check-in-open")
    await phone.at("check-in-code").fill(code)
    assert await phone.page.evaluate(SENT) == 0
    answered.set()
    await phone.gone("check-in-dialog")
    await phone.see("check-out")


async def test_the_employer_sees_what_was_handed_in_later(own_market: Serving, visitors: Visitors) -> None:
    boss = own_market.person("employer", "药都食品")
    phone, _, code = await hired(own_market, visitors, boss, "周水生")
    async with phone.offline():
        await phone.see("line-banner")
        await check_in(phone, code)
        await phone.see("kept-waiting")
        await phone.page.evaluate(EARLIER, 600_000)
        # Left before the page can send it by itself.
        phone.expected.append("ERR_")
        await phone.page.goto("about:blank")
    await phone.page.goto(f"{own_market.url}/worker/#gigs")
    await phone.see("check-out")
    await phone.gone("kept-waiting")
    employer = await visitors.open(own_market.url, "/employer/", DESK)
    await employer.log_in(boss.phone)
    await employer.tap("gig-row")
    await expect(employer.at("person")).to_contain_text("才补交")
    await employer.shot("employer-handed-in")


async def test_a_refusal_is_shown_with_its_reason_until_it_was_read(
    own_market: Serving, visitors: Visitors
) -> None:
    boss = own_market.person("employer", "樟树食品")
    phone, _, code = await hired(own_market, visitors, boss, "周木生")
    phone.expected += ["422", "409"]
    wrong = f"{(int(code) + 1) % 1_000_000:06d}"
    # With a network it is said where the code is typed, and nothing is kept.
    await phone.tap("check-in-open")
    await phone.at("check-in-code").fill(wrong)
    await phone.tap("check-in")
    await expect(phone.at("check-in-dialog").get_by_role("alert")).to_contain_text("数字不对")
    assert await phone.page.evaluate(KEPT) == []
    await phone.page.keyboard.press("Escape")
    async with phone.offline():
        await phone.see("line-banner")
        await check_in(phone, wrong)
        await phone.tap("check-out", "step-check_out-yes")
        await expect(phone.at("kept-waiting")).to_have_count(2)
    await expect(phone.at("toasts")).to_contain_text("没补成")
    await expect(phone.at("kept-refused")).to_have_count(2)
    await expect(phone.at("kept-refused").first).to_contain_text("签到码不对")
    await expect(phone.at("kept-refused").last).to_contain_text("还没有签到")
    assert [step.get("code") for step in await phone.page.evaluate(KEPT)] == [None, None]
    await phone.shot("worker-kept-refused")
    await phone.tap("kept-read", "kept-read")
    await phone.gone("kept-refused")
    await check_in(phone, code)
    await phone.see("check-out")


async def test_somebody_else_on_this_phone_neither_sees_nor_sends_it(
    own_market: Serving, visitors: Visitors
) -> None:
    boss = own_market.person("employer", "赣江食品")
    phone, _, code = await hired(own_market, visitors, boss, "周火生")
    async with phone.offline():
        await phone.see("line-banner")
        await check_in(phone, code)
        await phone.see("kept-waiting")
        kept = await phone.page.evaluate(KEPT)
        phone.expected.append("ERR_")
        await phone.page.goto("about:blank")
    other = await visitors.open(own_market.url, "/worker/", PHONE)
    await other.page.evaluate("(kept) => localStorage.setItem('gm.kept.worker', JSON.stringify(kept))", kept)
    await other.log_in(own_market.person("worker", "郑大力").phone)
    await other.tap("trade-guard", "setup-save", "my-gigs")
    await other.read("还没有活")
    await other.gone("kept-waiting")
    await other.page.reload()
    await other.read("还没有活")
    assert await other.page.evaluate(KEPT) == kept
