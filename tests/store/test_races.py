"""Many at once: each offer has one effect, no gig is overfilled, a key is answered once."""

import asyncio
import threading
from collections import Counter
from collections.abc import AsyncIterator, Callable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import asynccontextmanager
from dataclasses import replace
from functools import partial
from typing import Any

import pytest
from sqlalchemy import text

from gigmarket.domain.errors import GigClosed, NotPlaceable, OfferClosed, Refusal
from gigmarket.domain.ids import AccountId, CrewId, GigId, OfferId, Role, WorkerId, worker_principal
from gigmarket.domain.matching import Proposal
from gigmarket.domain.offer import Offer
from gigmarket.domain.worker import Presence
from gigmarket.services import crews, gigs, offers
from gigmarket.services.accepts import Accept, Accepts, accept_many
from gigmarket.services.accounts import find_or_create
from gigmarket.services.claims import claim
from gigmarket.services.commands import fingerprint, once, perform
from gigmarket.services.placing import Way, by_hand
from gigmarket.services.rules import Rules
from gigmarket.store.database import Store
from gigmarket.store.idempotency import Answer
from gigmarket.store.streams import Draft
from gigmarket.store.tables import TABLES
from gigmarket.store.transaction import Transaction
from gigmarket.wire.bodies import EmptyBody
from gigmarket.wire.codec import encode
from gigmarket.wire.desk import PlaceIn
from gigmarket.wire.work import OfferArgs
from tests.domain.samples import EMPLOYER, NOW, OTHER_EMPLOYER, draft, seconds
from tests.store.people import WORKERS, actor, gig, offer, waiting

pytestmark = pytest.mark.contract

RULES = Rules()
G1 = GigId("g1")
CROWD = WORKERS[:16]


@pytest.fixture
def store(url: str) -> Iterator[Store]:
    """A store whose clock stands at NOW."""
    opened = Store(url, clock=lambda: NOW)
    yield opened
    opened.close()


def _at_once(calls: list[Callable[[], Any]]) -> list[Any]:
    """Every call in a thread of its own connection; what it returned, or the refusal it met."""

    def outcome(call: Callable[[], Any]) -> Any:
        try:
            return call()
        except Refusal as refusal:
            return type(refusal)

    with ThreadPoolExecutor(12) as threads:
        return list(threads.map(outcome, calls))


def _rows(store: Store, table: str) -> int:
    def count(tx: Transaction) -> int:
        return int(tx.connection.execute(text(f"SELECT count(*) FROM {TABLES[table].name}")).scalar_one())

    return store.read_now(count)


def _offered(tx: Transaction, seats: int) -> None:
    """One gig with a pending offer for each of the first workers."""
    tx.gigs.add(gig(1, headcount=seats, reserved=seats))
    tx.offers.add_many([offer(number, expires_at=NOW + seconds(60)) for number in range(1, seats + 1)])


def _wait(tx: Transaction, worker: WorkerId) -> None:
    tx.workers.save(waiting(worker))


def _post(tx: Transaction, /, number: int, **changes: Any) -> None:
    tx.gigs.add(gig(number, **changes))


def _hold(tx: Transaction, held: Offer) -> None:
    tx.offers.add_many([held])


def _taken(tx: Transaction, gig_id: GigId) -> tuple[int, int]:
    """How many work on a gig, and how many are asked."""
    return tx.assignments.working_on(gig_id), len(tx.offers.pending_on(gig_id))


def test_an_offer_accepted_many_times_at_once_has_one_effect(store: Store) -> None:
    store.transact_now(_offered, 1)

    answers = _at_once([lambda: store.transact_now(offers.accept, RULES, WORKERS[0], OfferId("o1")).value] * 16)

    assert len({answer.assignment.id for answer in answers}) == 1
    assert _rows(store, "assignment") == 1
    assert store.read_now(lambda tx: tx.gigs.get(G1)).filled == 1


