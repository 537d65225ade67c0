"""The front door: four doors, and in the demo the inbox of text messages."""

import pytest
from playwright.async_api import expect

from tests.browser.visiting import Visitors
from tests.serving import Serving

pytestmark = [pytest.mark.browser, pytest.mark.asyncio(loop_scope="module")]

DOORS = {"worker": "login-phone", "employer": "login-phone", "kiosk": "enrol-code", "staff": "login-phone"}


async def test_every_door_opens(market: Serving, visitors: Visitors) -> None:
    visitor = await visitors.open(market.url, "/", (1280, 800))
    await expect(visitor.page.get_by_role("heading", level=1)).to_have_text("樟树市零工市场")
    await visitor.read("演示城市")
    await visitor.shot("home")
    for door, inside in DOORS.items():
        await visitor.tap(f"door-{door}")
        await visitor.see(inside)
        await visitor.see("demo-login")
        await visitor.shot(f"login-{door}")
        await visitor.page.go_back()
    await visitor.tap("lang-switch", "elder-switch")
    await visitor.read("I look for work")
    assert await visitor.smallest_text() >= 18


async def test_home_on_a_phone(market: Serving, visitors: Visitors) -> None:
    visitor = await visitors.open(market.url, "/", (360, 640))
    await visitor.read("演示城市")
    await visitor.shot("home-phone", full=True)


async def test_the_inbox_shows_codes_to_masked_numbers(market: Serving, visitors: Visitors) -> None:
    visitor = await visitors.open(market.url, "/demo/inbox", (800, 500))
    for phone in ("13812370071", "13912370072", "15012370073"):
        answer = await visitor.page.request.post(f"{market.url}/api/v1/auth/otp", data={"phone": phone})
        assert answer.status == 202
    await visitor.page.reload()
    for masked in ("138******71", "139******72", "150******73"):
        await visitor.read(masked)
    assert "13812370071" not in await visitor.page.content()
    await visitor.shot("demo-inbox")
