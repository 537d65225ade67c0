import asyncio
import logging
import os
import signal
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import Any

import pytest

from gigmarket.live.bus import Bus
from gigmarket.live.connection import Client, LiveDown, connect
from gigmarket.live.embedded import EmbeddedValkey
from gigmarket.live.keys import Keys
from tests.live.conftest import Server


class Heard:
    """What a listener was told, to be waited for."""

    def __init__(self) -> None:
        self.messages: asyncio.Queue[bytes] = asyncio.Queue()
        self.gaps: asyncio.Queue[None] = asyncio.Queue()
        self.losses: asyncio.Queue[None] = asyncio.Queue()

    async def message(self, payload: bytes) -> None:
        self.messages.put_nowait(payload)

    async def gap(self) -> None:
        self.gaps.put_nowait(None)

    def loss(self) -> None:
        self.losses.put_nowait(None)


@asynccontextmanager
async def listening(bus: Bus, channel: str, pause_s: float = 0.0) -> AsyncIterator[Heard]:
    """A listener that has subscribed; it must still be listening at the end."""
    heard = Heard()
    task = asyncio.create_task(bus.listen(channel, heard.message, heard.gap, heard.loss, pause_s))
    try:
        await asyncio.wait_for(heard.gaps.get(), 30)
        assert heard.losses.empty()
        yield heard
        assert not task.done()
    finally:
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task


@pytest.fixture
async def node(server: Server) -> AsyncIterator[Client]:
    """The server itself, also where it is a cluster's."""
    client = connect(server.url)
    yield client
    await client.aclose()


woken_and_looking = pytest.mark.parametrize("pause_s", [0.0, 0.02])
"""A listener that is woken by each message, and one that looks now and then."""


@woken_and_looking
async def test_everyone_listening_hears_everything_in_order(redis: Client, keys: Keys, pause_s: float) -> None:
    bus = Bus(redis, keys)
    sent = [f'{{"n":{n}}}'.encode() for n in range(200)]
    async with listening(bus, keys.bus, pause_s) as one, listening(bus, keys.bus, pause_s) as other:
        for payload in sent:
            await bus.publish(payload)
        for heard in (one, other):
            assert [await heard.messages.get() for _ in sent] == sent
            assert heard.gaps.empty()


async def test_a_wake_is_for_the_dispatcher_alone(redis: Client, keys: Keys) -> None:
    bus = Bus(redis, keys)
    async with listening(bus, keys.bus) as server, listening(bus, keys.wake) as dispatcher:
        await bus.wake(b"gig")
        await bus.publish(b"event")
        assert await dispatcher.messages.get() == b"gig"
        assert await server.messages.get() == b"event"
        assert dispatcher.messages.empty()


async def test_no_log_has_what_is_told(redis: Client, keys: Keys, caplog: pytest.LogCaptureFixture) -> None:
    bus = Bus(redis, keys)
    with caplog.at_level(logging.DEBUG, "push_response"), caplog.at_level(logging.DEBUG):
        async with listening(bus, keys.bus) as heard:
            await bus.publish(b"who works where")
            assert await heard.messages.get() == b"who works where"
    assert "who works" not in caplog.text


async def test_cities_do_not_hear_each_other(redis: Client) -> None:
    zhangshu, yichun = Keys("zhangshu"), Keys("yichun")
    async with listening(Bus(redis, zhangshu), zhangshu.bus) as heard:
        await Bus(redis, yichun).publish(b"theirs")
        await Bus(redis, zhangshu).publish(b"ours")
        assert await heard.messages.get() == b"ours"


async def test_the_first_subscription_is_a_gap_too(redis: Client, keys: Keys) -> None:
    bus = Bus(redis, keys)
    order: list[str] = []
    done = asyncio.Event()

    async def on_gap() -> None:
        order.append("gap")
        await bus.publish(b"published after the gap was told")

    async def on_message(payload: bytes) -> None:
        order.append("message")
        done.set()

    task = asyncio.create_task(bus.listen(keys.bus, on_message, on_gap))
    await done.wait()
    task.cancel()
    assert order == ["gap", "message"]


@woken_and_looking
async def test_a_killed_connection_is_a_gap_and_then_goes_on(
    redis: Client, keys: Keys, node: Client, pause_s: float
) -> None:
    bus = Bus(redis, keys)
    async with listening(bus, keys.bus, pause_s) as heard:
        assert await node.execute_command("CLIENT", "KILL", "TYPE", "pubsub") == 1
        await heard.gaps.get()
        await bus.publish(b"again")
        assert await heard.messages.get() == b"again"


