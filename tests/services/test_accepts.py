"""Accepts of many workers at once: each is answered as it would have been alone."""

import asyncio
import random
import shutil
from pathlib import Path
from typing import Any

import pytest

from gigmarket.domain.actor import Actor
from gigmarket.domain.errors import NotFound, Refusal
from gigmarket.domain.ids import GigId, Role
from gigmarket.services import gigs, offers
from gigmarket.services.accepts import OP, Accept, Accepts, accept_many, common
from gigmarket.services.commands import perform
from gigmarket.services.market import Market
from gigmarket.store.transaction import Committed, Transaction
from gigmarket.wire.codec import decode
from gigmarket.wire.work import DeclineArgs, OfferArgs
from tests.services.test_crews import crew_of, offered_together
from tests.services.town import Town, at_kiosk


def _accept(town: Town, worker: Actor, key: str | None = "k") -> Accept:
    return Accept(worker, OfferArgs(offer_id=town.pending(worker)), key)


def _offered(town: Town, headcount: int, workers: int) -> tuple[GigId, list[Actor]]:
    gig = town.gig(town.employer(), headcount=headcount)
    people = [town.worker() for _ in range(workers)]
    for worker in people:
        town.offer(gig, worker)
    return gig, people


def _together(town: Town, asked: list[Accept]) -> dict[int, Any]:
    return {number: answer for number, (answer, _) in town.do(accept_many, town.rules, asked).items()}


def test_many_accept_and_everybody_hears_what_he_would_have_heard(town: Town) -> None:
    employer = town.employer()
    first, second = town.gig(employer, headcount=3), town.gig(employer)
    workers = [town.worker(name=f"王{number}") for number in range(4)]
    for worker in workers[:3]:
        town.offer(first, worker)
    town.offer(second, workers[3])
    told = len(town.events)
    done = _together(town, [_accept(town, worker) for worker in workers])
    assert [answer.status for answer in done.values()] == [200] * 4
    for number, worker in enumerate(workers):
        mine = decode(done[number].body)["assignment"]
        assert town.told(worker, told) == [("assignment.created", {"assignment": mine})]
        assert mine["gig"]["site"]["address"] == "药都大道 1 号"
    kinds = town.kinds(employer, told)
    # A gig's seats are told once, when the last of them is taken.
    assert (kinds.count("assignment.created"), kinds.count("gig.updated")) == (4, 2)
    assert {gig: town.get_gig(gig).filled for gig in (first, second)} == {first: 3, second: 1}
    seen = {
        told["gig"]["id"]: told["gig"]["filled"] for kind, told in town.told(employer, told) if "gig" in told
    }
    assert seen == {first: 3, second: 1}


def test_whoever_asked_first_is_told_of_first(town: Town) -> None:
    """Who waits is answered in that order, and a stream must be told in the order of its numbers."""
    _, workers = _offered(town, 6, 6)
    random.Random(1).shuffle(workers)
    done = town.do(accept_many, town.rules, [_accept(town, worker) for worker in workers])
    whole = town.woken[-1].aftermath
    told = [event for number in range(6) for event in done[number][1].of(whole).events]
    assert told == list(whole.events)
    for principal in {event.principal for event in told}:
        seqs = [event.seq for event in told if event.principal == principal]
        assert seqs == sorted(seqs)


def test_a_used_key_beside_a_fresh_one_spoils_nothing(town: Town) -> None:
    _, (rogue, *others) = _offered(town, 4, 4)
    used = DeclineArgs(offer_id="nothing")
    town.do(perform, town.rules, rogue, "offer.decline", used, "used")
    mine = _accept(town, rogue, "used")
    asked = [mine, Accept(rogue, mine.args, "fresh"), *(_accept(town, other) for other in others)]
    assert _together(town, asked).keys() == {2, 3, 4}


def test_each_part_of_the_aftermath_is_its_callers_and_all_parts_are_the_whole(town: Town) -> None:
    gig, workers = _offered(town, 3, 3)
    done = town.do(accept_many, town.rules, [_accept(town, worker) for worker in workers])
    whole = town.woken[-1].aftermath
    parts = [done[number][1].of(whole) for number in sorted(done, key=lambda each: done[each][1].first)]
    assert [event for part in parts for event in part.events] == list(whole.events)
    assert frozenset.union(*(part.workers for part in parts)) == whole.workers
    assert frozenset.union(*(part.gigs for part in parts)) == whole.gigs == {gig}
    for number, worker in enumerate(workers):
        mine = done[number][1].of(whole)
        assert mine.workers == {worker.worker()}
        assert str(worker.principal()) in {event.principal for event in mine.events}


def test_what_something_stands_against_is_left_alone_and_leaves_no_trace(town: Town) -> None:
    gig, (plain, late, thief, twice, known) = _offered(town, 8, 5)
    leader, mate = town.worker(), town.worker()
    crew_of(town, leader, mate)
    offered_together(town, gig, leader, mate)
    offered = {one.account: _accept(town, one) for one in (plain, late, thief, twice, known)}
    town.do(perform, town.rules, known, OP, offered[known.account].args, "k")
    town.do(offers.decline, town.rules, late.worker(), town.pending(late), None)
    asked = [
        offered[plain.account],
        offered[late.account],
        Accept(thief, offered[plain.account].args, "k2"),
        Accept(thief, OfferArgs(offer_id="nothing"), None),
        offered[twice.account],
        Accept(twice, offered[twice.account].args, "another"),
        offered[known.account],
        _accept(town, leader),
        _accept(town, mate),
    ]
    before, rows = town.get_gig(gig).filled, _keys(town)
    done = _together(town, asked)
    assert done.keys() == {0, 4}
    assert town.get_gig(gig).filled == before + 2
    assert _keys(town) == rows + 2


