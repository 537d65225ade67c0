"""Decides from the clients' histories and the database alone whether anything was lost, doubled or made up.

`python -m tests.faults.checker DATABASE HISTORY...` checks by hand. It shares no code with the server: it has
its own reading of SQL (`book`) and its own model of an offer (`linear`).
"""

import json
import sys
from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise
from pathlib import Path
from typing import Any

from tests.faults import book as books
from tests.faults import history as histories
from tests.faults.book import Book, Row
from tests.faults.history import Record
from tests.faults.linear import Op, linear, merged

VACATED = {"cancelled_by_worker", "cancelled_by_employer", "no_show"}
WORKING = {"confirmed", "checked_in"}
OFFER_OPS = {"offer.accept": "accept", "offer.decline": "decline", "offer.extend": "extend"}


@dataclass(frozen=True)
class Evidence:
    """Everything a rule may look at. `slack_s`: how far apart the clocks of clients and server may be;
    `late_s`: how long an event may take to a client that listens.
    """

    book: Book
    records: Sequence[Record]
    slack_s: float = 0.005
    late_s: float = 30.0

    @cached_property
    def operations(self) -> list["Operation"]:
        """Every operation with what became of it."""
        begun = {record["id"]: record for record in self.records if record["what"] == "invoke"}
        ends = {r["id"]: r for r in self.records if r["what"] in ("ok", "fail", "info")}
        return [Operation(record, ends.get(number)) for number, record in begun.items()]

    @cached_property
    def monotonic(self) -> float:
        """What to add to seconds since 1970 to get the histories' monotonic seconds."""
        first = self.records[0]
        return float(first["at"] - first["wall"])

    @cached_property
    def events(self) -> dict[tuple[str, int], Row]:
        """SQL's events by principal and seq."""
        return {(row["principal"], row["seq"]): row for row in self.book.event}

    def clients(self) -> dict[int, list[Record]]:
        """What each client's sockets brought, in order."""
        found: dict[int, list[Record]] = defaultdict(list)
        for record in self.records:
            if record["what"] in ("welcome", "snapshot", "event", "closed", "left"):
                found[record["client"]].append(record)
        return found


@dataclass(frozen=True)
class Operation:
    """An operation as its client saw it."""

    begun: Record
    ended: Record | None

    @property
    def name(self) -> str:
        return str(self.begun["op"])

    @property
    def args(self) -> dict[str, Any]:
        args: dict[str, Any] = self.begun["args"]
        return args

    @property
    def account(self) -> str:
        return str(self.begun["principal"]).partition(":")[2]

    @property
    def outcome(self) -> str:
        """ok, fail or info; a client that ended without a word does not know either."""
        return "info" if self.ended is None else str(self.ended["what"])

    @property
    def result(self) -> Any:
        return self.ended["result"] if self.ended is not None and self.outcome == "ok" else None

    @property
    def code(self) -> str:
        """The code of a refusal."""
        assert self.ended is not None
        return str(self.ended["problem"]["type"]).removeprefix("/problems/")

    def __str__(self) -> str:
        return f"{self.begun['principal']} {self.name} {json.dumps(self.args)} [{self.begun['key']}]"


def check(database: str | Path, paths: Sequence[Path], **limits: float) -> list[str]:
    """Every violation found, each as one line; none is what must hold."""
    records = [record for path in paths for record in histories.read(path)]
    return violations(Evidence(books.read(database), records, **limits))


def violations(evidence: Evidence) -> list[str]:
    """The same from what was read already."""
    return [f"{rule.__name__}: {found}" for rule in RULES for found in rule(evidence)]


def acknowledged_is_present(evidence: Evidence) -> Iterator[str]:
    """What a client was told has happened stands in SQL."""
    book = evidence.book
    gigs, offers = ({row["id"]: row for row in rows} for rows in (book.gig, book.offer))
    seats = {row["id"]: row for row in book.assignment}
    for op in evidence.operations:
        if op.outcome != "ok":
            continue
        if op.name == "offer.accept":
            told = op.result["assignment"]
            row = seats.get(told["id"])
            if row is None or (row["offer_id"], row["worker_id"]) != (op.args["offer_id"], op.account):
                yield f"{op} was told assignment {told['id']}, SQL has {row}"
        elif op.name == "offer.decline" and offers[op.args["offer_id"]]["status"] != "declined":
            yield f"{op} was accepted, SQL has {offers[op.args['offer_id']]['status']}"
        elif op.name == "gig.post":
            row = gigs.get(op.result["id"])
            if row is None or row["employer_id"] != op.account:
                yield f"{op} was told gig {op.result['id']}, SQL has {row}"
        elif op.name == "gig.cancel" and gigs[op.args["gig_id"]]["status"] != "cancelled":
            yield f"{op} was acknowledged, SQL has {gigs[op.args['gig_id']]['status']}"


