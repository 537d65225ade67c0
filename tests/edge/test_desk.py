"""The desk: which offers reached a screen, and accounts that may not come in."""

from contextlib import AsyncExitStack
from pathlib import Path
from typing import Any

import httpx2
import pytest

from gigmarket.domain.errors import Forbidden
from tests.serving import Person, Serving, place, problem_code, serving
from tests.talking import assigned, eventually, offered, ok, post_gig, stream_of

WHY = {"reason": "冒用他人证件"}


async def refused(asked: Any, status: int, code: str) -> dict[str, Any]:
    """A typed problem."""
    response: httpx2.Response = await asked
    assert (response.status_code, problem_code(response.content)) == (status, code), response.text
    return dict(response.json())


async def on_its_way(served: Serving, offer: str) -> dict[str, Any]:
    """This offer as a desk sees it while it waits for an answer."""
    async with served.http(served.person("staff")) as http:
        items = (await ok(http.get("/api/v1/offers/pending", params={"limit": 200})))["items"]
    (found,) = [each for each in items if each["offer_id"] == offer]
    return dict(found)


async def suspend(served: Serving, person: Person) -> dict[str, Any]:
    """Staff keep this person out."""
    async with served.http(served.person("staff")) as http:
        return dict(await ok(http.post(f"/api/v1/accounts/{person.id}/suspend", json=WHY)))


async def test_an_offer_is_delivered_when_the_phone_says_so(served: Serving) -> None:
    worker, _, offer = await offered(served, place(), title="分拣")
    shown = await on_its_way(served, offer["id"])
    assert (shown["worker"], shown["title"], shown["delivered_at"]) == ("张*", "分拣", None)
    async with stream_of(served, worker) as stream:
        await stream.say({"t": "ack", "seq": stream.seq - 1})
        await stream.say({"t": "ack", "seq": stream.seq})

        async def delivered() -> Any:
            return (await on_its_way(served, offer["id"]))["delivered_at"]

        at = await eventually(delivered, "the ack is known to the desk")
        # The first moment stays, whatever is acked later.
        await stream.say({"t": "pong"})
        await stream.say({"t": "ack", "seq": stream.seq})
        assert await delivered() == at


async def test_offers_on_no_screen_come_first(served: Serving) -> None:
    where = place()
    worker, _, first = await offered(served, where)
    async with stream_of(served, worker) as stream:
        await stream.say({"t": "ack", "seq": stream.seq})

        async def delivered() -> Any:
            return (await on_its_way(served, first["id"]))["delivered_at"]

        await eventually(delivered, "the first is delivered")
        _, _, second = await offered(served, place())
        async with served.http(served.person("clerk", station="zs-dianxia")) as http:
            items = (await ok(http.get("/api/v1/offers/pending", params={"limit": 200})))["items"]
    order = [each["offer_id"] for each in items]
    assert order.index(second["id"]) < order.index(first["id"])
    states = [each["delivered_at"] is not None for each in items]
    assert states == sorted(states)


async def test_a_suspended_worker_is_out_and_offered_nothing(served: Serving) -> None:
    worker, employer, offer = await offered(served, place())
    async with stream_of(served, worker) as stream, served.http(worker) as http:
        async with stream_of(served, employer) as theirs:
            shown = await suspend(served, worker)
            closed = (await theirs.event("offer.closed"))["data"]["offer"]
            assert (closed["id"], closed["status"]) == (offer["id"], "withdrawn")
        assert await stream.closed() == 4503
        problem = await refused(http.get("/api/v1/workers/me"), 401, "unauthenticated")
        # Told apart from a session that is merely over.
        assert [error["reason"] for error in problem["errors"]] == ["suspended"]
        await refused(http.post(f"/api/v1/offers/{offer['id']}/accept"), 401, "unauthenticated")
    assert (shown["name"], shown["suspended_at"] is not None) == ("张*", True)