def test_hours_that_are_taken_and_a_gig_that_was_called_off(town: Town) -> None:
    employer = town.employer()
    worker, other = town.worker(), town.worker()
    town.offer(town.gig(employer), worker)
    town.do(offers.accept, town.rules, worker.worker(), town.pending(worker))
    later, closed = town.gig(employer, starts_in_h=6), town.gig(employer)
    mine, gone = town.offer(later, worker), town.offer(closed, other)
    # A round would not have offered it: the work grew after it looked.
    town.do(lambda tx: tx.connection.exec_driver_sql("UPDATE assignment SET busy_until = busy_until * 2"))
    town.do(gigs.cancel, town.rules, employer.employer(), closed)
    asked = [Accept(worker, OfferArgs(offer_id=mine), "k"), Accept(other, OfferArgs(offer_id=gone), "k")]
    assert _together(town, asked) == {}
    answers = [town.do(perform, town.rules, one.actor, OP, one.args, one.key) for one in asked]
    assert [decode(one.body)["type"] for one in answers] == ["/problems/overlap", "/problems/offer-closed"]


def _keys(town: Town) -> int:
    return int(
        town.see(lambda tx: tx.connection.exec_driver_sql("SELECT count(*) FROM idempotency").scalar_one())
    )


@pytest.mark.parametrize("seed", range(6))
def test_together_or_one_by_one_is_the_same(template: Path, tmp_path: Path, seed: int) -> None:
    """Random accepts, the same in two towns: all at once and the rest alone, or one after the other."""
    outcomes = []
    for name in ("together", "alone"):
        folder = tmp_path / name
        folder.mkdir()
        shutil.copy(template, folder / "gigmarket.db")
        town = Town(folder / "gigmarket.db")
        asked, watched = _crowd(town, random.Random(seed))
        done = _together(town, asked) if name == "together" else {}
        assert name == "alone" or done
        for number, one in enumerate(asked):
            if number not in done:
                done[number] = _alone(town, one)
        outcomes.append([_seen(done), [_summary(town, gig) for gig in watched]])
        town.store.close()
    assert outcomes[0] == outcomes[1]


def _crowd(town: Town, rng: random.Random) -> tuple[list[Accept], list[GigId]]:
    employers = [town.employer() for _ in range(2)]
    watched = [town.gig(rng.choice(employers), headcount=rng.randint(1, 4)) for _ in range(4)]
    people = [town.worker() for _ in range(10)]
    offered = []
    for worker in people:
        gig = rng.choice(watched)
        if town.get_gig(gig).free_seats():
            town.offer(gig, worker)
            offered.append(worker)
        if rng.random() < 0.2:
            town.wait(seconds=20)
    asked = [_accept(town, worker, rng.choice(["k", None])) for worker in offered]
    asked += [Accept(rng.choice(people), one.args, "k2") for one in rng.sample(asked, 2)]
    rng.shuffle(asked)
    return asked, watched


def _alone(town: Town, one: Accept) -> Any:
    try:
        return town.do(perform, town.rules, one.actor, OP, one.args, one.key)
    except Refusal as refusal:
        return refusal.code


def _seen(done: dict[int, Any]) -> list[Any]:
    return [getattr(done[number], "status", done[number]) for number in sorted(done)]


def _summary(town: Town, gig: GigId) -> Any:
    found = town.get_gig(gig)
    return found.status, found.filled, found.reserved, town.see(lambda tx: tx.assignments.working_on(gig))


def test_only_a_workers_own_session_is_common(town: Town) -> None:
    worker = town.worker()
    assert common(worker)
    assert not common(at_kiosk(worker, "s1", "kiosk"))
    assert not common(town.person(Role.CLERK, station=town.see(lambda tx: tx.stations.all()[0].id)))


async def test_a_crowd_over_the_market_shares_transactions(town: Town, market: Market) -> None:
    gig, workers = _offered(town, 20, 20)
    before = len(town.events)
    asked = [_accept(town, worker) for worker in workers]
    refused = Accept(workers[0], asked[1].args, None)
    committed = await asyncio.gather(
        *(market.perform(one.actor, OP, one.args, one.key) for one in [*asked, refused]), return_exceptions=True
    )
    assert isinstance(committed.pop(), NotFound)
    assert {one.value.status for one in committed if isinstance(one, Committed)} == {200}
    assert town.get_gig(gig).filled == 20
    assert len(town.events) == before  # told by each caller, not here
    again = await market.perform(asked[0].actor, OP, asked[0].args, asked[0].key)
    assert not again.aftermath
    assert isinstance(committed[0], Committed)
    assert again.value == committed[0].value


async def test_when_the_schema_refuses_all_each_is_tried_alone(town: Town) -> None:
    """Somebody takes a key between the question whether it is known and the answer under it."""
    gig, workers = _offered(town, 3, 3)
    asked = [_accept(town, worker) for worker in workers]
    together = 0

    def spoilt(tx: Transaction, *args: Any) -> None:
        nonlocal together
        together += len(accept_many(tx, *args))
        tx.connection.exec_driver_sql("INSERT INTO idempotency SELECT * FROM idempotency")

    async def transact(fn: Any, *args: Any) -> Committed[Any]:
        return await town.store.transact(spoilt if fn is accept_many else fn, *args)

    accepts = Accepts(transact, town.rules)
    done = await asyncio.gather(*map(accepts.ask, asked))
    assert together == 3
    assert [one.value.status for one in done] == [200] * 3
    assert town.get_gig(gig).filled == 3