def seats_are_not_overfilled(evidence: Evidence) -> Iterator[str]:
    """Never more assignments than headcount, and the gig's own counts are right."""
    book = evidence.book
    filled = Counter(row["gig_id"] for row in book.assignment if row["status"] not in VACATED)
    reserved = Counter(row["gig_id"] for row in book.offer if row["status"] == "pending")
    for gig in book.gig:
        counts = filled[gig["id"]], reserved[gig["id"]]
        if sum(counts) > gig["headcount"]:
            yield f"gig {gig['id']} has {counts} of {gig['headcount']} seats"
        if (gig["filled"], gig["reserved"]) != counts:
            yield f"gig {gig['id']} counts {gig['filled']}, {gig['reserved']}, its rows are {counts}"


def nobody_is_in_two_places(evidence: Evidence) -> Iterator[str]:
    """No two working assignments of one worker overlap."""
    by_worker: dict[str, list[Row]] = defaultdict(list)
    for row in evidence.book.assignment:
        if row["status"] not in VACATED:
            by_worker[row["worker_id"]].append(row)
    for worker, rows in by_worker.items():
        rows.sort(key=lambda row: row["busy_from"])
        for first, second in pairwise(rows):
            if first["busy_until"] > second["busy_from"] and {first["status"], second["status"]} <= WORKING:
                yield f"worker {worker} has {first['id']} and {second['id']} at once"


def offers_and_assignments_agree(evidence: Evidence) -> Iterator[str]:
    """One assignment per accepted offer and none for any other; one pending offer per worker."""
    book = evidence.book
    taken = Counter(row["offer_id"] for row in book.assignment)
    statuses = {row["id"]: row["status"] for row in book.offer}
    for offer, count in taken.items():
        if count > 1 or statuses.get(offer) != "accepted":
            yield f"offer {offer} is {statuses.get(offer)} and has {count} assignments"
    for offer, status in statuses.items():
        if status == "accepted" and not taken[offer]:
            yield f"offer {offer} was accepted and has no assignment"
    pending = Counter(row["worker_id"] for row in book.offer if row["status"] == "pending")
    yield from (f"worker {worker} has {count} pending offers" for worker, count in pending.items() if count > 1)


def crews_stay_whole(evidence: Evidence) -> Iterator[str]:
    """A crew is asked whole or not at all, and goes so."""
    asked: dict[tuple[Any, ...], list[Row]] = defaultdict(list)
    for row in evidence.book.offer:
        if row["crew_id"] is not None:
            asked[_visit(row)].append(row)
    for (crew, gig, _), rows in asked.items():
        statuses = Counter(row["status"] for row in rows)
        whole = {row["crew_size"] for row in rows} == {len(rows)}
        if not whole or any(0 < statuses[each] < len(rows) for each in ("accepted", "pending")):
            yield f"crew {crew} and gig {gig}: {dict(statuses)} of {rows[0]['crew_size']}"


def _visit(offer: Row) -> tuple[Any, ...]:
    """What the offers to a crew have in common."""
    return offer["crew_id"], offer["gig_id"], offer["created_at"]


def streams_are_whole(evidence: Evidence) -> Iterator[str]:
    """The head of each stream is the number of its events, and their seqs count by one."""
    seqs: dict[str, list[int]] = defaultdict(list)
    for row in evidence.book.event:
        seqs[row["principal"]].append(row["seq"])
    heads = {row["principal"]: row["head"] for row in evidence.book.stream}
    for principal in sorted(seqs.keys() | heads.keys()):
        found, head = sorted(seqs[principal]), heads.get(principal, 0)
        if found != list(range(1, head + 1)):
            yield f"{principal} has head {head} and {len(found)} events up to {found[-1:]}"


