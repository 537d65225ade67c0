"""An account is suspended while its page is open, asleep or closed: the page says so, and whom to ask."""

from collections.abc import Iterator

import pytest
from playwright.async_api import expect

from tests.browser.visiting import Visitor, Visitors
from tests.serving import Serving, serving
from tests.talking import ok

pytestmark = [pytest.mark.browser, pytest.mark.asyncio(loop_scope="module")]

PHONE = (360, 640)
SAID = "这个账号停用了"
TELEPHONE = "0795-7360000"


@pytest.fixture(scope="module")
def own_market(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Serving]:
    """A market that has a telephone."""
    extras = {"GIGMARKET_DEMO": "true", "GIGMARKET_TELEPHONE": TELEPHONE}
    with serving(tmp_path_factory.mktemp("reached"), **extras) as running:
        yield running


async def suspend(market: Serving, role: str, phone: str) -> None:
    """As staff do it, with a reason."""
    async with market.http(market.person("staff")) as http:
        found = await ok(http.post("/api/v1/accounts/find", json={"role": role, "phone": phone}))
        await ok(http.post(f"/api/v1/accounts/{found['id']}/suspend", json={"reason": "核实身份"}))


async def is_told(visitor: Visitor) -> None:
    """The door, with the reason, and nothing of the account behind it."""
    await expect(visitor.at("refused")).to_contain_text(SAID)
    await expect(visitor.at("refused")).to_contain_text("驿站窗口")
    await expect(visitor.at("call-market")).to_have_attribute("href", f"tel:{TELEPHONE}")
    await expect(visitor.at("login-phone")).to_be_visible()
    await expect(visitor.at("line-banner")).to_have_count(0)


@pytest.mark.parametrize(
    ("role", "phone", "inside"),
    [("worker", "13812360061", "go-available"), ("employer", "13812360062", "post-open")],
)
async def test_an_open_page_goes_to_the_door_and_says_why(
    own_market: Serving, visitors: Visitors, role: str, phone: str, inside: str
) -> None:
    visitor = await visitors.open(own_market.url, f"/{role}/", PHONE)
    visitor.expected.append("/api/v1/auth/sessions)")
    await visitor.log_in(phone, "鲁明")
    if role == "worker":
        await visitor.tap("trade-cleaner", "setup-save")
        await visitor.see(inside)
    await visitor.read("鲁明")
    await suspend(own_market, role, phone)
    await is_told(visitor)
    await expect(visitor.page.get_by_text("鲁明")).to_have_count(0)
    await visitor.shot(f"{role}-suspended")
    # Who tries again, with a code that is right, hears the same.
    await visitor.at("login-phone").fill(phone)
    await visitor.tap("login-submit")
    await visitor.see("login-code")
    await visitor.at("login-code").fill(await visitor.code_for(phone))
    await visitor.tap("login-submit")
    await expect(visitor.at("login-submit")).to_be_enabled()
    await is_told(visitor)
    await visitor.tap("lang-switch")
    await visitor.read("This account is suspended")


async def test_a_page_that_was_asleep_or_closed_says_it_when_it_is_back(
    own_market: Serving, visitors: Visitors
) -> None:
    worker = await visitors.open(own_market.url, "/worker/", PHONE)
    worker.expected.append("401")
    await worker.log_in("13812360063", "鲁晨")
    await worker.tap("trade-cleaner", "setup-save")
    await worker.see("go-available")
    async with worker.offline():
        await worker.see("line-banner")
        await suspend(own_market, "worker", "13812360063")
    await is_told(worker)
    await worker.page.reload()
    await is_told(worker)