async def test_accepts_of_two_processes_together(url: str, store: Store) -> None:
    """Each worker accepts through both at once, with the same key: one assignment each, one answer for both."""
    store.transact_now(_offered, 16)
    other = Store(url, clock=lambda: NOW)
    sides = [Accepts(each.transact, RULES) for each in (store, other)]
    asked = [
        Accept(actor(worker), OfferArgs(offer_id=f"o{number}"), "k") for number, worker in enumerate(CROWD, 1)
    ]

    done = await asyncio.gather(*(side.ask(one) for one in asked for side in sides))
    other.close()

    answers = [one.value for one in done]
    assert [one.status for one in answers] == [200] * 32
    assert answers[::2] == answers[1::2]
    assert len({one.body for one in answers}) == _rows(store, "assignment") == 16
    told = [(event.principal, event.seq) for one in done for event in one.aftermath.events]
    assert len(told) == len(set(told)) == _rows(store, "event")


@asynccontextmanager
async def _held(store: Store, hold: Callable[[Transaction], object]) -> AsyncIterator[None]:
    """A transaction that has done this and does not end as long as the block runs."""
    held, release = threading.Event(), threading.Event()

    def step(tx: Transaction) -> None:
        hold(tx)
        held.set()
        # Who says nothing for long is ended by the server.
        while not release.wait(0.5):
            tx.connection.exec_driver_sql("SELECT 1")

    holding = asyncio.create_task(store.transact(step))
    await asyncio.to_thread(held.wait)
    yield
    release.set()
    await holding


async def _others_go_on(
    store: Store, hold: Callable[[Transaction], object], stuck: int, others: list[int]
) -> None:
    """While somebody holds what the first of these offers needs, only its accept waits."""
    accepts = Accepts(store.transact, RULES)
    calls = [
        accepts.ask(Accept(actor(WORKERS[number - 1]), OfferArgs(offer_id=f"o{number}"), None))
        for number in (stuck, *others)
    ]
    async with _held(store, hold):
        behind, *free = map(asyncio.ensure_future, calls)
        for done in await asyncio.gather(*free):
            assert done.value.status == 200
        assert not behind.done()
    assert (await behind).value.status == 200


async def test_a_gig_that_somebody_holds_holds_up_only_its_own_accepts(postgresql: str) -> None:
    """On SQLite whoever writes holds up everybody: it has one writer."""
    store = Store(postgresql, clock=lambda: NOW)
    store.transact_now(_offered, 2)
    store.transact_now(_post, 2, headcount=1, reserved=1)
    store.transact_now(lambda tx: tx.offers.add_many([offer(3, gig=GigId("g2"))]))
    await _others_go_on(store, lambda tx: tx.gigs.lock(GigId("g2")), 3, [1, 2])
    store.close()


async def test_a_stream_that_somebody_holds_holds_up_only_its_own_accepts(postgresql: str) -> None:
    """A process that stands still before its commit holds the heads of streams it tells."""
    store = Store(postgresql, clock=lambda: NOW)
    store.transact_now(_offered, 1)
    store.transact_now(_post, 2, headcount=2, reserved=2, employer=OTHER_EMPLOYER)
    theirs = [offer(number, gig=GigId("g2"), employer=OTHER_EMPLOYER) for number in (2, 3)]
    store.transact_now(lambda tx: tx.offers.add_many(theirs))
    told = Draft(str(worker_principal(WORKERS[0])), "test", b"{}")
    await _others_go_on(store, lambda tx: tx.streams.append([told], NOW), 1, [2, 3])
    store.close()


async def test_accepts_wait_for_each_others_rows_a_moment_and_for_their_own_as_long_as_anybody(
    postgresql: str,
) -> None:
    store = Store(postgresql, clock=lambda: NOW)
    store.transact_now(_offered, 2)
    waits: list[tuple[bool, str]] = []

    async def transact(fn: Any, *args: Any) -> Any:
        def looking(tx: Transaction) -> Any:
            done = fn(tx, *args)
            wait = tx.connection.exec_driver_sql("SHOW lock_timeout").scalar_one()
            waits.append((fn is accept_many, wait))
            return done

        return await store.transact(looking)

    accepts = Accepts(transact, RULES)
    asked = Accept(actor(WORKERS[0]), OfferArgs(offer_id="o1"), "k")
    assert [(await accepts.ask(asked)).value.status for _ in range(2)] == [200, 200]
    # The second was answered before, so it is asked once more alone.
    assert waits == [(True, "100ms"), (True, "100ms"), (False, "5s")]
    store.close()