def events_arrive_once(evidence: Evidence) -> Iterator[str]:
    """Each client got each event once, in order, without a gap unless a snapshot lies between; and all of them
    by the time it left, but for those of the last moments.
    """
    newest: dict[str, list[Row]] = defaultdict(list)
    for row in evidence.book.event:
        newest[row["principal"]].append(row)
    for client, records in evidence.clients().items():
        held, socket = None, None
        for record in records:
            name = f"client {client} of {record['principal']}"
            match record["what"]:
                case "welcome":
                    socket = record["socket"]
                    if record["resumed"] and (held is None or record["asked"] != held):
                        yield f"{name} was resumed from {record['asked']} and holds {held}"
                case "snapshot":
                    held = record["seq"]
                case "event":
                    if record["socket"] != socket or held is None or record["seq"] != held + 1:
                        yield f"{name} got event {record['seq']} on socket {record['socket']} after {held}"
                    held = max(held or 0, record["seq"])
                case "left":
                    due = [
                        row["seq"]
                        for row in newest[record["principal"]]
                        if row["at"] < record["wall"] - evidence.late_s
                    ]
                    if due and max(due) > (held or 0):
                        yield f"{name} left with {held}, {max(due)} was due"


def events_say_what_sql_says(evidence: Evidence) -> Iterator[str]:
    """An event that was delivered is the one that was committed, and does not come from the future."""
    for record in evidence.records:
        if record["what"] == "event":
            row = evidence.events.get((record["principal"], record["seq"]))
            if row is None or (row["kind"], json.loads(row["data"])) != (record["kind"], record["data"]):
                yield f"{record['principal']} got {record['seq']} {record['kind']}, SQL has {row}"
            elif row["at"] > record["wall"] + evidence.slack_s:
                yield f"{record['principal']} got {record['seq']} at {record['wall']}, SQL says {row['at']}"


def snapshots_are_the_sum_of_events(evidence: Evidence) -> Iterator[str]:
    """A worker's snapshot holds the offers and assignments that the events up to its seq leave."""
    for record in evidence.records:
        if record["what"] != "snapshot" or not record["principal"].startswith("worker:"):
            continue
        offers: dict[str, Any] = {}
        seats: set[str] = set()
        for seq in range(1, record["seq"] + 1):
            row = evidence.events.get((record["principal"], seq))
            if row is None:
                break
            data = json.loads(row["data"])
            if row["kind"].startswith("offer."):
                offers[data["offer"]["id"]] = data["offer"]["status"]
            elif row["kind"].startswith("assignment."):
                seats.add(data["assignment"]["id"])
                offers[data["assignment"]["offer_id"]] = "accepted"
        pending = {offer for offer, status in offers.items() if status == "pending"}
        shown = {offer["id"] for offer in record["state"]["offers"]}
        held = {seat["id"] for seat in record["state"]["assignments"]}
        if (pending, seats) != (shown, held):
            yield f"{record['principal']} at {record['seq']}: {shown} {held} instead of {pending} {seats}"


def offers_are_linear(evidence: Evidence) -> Iterator[str]:
    """The answers about each offer have an order, the clock's and the database's final word included."""
    about: dict[str, list[tuple[Any, Op]]] = defaultdict(list)
    cancels: dict[str, list[tuple[Any, Op]]] = defaultdict(list)
    crews: dict[tuple[Any, ...], list[str]] = defaultdict(list)
    for row in evidence.book.offer:
        crews[_visit(row)].append(row["id"])
    visits = {row["id"]: crews[_visit(row)] for row in evidence.book.offer if row["crew_id"] is not None}
    for op in evidence.operations:
        key = (op.account, op.begun["key"])
        if op.name in OFFER_OPS:
            # What a crew's leader accepts is accepted for all.
            for_all = op.name == "offer.accept" and op.outcome != "fail"
            for offer_id in visits.get(op.args["offer_id"], ()) if for_all else ():
                if offer_id != op.args["offer_id"]:
                    about[offer_id].append((key, _op("accept", op)))
            about[op.args["offer_id"]].append((key, _op(OFFER_OPS[op.name], op)))
        elif op.name == "gig.cancel" and op.outcome != "fail":
            cancels[op.args["gig_id"]].append((key, _op("cancel", op)))
    for offer in evidence.book.offer:
        ops = merged([*about[offer["id"]], *cancels[offer["gig_id"]]])
        ends = offer["expires_at"] + evidence.monotonic
        last = max((op.ended for op in ops if not op.optional), default=ends)
        read = max(last, ends + evidence.slack_s, evidence.records[-1]["at"]) + 1
        if offer["status"] == "expired" or ends + evidence.slack_s < evidence.records[-1]["at"]:
            ops.append(Op("expire", ends - evidence.slack_s, ends + evidence.slack_s))
        if offer["status"] == "withdrawn":
            ops.append(Op("withdraw", 0.0))
        if offer["status"] != "pending":
            ops.append(Op("read", read, read, offer["status"]))
        if not linear(ops):
            told = "; ".join(f"{op.name} {op.begun:.3f}–{op.ended:.3f} → {op.answer}" for op in ops)
            yield f"offer {offer['id']} ({offer['status']}) has no order: {told}"


