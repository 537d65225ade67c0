"""The pages in a living market: `gigmarket demo` with its simulated people, looked at for the README."""

import re
import signal
import subprocess
from collections.abc import Iterator

import httpx2
import pytest
from playwright.async_api import expect

from tests.browser.visiting import Visitors
from tests.serving import WAIT_S, command, environment
from tests.talking import ok, posting

pytestmark = [pytest.mark.browser, pytest.mark.asyncio(loop_scope="module")]

CENTRE = {"lat": 28.0560, "lng": 115.5460, "datum": "wgs84"}
WANTED = (("carer", 28.0720, 115.5570), ("farmhand", 28.0330, 115.5560), ("guard", 28.0620, 115.5360))
A_HUNDRED, DOZENS = re.compile(r"^[12]\d\d$"), re.compile(r"^([3-9]\d|\d{3,})$")
HALL_TRADES = ("cleaner", "kitchen")
SHORT = re.compile(r"缺 \d+ 人")
IN_THE_HALL = (
    "刘桂香",
    "陈大勇",
    "黄水根",
    "熊金花",
    "邹福生",
    "聂建军",
    "杨秀英",
    "付国强",
    "廖春生",
    "彭小红",
)
POSTED = (
    ("herb_sorter", "分拣黄栀子", 12, 16000),
    ("porter", "搬运药材上三楼", 8, 20000),
    ("packer", "打包药酒礼盒", 10, 17000),
    ("kitchen", "药交会宴席帮厨", 6, 18000),
)


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of a demo city of 300 workers and 60 gigs a minute."""
    folder = tmp_path_factory.mktemp("demo")
    words = ["--data", str(folder / "data"), "--headless", "--port", "0", "--workers", "300"]
    with (folder / "demo.log").open("w") as log:
        running = subprocess.Popen(
            command("demo", *words, "--gigs-per-minute", "60", "--seconds", "600"),
            stdout=subprocess.PIPE,
            stderr=log,
            text=True,
            env=environment(),
        )
    assert running.stdout is not None
    line = running.stdout.readline()
    assert line.startswith("ready "), (folder / "demo.log").read_text("utf-8")
    yield line.split()[1]
    running.send_signal(signal.SIGINT)
    running.communicate(timeout=60)


def caller(address: str, **headers: str) -> httpx2.AsyncClient:
    """Somebody at the demo's API who keeps their cookie."""
    return httpx2.AsyncClient(base_url=address, headers=headers, timeout=WAIT_S)


async def fill_the_hall(address: str) -> None:
    """People whom the clerk enters and who wait in the hall of the demo's kiosk."""
    async with (
        caller(address, **{"X-Client": "clerk"}) as clerk,
        caller(address, **{"X-Client": "kiosk"}) as kiosk,
    ):
        await ok(clerk.post("/demo/login", json={"role": "clerk"}))
        await ok(kiosk.post("/demo/login", json={"role": "kiosk"}))
        for number, name in enumerate(IN_THE_HALL):
            who = {"phone": f"1360000{number:04d}", "pin": "2580"}
            entered = {**who, "name": name, "trades": list(HALL_TRADES), "mode": "ebike"}
            await ok(clerk.post("/api/v1/stations/me/workers", json=entered), 201)
            token = (await ok(kiosk.post("/api/v1/kiosks/identify", json=who), 201))["token"]
            async with caller(address, Authorization=f"Bearer {token}") as worker:
                wish = {"status": "available", "in_hall": True}
                await ok(worker.put("/api/v1/workers/me/presence", json=wish))


async def hire(address: str, *postings: tuple[str, str, int, int], **where: float) -> None:
    """The demo's own employer posts these, next to the city's market or elsewhere."""
    async with caller(address, **{"X-Client": "employer"}) as employer:
        await ok(employer.post("/demo/login", json={"role": "employer"}))
        for trade, title, headcount, amount_fen in postings:
            wage = {"amount_fen": amount_fen, "per": "day"}
            gig = posting({**CENTRE, **where}, trade=trade, title=title, headcount=headcount, wage=wage)
            await ok(employer.post("/api/v1/gigs", json={**gig, "meals": True}), 201)


async def test_a_living_market(demo: str, visitors: Visitors) -> None:
    staff = await visitors.open(demo, "/staff/", (1280, 800))
    await staff.tap("demo-login", "part-map")
    await expect(staff.at("counter-available_workers")).to_have_text(A_HUNDRED)
    await expect(staff.at("counter-assigned_today")).to_have_text(DOZENS)

    employer = await visitors.open(demo, "/employer/", (1280, 800))
    await employer.tap("demo-login")
    await hire(demo, *POSTED)
    await employer.press(employer.page.locator("[data-testid=gig-row]", has_text=POSTED[0][1]))
    await expect(employer.at("person").nth(4)).to_be_visible()
    await employer.shot("employer-board")

    # More than there are people for, so that the map has something to say.
    for trade, lat, lng in WANTED:
        await hire(demo, (trade, "急招", 20, 12000), lat=lat, lng=lng)
    await staff.tap("part-balance")
    await expect(staff.at("trade-table")).to_contain_text(SHORT)
    await staff.tap("part-tasks", "queue-unfilled")
    await expect(staff.at("row-unfilled").first).to_be_visible()
    await staff.shot("staff-tasks")
    await staff.tap("part-map")
    await expect(staff.at("cell").nth(30)).to_be_visible()
    await staff.tap("map-busy", "map-out")
    await staff.shot("staff-map")

    kiosk = await visitors.open(demo, "/kiosk/", (1080, 1920))
    await kiosk.tap("demo-login")
    await fill_the_hall(demo)
    await hire(demo, (HALL_TRADES[0], "打扫药交会展厅", 3, 15000))
    await kiosk.see("callup")
    await kiosk.shot("kiosk-hall")