async def test_who_is_being_suspended_and_accepts_do_not_wait_for_each_other(postgresql: str) -> None:
    store = Store(postgresql, clock=lambda: NOW)
    store.transact_now(_offered, 2)
    asked = Accept(actor(WORKERS[0]), OfferArgs(offer_id="o1"), "k")
    both = [AccountId(WORKERS[0]), AccountId(EMPLOYER)]
    async with _held(store, lambda tx: [tx.accounts.lock(account) for account in both]):
        assert (await Accepts(store.transact, RULES).ask(asked)).value.status == 200
    store.close()


def test_sixteen_workers_and_a_gig_of_five_seats(store: Store) -> None:
    """Rounds that run at once offer each seat once; who holds an offer gets the seat, nobody else."""
    token = store.transact_now(lambda tx: tx.fence.take(RULES.city, "dispatcher")).value
    store.transact_now(lambda tx: tx.gigs.add(gig(1, headcount=5)))
    for worker in CROWD:
        store.transact_now(_wait, worker)

    def offer_to(worker: WorkerId) -> Callable[[], int]:
        return lambda: store.transact_now(claim, RULES, token, [Proposal(G1, worker, 60, 60.0)]).value

    assert Counter(_at_once([offer_to(worker) for worker in CROWD])) == {1: 5, 0: 11}

    def answer(worker: WorkerId, offer_id: OfferId) -> Callable[[], Any]:
        return lambda: store.transact_now(offers.accept, RULES, worker, offer_id).value

    pending = store.read_now(lambda tx: tx.offers.pending_on(G1))
    own = [answer(found.worker, found.id) for found in pending]
    others = [answer(worker, pending[0].id) for worker in CROWD if worker != pending[0].worker]
    answers = _at_once([*own, *others, *own])

    assert len({one.assignment.id for one in answers if not isinstance(one, type)}) == 5
    after = store.read_now(lambda tx: tx.gigs.get(G1))
    assert (after.filled, after.reserved, after.status.value) == (5, 0, "filled")
    assert _rows(store, "assignment") == 5


def test_one_worker_is_offered_one_seat_by_rounds_that_run_at_once(store: Store) -> None:
    token = store.transact_now(lambda tx: tx.fence.take(RULES.city, "dispatcher")).value
    store.transact_now(_wait, WORKERS[0])
    for number in range(1, 9):
        store.transact_now(_post, number)

    def offer_seat(number: int) -> Callable[[], int]:
        proposals = [Proposal(GigId(f"g{number}"), WORKERS[0], 60, 60.0)]
        return lambda: store.transact_now(claim, RULES, token, proposals).value

    assert Counter(_at_once([offer_seat(number) for number in range(1, 9)])) == {1: 1, 0: 7}
    assert _rows(store, "offer") == 1
    assert sum(store.read_now(lambda tx: [one.reserved for one in _all_gigs(tx)])) == 1


def _all_gigs(tx: Transaction) -> list[Any]:
    return list(tx.gigs.get_many([GigId(f"g{number}") for number in range(1, 9)]).values())


def test_accept_decline_and_cancel_at_once_leave_one_truth(store: Store) -> None:
    for number in range(1, 9):
        store.transact_now(_post, number, headcount=1, reserved=1)
        held = offer(number, gig=GigId(f"g{number}"), expires_at=NOW + seconds(60))
        store.transact_now(_hold, held)

    calls: list[Callable[[], Any]] = []
    for number in range(1, 9):
        worker, offer_id, gig_id = WORKERS[number - 1], OfferId(f"o{number}"), GigId(f"g{number}")
        calls += [
            partial(store.transact_now, offers.accept, RULES, worker, offer_id),
            partial(store.transact_now, offers.decline, RULES, worker, offer_id, None),
            partial(store.transact_now, gigs.cancel, RULES, EMPLOYER, gig_id),
        ]
    outcomes = _at_once(calls)

    assert {one for one in outcomes if isinstance(one, type)} <= {OfferClosed, GigClosed}
    for found in store.read_now(_all_gigs):
        assert (found.filled, found.reserved) == store.read_now(_taken, found.id)


