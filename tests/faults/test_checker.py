"""The checker is checked: a true story passes, and each way of telling it falsely is caught by its rule."""

import copy
import json
import sqlite3
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from tests.faults import book as books
from tests.faults.book import Book
from tests.faults.checker import RULES, Evidence, check, violations
from tests.faults.history import History, Record

pytestmark = pytest.mark.faults

WORKER, EMPLOYER = "worker:w1", "employer:e1"


@dataclass
class Story:
    """One gig with two seats, one taken; what the worker and the employer saw of it, and what SQL holds."""

    records: list[Record] = field(default_factory=list)
    book: Book = field(default_factory=lambda: Book([], [], [], [], [], [], [], []))

    def tell(self, at: float, what: str, **fields: Any) -> None:
        """A line of the history; seconds since 1970 are 1,000 more than monotonic ones."""
        self.records.append({"at": at, "wall": at + 1000, "what": what, **fields})

    def event(self, at: float, principal: str, seq: int, kind: str, **data: Any) -> None:
        """An event in SQL, delivered to the principal's one client at once."""
        row = {"principal": principal, "seq": seq, "kind": kind, "data": json.dumps(data), "at": at + 1000}
        self.book.event.append(row)
        client = 1 if principal == WORKER else 2
        self.tell(at + 0.001, "event", client=client, principal=principal, socket=client, seq=seq, kind=kind,
                  data=data)  # fmt: skip

    def find(self, what: str, **fields: Any) -> Record:
        """The first such line."""
        return next(r for r in self.records if r["what"] == what and fields.items() <= r.items())


def story() -> Story:
    told = Story()
    told.tell(0, "invoke", id=1, client=2, principal=EMPLOYER, op="gig.post", args={}, key="p")
    told.tell(1, "ok", id=1, result={"id": "g1"})
    for client, principal in ((1, WORKER), (2, EMPLOYER)):
        who = {"client": client, "principal": principal, "socket": client}
        told.tell(1, "welcome", **who, seq=0, epoch="e", resumed=False, asked=None)
        told.tell(1, "snapshot", **who, seq=0, state={"offers": [], "assignments": []})
    told.event(2, WORKER, 1, "offer.created", offer={"id": "o1", "status": "pending"})
    told.event(2, EMPLOYER, 1, "offer.created", offer={"id": "o1", "status": "pending"})
    told.tell(
        3, "invoke", id=2, client=1, principal=WORKER, op="offer.accept", args={"offer_id": "o1"}, key="a"
    )
    told.tell(3.1, "try", id=2, status=503, principal=WORKER)
    answer = {"assignment": {"id": "a1"}}
    told.tell(4, "ok", id=2, result=answer)
    seat = {"id": "a1", "offer_id": "o1"}
    told.event(4, WORKER, 2, "assignment.created", assignment=seat)
    told.event(4, EMPLOYER, 2, "assignment.created", assignment=seat)
    told.tell(5, "closed", client=1, principal=WORKER, socket=1, code=1006)
    again = {"client": 1, "principal": WORKER, "socket": 3}
    told.tell(6, "welcome", **again, seq=2, epoch="e", resumed=False, asked=2)
    told.tell(6, "snapshot", **again, seq=2, state={"offers": [], "assignments": [{"id": "a1"}]})
    told.tell(
        7, "invoke", id=3, client=1, principal=WORKER, op="offer.accept", args={"offer_id": "o1"}, key="a"
    )
    told.tell(8, "ok", id=3, result=answer)
    told.tell(99, "left", client=1, principal=WORKER, held=2)
    told.tell(99, "left", client=2, principal=EMPLOYER, held=2)
    book = told.book
    book.gig.append(
        {"id": "g1", "employer_id": "e1", "headcount": 2, "filled": 1, "reserved": 0, "status": "open"}
    )
    book.offer.append(
        {
            "id": "o1",
            "gig_id": "g1",
            "worker_id": "w1",
            "status": "accepted",
            "expires_at": 1010.0,
            "answered_at": 1003.5,
            "created_at": 1002.0,
            "crew_id": None,
            "crew_size": None,
        }
    )
    book.assignment.append(
        {"id": "a1", "gig_id": "g1", "offer_id": "o1", "worker_id": "w1", "status": "confirmed",
         "busy_from": 2000.0, "busy_until": 3000.0}
    )  # fmt: skip
    book.stream.extend({"principal": principal, "head": 2} for principal in (WORKER, EMPLOYER))
    book.idempotency.append({"account_id": "w1", "key": "a", "status": 200, "body": json.dumps(answer)})
    return told


def verdict(told: Story) -> set[str]:
    """The rules that are broken."""
    return {found.partition(":")[0] for found in violations(Evidence(told.book, told.records))}


