"""A market to break: a server behind proxies, a live store of its own, recorded phones, and a verdict."""

import asyncio
import json
import os
import random
import shutil
import signal
import sqlite3
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import AsyncExitStack, ExitStack, asynccontextmanager, contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

from sqlalchemy import update

from gigmarket.live.connection import connect
from gigmarket.live.embedded import EmbeddedValkey
from gigmarket.store.tables import TABLES
from gigmarket.store.transaction import Transaction
from tests.faults import checker
from tests.faults.history import History, read
from tests.faults.phone import Phone, final
from tests.faults.proxy import Filter, Proxy
from tests.serving import Person, Serving, place, serving, wait_until
from tests.talking import eventually, go_available, posting

HOURS_S = 6 * 3600
QUICK = {"phone_offer_s": 5, "extend_s": 2, "fresh_s": HOURS_S, "forget_s": HOURS_S}
"""Offers run out while a test looks on; people do not."""
PATIENT = {**QUICK, "phone_offer_s": HOURS_S, "extend_s": 60}
"""Offers wait for the test."""
OFFER = TABLES["offer"]


class LiveStore:
    """A Valkey that a test may kill, stop, erase and bring back as it was some time ago."""

    def __init__(self, folder: Path) -> None:
        self._valkey = EmbeddedValkey(folder)
        self._files = self._valkey.folder / "appendonlydir"
        self._kept = folder / "kept"
        self.url = self._valkey.start()

    @property
    def address(self) -> Path:
        """Its unix socket."""
        return Path(unquote(urlsplit(self.url).path))

    @property
    def pid(self) -> int:
        """Its process."""
        pid = self._valkey.pid
        assert pid is not None
        return pid

    def start(self) -> None:
        """Start again on whatever files there are."""
        self._valkey.start()

    def kill(self) -> None:
        """SIGKILL."""
        os.kill(self.pid, signal.SIGKILL)
        wait_until(lambda: not self._valkey.alive(), "the live store is dead")

    def empty(self) -> None:
        """Killed, and started again without its files."""
        self.kill()
        shutil.rmtree(self._files)
        self.start()

    def keep(self) -> None:
        """Copy its files as they are now."""
        shutil.copytree(self._files, self._kept, dirs_exist_ok=True)

    def older(self) -> None:
        """Killed, and started again from the files that were kept."""
        self.kill()
        shutil.rmtree(self._files)
        shutil.copytree(self._kept, self._files)
        self.start()

    async def flush(self) -> None:
        """FLUSHALL."""
        redis = connect(self.url)
        await redis.flushall()
        await redis.aclose()

    async def rewind(self, kept: dict[bytes, bytes]) -> None:
        """In one moment all is again as `dump` found it, and no connection is lost."""
        redis = connect(self.url)
        pipe: Any = redis.pipeline(transaction=True)
        pipe.flushall()
        for key, value in kept.items():
            pipe.restore(key, 0, value)
        await pipe.execute()
        await redis.aclose()

    async def dump(self) -> dict[bytes, bytes]:
        """Every key with its value, times to live left out."""
        redis = connect(self.url)
        found: dict[bytes, bytes] = {}
        async for key in redis.scan_iter(count=1000):
            value: Any = await redis.dump(key)
            if value is not None:
                found[key] = value
        await redis.aclose()
        return found

    def close(self) -> None:
        """End it."""
        self._valkey.stop()