async def test_a_suspended_employers_gigs_are_called_off(served: Serving) -> None:
    where = place()
    worker, employer, assignment = await assigned(served, where)
    waiting = await post_gig(served, employer, place(), trade="carer")
    async with stream_of(served, worker) as stream:
        await suspend(served, employer)
        told = (await stream.event("assignment.updated"))["data"]["assignment"]
    assert (told["id"], told["status"]) == (assignment["id"], "cancelled_by_employer")
    async with served.http(served.person("staff")) as http:
        for gig in (assignment["gig_id"], waiting["id"]):
            assert (await ok(http.get(f"/api/v1/gigs/{gig}")))["status"] == "cancelled"


async def test_a_suspended_kiosk_ends_its_guests_sessions(served: Serving) -> None:
    kiosk, worker = served.person("kiosk", station="zs-dianxia"), served.person("worker")
    async with served.http(worker) as http:
        await ok(http.put("/api/v1/workers/me/pin", json={"pin": "4321"}), 204)
    async with served.http(kiosk) as http:
        body = {"phone": worker.phone, "pin": "4321"}
        guest = await ok(http.post("/api/v1/kiosks/identify", json=body), 201)
        there = Person("worker", worker.phone, worker.id, guest["token"])
        async with stream_of(served, kiosk) as hall, stream_of(served, there) as hers:
            await suspend(served, kiosk)
            assert (await hall.closed(), await hers.closed()) == (4503, 4502)
        await refused(http.post("/api/v1/kiosks/identify", json=body), 401, "unauthenticated")
    async with served.http(worker) as http:
        # Her own phone is nobody's guest.
        assert (await ok(http.get("/api/v1/workers/me")))["id"] == worker.id


async def test_who_is_restored_logs_in_anew(served: Serving) -> None:
    worker, staff = served.person("worker"), served.person("staff")
    await suspend(served, worker)
    await suspend(served, worker)
    with pytest.raises(Forbidden, match="suspended"):
        served.person("worker", phone=worker.phone)
    async with served.http(staff) as http:
        body = {"role": "worker", "phone": worker.phone}
        found = await ok(http.post("/api/v1/accounts/find", json=body))
        assert (found["id"], found["suspended_at"] is not None) == (worker.id, True)
        shown = await ok(http.post(f"/api/v1/accounts/{worker.id}/restore", json={"reason": "误会"}))
        assert shown["suspended_at"] is None
    async with served.http(worker) as http:
        await refused(http.get("/api/v1/workers/me"), 401, "unauthenticated")
    async with served.http(served.person("worker", phone=worker.phone)) as http:
        assert (await ok(http.get("/api/v1/workers/me")))["presence"]["status"] == "offline"
    audit = [row[4] for row in served.rows("audit")["audit"] if row[5] == worker.id]
    assert audit == [f"account.suspend {WHY['reason']}"] * 2 + ["account.find", "account.restore 误会"]


async def test_nobody_suspends_themselves_or_nobody(served: Serving) -> None:
    staff = served.person("staff")
    async with served.http(staff) as http:
        await refused(http.post(f"/api/v1/accounts/{staff.id}/suspend", json=WHY), 403, "forbidden")
        await refused(http.post("/api/v1/accounts/nobody/suspend", json=WHY), 404, "not-found")
        await refused(http.post("/api/v1/accounts/nobody/restore", json=WHY), 404, "not-found")
        await refused(http.post("/api/v1/accounts/nobody/suspend", json={"reason": "  "}), 422, "validation")
        nobody = {"role": "worker", "phone": "13000000000"}
        await refused(http.post("/api/v1/accounts/find", json=nobody), 404, "not-found")


async def test_sockets_close_on_every_server_process(tmp_path: Path) -> None:
    with serving(tmp_path, GIGMARKET_SERVERS="3") as running:
        worker = running.person("worker")
        async with AsyncExitStack() as streams:
            mine = [await streams.enter_async_context(stream_of(running, worker)) for _ in range(5)]
            await suspend(running, worker)
            assert [await stream.closed() for stream in mine] == [4503] * 5
