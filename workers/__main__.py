"""`python -m workers NAME`: one background process, or `all` of them in one."""

import asyncio
import logging
import os
import sys
from collections.abc import Callable
from importlib import import_module

from gigmarket.domain.geo import Mode
from gigmarket.process import die_with_parent, start_logging
from gigmarket.services.market import Market
from gigmarket.settings import Settings, unknown
from workers.loop import Body, run

log = logging.getLogger("gigmarket.worker")

NAMES = ("dispatcher", "relay", "expirer", "janitor")


def body_of(name: str) -> Body:
    """The body of one process, or of all together. Raises SystemExit for an unknown name."""
    if name == "all":
        return _all
    if name not in NAMES:
        raise SystemExit(f"unknown worker {name!r}: one of {', '.join(NAMES)}, all")
    main: Body = import_module(f"workers.{name}").main
    return main


async def _all(market: Market, stop: asyncio.Event) -> None:
    async with asyncio.TaskGroup() as tasks:
        for name in NAMES:
            tasks.create_task(_named(body_of(name), market, stop))


async def _named(body: Body, market: Market, stop: asyncio.Event) -> None:
    try:
        await body(market, stop)
    finally:
        stop.set()


def main(name: str, settings: Settings) -> None:
    """Run one background process until it is told to stop."""
    start_logging(name)
    die_with_parent()
    # A supervisor has told it already.
    if "GIGMARKET_SUPERVISOR" not in os.environ and (told := unknown(os.environ)) is not None:
        log.warning("%s", told)
    with asyncio.Runner(loop_factory=_loop_factory()) as runner:
        # Only who matches asks for travel times, and then by every mode from the first round on.
        runner.run(run(body_of(name), settings, tuple(Mode) if name in ("dispatcher", "all") else None))


def _loop_factory() -> Callable[[], asyncio.AbstractEventLoop] | None:
    if sys.platform == "win32":
        return None
    import uvloop

    return uvloop.new_event_loop


if __name__ == "__main__":
    if len(sys.argv) != 2:
        raise SystemExit(f"usage: python -m workers {'|'.join((*NAMES, 'all'))}")
    os.umask(0o077)
    main(sys.argv[1], Settings())
