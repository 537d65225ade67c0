"""Killed by SIGKILL: between commit and reply, at random moments, and all at once. Nothing lost or doubled."""

import asyncio
import os
import random
import signal
from collections import Counter
from contextlib import AsyncExitStack
from pathlib import Path
from typing import Any

import pytest
from websockets.exceptions import ConnectionClosed, ConnectionClosedError

from gigmarket.domain.ids import AccountId
from gigmarket.store.tables import TABLES
from gigmarket.store.transaction import Transaction
from tests.serving import Person, Serving, place, wait_until
from tests.talking import Stream, eventually, go_available, offered, ok, post_gig, stream_of

pytestmark = pytest.mark.system


async def test_the_server_dies_between_commit_and_reply(breakable: Serving) -> None:
    served, trap = breakable, Path(breakable.environment["TRAP"])
    worker, employer, offer = await offered(served, place())
    before = served.children()
    async with stream_of(served, worker) as mine:
        trap.touch()
        await mine.say(_accept("c1", offer["id"]))
        with pytest.raises(ConnectionClosedError):
            await mine.result("c1")
    epoch, seq = mine.epoch, mine.seq
    wait_until(lambda: served.children().get("server") not in (None, before["server"]), "a new server")
    assert not trap.exists()
    (committed,) = _assignments(served, worker)  # the commit is there, and nobody was told

    async with stream_of(served, worker, epoch, seq) as mine:
        assert mine.welcome["resumed"]
        assert mine.welcome["epoch"] == epoch
        result = await mine.command("offer.accept", {"offer_id": offer["id"]}, key="c1")
        assert result["ok"]
        assert result["data"]["assignment"]["id"] == committed
        created = await mine.event("assignment.created")
        assert created["data"]["assignment"]["id"] == committed
    async with served.http(employer) as http:
        gig = await ok(http.get(f"/api/v1/gigs/{result['data']['assignment']['gig_id']}"))
    assert (gig["filled"], [a["id"] for a in gig["assignments"]]) == (1, [committed])
    assert _assignments(served, worker) == [committed]
    changed = {name for name, pid in served.children().items() if before[name] != pid}
    assert changed == {"server"}


async def test_the_server_is_killed_at_random_moments_of_many_accepts(breakable: Serving) -> None:
    served, rng = breakable, random.Random(20260731)
    stories = [await offered(served, place()) for _ in range(12)]
    async with AsyncExitStack() as opened:
        streams = [await opened.enter_async_context(stream_of(served, worker)) for worker, _, _ in stories]
        held = [(stream.epoch, stream.seq) for stream in streams]
        server = served.children()["server"]
        accepting = [
            _accept_at(rng.uniform(0, 0.03), stream, f"c{n}", offer["id"])
            for n, (stream, (_, _, offer)) in enumerate(zip(streams, stories, strict=True))
        ]
        *answers, _ = await asyncio.gather(*accepting, _kill_at(rng.uniform(0.005, 0.025), server))

    for n, ((worker, _, offer), (epoch, seq), answer) in enumerate(zip(stories, held, answers, strict=True)):
        async with stream_of(served, worker, epoch, seq) as mine:
            assert mine.welcome["resumed"]
            result = await mine.command("offer.accept", {"offer_id": offer["id"]}, key=f"c{n}")
            assert result["ok"], result
            assert answer is None or answer == result  # what was answered once is answered again
            created = await mine.event("assignment.created")
            assert created["data"]["assignment"]["id"] == result["data"]["assignment"]["id"]
            assert _assignments(served, worker) == [result["data"]["assignment"]["id"]]
    _nothing_doubled(served)


async def test_everything_is_killed_and_started_again(breakable: Serving) -> None:
    own, where = breakable, place()
    worker, employer, offer = await offered(own, where)
    async with stream_of(own, worker) as mine, stream_of(own, employer) as hers:
        assert (await mine.command("offer.accept", {"offer_id": offer["id"]}, key="c1"))["ok"]
        await mine.event("assignment.created")
        await hers.event("assignment.created")
        epoch, held = mine.epoch, (mine.seq, hers.seq)
        other = own.person("worker")
        await go_available(own, other, where)
        unseen = await post_gig(own, employer, where)  # what this brings, she reads after the restart
        own.kill_everything()
    own.launch()

    async with stream_of(own, worker, epoch, held[0]) as mine, stream_of(own, employer, epoch, held[1]) as hers:
        assert mine.welcome["resumed"]
        assert hers.welcome["resumed"]
        assert mine.epoch == hers.epoch == epoch
        assert (await hers.event("gig.created"))["data"]["gig"]["id"] == unseen["id"]
        again = await mine.command("offer.accept", {"offer_id": offer["id"]}, key="c1")
        assert again["ok"]
        assert _assignments(own, worker) == [again["data"]["assignment"]["id"]]

    # The other worker was available before: still so, and offered the gig, once, before or after the crash.
    async with own.http(other) as http:

        async def offers() -> list[dict[str, Any]]:
            items: list[dict[str, Any]] = (await ok(http.get("/api/v1/workers/me/offers")))["items"]
            return items

        (theirs,) = await eventually(offers, "the gig is offered")
        assert theirs["gig"]["id"] == unseen["id"]
        await ok(http.post(f"/api/v1/offers/{theirs['id']}/accept"))
    _nothing_doubled(own)


def _accept(key: str, offer_id: str) -> dict[str, Any]:
    return {"t": "command", "id": key, "op": "offer.accept", "args": {"offer_id": offer_id}}


async def _accept_at(at_s: float, stream: Stream, key: str, offer_id: str) -> dict[str, Any] | None:
    """The result of an accept sent after `at_s`, or None when the connection broke before one came."""
    await asyncio.sleep(at_s)
    try:
        await stream.say(_accept(key, offer_id))
        return await stream.result(key)
    except ConnectionClosed:
        return None


async def _kill_at(at_s: float, pid: int) -> None:
    await asyncio.sleep(at_s)
    os.kill(pid, signal.SIGKILL)


def _assignments(served: Serving, worker: Person) -> list[str]:
    def read(tx: Transaction) -> list[str]:
        table = TABLES["assignment"]
        rows = tx.connection.execute(table.select().where(table.c.worker_id == AccountId(worker.id)))
        return [row.id for row in rows]

    return served.store.read_now(read)


def _nothing_doubled(served: Serving) -> None:
    """By the tables alone: seats as counted, one assignment per offer, seqs without gaps or doubles."""

    def read(tx: Transaction) -> None:
        seats = Counter(row.gig_id for row in tx.connection.execute(TABLES["assignment"].select()))
        for gig in tx.connection.execute(TABLES["gig"].select()):
            assert gig.filled == seats[gig.id] <= gig.headcount
        seqs: dict[str, list[int]] = {}
        for event in tx.connection.execute(TABLES["event"].select()):
            seqs.setdefault(event.principal, []).append(event.seq)
        heads = {row.principal: row.head for row in tx.connection.execute(TABLES["stream"].select())}
        assert {principal: sorted(found) for principal, found in seqs.items()} == {
            principal: list(range(1, head + 1)) for principal, head in heads.items()
        }

    served.store.read_now(read)