def test_a_true_story_passes() -> None:
    assert violations(Evidence(story().book, story().records)) == []


def test_what_a_crews_leader_accepts_is_accepted_for_all() -> None:
    """A mate's offer is accepted though nobody said so of that one; declined by nobody it was not."""
    told = story()
    _with_a_mate(told)
    assert "offers_are_linear" not in verdict(told)
    told.book.offer[1].update(status="declined")
    assert verdict(told) >= {"offers_are_linear", "crews_stay_whole"}


Lie = Callable[[Story], object]


def _second(told: Story, **changes: Any) -> object:
    """Another assignment like the first, with changes."""
    told.book.assignment.append({**told.book.assignment[0], "id": "a2", **changes})
    return told


def _with_a_mate(told: Story, **changes: Any) -> None:
    """Another's offer beside the first, as of one crew."""
    told.book.offer[0].update(crew_id="c1", crew_size=2)
    told.book.offer.append({**told.book.offer[0], "id": "o2", "worker_id": "w2", **changes})


def _refused(told: Story) -> None:
    told.find("ok", id=3).update(what="fail", problem={"type": "/problems/offer-closed"})
    told.find("invoke", id=3).update(key="b")


def _mismatched(told: Story) -> None:
    ended = told.find("ok", id=3)
    del ended["result"]
    ended.update(what="fail", problem={"type": "/problems/idempotency-mismatch"})


def _without(told: Story, what: str, **fields: Any) -> None:
    told.records.remove(told.find(what, **fields))


def _doubled(told: Story) -> None:
    told.records.insert(told.records.index(told.find("closed")), copy.copy(told.find("event", client=1, seq=2)))


def _moved(told: Story) -> None:
    event = told.find("event", client=2, seq=2)
    told.records.remove(event)
    told.records.insert(told.records.index(told.find("event", client=2, seq=1)), event)


def _took_from_the_future(told: Story) -> None:
    told.book.event[0]["at"] += 300


def _expired(told: Story, heard_at: float) -> None:
    """The offer ran out, by SQL; the worker heard so at this moment."""
    told.book.offer.append({**told.book.offer[0], "id": "o2", "status": "expired", "worker_id": "w2"})
    told.tell(heard_at, "event", client=9, principal="worker:w2", socket=9, seq=1, kind="offer.closed",
              data={"offer": {"id": "o2", "status": "expired"}})  # fmt: skip