@pytest.mark.parametrize("end", ["stopped", "killed"])
@woken_and_looking
async def test_a_restarted_server_is_a_gap_and_then_goes_on(
    embedded: EmbeddedValkey, keys: Keys, end: str, pause_s: float
) -> None:
    redis = connect(embedded.start())
    bus = Bus(redis, keys)
    async with listening(bus, keys.bus, pause_s) as heard:
        if end == "killed" and embedded.pid is not None:
            os.kill(embedded.pid, signal.SIGKILL)
        await asyncio.to_thread(embedded.stop)
        with pytest.raises(LiveDown):
            await bus.publish(b"lost")
        await heard.losses.get()
        await asyncio.to_thread(embedded.start)
        await heard.gaps.get()
        await bus.publish(b"again")
        assert await heard.messages.get() == b"again"
    await redis.aclose()


@woken_and_looking
async def test_a_server_that_hangs_is_noticed_by_the_missing_beat(
    embedded: EmbeddedValkey, keys: Keys, pause_s: float
) -> None:
    redis = connect(embedded.start())
    bus = Bus(redis, keys, beat_s=0.05, silence_s=0.5)
    assert embedded.pid is not None
    async with listening(bus, keys.bus, pause_s) as heard:
        os.kill(embedded.pid, signal.SIGSTOP)
        try:
            await heard.gaps.get()
            await heard.losses.get()
        finally:
            os.kill(embedded.pid, signal.SIGCONT)
        await heard.gaps.get()
        await bus.publish(b"again")
        while await heard.messages.get() != b"again":
            pass
    await redis.aclose()


@woken_and_looking
async def test_a_beat_that_no_longer_comes_back_is_a_gap_though_all_connections_live(
    redis: Client, keys: Keys, pause_s: float
) -> None:
    """As when what is published reaches another part of the cluster than the one listened to."""
    bus = Bus(redis, keys, beat_s=0.02, silence_s=0.2)
    async with listening(bus, keys.bus, pause_s) as heard:
        bus._beat_s = 3600
        await heard.gaps.get()
        await heard.gaps.get()


@woken_and_looking
async def test_beats_are_not_handed_on_and_a_steady_bus_has_no_gap(
    redis: Client, keys: Keys, pause_s: float
) -> None:
    bus = Bus(redis, keys, beat_s=0.005, silence_s=5)
    async with listening(bus, keys.bus, pause_s) as one, listening(bus, keys.bus, pause_s) as other:
        pubsub: Any = redis.pubsub()
        await pubsub.subscribe(keys.bus)
        beats: set[bytes] = set()
        while len(beats) < 2:
            message = await pubsub.get_message(timeout=5)
            if message and message["type"] == "message":
                beats.add(message["data"])
        await pubsub.aclose()
        await bus.publish(b"event")
        for heard in (one, other):
            assert await heard.messages.get() == b"event"
            assert heard.messages.empty()
            assert heard.gaps.empty()


async def test_a_slow_handler_is_not_taken_for_silence(redis: Client, keys: Keys) -> None:
    bus = Bus(redis, keys, beat_s=0.01, silence_s=0.3)
    gaps, messages = 0, 0
    done = asyncio.Event()

    async def on_gap() -> None:
        nonlocal gaps
        gaps += 1
        await bus.publish(b"one")
        await bus.publish(b"two")

    async def on_message(payload: bytes) -> None:
        nonlocal messages
        messages += 1
        await asyncio.sleep(0.5)  # longer than the silence: the work itself, not a wait for anything
        if messages == 2:
            done.set()

    task = asyncio.create_task(bus.listen(keys.bus, on_message, on_gap))
    await done.wait()
    task.cancel()
    assert gaps == 1


@pytest.mark.parametrize("fails", ["on_message", "on_gap"])
async def test_a_callback_that_finds_the_store_away_is_told_of_a_gap_again(
    redis: Client, keys: Keys, fails: str
) -> None:
    bus = Bus(redis, keys)
    gaps = 0
    twice = asyncio.Event()

    async def on_gap() -> None:
        nonlocal gaps
        gaps += 1
        if gaps == 1 and fails == "on_gap":
            raise LiveDown("away")
        if gaps == 2:
            twice.set()
        await bus.publish(b"x")

    async def on_message(payload: bytes) -> None:
        if gaps == 1 and fails == "on_message":
            raise LiveDown("away")

    task = asyncio.create_task(bus.listen(keys.bus, on_message, on_gap))
    await twice.wait()
    task.cancel()


async def test_a_callback_with_a_bug_is_not_swallowed(redis: Client, keys: Keys) -> None:
    bus = Bus(redis, keys)

    async def on_gap() -> None:
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        await bus.listen(keys.bus, Heard().message, on_gap)


@pytest.mark.parametrize("send", [Bus.publish, Bus.wake])
async def test_a_payload_that_looks_like_a_beat_is_refused(
    redis: Client, keys: Keys, send: Callable[[Bus, bytes], Awaitable[None]]
) -> None:
    with pytest.raises(ValueError, match="zero byte"):
        await send(Bus(redis, keys), b"\x00x")


async def test_no_listener_leaves_a_connection_behind(redis: Client, keys: Keys, node: Client) -> None:
    async with listening(Bus(redis, keys), keys.bus):
        assert len(await node.client_list("pubsub")) == 1
    while await node.client_list("pubsub"):
        pass
