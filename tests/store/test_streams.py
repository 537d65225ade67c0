"""Streams: gap-free, in commit order, whoever writes."""

import multiprocessing
from collections.abc import Sequence
from datetime import timedelta

import pytest

from gigmarket.domain.ids import Principal, StreamOwner, WorkerId, employer_principal, worker_principal
from gigmarket.store.database import Store
from gigmarket.store.streams import Draft, StreamEvent
from gigmarket.store.transaction import Transaction
from tests.domain.samples import EMPLOYER, NOW

pytestmark = pytest.mark.contract

ONE, TWO = worker_principal(WorkerId("w1")), employer_principal(EMPLOYER)
PROCESSES, ROUNDS = 4, 25


def _append(tx: Transaction, *principals: Principal) -> list[StreamEvent]:
    drafts = [Draft(str(principal), "note", b'{"n":1}') for principal in principals]
    return tx.streams.append(drafts, NOW)


def test_seq_counts_by_one_for_each_principal(tx: Transaction) -> None:
    first = _append(tx, ONE, TWO, ONE)
    second = _append(tx, ONE)

    assert [(event.principal, event.seq) for event in first + second] == [
        ("worker:w1", 1),
        ("employer:e1", 1),
        ("worker:w1", 2),
        ("worker:w1", 3),
    ]
    assert _append(tx) == []


@pytest.mark.parametrize("count", [7, 8, 9, 63, 64, 65, 151])
def test_many_streams_are_counted_up_at_once(tx: Transaction, count: int) -> None:
    many = [worker_principal(WorkerId(f"w{number}")) for number in range(count)]
    first = _append(tx, *many, *many[:3])
    second = _append(tx, *many)

    assert [event.seq for event in first] == [1] * count + [2] * 3
    assert [event.seq for event in second] == [3] * 3 + [2] * (count - 3)


def test_heads_are_the_last_seq_given(tx: Transaction) -> None:
    _append(tx, ONE, ONE, TWO)

    assert tx.streams.head("worker:w1") == 2
    assert tx.streams.head("worker:nobody") == 0
    assert tx.streams.heads([]) == {}
    assert tx.streams.heads(["worker:w1", "employer:e1", "worker:nobody"]) == {
        "worker:w1": 2,
        "employer:e1": 1,
    }


def test_a_principal_reads_on_after_what_it_holds(tx: Transaction) -> None:
    written = _append(tx, ONE, TWO, ONE, ONE)
    own = [event for event in written if event.principal == str(ONE)]

    assert tx.streams.after(str(ONE), 0, 9) == own
    assert tx.streams.after(str(ONE), 1, 1) == own[1:2]
    assert tx.streams.after(str(ONE), 3, 9) == []


def test_the_relay_reads_everybodys_events_by_row(tx: Transaction) -> None:
    assert tx.streams.newest_id() == 0
    written = _append(tx, ONE, TWO, ONE)

    rows = tx.streams.since(0, 9)

    assert [event for _, event in rows] == written
    assert tx.streams.newest_id() == rows[-1][0]
    assert [event for _, event in tx.streams.since(rows[0][0], 1)] == written[1:2]


def test_old_events_go_but_the_head_stays(tx: Transaction) -> None:
    tx.streams.append([Draft(str(ONE), "note", b"{}")] * 3, NOW - timedelta(hours=1))
    _append(tx, ONE)

    assert tx.streams.forget(NOW, 2) == 2
    assert tx.streams.forget(NOW, 2) == 1
    assert tx.streams.forget(NOW, 2) == 0

    assert [event.seq for event in tx.streams.after(str(ONE), 0, 9)] == [4]
    assert tx.streams.head(str(ONE)) == 4
    assert _append(tx, ONE)[0].seq == 5


def tell_in_turn(url: str, number: int) -> None:
    """One process of the test below: events for three principals, in an order of its own."""
    store = Store(url)
    principals = [Principal(StreamOwner.WORKER, name) for name in ("w1", "w2", "w3")]
    for turn in range(ROUNDS):
        order = principals[turn % 3 :] + principals[: turn % 3]
        store.transact_now(_tell, order if number % 2 else order[::-1])
    store.close()


def _tell(tx: Transaction, principals: Sequence[Principal]) -> None:
    for principal in principals:
        tx.tell(principal, "note", b"{}")


def _all_of(tx: Transaction, name: str) -> tuple[int, list[StreamEvent]]:
    return tx.streams.head(name), tx.streams.after(name, 0, 9999)


def test_streams_stay_gap_free_when_many_processes_write(url: str) -> None:
    spawn = multiprocessing.get_context("spawn")
    writers = [spawn.Process(target=tell_in_turn, args=(url, number)) for number in range(PROCESSES)]
    for writer in writers:
        writer.start()
    for writer in writers:
        writer.join(120)

    assert [writer.exitcode for writer in writers] == [0] * PROCESSES
    store = Store(url)
    expected = PROCESSES * ROUNDS
    for name in ("worker:w1", "worker:w2", "worker:w3"):
        head, events = store.read_now(_all_of, name)
        assert [event.seq for event in events] == list(range(1, expected + 1))
        assert head == expected
    store.close()


def test_a_stream_begins_when_somebody_follows_it(tx: Transaction) -> None:
    one, two = str(ONE), str(TWO)
    assert not tx.streams.begun(one)

    tx.streams.begin(one)
    tx.streams.begin(one)
    _append(tx, TWO)
    tx.streams.begin(two)

    assert tx.streams.begun(one)
    assert tx.streams.begun(two)
    assert tx.streams.heads([one, two]) == {one: 0, two: 1}
    assert [event.seq for event in _append(tx, ONE, TWO)] == [1, 2]


def test_what_acks_cover_is_found_by_kind_and_age(tx: Transaction) -> None:
    events = [_told(tx, ONE, kind) for kind in ("offer.created", "note", "offer.created")]
    other = _told(tx, TWO, "offer.created")
    old = NOW - timedelta(seconds=1)

    assert tx.streams.held("offer.created", {str(ONE): 1, str(TWO): 0}, old) == [events[0].data]
    both = tx.streams.held("offer.created", {str(ONE): 3, str(TWO): 1}, old)
    assert sorted(both) == sorted([events[0].data, events[2].data, other.data])
    assert tx.streams.held("offer.created", {str(ONE): 3}, NOW) == []
    assert tx.streams.held("offer.created", {}, old) == []


def _told(tx: Transaction, principal: Principal, kind: str) -> StreamEvent:
    (event,) = tx.streams.append([Draft(str(principal), kind, str(principal).encode())], NOW)
    return event