LIES: dict[str, tuple[str, Lie]] = {
    "an accept that SQL has not": ("acknowledged_is_present", lambda s: s.book.assignment.clear()),
    "an accept that is another's": (
        "acknowledged_is_present",
        lambda s: s.book.assignment[0].update(worker_id="w2"),
    ),
    "a posting that SQL has not": ("acknowledged_is_present", lambda s: s.book.gig.clear()),
    "a decline that was forgotten": (
        "acknowledged_is_present",
        lambda s: s.find("invoke", id=2).update(op="offer.decline"),
    ),
    "a cancelled gig that is open": (
        "acknowledged_is_present",
        lambda s: s.find("invoke", id=1).update(op="gig.cancel", args={"gig_id": "g1"}),
    ),
    "three seats of two": (
        "seats_are_not_overfilled",
        lambda s: [_second(s, id=f"a{n}", worker_id=f"w{n}") for n in (2, 3)],
    ),
    "a count that is wrong": ("seats_are_not_overfilled", lambda s: s.book.gig[0].update(filled=0)),
    "a crew of which one was asked": (
        "crews_stay_whole",
        lambda s: s.book.offer[0].update(crew_id="c1", crew_size=2),
    ),
    "a crew of which one went": (
        "crews_stay_whole",
        lambda s: _with_a_mate(s, status="withdrawn"),
    ),
    "two places at once": ("nobody_is_in_two_places", lambda s: _second(s, gig_id="g2", busy_from=2999.0)),
    "two assignments of one offer": (
        "offers_and_assignments_agree",
        lambda s: _second(s, busy_from=4000.0, busy_until=5000.0),
    ),
    "an assignment of a declined offer": (
        "offers_and_assignments_agree",
        lambda s: s.book.offer[0].update(status="declined"),
    ),
    "two pending offers": (
        "offers_and_assignments_agree",
        lambda s: s.book.offer.extend({**s.book.offer[0], "id": n, "status": "pending"} for n in ("p", "q")),
    ),
    "a head without its event": ("streams_are_whole", lambda s: s.book.stream[0].update(head=3)),
    "an event without its head": ("streams_are_whole", lambda s: s.book.stream.pop()),
    "a hole in a stream": ("streams_are_whole", lambda s: s.book.event[0].update(seq=0)),
    "an event twice": ("events_arrive_once", _doubled),
    "an event missed": ("events_arrive_once", lambda s: _without(s, "event", client=2, seq=1)),
    "events in the wrong order": ("events_arrive_once", _moved),
    "the last event never": ("events_arrive_once", lambda s: _without(s, "event", client=2, seq=2)),
    "resumed from elsewhere": (
        "events_arrive_once",
        lambda s: s.find("welcome", socket=3).update(resumed=True, asked=1),
    ),
    "another event than SQL's": (
        "events_say_what_sql_says",
        lambda s: s.find("event", client=1, seq=1).update(kind="offer.closed"),
    ),
    "an event that was never committed": ("events_say_what_sql_says", lambda s: s.book.event.pop(0)),
    "an event from the future": ("events_say_what_sql_says", _took_from_the_future),
    "a snapshot that forgot an assignment": (
        "snapshots_are_the_sum_of_events",
        lambda s: s.find("snapshot", socket=3)["state"]["assignments"].clear(),
    ),
    "a snapshot with an offer that is answered": (
        "snapshots_are_the_sum_of_events",
        lambda s: s.find("snapshot", socket=3)["state"]["offers"].append({"id": "o1"}),
    ),
    "taken and refused": ("offers_are_linear", _refused),
    "taken after its time": ("offers_are_linear", lambda s: s.book.offer[0].update(expires_at=1002.0)),
    "pending for ever": ("offers_live_their_time", lambda s: s.book.offer[0].update(status="pending")),
    "over before its time": ("offers_live_their_time", lambda s: _expired(s, heard_at=9.0)),
    "two answers to one key": (
        "a_key_has_one_answer",
        lambda s: s.find("ok", id=3).update(result={"assignment": {"id": "a1", "status": "new"}}),
    ),
    "another answer than SQL remembers": (
        "a_key_has_one_answer",
        lambda s: s.book.idempotency[0].update(body="{}"),
    ),
    "a key refused to whom it belongs": (
        "a_key_has_one_answer",
        _mismatched,
    ),
    "taken a moment after its end": (
        "the_clock_decides",
        lambda s: s.book.offer[0].update(answered_at=1010.0),
    ),
    "run out a moment before its end": (
        "the_clock_decides",
        lambda s: s.book.offer[0].update(status="expired", answered_at=1009.9999),
    ),
    "a 503 that is remembered": ("a_key_has_one_answer", lambda s: s.book.idempotency[0].update(status=503)),
    "an error of the server's": ("nothing_went_wrong_inside", lambda s: s.find("try").update(status=500)),
    "a 503 without a time": ("nothing_went_wrong_inside", lambda s: s.find("try").update(retry_after="")),
}


@pytest.mark.parametrize(("rule", "lie"), LIES.values(), ids=LIES)
def test_each_lie_is_caught_by_its_rule(rule: str, lie: Lie) -> None:
    told = story()
    lie(told)
    assert rule in verdict(told)


def test_every_rule_has_its_lies() -> None:
    assert {rule for rule, _ in LIES.values()} == {rule.__name__ for rule in RULES}


def test_an_offer_that_ran_out_in_its_time_is_no_lie() -> None:
    told = story()
    _expired(told, heard_at=10.5)
    assert "offers_live_their_time" not in verdict(told)


def test_a_key_used_with_another_request_is_no_lie() -> None:
    told = story()
    told.find("invoke", id=3).update(args={"offer_id": "o9"})
    _mismatched(told)
    assert "a_key_has_one_answer" not in verdict(told)


def test_histories_and_databases_are_read_as_they_are_written(tmp_path: Path) -> None:
    """The same story through a history's file and a SQLite file, moments in microseconds."""
    told, path, database = story(), tmp_path / "history.jsonl", tmp_path / "market.db"
    with History(path) as history:
        history.write("left", client=history.number(), principal=WORKER, held=2)
    path.write_text("".join(json.dumps(record) + "\n" for record in told.records))
    with sqlite3.connect(database) as connection:
        for name in books.TABLES:
            rows = getattr(told.book, name)
            columns = list(rows[0]) if rows else ["id"]
            connection.execute(f"CREATE TABLE {name} ({', '.join(columns)})")
            moments = {
                column
                for column in columns
                if column in ("at", "expires_at", "answered_at", "busy_from", "busy_until")
            }
            for row in rows:
                values = [int(row[c] * 1e6) if c in moments else row[c] for c in columns]
                connection.execute(f"INSERT INTO {name} VALUES ({', '.join('?' * len(columns))})", values)
    connection.close()
    assert books.read(database) == told.book
    assert check(database, [path]) == []
    assert check(str(database), [path]) == []
    path.write_text(path.read_text().replace('"a1"', '"a9"', 1))
    assert check(database, [path])
