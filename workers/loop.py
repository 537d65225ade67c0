"""What every background process shares: a market of its own, a stop signal, patience with its stores."""

import asyncio
import signal
from collections.abc import Awaitable, Callable

from gigmarket.bootstrap import open_market
from gigmarket.domain.errors import Unavailable
from gigmarket.domain.geo import Mode
from gigmarket.live.connection import LiveDown
from gigmarket.process import collect_the_young
from gigmarket.services.market import Market
from gigmarket.settings import Settings

Body = Callable[[Market, asyncio.Event], Awaitable[None]]
Step = Callable[[Market], Awaitable[None]]


async def run(body: Body, settings: Settings, modes: tuple[Mode, ...] | None) -> None:
    """Run a process's body with its own market until SIGTERM or SIGINT, then close everything."""
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stop.set)
    market = open_market(settings, modes, inline=True)
    collect_the_young()
    try:
        await body(market, stop)
    finally:
        await market.close()


async def every(market: Market, stop: asyncio.Event, pause_s: float, step: Step) -> None:
    """Take a step, wait `pause_s` seconds, and so on until stopped.

    A store that is away costs a longer pause, and has told the log itself; any other error ends the process,
    and the supervisor starts it anew.
    """
    failures = 0
    while not stop.is_set():
        try:
            await step(market)
            failures = 0
        except (LiveDown, Unavailable):
            failures += 1
        await pause(stop, min(pause_s * 2**failures, max(pause_s, 5.0)))


async def pause(stop: asyncio.Event, seconds: float) -> None:
    """Wait, but not past a stop."""
    try:
        async with asyncio.timeout(seconds):
            await stop.wait()
    except TimeoutError:
        return