async def test_a_key_sent_fifty_times_at_once_is_carried_out_once(store: Store) -> None:
    store.transact_now(_offered, 1)
    args, by = OfferArgs(offer_id="o1"), actor("w1")

    done = await asyncio.gather(
        *(store.transact(perform, RULES, by, "offer.accept", args, "key-1") for _ in range(50))
    )

    assert len({committed.value for committed in done}) == 1
    assert done[0].value.status == 200
    assert sum(bool(committed.aftermath) for committed in done) == 1, "told once"
    assert _rows(store, "assignment") == _rows(store, "idempotency") == 1


async def test_so_is_one_whose_work_locks_nothing(store: Store) -> None:
    """Posting takes no lock before the key's row: the losers wait for it and read the first answer."""

    def post(tx: Transaction) -> Answer:
        def work() -> Answer:
            return Answer(201, encode(gigs.post(tx, RULES, EMPLOYER, draft())))

        return once(tx, actor(EMPLOYER, Role.EMPLOYER), "key-1", fingerprint("gig.post", EmptyBody()), work)

    done = await asyncio.gather(*(store.transact(post) for _ in range(50)))

    assert len({committed.value for committed in done}) == 1
    assert _rows(store, "gig") == 1
    assert sum(bool(committed.aftermath) for committed in done) == 1


async def test_a_refusal_is_the_first_answer_too(store: Store) -> None:
    store.transact_now(_offered, 1)
    args, by = OfferArgs(offer_id="o1"), actor("w2")

    done = await asyncio.gather(
        *(store.transact(perform, RULES, by, "offer.accept", args, "key-1") for _ in range(20))
    )

    assert {committed.value.status for committed in done} == {404}
    assert len({committed.value for committed in done}) == 1
    assert not any(committed.aftermath for committed in done)


def test_a_phone_that_signs_up_twice_at_once_gets_one_account(store: Store) -> None:
    made = _at_once(
        [lambda: store.transact_now(find_or_create, RULES, Role.WORKER, "新人", "13900000000").value.id] * 12
    )

    assert len(set(made)) == 1
    assert store.read_now(lambda tx: tx.workers.get(WorkerId(made[0]))).name == "新人"


def test_events_of_transactions_at_once_are_told_once_each(store: Store) -> None:
    store.transact_now(_offered, 16)

    def accept(number: int) -> Callable[[], Any]:
        offer_id = OfferId(f"o{number}")
        return lambda: store.transact_now(offers.accept, RULES, WORKERS[number - 1], offer_id).aftermath

    told = [one for done in _at_once([accept(number) for number in range(1, 17)]) for one in done.events]

    stored = store.read_now(lambda tx: tx.streams.after(f"employer:{EMPLOYER}", 0, 999))
    mine = sorted((one for one in told if one.principal == f"employer:{EMPLOYER}"), key=lambda one: one.seq)
    assert mine == stored
    assert [one.seq for one in stored] == list(range(1, len(stored) + 1))
    assert Counter(one.kind for one in stored) == {"assignment.created": 16, "gig.updated": 16}


