"""`python -m gigmarket.demo.people`: every simulated person of the demo, in one process of their own.

Reads its orders as one JSON object on stdin, writes its counters as JSON lines on stdout, and at the end
(SIGTERM, or the seconds are over) what each client saw into a file for the checker.
"""

import asyncio
import contextlib
import logging
import os
import random
import signal
import sqlite3
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx2
import orjson

from gigmarket.demo import record
from gigmarket.demo.city import City, Population
from gigmarket.demo.desk import Desk
from gigmarket.demo.employer_client import EmployerClient
from gigmarket.demo.enrolment import Ticket, enrol
from gigmarket.demo.witness import Witness
from gigmarket.demo.worker_client import WorkerClient
from gigmarket.process import collect_the_young, die_with_parent, start_logging
from gigmarket.services.rules import Rules
from gigmarket.settings import Settings
from gigmarket.store.database import Store

log = logging.getLogger("gigmarket.demo")

REPORT_S = 0.5
FINISH_S = 3.0
"""How long requests under way may take to be answered when the demo ends."""
QUIET_S = 0.7
"""Then the events they caused get this long to arrive."""
LAST_ANSWERS_S = 8.0
"""Nothing is posted in this last part of a limited run, so that what was posted can be answered."""


@dataclass(frozen=True, slots=True)
class Orders:
    """What the show tells the people: where the server is, who they are, how long, where the record goes."""

    address: str
    workers: int
    gigs_per_minute: float
    seed: int
    roads: str | None
    seconds: float | None
    record: str

    def population(self) -> Population:
        """Who is to live here."""
        return Population(
            self.workers, self.gigs_per_minute, self.seed, Path(self.roads) if self.roads else None
        )


async def main(orders: Orders, city: City, workers: Sequence[Ticket], employers: Sequence[Ticket]) -> None:
    """Live until told to stop, then finish what is under way and leave the record."""
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stop.set)
    limits = httpx2.Limits(max_connections=64, max_keepalive_connections=64, keepalive_expiry=20)
    async with httpx2.AsyncClient(
        base_url=orders.address, limits=limits, timeout=httpx2.Timeout(15, pool=60), trust_env=False
    ) as http:
        labourers: list[WorkerClient] = []
        desk = Desk(
            address=orders.address,
            http=http,
            rng=random.Random(orders.seed),
            supplied=lambda gig: any(person.could_take(gig) for person in labourers),
            visitors_code=_read_code,
        )
        labourers += [WorkerClient(desk, *one) for one in zip(city.labourers, workers, strict=True)]
        firms = [EmployerClient(desk, city, *one) for one in zip(city.firms, employers, strict=True)]
        lives = [loop.create_task(desk.quietly(person.live())) for person in firms]
        lives += [loop.create_task(desk.quietly(person.live())) for person in labourers]
        lives.append(loop.create_task(desk.quietly(_post(desk, firms, orders))))
        lives.append(loop.create_task(_report(desk, labourers)))
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(orders.seconds):
                await stop.wait()
        witnesses = [*(person.witness for person in labourers), *(firm.witness for firm in firms)]
        await _finish(desk, witnesses, Path(orders.record))
        for task in lives:
            task.cancel()
        await asyncio.gather(*lives, return_exceptions=True)


async def _post(desk: Desk, firms: Sequence[EmployerClient], orders: Orders) -> None:
    """Gigs as a Poisson process."""
    tail_s = min(LAST_ANSWERS_S, (orders.seconds or 0.0) / 4)
    until = time.monotonic() + orders.seconds - tail_s if orders.seconds else float("inf")
    due = time.monotonic()
    while (due := due + desk.rng.expovariate(orders.gigs_per_minute / 60)) < until:
        # Against the clock, so that a busy machine posts late but not fewer.
        await asyncio.sleep(due - time.monotonic())
        desk.spawn(desk.rng.choice(firms).post())


async def _report(desk: Desk, labourers: Sequence[WorkerClient]) -> None:
    while True:
        await asyncio.sleep(REPORT_S)
        _say(
            {
                **desk.tally.summary(),
                "arrived": sum(person.wants for person in labourers),
                "available": sum(person.available() for person in labourers),
                "offers_per_s": desk.tally.offers_per_s(time.monotonic()),
                "recent": list(desk.tally.recent),
            }
        )


def _say(line: dict[str, Any]) -> None:
    sys.stdout.buffer.write(orjson.dumps(line) + b"\n")
    sys.stdout.buffer.flush()


async def _finish(desk: Desk, witnesses: Sequence[Witness], path: Path) -> None:
    """Begin nothing more, let requests and their events arrive, write what was seen, then hang up."""
    desk.closing = True
    try:
        async with asyncio.timeout(FINISH_S):
            await desk.idle.wait()
    except TimeoutError:
        log.warning("%d requests had no answer %.0f s after the end", desk.in_flight, FINISH_S)
    await asyncio.sleep(QUIET_S)
    summary = desk.tally.summary()
    for witness in witnesses:
        witness.record.closed_at = time.time()
    record.write(path, summary, [witness.record for witness in witnesses])
    with contextlib.suppress(TimeoutError):
        async with asyncio.timeout(FINISH_S):
            await asyncio.gather(*(witness.close() for witness in witnesses), return_exceptions=True)


def _enter(settings: Settings, city: City) -> tuple[list[Ticket], list[Ticket]]:
    store = Store(settings.the_database_url())
    try:
        rules = Rules(settings.city, settings.the_policy())
        return store.transact_now(enrol, rules, city.labourers, city.firms).value
    finally:
        store.close()


def _read_code(gig_id: str) -> str | None:
    database = (Settings().data / "gigmarket.db").resolve()
    with contextlib.closing(sqlite3.connect(f"{database.as_uri()}?mode=ro", uri=True)) as connection:
        row = connection.execute("SELECT site_code FROM gig WHERE id = ?", (gig_id,)).fetchone()
    return str(row[0]) if row else None


def run() -> None:
    """Read the orders, enter everyone, live."""
    start_logging("people")
    os.umask(0o077)
    logging.getLogger("httpx2").setLevel(logging.WARNING)
    die_with_parent()
    orders = Orders(**orjson.loads(sys.stdin.buffer.readline()))
    city = City(orders.population())
    workers, employers = _enter(Settings(), city)
    # A collection of a thousand clients' objects would stand in the latencies as a pause of the server.
    collect_the_young()
    with asyncio.Runner(loop_factory=_loop()) as runner:
        runner.run(main(orders, city, workers, employers))


def _loop() -> Any:
    if sys.platform == "win32":
        return None
    import uvloop

    return uvloop.new_event_loop


if __name__ == "__main__":
    run()
