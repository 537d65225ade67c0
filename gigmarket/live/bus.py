"""The bus between processes: publish to all, and listen in a way that never loses a message unseen."""

import asyncio
import random
import secrets
from collections.abc import Awaitable, Callable
from contextlib import suppress
from typing import Any, NoReturn

from gigmarket.live.connection import Client, LiveDown, guard, lost
from gigmarket.live.keys import Keys

OnMessage = Callable[[bytes], Awaitable[None]]
OnGap = Callable[[], Awaitable[None]]

# No payload begins with it: they are JSON.
_BEAT = b"\x00"


class Bus:
    """At most once, like the pub/sub below it; whoever listens is told whenever something may be missing.

    `beat_s` is how often a listener sends itself a beat through the server, `silence_s` how long it
    waits for one before it takes the connection for lost (seconds).
    """

    def __init__(self, redis: Client, keys: Keys, *, beat_s: float = 1.0, silence_s: float = 3.0) -> None:
        self._redis = redis
        self._keys = keys
        self._beat_s = beat_s
        self._silence_s = silence_s

    async def publish(self, payload: bytes) -> None:
        """Send to every listener of `keys.bus`. Raises LiveDown; ValueError for a first byte of zero."""
        await self._send(self._keys.bus, payload)

    async def wake(self, payload: bytes) -> None:
        """Send to the dispatcher, who listens to `keys.wake`. Raises as `publish`."""
        await self._send(self._keys.wake, payload)

    async def moved(self, payload: bytes) -> None:
        """Send to the dispatcher, who listens to `keys.moves`. Raises as `publish`."""
        await self._send(self._keys.moves, payload)

    async def control(self, payload: bytes) -> None:
        """Send to every server process, which listen to `keys.control`. Raises as `publish`."""
        await self._send(self._keys.control, payload)

    async def listen(
        self,
        channel: str,
        on_message: OnMessage,
        on_gap: OnGap,
        on_loss: Callable[[], None] | None = None,
        pause_s: float = 0.0,
    ) -> NoReturn:
        """Hand on what is published on one of the bus's channels, in order, until cancelled.

        `on_gap` runs after every subscription, the first included, and when the bus fell silent: whatever was
        published before may be missing, everything after it comes. LiveDown from either callback counts as a
        loss of the connection; any other exception of theirs ends the listening. `on_loss` runs whenever
        nothing is heard any more until the next subscription. `pause_s`: who may hear a little later looks only
        so often whether something came, instead of being woken by each message.
        """
        backoff = _Backoff()
        while True:
            try:
                await self._follow(channel, on_message, on_gap, backoff, pause_s)
            except LiveDown:
                pass
            except _Silent:
                lost(f"bus {channel} silent for {self._silence_s:.1f} s")
                with suppress(LiveDown):
                    await on_gap()
            if on_loss is not None:
                on_loss()
            await backoff.wait()

    async def _send(self, channel: str, payload: bytes) -> None:
        if payload.startswith(_BEAT):
            raise ValueError("a payload must not begin with a zero byte: that is the bus's own beat")
        async with guard():
            await self._redis.publish(channel, payload)

    async def _follow(
        self, channel: str, on_message: OnMessage, on_gap: OnGap, backoff: "_Backoff", pause_s: float
    ) -> NoReturn:
        """One subscription until it is lost: LiveDown when it broke, _Silent when it only seems to live."""
        # A connection of its own, and reads with a time limit of their own: never `listen()`, which may end
        # or reconnect without a word.
        pubsub: Any = self._redis.pubsub(push_handler_func=_as_it_is)
        beat = _BEAT + secrets.token_bytes(8)
        beating: asyncio.Task[NoReturn] | None = None
        try:
            async with guard(), asyncio.timeout(self._silence_s):
                await self._redis.initialize()
                await pubsub.subscribe(channel)
            beating = asyncio.create_task(self._beat(channel, beat))
            silent = 0.0
            while True:
                message, waited = await self._next(pubsub, self._silence_s - silent, pause_s)
                silent += waited
                if message is not None and message["type"] == "subscribe":
                    await on_gap()
                elif message is not None and message["data"] == beat:
                    silent = 0.0
                    backoff.reset()
                elif message is not None and not message["data"].startswith(_BEAT):
                    await on_message(message["data"])
                if silent >= self._silence_s:
                    raise _Silent
        finally:
            if beating is not None:
                beating.cancel()
            with suppress(LiveDown):
                async with guard():
                    await pubsub.aclose()

    async def _next(self, pubsub: Any, limit_s: float, pause_s: float) -> tuple[Any, float]:
        """The next message, or None, and the seconds spent waiting: time spent in callbacks is no silence."""
        clock = asyncio.get_running_loop().time
        began = clock()
        async with guard():
            message = await pubsub.get_message(timeout=0.0 if pause_s else limit_s)
        if message is None and pause_s:
            await asyncio.sleep(pause_s)
        return message, clock() - began

    async def _beat(self, channel: str, beat: bytes) -> NoReturn:
        while True:
            with suppress(LiveDown):
                async with guard():
                    await self._redis.publish(channel, beat)
            await asyncio.sleep(self._beat_s)


async def _as_it_is(response: Any) -> Any:
    """Instead of the client's own, which writes out each message for a log: none may have it, and an event
    costs a tenth less.
    """
    return response


class _Silent(Exception):
    """The listener's own beats did not come back."""


class _Backoff:
    """Full jitter, from at most 0.05 s doubling to at most 2 s, back to the start once the bus is heard."""

    def __init__(self) -> None:
        self._tries = 0

    def reset(self) -> None:
        self._tries = 0

    async def wait(self) -> None:
        await asyncio.sleep(random.uniform(0, min(2.0, 0.05 * 2.0**self._tries)))  # noqa: S311 - no secret
        self._tries = min(self._tries + 1, 10)