def test_an_offer_that_ran_out_behind_a_lock_is_closed(postgresql: str) -> None:
    """The clock is read after the locks: PostgreSQL's own `now()` is the transaction's start, and would take
    an offer that expired while the transaction waited.
    """
    store = Store(postgresql)
    store.transact_now(_offered_by_the_real_clock)

    with store.engine.connect() as holder, ThreadPoolExecutor(1) as threads:
        holder.execute(text("SELECT id FROM gig WHERE id = 'g1' FOR UPDATE"))
        accepting = threads.submit(store.transact_now, offers.accept, RULES, WORKERS[0], OfferId("o1"))
        while not holder.execute(text("SELECT count(*) FROM pg_locks WHERE NOT granted")).scalar_one():
            assert not accepting.done()
        # The transaction has begun and waits; the offer runs out now, after its start.
        holder.execute(text("UPDATE offer SET expires_at = clock_timestamp() WHERE id = 'o1'"))
        holder.commit()
        with pytest.raises(OfferClosed, match="expired"):
            accepting.result(60)

    assert _rows(store, "assignment") == 0
    store.close()


def test_a_seat_that_is_taken_while_its_offer_is_about_to_expire_is_not_given_back(postgresql: str) -> None:
    """The expirer has looked and waits for the gig; when it has it, one of the two was accepted."""
    store, later = Store(postgresql, clock=lambda: NOW), Store(postgresql, clock=lambda: NOW + seconds(60))
    store.transact_now(_post, 1, headcount=3, reserved=3)
    for number, lives_s in ((1, 60), (2, 60), (3, 120)):
        store.transact_now(_hold, offer(number, expires_at=NOW + seconds(lives_s)))
    expiring: list[Future[Any]] = []

    def accept_while_it_waits(tx: Transaction) -> None:
        tx.gigs.lock(G1)
        expiring.append(threads.submit(later.transact_now, offers.expire_due, RULES))
        while not tx.connection.execute(text("SELECT count(*) FROM pg_locks WHERE NOT granted")).scalar_one():
            assert not expiring[0].done()
        offers.accept(tx, RULES, WORKERS[0], OfferId("o1"))

    with ThreadPoolExecutor(1) as threads:
        store.transact_now(accept_while_it_waits)
        assert expiring[0].result(60).value == 1

    left = store.read_now(lambda tx: tx.gigs.get(G1))
    assert (left.filled, left.reserved) == (1, 1)
    assert store.read_now(_taken, G1) == (1, 1)
    store.close()
    later.close()


def _offered_by_the_real_clock(tx: Transaction) -> None:
    now = tx.now()
    tx.gigs.add(
        gig(1, reserved=1, starts_at=now + seconds(3600), ends_at=now + seconds(7200), recruit_until=now)
    )
    tx.offers.add_many([offer(1, expires_at=now + seconds(600))])


def test_who_accepts_is_who_was_asked(store: Store) -> None:
    store.transact_now(_offered, 2)

    outcomes = _at_once(
        [
            lambda: store.transact_now(offers.accept, RULES, WORKERS[0], OfferId("o2")).value,
            lambda: store.transact_now(offers.accept, RULES, WORKERS[1], OfferId("o2")).value,
        ]
    )

    assert [getattr(one, "code", "") for one in outcomes] == ["not-found", ""]
    kept = store.read_now(lambda tx: tx.assignments.of_offer(OfferId("o2")))
    assert kept is not None
    assert AccountId(kept.worker) == "w2"


def test_the_round_and_two_desks_at_once_make_one_offer(store: Store) -> None:
    """Three gigs, one worker: whoever comes first reserves, the others are told, and no claim breaks."""
    token = store.transact_now(lambda tx: tx.fence.take(RULES.city, "dispatcher")).value
    store.transact_now(_wait, WORKERS[0])
    for number in (1, 2, 3):
        store.transact_now(_post, number)

    def by_desk(number: int) -> str:
        asked, way = PlaceIn(worker_id=WORKERS[0], reason="等得最久"), Way(60, estimated=True)
        desk, chosen = actor("e1", Role.STAFF), GigId(f"g{number}")
        store.transact_now(by_hand, RULES, desk, chosen, asked, way)
        return "desk"

    def by_round() -> str:
        made = store.transact_now(claim, RULES, token, [Proposal(GigId("g3"), WORKERS[0], 60, 60.0)]).value
        return "round" if made else "nobody"

    outcomes = _at_once([by_round, partial(by_desk, 1), partial(by_desk, 2), by_round] * 3)

    assert Counter(outcomes)["desk"] + Counter(outcomes)["round"] == 1
    assert set(outcomes) <= {"desk", "round", "nobody", NotPlaceable}
    reserved = store.read_now(lambda tx: [tx.gigs.get(GigId(f"g{number}")).reserved for number in (1, 2, 3)])
    assert (sorted(reserved), _rows(store, "offer")) == ([0, 0, 1], 1)


