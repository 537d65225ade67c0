"""The law of the pages' store: a snapshot, then events, equals the snapshot that comes after them.

The real `store.js`, in a page, on the real server's frames: after every step of a few stories each principal
connects anew, and every earlier snapshot with the events since must give exactly what the new one says.
"""

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

import pytest

from tests.browser.visiting import Visitor, Visitors
from tests.serving import Person, Serving
from tests.talking import Frame, Stream, eventually, go_available, ok, post_gig, stream_of

pytestmark = [pytest.mark.browser, pytest.mark.asyncio(loop_scope="module")]

GESHAN = {"lat": 27.9880, "lng": 115.6020, "datum": "wgs84"}
APPLY = """async ({ role, before, events, after }) => {
  const store = await import("/static/lib/store.js");
  const state = events.reduce(store.apply, store.fromSnapshot(role, before));
  return [state, store.fromSnapshot(role, after)];
}"""


@dataclass
class Watched:
    """One principal's stream from the beginning, and every snapshot of it so far."""

    person: Person
    stream: Stream
    snapshots: list[tuple[int, dict[str, Any]]] = field(default_factory=list)


@dataclass
class Law:
    """Who is watched, and the page in which the store runs."""

    market: Serving
    page: Visitor
    watched: list[Watched] = field(default_factory=list)

    async def holds(self) -> None:
        """Check it now, for everyone and from every earlier snapshot on."""
        for one in self.watched:
            async with stream_of(self.market, one.person) as fresh:
                seq, after = fresh.seq, fresh.state
            events = await one.stream.until(seq)
            for since, before in one.snapshots:
                missed = [event for event in events if since < event["seq"] <= seq]
                asked = {"role": one.person.role, "before": before, "events": missed, "after": after}
                state, expected = await self.page.page.evaluate(APPLY, asked)
                assert state == expected, [event["kind"] for event in missed]
            one.snapshots.append((seq, after))

    def kinds(self) -> set[str]:
        """Every kind of event seen by anybody."""
        return {event["kind"] for one in self.watched for event in one.stream.events}


@asynccontextmanager
async def law_for(market: Serving, visitors: Visitors, *people: Person) -> AsyncIterator[Law]:
    """Watch these people's streams."""
    law = Law(market, await visitors.open(market.url, "/", (360, 640)))
    async with AsyncExitStack() as streams:
        for person in people:
            stream = await streams.enter_async_context(stream_of(market, person))
            law.watched.append(Watched(person, stream, [(stream.seq, stream.state)]))
        yield law


async def do(stream: Stream, op: str, **args: Any) -> Any:
    """A command that must succeed; its data."""
    result: Frame = await stream.command(op, args)
    assert result["ok"], result
    return result["data"]


async def test_from_offer_to_wages(market: Serving, visitors: Visitors) -> None:
    worker, employer = market.person("worker", "周福生"), market.person("employer", "药都物流")
    await go_available(market, worker, GESHAN)
    async with law_for(market, visitors, worker, employer) as law:
        mine, theirs = (one.stream for one in law.watched)
        first = await post_gig(market, employer, GESHAN, title="先不接的")
        offer = (await mine.event("offer.created"))["data"]["offer"]["id"]
        await law.holds()
        await do(mine, "offer.extend", offer_id=offer)
        await law.holds()
        await do(mine, "offer.decline", offer_id=offer)
        await law.holds()
        await do(theirs, "gig.cancel", gig_id=first["id"])
        await law.holds()

        gig = await post_gig(market, employer, GESHAN, title="要接的", headcount=2)
        offer = (await mine.event("offer.created"))["data"]["offer"]["id"]
        assignment = (await do(mine, "offer.accept", offer_id=offer))["assignment"]["id"]
        await law.holds()
        await do(mine, "assignment.check_in", assignment_id=assignment, code=gig["site_code"])
        await law.holds()
        await do(mine, "assignment.check_out", assignment_id=assignment)
        await do(theirs, "assignment.settle", assignment_id=assignment, amount_fen=10000, reason="提前离开")
        await law.holds()
        await do(mine, "assignment.dispute", assignment_id=assignment, reason="说好 180")
        await law.holds()
        await do(theirs, "assignment.settle", assignment_id=assignment, amount_fen=18000)
        await do(mine, "assignment.confirm", assignment_id=assignment)
        await law.holds()
        assert law.kinds() >= {
            "offer.created",
            "offer.extended",
            "offer.closed",
            "assignment.created",
            "assignment.updated",
            "gig.created",
            "gig.updated",
        }


async def test_the_hall(market: Serving, visitors: Visitors) -> None:
    clerk = market.person("clerk", "李协管", station="zs-dianxia")
    employer = market.person("employer", "店下砖厂")
    where = {"lat": 27.9120, "lng": 115.6210, "datum": "wgs84"}
    async with law_for(market, visitors, clerk, employer) as law:
        station = law.watched[0].stream
        seated = await _at_kiosk(market, clerk, "13812380001", "吴大勇")
        async with market.http(seated) as http:
            for answer in ("decline", "accept"):
                await ok(http.put("/api/v1/workers/me/presence", json={"status": "available", "in_hall": True}))
                await station.event("hall.joined")
                await law.holds()
                await post_gig(market, employer, where, title=answer, trade="builder")
                offer = (await station.event("offer.created"))["data"]["offer"]
                assert offer["worker"] == {"name": "吴*", "phone": None}
                await law.holds()
                await ok(http.post(f"/api/v1/offers/{offer['id']}/{answer}"))
                await law.holds()
                await ok(http.put("/api/v1/workers/me/presence", json={"status": "offline"}))
                await station.event("hall.left")
                await law.holds()
            (assignment,) = (await ok(http.get("/api/v1/workers/me/assignments")))["items"]
            await ok(http.post(f"/api/v1/assignments/{assignment['id']}/cancel", json={"reason": "家里有事"}))
        await eventually(_cancelled(market, employer), "the employer's gig is open again")
        await law.holds()
        assert law.kinds() >= {
            "hall.joined",
            "hall.left",
            "offer.created",
            "offer.closed",
            "assignment.created",
        }


async def _at_kiosk(market: Serving, clerk: Person, phone: str, name: str) -> Person:
    """A worker whom the clerk enters, identified at a kiosk of the clerk's station."""
    async with market.http(clerk) as http:
        entered = {"name": name, "phone": phone, "pin": "2580", "trades": ["builder"]}
        await ok(http.post("/api/v1/stations/me/workers", json=entered), 201)
        token = (await ok(http.post("/api/v1/kiosks", json={}), 201))["token"]
    async with market.http(Person("kiosk", "", "", token)) as http:
        session = await ok(http.post("/api/v1/kiosks/identify", json={"phone": phone, "pin": "2580"}), 201)
    return Person("worker", phone, session["account"]["id"], session["token"])


def _cancelled(market: Serving, employer: Person) -> Any:
    async def look() -> bool:
        async with market.http(employer) as http:
            gigs = (await ok(http.get("/api/v1/gigs")))["items"]
        return all(gig["filled"] == 0 for gig in gigs)

    return look
