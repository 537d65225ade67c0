"""The client against a real server: what a program that uses it sees."""

import asyncio
import socket
from typing import Any

import pytest
import uvloop

from gigmarket.client import Api, Ended, Event, GigClient, LoggedOut, Refused, Snapshot, Status, connect
from gigmarket.wire.events import OfferEvent
from tests.serving import WAIT_S, Person, Serving, place
from tests.talking import go_available, ok, post_gig, posting

pytestmark = pytest.mark.system


class Follower:
    """Everything a client's stream brings, read as it comes."""

    def __init__(self, client: GigClient) -> None:
        self.client = client
        self.items: list[Any] = []
        self._more = asyncio.Event()
        self.ended: BaseException | None = None
        self._task = asyncio.create_task(self._read())

    async def until(self, wanted: Any) -> Any:
        """The first item for which `wanted` is true, already here or still to come."""
        async with asyncio.timeout(WAIT_S):
            while True:
                found = next(filter(wanted, self.items), None)
                if found is not None:
                    return found
                self._more.clear()
                await self._more.wait()

    async def event(self, kind: str) -> Event:
        found: Event = await self.until(lambda item: isinstance(item, Event) and item.kind == kind)
        return found

    async def over(self) -> BaseException | None:
        async with asyncio.timeout(WAIT_S):
            await self._task
        return self.ended

    async def _read(self) -> None:
        try:
            async for item in self.client.events():
                self.items.append(item)
                self._more.set()
        except Ended as ended:
            self.ended = ended


def is_snapshot(item: Any) -> bool:
    return isinstance(item, Snapshot)


async def available(served: Serving, **changes: Any) -> tuple[Person, Person, dict[str, object]]:
    """A worker who waits, an employer, and where."""
    where = place()
    worker, employer = served.person("worker"), served.person("employer", "药都物流")
    await go_available(served, worker, where)
    return worker, employer, where


async def test_an_offer_comes_is_taken_and_its_model_fits(served: Serving) -> None:
    worker, employer, where = await available(served)
    async with connect(served.url, worker.token) as client:
        follower = Follower(client)
        assert (await follower.until(is_snapshot)).state["offers"] == []
        await post_gig(served, employer, where)
        created = await follower.event("offer.created")
        parsed = created.parsed()
        assert isinstance(parsed, OfferEvent)
        answer = await client.command("offer.accept", {"offer_id": parsed.offer.id})
        assert answer["assignment"]["status"] == "confirmed"
        await follower.event("assignment.created")
    assert await follower.over() is None


async def test_what_was_missed_comes_after_a_break_and_a_command_is_done_once(served: Serving) -> None:
    worker, employer, where = await available(served)
    news: list[Any] = []
    async with connect(served.url, worker.token, notice=news.append) as client:
        follower = Follower(client)
        await follower.until(is_snapshot)
        client.lost()
        await post_gig(served, employer, where)
        client.nudge()
        offer = (await follower.event("offer.created")).data["offer"]["id"]
        first = asyncio.create_task(client.command("offer.accept", {"offer_id": offer}, "same"))
        client.lost()
        client.nudge()
        assert (await first)["assignment"]["offer_id"] == offer
        assert await client.command("offer.accept", {"offer_id": offer}, "same") == first.result()
        await follower.event("assignment.created")
    seqs = [item.seq for item in follower.items if isinstance(item, Event)]
    assert seqs == list(range(seqs[0], seqs[0] + len(seqs)))
    assert [item.resumed for item in news if isinstance(item, Status) and item.name == "live"][1:] == [
        True,
        True,
    ]


async def test_a_refused_command_raises_its_problem(served: Serving) -> None:
    worker = served.person("worker")
    async with connect(served.url, worker.token) as client:
        with pytest.raises(Refused) as refused:
            await client.command("offer.accept", {"offer_id": "01kytqgz00ewrn0tzjxz3fgxrr"})
        assert (refused.value.code, refused.value.status) == ("not-found", 404)
        with pytest.raises(Refused) as refused:
            await client.api.put("/workers/me", {"trades": 3})
        assert refused.value.code == "validation"