@dataclass
class Market:
    """What a test of this folder has in hand. `clients` is the network of phones, `live_net` that between the
    server and the live store.
    """

    served: Serving
    clients: Proxy
    live: LiveStore
    live_net: Proxy
    history: History
    database: str
    rng: random.Random
    where: dict[str, object] = field(default_factory=place)
    kept: dict[bytes, bytes] = field(default_factory=dict)
    """The live store as some fault will set it back to."""
    others: list[str] = field(default_factory=list)
    """More servers' addresses."""

    def url(self) -> str:
        """Where a phone finds a server this time: behind the proxy, or any of the others."""
        return self.rng.choice([f"http://127.0.0.1:{self.clients.port}", *self.others])

    def phone(self, role: str, **changes: Any) -> Phone:
        """Somebody new with a phone."""
        return self.phone_of(self.served.person(role), **changes)

    def phone_of(self, person: Person, **changes: Any) -> Phone:
        """One more phone of somebody."""
        rng = random.Random(self.rng.random())
        return Phone(self.history, person, self.url, rng=rng, **changes)

    async def worker(self, **changes: Any) -> Phone:
        """A porter with a phone, available here."""
        phone = self.phone("worker", **changes)
        await go_available(self.served, phone.person, self.where)
        return phone

    def pids(self, name: str) -> list[int]:
        """The processes of this kind: server (all of them), dispatcher, relay, …"""
        return [pid for found, pid in self.served.children().items() if found.split("-")[0] == name]

    @asynccontextmanager
    async def online(self, *phones: Phone) -> AsyncIterator[None]:
        """Keep these phones' streams open; at the end each holds all there is, or the test fails."""
        async with AsyncExitStack() as streams:
            for phone in phones:
                await streams.enter_async_context(phone.streaming())
            yield
            await self.settled(*phones)

    async def settled(self, *phones: Phone, seconds: float = 60) -> None:
        """Until each of these phones is connected and holds its whole stream."""
        behind: list[str] = []

        async def whole() -> bool:
            heads = await asyncio.to_thread(self.heads)
            behind[:] = [
                f"{phone.person.principal} holds {phone.held} of {heads.get(phone.person.principal, 0)}"
                for phone in phones
                if not phone.connected or phone.held != heads.get(phone.person.principal, 0)
            ]
            return not behind

        try:
            await eventually(whole, "every phone holds its whole stream", seconds)
        except AssertionError as error:
            raise AssertionError(f"{error}: {'; '.join(behind)}") from None

    def heads(self) -> dict[str, int]:
        """The head of every stream, by a look of the test's own."""
        return dict(self.sql("SELECT principal, head FROM stream"))

    def run_out(self) -> None:
        """Every pending offer ends now, by the database's clock."""

        def end(tx: Transaction) -> None:
            pending = update(OFFER).where(OFFER.c.status == "pending")
            tx.connection.execute(pending.values(expires_at=tx.now()))

        self.served.store.transact_now(end)

    def sql(self, statement: str) -> list[Any]:
        """The rows of a query, by a connection of the test's own."""
        if self.database.startswith("postgresql"):
            import psycopg

            with psycopg.connect(self.database) as connection:
                return connection.execute(statement.encode()).fetchall()
        opened = sqlite3.connect(self.database, timeout=30)
        try:
            return opened.execute(statement).fetchall()
        finally:
            opened.close()

    def refused(self) -> list[Any]:
        """The statuses of attempts that were answered by 5xx or 429 so far."""
        tries = (record for record in read(self.history.path) if record["what"] == "try")
        return [r["status"] for r in tries if r["status"] is not None and not final(r["status"])]

    def judge(self, **limits: float) -> None:
        """The checker's verdict over everything so far."""
        found = checker.check(self.database, [self.history.path], **limits)
        lines = [line[:1000] for line in found[:20]]
        assert not found, "\n".join([*lines, f"history: {self.history.path}", self.served.text()[-3000:]])


@contextmanager
def market(
    folder: Path,
    rng: random.Random,
    policy: dict[str, Any] | None = None,
    filters: Callable[[], Filter] | None = None,
    /,
    **settings: str,
) -> Iterator[Market]:
    """A server on SQLite, unless GIGMARKET_DATABASE_URL is among the settings, with all around it; `filters`
    stand on the way from the live store.
    """
    with ExitStack() as opened:
        live = LiveStore(folder / "live")
        opened.callback(live.close)
        live_net = opened.enter_context(Proxy(live.address))
        live_net.filters = filters
        settings = {
            "GIGMARKET_REDIS_URL": f"redis://127.0.0.1:{live_net.port}",
            "GIGMARKET_POLICY": json.dumps(policy or QUICK),
            **settings,
        }
        served = opened.enter_context(serving(folder, **settings))
        host, port = urlsplit(served.url).hostname, urlsplit(served.url).port
        assert host is not None
        assert port is not None
        clients = opened.enter_context(Proxy((host, port)))
        history = opened.enter_context(History(folder / "history.jsonl"))
        database = settings.get("GIGMARKET_DATABASE_URL", str(served.data / "gigmarket.db"))
        yield Market(served, clients, live, live_net, history, database, rng)
        # A stopped process would not hear the end.
        for pid in [*served.children().values(), live.pid]:
            os.kill(pid, signal.SIGCONT)


