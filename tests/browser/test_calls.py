"""Calling each other where the telephone company hides both phones: on the worker's page and the employer's."""

import json
from collections.abc import Iterator

import pytest
from playwright.async_api import expect

from tests.browser.visiting import Visitors
from tests.serving import serving
from tests.talking import go_available, ok, post_gig
from tests.telephone.exchange import City, exchange

pytestmark = [pytest.mark.browser, pytest.mark.asyncio(loop_scope="module")]

HERE = {"lat": 28.0560, "lng": 115.5460, "datum": "wgs84"}
WORKER, EMPLOYER = "13812360091", "13812360092"


@pytest.fixture(scope="module")
def city(tmp_path_factory: pytest.TempPathFactory) -> Iterator[City]:
    with (
        exchange(json.dumps({"number": "17012345678"}).encode()) as there,
        serving(
            tmp_path_factory.mktemp("calls"), GIGMARKET_DEMO="true", GIGMARKET_CALL_GATEWAY=there.url
        ) as running,
    ):
        yield City(running, there)


async def test_both_sides_call_by_a_number_that_is_neithers(city: City, visitors: Visitors) -> None:
    served = city.served
    somebody = served.person("worker", "周福生", WORKER)
    await go_available(served, somebody, HERE)
    await post_gig(served, served.person("employer", "仁和药材行", EMPLOYER), HERE)
    worker = await visitors.open(served.url, "/worker/", (360, 640))
    await worker.log_in(WORKER)
    await worker.tap("offer-accept")
    await worker.see("taken")
    await expect(worker.at("call-employer")).to_have_count(0)

    worker.expected.append("503")
    city.there.status = 502
    await worker.tap("call-through")
    await worker.read("系统正忙")
    city.there.status = 200
    await worker.tap("call-through")
    await expect(worker.at("call-number")).to_have_attribute("href", "tel:17012345678")
    await expect(worker.at("call-number")).to_have_text("拨 170 1234 5678")
    await worker.shot("worker-call", full=True)

    employer = await visitors.open(served.url, "/employer/", (1280, 800))
    await employer.log_in(EMPLOYER)
    await employer.tap("gig-row", "call-through")
    await expect(employer.at("call-number")).to_have_attribute("href", "tel:17012345678")
    await employer.shot("employer-call")
    for page in (worker, employer):
        text = await page.page.content()
        assert (WORKER if page is employer else EMPLOYER) not in text

    await worker.tap("taken-close")
    await worker.see("call-through")
    async with served.http(somebody) as http:
        (mine,) = (await ok(http.get("/api/v1/workers/me/assignments")))["items"]
        await ok(http.post(f"/api/v1/assignments/{mine['id']}/cancel", json={"reason": "有事"}))
    await worker.gone("call-through")