def _op(name: str, op: Operation) -> Op:
    begun = op.begun["at"]
    if op.outcome == "info":
        return Op(name, begun)
    assert op.ended is not None
    if op.outcome == "fail":
        return Op(name, begun, op.ended["at"], op.code, refused=True)
    answer = op.result["assignment"]["id"] if name == "accept" else None
    return Op(name, begun, op.ended["at"], answer)


def offers_live_their_time(evidence: Evidence) -> Iterator[str]:
    """Nothing is pending long after its time, and nobody hears that an offer ran out before it was over."""
    last = evidence.records[-1]["wall"]
    until = {offer["id"]: offer["expires_at"] for offer in evidence.book.offer}
    for offer in evidence.book.offer:
        if offer["status"] == "pending" and offer["expires_at"] < last - evidence.late_s:
            yield f"offer {offer['id']} is pending {last - offer['expires_at']:.0f} s after its time"
    for record in evidence.records:
        if record["what"] == "event" and record["data"].get("offer", {}).get("status") == "expired":
            early_s = until[record["data"]["offer"]["id"]] - record["wall"]
            if early_s > evidence.slack_s:
                yield f"{record['principal']} heard of the end of an offer {early_s:.3f} s too early"


def a_key_has_one_answer(evidence: Evidence) -> Iterator[str]:
    """Every final answer to one key is the same, and the one that SQL remembers; 429 and 5xx never are. Whoever
    is told that the key was used with another request had asked for something else.
    """
    kept = {(row["account_id"], row["key"]): row for row in evidence.book.idempotency}
    told: dict[tuple[str, str], list[tuple[Any, Operation]]] = defaultdict(list)
    for op in evidence.operations:
        if op.ended is not None and op.outcome != "info":
            told[op.account, op.begun["key"]].append((op.ended.get("result", op.ended.get("problem")), op))
    for key, answered in told.items():
        answers = [answer for answer, _ in answered if not _mismatch(answer)]
        asked = [(op.name, op.args) for answer, op in answered if not _mismatch(answer)]
        if any(answer != answers[0] for answer in answers):
            yield f"{key} was answered with {answers}"
        if any((op.name, op.args) in asked for answer, op in answered if _mismatch(answer)):
            yield f"{key} was refused to whom it belongs"
        row = kept.get(key)
        # Not every operation takes a key, and a bad request is refused before it is one.
        if row is not None and answers and json.loads(row["body"]) != answers[0]:
            yield f"{key} was answered with {answers[0]}, SQL remembers {row['body']}"
    for key, row in kept.items():
        if row["status"] == 429 or row["status"] >= 500:
            yield f"{key} is remembered as {row['status']}"


def _mismatch(answer: Any) -> bool:
    return str(answer.get("type", "")) == "/problems/idempotency-mismatch"


def the_clock_decides(evidence: Evidence) -> Iterator[str]:
    """By the one clock that counts, what was answered was answered in time, and nothing ran out before it."""
    for offer in evidence.book.offer:
        status, at, until = offer["status"], offer["answered_at"], offer["expires_at"]
        if status in ("accepted", "declined") and not at < until:
            yield f"offer {offer['id']} was {status} {at - until:.6f} s after its end"
        if status == "expired" and at < until:
            yield f"offer {offer['id']} ran out {until - at:.6f} s before its end"


def nothing_went_wrong_inside(evidence: Evidence) -> Iterator[str]:
    """No attempt was answered by an error of the server's own. A 503 says that a part is away, and when to come
    again (over HTTP in a header).
    """
    for record in evidence.records:
        if record["what"] != "try" or (record["status"] or 0) < 500:
            continue
        if record["status"] != 503 or record.get("retry_after") == "":
            yield f"operation {record['id']} of {record['principal']} was answered by {record['status']}"


RULES = (
    acknowledged_is_present,
    seats_are_not_overfilled,
    crews_stay_whole,
    nobody_is_in_two_places,
    offers_and_assignments_agree,
    streams_are_whole,
    events_arrive_once,
    events_say_what_sql_says,
    snapshots_are_the_sum_of_events,
    offers_are_linear,
    offers_live_their_time,
    the_clock_decides,
    a_key_has_one_answer,
    nothing_went_wrong_inside,
)


if __name__ == "__main__":
    found = check(sys.argv[1], [Path(name) for name in sys.argv[2:]])
    sys.stdout.write("\n".join(found or ["nothing was lost, doubled or made up"]) + "\n")
    sys.exit(bool(found))