def test_who_comes_into_a_crew_while_rounds_claim_is_asked_with_it_or_not_at_all(store: Store) -> None:
    """However joining, leaving and claims fall: nobody of a crew keeps an offer that the others have not."""
    token = store.transact_now(lambda tx: tx.fence.take(RULES.city, "dispatcher")).value
    people = WORKERS[:4]
    for worker in people:
        store.transact_now(_wait, worker)
    for number in range(1, 5):
        store.transact_now(_post, number, headcount=8)

    def come_and_go(worker: WorkerId) -> str:
        me = actor(worker)
        if worker == people[0]:
            store.transact_now(crews.open_crew, RULES, me)
        else:
            code = store.read_now(lambda tx: tx.crews.get_many(_crews(tx, people))).popitem()[1].code
            store.transact_now(crews.join, RULES, me, code)
        return "came"

    def by_round(number: int) -> str:
        def plan(tx: Transaction) -> list[Proposal]:
            found = tx.workers.get_many(people)
            known = tx.crews.get_many(_crews(tx, people))
            alone = [w for w in people if (c := found[w].crew) is None or len(known[c].members) < 2]
            whole = [(w, each.id) for each in known.values() if len(each.members) > 1 for w in each.members]
            one = GigId(f"g{number}")
            return [Proposal(one, w, 60, 60.0) for w in alone] + [
                Proposal(one, w, 60, 60.0, True, c) for w, c in whole
            ]

        store.transact_now(claim, RULES, token, store.read_now(plan))
        return "asked"

    come_and_go(people[0])
    calls = [partial(come_and_go, worker) for worker in people[1:]]
    rounds = [partial(by_round, number) for number in range(1, 5)]
    _at_once([rounds[0], calls[0], rounds[1], calls[1], rounds[2], calls[2], rounds[3]])

    crew = store.read_now(lambda tx: tx.crews.get_many(_crews(tx, people))).popitem()[1]
    assert set(crew.members) == set(people)
    pending = store.read_now(lambda tx: tx.offers.pending_of(people))
    assert {offer.together for offer in pending.values()} <= {crew.together()}
    assert len(pending) in (0, len(people))
    found = store.read_now(lambda tx: [tx.gigs.get(GigId(f"g{number}")) for number in range(1, 5)])
    assert sum(each.reserved for each in found) == len(pending)


def _crews(tx: Transaction, people: Sequence[WorkerId]) -> list[CrewId]:
    return [one.crew for one in tx.workers.get_many(people).values() if one.crew is not None]


def test_a_claim_passes_over_a_worker_somebody_is_changing(postgresql: str) -> None:
    """It waits for nobody: the seat goes to the next round. (SQLite has one writer: no such moment.)"""
    store = Store(postgresql, clock=lambda: NOW)
    token = store.transact_now(lambda tx: tx.fence.take(RULES.city, "dispatcher")).value
    store.transact_now(lambda tx: tx.gigs.add(gig(1)))
    store.transact_now(_wait, WORKERS[0])
    held, claimed = threading.Event(), threading.Event()

    def go_offline(tx: Transaction) -> None:
        before = tx.workers.lock(WORKERS[0])
        held.set()
        assert claimed.wait(30)
        tx.workers.save(replace(before, presence=Presence()))

    with ThreadPoolExecutor(1) as threads:
        leaving = threads.submit(store.transact_now, go_offline)
        assert held.wait(30)
        try:
            proposals = [Proposal(G1, WORKERS[0], 60, 60.0)]
            assert store.transact_now(claim, RULES, token, proposals).value == 0
        finally:
            claimed.set()
        leaving.result(30)
    assert _rows(store, "offer") == 0
    store.close()
