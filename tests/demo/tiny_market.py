"""A tiny market made by the real services, and a copy of it that can be made to lie."""

import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

import orjson

from gigmarket.demo.record import Accept, ClientRecord, checksum
from gigmarket.domain.actor import Actor
from gigmarket.domain.geo import Mode, Position
from gigmarket.domain.gig import Draft, Site, Wage, WageUnit
from gigmarket.domain.ids import AssignmentId, EmployerId, GigId, OfferId, Role, WorkerId
from gigmarket.domain.matching import Proposal
from gigmarket.services import accounts, assignments, gigs, offers, presence
from gigmarket.services.claims import claim
from gigmarket.services.rules import Rules
from gigmarket.store import schema
from gigmarket.store.database import Store
from gigmarket.store.engine import sqlite_url
from gigmarket.store.transaction import Transaction
from gigmarket.wire.people import ProfileIn

SITE = Position(28.06, 115.55)
RULES = Rules()


@dataclass(frozen=True)
class TinyMarket:
    """One gig of two seats with a settled and a confirmed worker, one of one seat with a pending offer."""

    database: Path
    employer: EmployerId
    settled: WorkerId
    confirmed: WorkerId
    offered: WorkerId
    double: GigId
    single: GigId

    def doctored(self, folder: Path, *statements: str) -> Path:
        """A copy whose schema has no constraints, after these statements; `:name` is one of the ids above."""
        path = folder / "doctored.db"
        with closing(sqlite3.connect(path, isolation_level=None)) as copy:
            copy.execute("ATTACH ? AS original", (str(self.database),))
            tables = copy.execute("SELECT name FROM original.sqlite_master WHERE type = 'table'").fetchall()
            for (table,) in tables:
                copy.execute(f"CREATE TABLE main.{table} AS SELECT * FROM original.{table}")
            names = {name: getattr(self, name) for name in self.__dataclass_fields__ if name != "database"}
            for statement in statements:
                changed = copy.execute(statement, {**names, "streams": f"employer:{self.employer}"})
                assert changed.rowcount > 0, f"nothing was doctored by {statement}"
        return path

    def seen_by(self, principal: str) -> ClientRecord:
        """What an honest client of this stream saw, accepts included."""
        with closing(sqlite3.connect(self.database)) as connection:
            rows = connection.execute(
                "SELECT seq, kind, data FROM event WHERE principal = ? ORDER BY seq", (principal,)
            ).fetchall()
            accepted = connection.execute(
                "SELECT offer.id, expires_at, answered_at, assignment.id FROM offer"
                " JOIN assignment ON offer_id = offer.id WHERE 'worker:' || offer.worker_id = ?",
                (principal,),
            ).fetchall()
        seen = ClientRecord(principal, held=len(rows), connected_since=1.0, closed_at=4e9)
        seen.events.extend((seq, kind, checksum(orjson.loads(data))) for seq, kind, data in rows)
        for offer, expires_at, answered_at, assignment in accepted:
            seen.accepts.append(Accept(offer, expires_at / 1e6, answered_at / 1e6, "ok", assignment))
        return seen


@contextmanager
def _opened(path: Path) -> Iterator[Store]:
    store = Store(sqlite_url(path))
    schema.migrate(store.engine)
    try:
        yield store
    finally:
        store.close()


def tiny_market(path: Path) -> TinyMarket:
    """Make it in this file, through the services that the server uses."""
    with _opened(path) as store:
        return store.transact_now(_grow, path).value


def _grow(tx: Transaction, path: Path) -> TinyMarket:
    employer = EmployerId(accounts.find_or_create(tx, RULES, Role.EMPLOYER, "药都物流", "13700000001").id)
    settled, confirmed, offered = (_worker(tx, number) for number in range(3))
    double, single = _gig(tx, employer, 2), _gig(tx, employer, 1)
    token = tx.fence.take(RULES.city, "test")
    wanted = [Proposal(double, settled, 300, 0.0), Proposal(double, confirmed, 300, 0.0)]
    claim(tx, RULES, token, [*wanted, Proposal(single, offered, 300, 0.0)])
    done = _accept(tx, settled)
    _accept(tx, confirmed)
    assignments.check_in(tx, RULES, settled, done, tx.gigs.get_many([double])[double].site_code)
    assignments.check_out(tx, RULES, settled, done)
    assignments.settle(tx, RULES, employer, done, 18_000, "")
    assignments.confirm(tx, RULES, settled, done)
    return TinyMarket(path, employer, settled, confirmed, offered, double, single)


def _worker(tx: Transaction, number: int) -> WorkerId:
    account = accounts.find_or_create(tx, RULES, Role.WORKER, f"张{number}", f"1390000000{number}")
    worker = WorkerId(account.id)
    presence.set_profile(tx, worker, ProfileIn(trades=["porter"], mode=Mode.EBIKE))
    presence.go_available(tx, Actor(account.id, Role.WORKER, "session"), SITE, None, in_hall=False)
    return worker


def _gig(tx: Transaction, employer: EmployerId, headcount: int) -> GigId:
    starts_at = tx.now() + timedelta(hours=1)
    draft = Draft(
        title="搬运药材",
        trade="porter",
        headcount=headcount,
        site=Site(SITE, "药都大道 1 号"),
        starts_at=starts_at,
        ends_at=starts_at + timedelta(hours=4),
        wage=Wage(18_000, WageUnit.DAY),
    )
    return GigId(gigs.post(tx, RULES, employer, draft).id)


def _accept(tx: Transaction, worker: WorkerId) -> AssignmentId:
    pending = tx.offers.pending_of([worker])[worker]
    return AssignmentId(offers.accept(tx, RULES, worker, OfferId(pending.id)).assignment.id)
