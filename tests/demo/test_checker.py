"""The checker finds nothing in an honest market, and each kind of lie in a doctored one."""

import sqlite3
from collections.abc import Callable
from pathlib import Path

import pytest
from sqlmodel import SQLModel

from gigmarket.demo.checker import check
from gigmarket.demo.record import SNAPSHOT, Accept, ClientRecord, read, write
from tests.demo.tiny_market import TinyMarket, tiny_market

SECOND = 1_000_000


@pytest.fixture(scope="module")
def market(tmp_path_factory: pytest.TempPathFactory) -> TinyMarket:
    return tiny_market(tmp_path_factory.mktemp("tiny") / "gigmarket.db")


def kinds(database: Path, *clients: ClientRecord) -> set[str]:
    return {violation.kind for violation in check(database, clients)}


def everyone(market: TinyMarket) -> list[ClientRecord]:
    workers = (market.settled, market.confirmed, market.offered)
    return [market.seen_by(f"employer:{market.employer}"), *(market.seen_by(f"worker:{w}") for w in workers)]


def test_an_honest_market_has_no_violation(market: TinyMarket) -> None:
    seen = everyone(market)
    assert sum(len(client.events) for client in seen) > 10
    assert sum(len(client.accepts) for client in seen) == 2
    assert check(market.database, seen) == []


def test_a_copy_without_constraints_is_as_honest(market: TinyMarket, tmp_path: Path) -> None:
    assert check(market.doctored(tmp_path), everyone(market)) == []


def test_a_crew_that_came_whole_is_as_honest(market: TinyMarket, tmp_path: Path) -> None:
    assert check(market.doctored(tmp_path, f"UPDATE offer SET {_CREW} WHERE gig_id = :double")) == []


def test_the_file_is_not_written(market: TinyMarket) -> None:
    before = market.database.read_bytes()
    check(market.database, everyone(market))
    assert market.database.read_bytes() == before


def test_what_is_no_market_is_refused(tmp_path: Path) -> None:
    with pytest.raises(sqlite3.Error):
        check(tmp_path / "nothing.db")


def row_again(table: str, which: str) -> str:
    """The row of this table for which this holds once more, with another id."""
    rest = ", ".join(column.name for column in SQLModel.metadata.tables[table].columns if column.name != "id")
    return f"INSERT INTO {table} (id, {rest}) SELECT 'second', {rest} FROM {table} WHERE {which}"


_SECOND_OFFER = row_again("offer", "status = 'pending'")
_CREW = "crew_id = 'c', crew_leader_id = :settled, crew_size = 2, round = '1.1', created_at = 1"
_SECOND_ASSIGNMENT = row_again("assignment", "worker_id = :confirmed")


