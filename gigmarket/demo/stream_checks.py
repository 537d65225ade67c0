"""The checker's second half: every stream replayed step by step, and what each client saw laid beside it."""

import sqlite3
from collections.abc import Iterator, Sequence
from itertools import pairwise
from typing import Any

import orjson

from gigmarket.demo.record import SNAPSHOT, Accept, ClientRecord, checksum

ALLOWED_S = 1.0
"""An accept counts as in time when it was sent this long before the offer ran out."""
LATE_S = 5.0
"""An event that a connected client does not hold this long after its time was lost."""
VACANT = {"cancelled_by_worker", "cancelled_by_employer", "no_show"}
WORKING = {"confirmed", "checked_in"}

Found = tuple[str, str]


def history_faults(connection: sqlite3.Connection) -> Iterator[Found]:
    """Replay each stream that is whole: at no moment, not only at the end, may a rule be broken."""
    heads = {row["id"]: row["headcount"] for row in connection.execute("SELECT id, headcount FROM gig")}
    rows = connection.execute(
        "SELECT principal, kind, data FROM event WHERE principal IN"
        " (SELECT principal FROM event GROUP BY principal HAVING min(seq) = 1) ORDER BY principal, seq"
    )
    replay: _WorkerReplay | _EmployerReplay | None = None
    for row in rows:
        principal = str(row["principal"])
        if replay is None or replay.principal != principal:
            replay = _replay_of(principal, heads)
        if replay is not None:
            yield from replay.step(row["kind"], orjson.loads(row["data"]))


class _WorkerReplay:
    """One worker's promises as they come and go."""

    def __init__(self, principal: str) -> None:
        self.principal = principal
        self._pending: set[str] = set()
        self._hours: dict[str, tuple[str, str]] = {}

    def step(self, kind: str, data: dict[str, Any]) -> Iterator[Found]:
        """Apply one event; yields what it breaks."""
        if kind == "offer.created":
            self._pending.add(data["offer"]["id"])
            if len(self._pending) > 1:
                yield "two_pending_offers", f"{self.principal} had {len(self._pending)} at once"
        elif kind == "offer.closed":
            self._pending.discard(data["offer"]["id"])
        elif kind.startswith("assignment."):
            yield from self._assigned(data["assignment"])

    def _assigned(self, assignment: dict[str, Any]) -> Iterator[Found]:
        item = assignment["id"]
        self._pending.discard(assignment["offer_id"])
        self._hours.pop(item, None)
        if assignment["status"] not in WORKING:
            return
        # Instants of one form (ISO 8601 in UTC) compare as text to the second.
        leaves, ends = assignment["leaves_at"][:19], assignment["gig"]["ends_at"][:19]
        for other, (from_, until) in self._hours.items():
            if leaves < until and from_ < ends:
                yield "overlapping_assignments", f"{self.principal} had {other} and {item} at once"
        self._hours[item] = (leaves, ends)


class _EmployerReplay:
    """The seats of one employer's gigs as they are reserved, taken and given back."""

    def __init__(self, principal: str, headcounts: dict[str, int]) -> None:
        self.principal = principal
        self._headcounts = headcounts
        self._seats: dict[str, dict[str, str]] = {}

    def step(self, kind: str, data: dict[str, Any]) -> Iterator[Found]:
        """Apply one event; yields what it breaks. A seat is known by its offer from offer to assignment."""
        if kind.startswith("offer."):
            offer = data["offer"]
            seats = self._seats.setdefault(offer["gig_id"], {})
            if kind == "offer.closed":
                seats.pop(offer["id"], None)
            else:
                seats[offer["id"]] = "offered"
                yield from self._full(offer["gig_id"], seats)
        elif kind.startswith("assignment."):
            assignment = data["assignment"]
            seats = self._seats.setdefault(assignment["gig_id"], {})
            if assignment["status"] in VACANT:
                seats.pop(assignment["offer_id"], None)
            else:
                seats[assignment["offer_id"]] = assignment["id"]
                yield from self._full(assignment["gig_id"], seats)

    def _full(self, gig: str, seats: dict[str, str]) -> Iterator[Found]:
        if len(seats) > self._headcounts.get(gig, 0):
            yield "overfilled_gig", f"{gig} had {len(seats)} seats taken at once"


def _replay_of(principal: str, headcounts: dict[str, int]) -> _WorkerReplay | _EmployerReplay | None:
    if principal.startswith("worker:"):
        return _WorkerReplay(principal)
    return _EmployerReplay(principal, headcounts) if principal.startswith("employer:") else None


def stream_faults(connection: sqlite3.Connection, clients: Sequence[ClientRecord]) -> Iterator[Found]:
    """Gaps and duplicates that a client saw, and events that differ from those in SQL or never came."""
    for client in clients:
        for fault in client.faults:
            yield "stream_" + fault.partition(":")[0], f"{client.principal} {fault}"
        for (before, _, _), (seq, kind, _) in pairwise(client.events):
            if kind != SNAPSHOT and seq != before + 1:
                yield ("stream_gap" if seq > before else "stream_duplicate"), f"{client.principal} at {seq}"
        yield from _compared(connection, client)


def _compared(connection: sqlite3.Connection, client: ClientRecord) -> Iterator[Found]:
    rows = connection.execute(
        "SELECT seq, kind, data, at FROM event WHERE principal = ? ORDER BY seq", (client.principal,)
    ).fetchall()
    stored = {row["seq"]: row for row in rows}
    oldest = rows[0]["seq"] if rows else 0
    for seq, kind, seen in client.events:
        # What the janitor has deleted can't be compared any more.
        if kind == SNAPSHOT or (rows and seq < oldest):
            continue
        row = stored.get(seq)
        if row is None or row["kind"] != kind or checksum(orjson.loads(row["data"])) != seen:
            yield "stream_content", f"{client.principal} saw another {kind} at {seq}"
    since, closed = client.connected_since, client.closed_at
    if since is None:
        return
    for row in rows:
        if row["seq"] > client.held and since < row["at"] / 1e6 < closed - LATE_S:
            yield "stream_lost", f"{client.principal} never got {row['kind']} at {row['seq']}"


def accept_faults(connection: sqlite3.Connection, clients: Sequence[ClientRecord]) -> Iterator[Found]:
    """Accepts that were refused although in time, and ones acknowledged of which SQL knows nothing."""
    for client in clients:
        for accept in client.accepts:
            yield from _accept_fault(connection, client.principal, accept)


def _accept_fault(connection: sqlite3.Connection, principal: str, accept: Accept) -> Iterator[Found]:
    if accept.outcome is None:
        return
    if accept.outcome == "ok":
        row = connection.execute(
            "SELECT offer_id, worker_id FROM assignment WHERE id = ?", (accept.assignment,)
        ).fetchone()
        if row is None or (row["offer_id"], f"worker:{row['worker_id']}") != (accept.offer, principal):
            yield "acknowledged_but_missing", f"{principal} offer {accept.offer}"
        return
    if accept.sent_at > accept.expires_at - ALLOWED_S:
        return
    row = connection.execute("SELECT status FROM offer WHERE id = ?", (accept.offer,)).fetchone()
    # Called off by the employer, or taken back because the worker stopped asking: the one honest refusal.
    if row is None or row["status"] != "withdrawn":
        yield "refused_in_time", f"{principal} offer {accept.offer}: {accept.outcome}"
