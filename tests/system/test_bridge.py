"""The river decides who is offered work: with the bridge everybody near, without it the near bank only."""

import asyncio
from pathlib import Path

import pytest

from tests.serving import Person, Serving, serving
from tests.talking import eventually, ok, posting
from tests.travel.riverside import given, riverside
from tests.travel.roads_town import at

SITE = at(500, -100)
NEAR = [at(350, -210), at(640, -320)]
FAR = [at(480, 230), at(560, 320)]
"""All within 500 m of the site as the crow flies."""


async def go_available(served: Serving, number: int, where: dict[str, object]) -> Person:
    worker = served.person("worker", f"赵{number}")
    async with served.http(worker) as http:
        profile = {"trades": ["porter"], "mode": "walk", "floor_wage_fen": 0}
        await ok(http.put("/api/v1/workers/me", json=profile))
        body = {"status": "available", "position": where}
        await ok(http.put("/api/v1/workers/me/presence", json=body))
    return worker


async def offers_of(served: Serving, worker: Person) -> list[dict[str, object]]:
    async with served.http(worker) as http:
        found: list[dict[str, object]] = (await ok(http.get("/api/v1/workers/me/offers")))["items"]
        return found


@pytest.mark.parametrize("bridges", [(500.0,), ()], ids=["bridge", "no bridge"])
async def test_exactly_the_far_bank_drops_out_with_the_bridge(
    tmp_path: Path, bridges: tuple[float, ...]
) -> None:
    policy = '{"phone_offer_s": 3600, "fresh_s": 3600}'
    with serving(tmp_path, **riverside(tmp_path / "town", bridges), GIGMARKET_POLICY=policy) as served:
        places = NEAR + FAR
        people = [await go_available(served, number, given(where)) for number, where in enumerate(places)]
        # The last comes after all others, so once they are offered work the round has seen everybody.
        last = await go_available(served, 9, given(at(500, -150)))
        employer = served.person("employer", "药都物流")
        async with served.http(employer) as http:
            headcount = len(people) + 1
            gig = await ok(http.post("/api/v1/gigs", json=posting(given(SITE), headcount=headcount)), 201)
        expected = [*people, last] if bridges else [*people[: len(NEAR)], last]

        async def all_offered() -> bool:
            return all([await offers_of(served, worker) for worker in expected])

        await eventually(all_offered, "everybody in reach is offered the gig")
        offered = await asyncio.gather(*(offers_of(served, worker) for worker in [*people, last]))
        assert [bool(offers) for offers in offered] == [worker in expected for worker in [*people, last]]
        for (offer,) in (offers for offers in offered if offers):
            assert offer["estimated"] is False
        async with served.http(employer) as http:
            seats = (await ok(http.get(f"/api/v1/gigs/{gig['id']}")))["offers"]
        assert len(seats) == len(expected)