@pytest.mark.parametrize(
    ("kind", "statement"),
    [
        ("overfilled_gig", "UPDATE gig SET headcount = 1 WHERE id = :double"),
        ("overfilled_gig", _SECOND_OFFER),
        ("seat_counters", "UPDATE gig SET filled = 1 WHERE id = :double"),
        ("seat_counters", "UPDATE gig SET reserved = 0 WHERE id = :single"),
        ("overlapping_assignments", _SECOND_ASSIGNMENT),
        ("two_pending_offers", _SECOND_OFFER),
        ("accepted_without_assignment", "DELETE FROM assignment WHERE worker_id = :confirmed"),
        ("doubled_assignment", _SECOND_ASSIGNMENT),
        ("assignment_without_offer", "UPDATE offer SET status = 'declined' WHERE worker_id = :settled"),
        ("assignment_without_offer", "DELETE FROM offer WHERE worker_id = :settled"),
        ("assignment_without_offer", "UPDATE offer SET worker_id = :offered WHERE worker_id = :settled"),
        ("torn_crew", f"UPDATE offer SET {_CREW}, crew_size = 3 WHERE gig_id = :double"),
        (
            "torn_crew",
            f"UPDATE offer SET {_CREW}, status = CASE worker_id WHEN :settled THEN 'declined' ELSE status END"
            " WHERE gig_id = :double",
        ),
        ("accepted_too_late", "UPDATE offer SET answered_at = expires_at + 1 WHERE status = 'accepted'"),
        ("wrong_money", "UPDATE assignment SET settled_at = NULL WHERE status = 'settled'"),
        ("wrong_money", "UPDATE assignment SET paid_fen = NULL WHERE status = 'settled'"),
        ("wrong_money", "UPDATE assignment SET checked_out_at = NULL WHERE status = 'settled'"),
        ("wrong_money", "UPDATE assignment SET paid_fen = 18000 WHERE status = 'confirmed'"),
        ("wrong_money", "UPDATE assignment SET paid_fen = 17999 WHERE status = 'settled'"),
        ("wrong_money", "UPDATE assignment SET due_fen = due_fen + 1"),
        ("wrong_money", "UPDATE gig SET wage_per = 'hour' WHERE id = :double"),
        ("wrong_money", "UPDATE gig SET wage_per = 'piece' WHERE id = :double"),
        ("event_gap_in_sql", "DELETE FROM event WHERE principal = :streams AND seq = 3"),
        ("stream_head", "UPDATE stream SET head = head + 1 WHERE principal = :streams"),
    ],
)
def test_a_lie_in_the_tables_is_found(market: TinyMarket, tmp_path: Path, kind: str, statement: str) -> None:
    assert kind in kinds(market.doctored(tmp_path, statement))


def event_again(principal: str, kind: str, path: str) -> str:
    """An event of this stream once more at its end, about something with another id."""
    return (
        "INSERT INTO event (id, principal, seq, kind, data, at)"
        " SELECT id + 1000, principal, (SELECT max(seq) FROM event e WHERE e.principal = event.principal) + 1,"
        f" kind, json_set(data, '{path}', 'second'), at FROM event"
        f" WHERE principal = {principal} AND kind = '{kind}' ORDER BY seq DESC LIMIT 1"
    )


@pytest.mark.parametrize(
    ("kind", "statement"),
    [
        ("two_pending_offers", event_again("'worker:' || :offered", "offer.created", "$.offer.id")),
        (
            "overlapping_assignments",
            event_again("'worker:' || :confirmed", "assignment.created", "$.assignment.id"),
        ),
        ("overfilled_gig", event_again(":streams", "offer.created", "$.offer.id")),
        ("overfilled_gig", event_again(":streams", "assignment.created", "$.assignment.offer_id")),
    ],
)
def test_a_moment_that_broke_a_rule_is_found_in_the_history(
    market: TinyMarket, tmp_path: Path, kind: str, statement: str
) -> None:
    """The rows are right at the end; only the streams tell that they were not in between."""
    assert kind in kinds(market.doctored(tmp_path, statement))


def without(seen: ClientRecord, index: int) -> None:
    del seen.events[index]


def repeated(seen: ClientRecord) -> None:
    seen.events.append(seen.events[-1])


def mistaken(seen: ClientRecord) -> None:
    seq, kind, found = seen.events[1]
    seen.events[1] = (seq, kind, found + 1)


def renamed(seen: ClientRecord) -> None:
    seq, _, found = seen.events[1]
    seen.events[1] = (seq, "offer.extended", found)


def invented(seen: ClientRecord) -> None:
    seen.events.append((seen.held + 1, "offer.created", 1))


def cut_off(seen: ClientRecord) -> None:
    seen.events.pop()
    seen.held -= 1


def reported(fault: str) -> Callable[[ClientRecord], None]:
    return lambda seen: seen.faults.append(fault)