class Rush:
    """Employers post and call off, workers accept, decline, think it over or forget: by chance."""

    def __init__(
        self,
        market: Market,
        employers: int = 2,
        workers: int = 6,
        pause_s: float = 0.25,
        patience_s: float = 8.0,
    ) -> None:
        self.market = market
        self._patience_s = patience_s
        self._pause_s = pause_s
        self._rng = random.Random(market.rng.random())
        self.employers = [market.phone("employer", patience_s=patience_s) for _ in range(employers)]
        self.workers: list[Phone] = []
        self._count = workers
        self._seen: set[str] = set()
        self._acts: set[asyncio.Task[Any]] = set()
        self._posted = 0
        self._stopping = False

    @property
    def phones(self) -> list[Phone]:
        """Everybody."""
        return [*self.employers, *self.workers]

    @asynccontextmanager
    async def going(self) -> AsyncIterator["Rush"]:
        """The rush is on within the block; then all finish what they began and hold their whole streams."""
        self.workers = [await self.market.worker(patience_s=self._patience_s) for _ in range(self._count)]
        async with self.market.online(*self.phones):
            posting = [asyncio.create_task(self._post(employer)) for employer in self.employers]
            answering = [asyncio.create_task(self._answer(worker)) for worker in self.workers]
            yield self
            self._stopping = True
            await asyncio.gather(*posting)
            for task in answering:
                task.cancel()
            while self._acts:
                await asyncio.wait(self._acts)

    async def assigned(self, more: int, seconds: float = 60) -> None:
        """Wait until so many more are assigned: the market works."""
        before = self._assignments()

        async def enough() -> bool:
            return await asyncio.to_thread(self._assignments) >= before + more

        await eventually(enough, f"{more} more are assigned", seconds)

    def _assignments(self) -> int:
        ((found,),) = self.market.sql("SELECT count(*) FROM assignment")
        return int(found)

    async def _post(self, employer: Phone) -> None:
        while not self._stopping:
            self._posted += 1
            answer = await employer.act("gig.post", self._gig(self._posted))
            if answer.ok and self._rng.random() < 0.1:
                self._do(self._cancel(employer, answer.body["id"]))
            await asyncio.sleep(self._pause_s * 2 * self._rng.random())

    def _gig(self, number: int) -> dict[str, Any]:
        """An hour's work, at other hours than any before, so that everybody is free for it."""
        begins = datetime.now(UTC) + timedelta(hours=3 + 3 * (number % 200))
        hours = {"starts_at": begins.isoformat(), "ends_at": (begins + timedelta(hours=1)).isoformat()}
        return posting(self.market.where, headcount=self._rng.randint(1, 3), **hours)

    async def _cancel(self, employer: Phone, gig: str) -> None:
        await asyncio.sleep(self._rng.random())
        await employer.act("gig.cancel", {"gig_id": gig})

    async def _answer(self, worker: Phone) -> None:
        while True:
            pending = [event["data"]["offer"] for event in worker.events if event["kind"] == "offer.created"]
            for offer in [*pending, *worker.state["offers"]]:
                if offer["id"] not in self._seen:
                    self._seen.add(offer["id"])
                    self._do(self._decide(worker, offer["id"]))
            worker.changed.clear()
            await worker.changed.wait()

    async def _decide(self, worker: Phone, offer: str) -> None:
        await asyncio.sleep(self._rng.random() * 0.2)
        chance = self._rng.random()
        act = partial(worker.act, args={"offer_id": offer})
        if chance < 0.1:
            await act("offer.extend")
        if chance < 0.8:
            await act("offer.accept")
        elif chance < 0.95:
            await act("offer.decline")

    def _do(self, work: Any) -> None:
        task = asyncio.create_task(work)
        self._acts.add(task)
        task.add_done_callback(self._acts.discard)