async def test_logging_out_elsewhere_ends_the_stream_for_good(served: Serving) -> None:
    worker = served.person("worker")
    async with connect(served.url, worker.token) as client:
        follower = Follower(client)
        await follower.until(is_snapshot)
        async with served.http(worker) as http:
            await ok(http.delete("/api/v1/auth/sessions/current"), 204)
        assert isinstance(await follower.over(), LoggedOut)
        with pytest.raises(LoggedOut):
            await client.command("presence.set", {"status": "offline"})
        assert client.status.name == "logged-out"


async def test_a_session_is_exchanged_without_a_break(served: Serving) -> None:
    worker, employer, where = await available(served)
    news: list[Any] = []
    async with connect(served.url, worker.token, notice=news.append) as client:
        follower = Follower(client)
        await follower.until(is_snapshot)
        session = await client.api.post("/auth/sessions/renew")
        await client.refresh(session["token"])
        await post_gig(served, employer, where)
        await follower.event("offer.created")
        assert client.api.token == session["token"]
    assert [item.name for item in news if isinstance(item, Status)] == ["connecting", "live"]


async def test_events_nobody_takes_are_left_in_the_network_and_answers_still_come(served: Serving) -> None:
    worker, employer = served.person("worker"), served.person("employer", "药都物流")
    where = place()
    await go_available(served, worker, where)
    async with connect(served.url, employer.token) as client:
        # Nobody reads the events, but the answers to commands come through.
        for _ in range(3):
            gig = await client.api.post("/gigs", posting(where))
            answer = await client.command("gig.cancel", {"gig_id": gig["id"]})
            assert answer["gig"]["status"] == "cancelled"
        follower = Follower(client)
        await follower.event("gig.updated")


async def test_closing_leaves_no_task_and_no_socket(served: Serving) -> None:
    worker = served.person("worker")
    before = asyncio.all_tasks()
    client = connect(served.url, worker.token)
    async with client:
        follower = Follower(client)
        await follower.until(is_snapshot)
        waiting = asyncio.create_task(client.command("presence.set", {"status": "offline"}))
        await asyncio.sleep(0)
    assert await follower.over() is None
    await asyncio.wait([waiting])
    assert asyncio.all_tasks() == before
    with pytest.raises(Refused) as refused:
        await client.command("presence.set", {"status": "offline"})
    assert refused.value.code == "unreachable"


async def test_no_server_is_unreachable_and_the_stream_keeps_trying() -> None:
    news: list[Any] = []
    waiting = asyncio.Event()

    def notice(item: Any) -> None:
        news.append(item)
        if item.name == "waiting":
            waiting.set()

    with socket.socket() as deaf:
        # Bound, and nobody listens.
        deaf.bind(("127.0.0.1", 0))
        await refused_by(f"http://127.0.0.1:{deaf.getsockname()[1]}", waiting, notice)
    assert [item.name for item in news][:2] == ["connecting", "waiting"]


async def refused_by(url: str, waiting: asyncio.Event, notice: Any) -> None:
    async with GigClient(Api(url, "nobody"), notice=notice) as client:
        async with asyncio.timeout(WAIT_S):
            await waiting.wait()
        with pytest.raises(Refused) as refused:
            await client.api.request("GET", "/meta", tries=1)
        assert (refused.value.code, refused.value.status) == ("unreachable", 0)


def test_a_timer_that_is_due_at_once_stops_nothing_on_uvloop() -> None:
    """For such a one uvloop gives a handle that does not know its time, and more may come before it fires."""

    async def tick_twice() -> None:
        async with GigClient(Api("http://127.0.0.1:9", "nobody")) as client:
            connection = client._connection
            connection.stream._deadlines.set("retry", asyncio.get_running_loop().time())
            connection._set_timer()
            connection.stream._deadlines.set("silence", asyncio.get_running_loop().time() - 1.0)
            connection._set_timer()

    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        runner.run(tick_twice())


async def test_an_empty_key_is_refused_and_not_replaced_by_another(served: Serving) -> None:
    """Whoever gives a key counts on it when he asks again."""
    async with connect(served.url, served.person("employer").token) as client:
        with pytest.raises(ValueError, match="a key has 1 to 64 characters"):
            await client.command("gig.cancel", {"gig_id": "none"}, key="")
        with pytest.raises(Refused) as refused:
            await client.api.post("/gigs", {}, key="")
        assert refused.value.code == "validation"
        assert refused.value.problem["errors"][0]["path"] == "Idempotency-Key"