@pytest.mark.parametrize(
    ("kind", "spoil"),
    [
        ("stream_gap", lambda seen: without(seen, 1)),
        ("stream_duplicate", repeated),
        ("stream_content", mistaken),
        ("stream_content", renamed),
        ("stream_content", invented),
        ("stream_lost", cut_off),
        ("stream_gap", reported("gap: held 1, got 3")),
        ("stream_duplicate", reported("duplicate: held 3, got 3 again")),
        ("stream_late", reported("late: 5 s after a ping of 4, held 3")),
    ],
)
def test_a_client_that_saw_something_else_is_found(
    market: TinyMarket, kind: str, spoil: Callable[[ClientRecord], None]
) -> None:
    seen = market.seen_by(f"worker:{market.settled}")
    assert len(seen.events) >= 4
    spoil(seen)
    assert kinds(market.database, seen) == {kind}


def test_an_event_changed_after_it_was_sent_is_found(market: TinyMarket, tmp_path: Path) -> None:
    changed = market.doctored(
        tmp_path,
        "UPDATE event SET data = json_set(data, '$.assignment.due_fen', 1)"
        " WHERE principal = 'worker:' || :confirmed AND kind = 'assignment.created'",
    )
    assert kinds(changed, market.seen_by(f"worker:{market.confirmed}")) == {"stream_content"}


def test_a_snapshot_may_jump_and_a_lost_connection_may_miss_the_end(market: TinyMarket) -> None:
    seen = market.seen_by(f"worker:{market.settled}")
    seq, _, _ = seen.events[2]
    for _ in range(3):
        seen.events.popleft()
    seen.events.appendleft((seq, SNAPSHOT, 0))
    cut_off(seen)
    seen.connected_since = None
    assert check(market.database, [seen]) == []


@pytest.mark.parametrize(
    ("outcome", "assignment", "kind"),
    [
        ("ok", "unknown", "acknowledged_but_missing"),
        ("ok", None, "acknowledged_but_missing"),
        ("offer-closed", None, "refused_in_time"),
        ("overlap", None, "refused_in_time"),
    ],
)
def test_a_broken_promise_is_found(market: TinyMarket, outcome: str, assignment: str | None, kind: str) -> None:
    seen = market.seen_by(f"worker:{market.confirmed}")
    seen.accepts[0].outcome, seen.accepts[0].assignment = outcome, assignment
    assert kinds(market.database, seen) == {kind}


def test_another_workers_assignment_is_not_the_promised_one(market: TinyMarket) -> None:
    seen, other = (market.seen_by(f"worker:{w}") for w in (market.confirmed, market.settled))
    seen.accepts[0].assignment = other.accepts[0].assignment
    assert kinds(market.database, seen) == {"acknowledged_but_missing"}


def test_a_refusal_is_honest_when_late_or_taken_back(market: TinyMarket, tmp_path: Path) -> None:
    seen = market.seen_by(f"worker:{market.offered}")
    with sqlite3.connect(market.database) as connection:
        offer, until = connection.execute(
            "SELECT id, expires_at FROM offer WHERE status = 'pending'"
        ).fetchone()
    late = Accept(offer, until / SECOND, until / SECOND - 0.5, "offer-closed")
    seen.accepts.append(late)
    assert check(market.database, [seen]) == []
    late.sent_at = late.expires_at - 30
    assert kinds(market.database, seen) == {"refused_in_time"}
    withdrawn = market.doctored(
        tmp_path,
        "UPDATE offer SET status = 'withdrawn' WHERE worker_id = :offered",
        "UPDATE gig SET reserved = 0 WHERE id = :single",
    )
    assert check(withdrawn, [seen]) == []


def test_an_unanswered_accept_is_no_promise(market: TinyMarket) -> None:
    seen = market.seen_by(f"worker:{market.confirmed}")
    seen.accepts[0].outcome, seen.accepts[0].assignment = None, None
    assert check(market.database, [seen]) == []


def test_the_record_survives_its_file(market: TinyMarket, tmp_path: Path) -> None:
    seen = everyone(market)
    write(tmp_path / "record.json", {"gigs": 2}, seen)
    assert read(tmp_path / "record.json") == ({"gigs": 2}, seen)
