"""Rounds on a real live store: who is offered what, and who never is."""

from dataclasses import replace
from datetime import timedelta

import pytest

from gigmarket.domain.actor import Actor
from gigmarket.domain.errors import Fenced
from gigmarket.domain.geo import Position
from gigmarket.domain.ids import AssignmentId, GigId
from gigmarket.services import assignments, offers, presence
from gigmarket.services.claims import claim
from gigmarket.services.gigs import cancel as cancel_gig
from gigmarket.services.indexing import rebuild, sync_workers
from gigmarket.services.market import Market
from gigmarket.services.reasons import Turn
from gigmarket.services.rounds import RoundReport, run_round
from tests.services.town import CENTRE, Town, proposal

TURN = Turn("1.1", bytes(32))
NORTH = 0.009
"""About a kilometre, in degrees of latitude."""


async def round_of(market: Market, town: Town, *gigs: GigId) -> RoundReport:
    """A round as the dispatcher runs one."""
    return await run_round(market, town.roster, town.token, gigs, TURN)


async def present(market: Market, town: Town, *workers: Actor) -> None:
    """Bring the index up to date for these people."""
    await sync_workers(market, town.roster, [worker.worker() for worker in workers])


def offered(town: Town, *workers: Actor) -> dict[str, GigId]:
    """Which of these workers holds an offer of which gig."""
    names = [worker.worker() for worker in workers]
    pending = town.see(lambda tx: tx.offers.pending_of(names))
    return {worker: offer.gig for worker, offer in pending.items()}


async def test_the_nearest_is_offered_the_seat(town: Town, market: Market) -> None:
    far = town.worker(where=Position(CENTRE.lat + 2 * NORTH, CENTRE.lng))
    near = town.worker(where=Position(CENTRE.lat + NORTH, CENTRE.lng))
    await present(market, town, far, near)
    gig = town.gig(town.employer())
    report = await round_of(market, town, gig)
    assert (report.gigs, report.offered, report.lost) == (1, 1, 0)
    assert offered(town, far, near) == {near.account: gig}
    made = town.get_offer(town.pending(near))
    assert made.estimated
    assert made.travel_s == 275  # 1,000 m × 1.68 of detour at 22 km/h


async def test_nobody_beyond_the_circle_is_offered_anything(town: Town, market: Market) -> None:
    away = town.worker(where=Position(CENTRE.lat + 4 * NORTH, CENTRE.lng))
    await present(market, town, away)
    assert (await round_of(market, town, town.gig(town.employer()))).offered == 0
    assert offered(town, away) == {}


async def test_from_the_moment_that_recruiting_ends_a_round_looks_at_a_gig_no_more(
    town: Town, market: Market
) -> None:
    gig = town.gig(town.employer())
    last = town.get_gig(gig).recruit_until
    for moment, looked_at in (last - timedelta(seconds=1), 1), (last, 0), (last + timedelta(seconds=1), 0):
        town.now = moment
        there = town.worker()  # beside the site, so that this second is not too late to arrive
        await present(market, town, there)
        report = await round_of(market, town, gig)
        assert (report.gigs, len(report.proposed), len(offered(town, there))) == (looked_at,) * 3
        if looked_at:
            town.do(offers.decline, town.rules, there.worker(), town.pending(there), None)


async def test_one_worker_is_offered_one_gig_at_a_time(town: Town, market: Market) -> None:
    worker, employer = town.worker(), town.employer()
    await present(market, town, worker)
    first, second = town.gig(employer), town.gig(employer, starts_in_h=8)
    assert (await round_of(market, town, first, second)).offered == 1
    assert (await round_of(market, town, first, second)).offered == 0
    (held,) = offered(town, worker).values()
    town.do(offers.accept, town.rules, worker.worker(), town.pending(worker))
    await present(market, town, worker)
    assert (await round_of(market, town, first, second)).offered == 1  # other hours, later today
    assert offered(town, worker)[worker.account] in {first, second} - {held}


async def test_a_gig_that_was_declined_or_let_run_out_does_not_come_back(town: Town, market: Market) -> None:
    people = [town.worker() for _ in range(2)]
    await present(market, town, *people)
    gig = town.gig(town.employer(), headcount=2)
    assert (await round_of(market, town, gig)).offered == 2
    town.do(offers.decline, town.rules, people[0].worker(), town.pending(people[0]), None)
    town.wait(seconds=61)
    town.do(offers.expire_due, town.rules)
    for worker in people:
        town.do(presence.go_available, worker, CENTRE, None, False)
    await present(market, town, *people)
    assert (await round_of(market, town, gig)).offered == 0
    other = town.gig(town.employer(), headcount=2)
    assert (await round_of(market, town, other)).offered == 2


async def test_as_many_as_there_are_seats(town: Town, market: Market) -> None:
    people = [town.worker() for _ in range(5)]
    await present(market, town, *people)
    gig = town.gig(town.employer(), headcount=3)
    assert (await round_of(market, town, gig)).offered == 3
    assert (await round_of(market, town, gig)).offered == 0
    assert (town.get_gig(gig).reserved, town.get_gig(gig).free_seats()) == (3, 0)


async def test_stale_and_offline_workers_are_left_out(town: Town, market: Market) -> None:
    stale, offline = town.worker(), town.worker()
    await present(market, town, stale, offline)
    town.do(presence.go_offline, offline.worker())  # and the index has not heard of it yet
    town.wait(seconds=town.rules.policy.fresh_s + town.rules.policy.seen_every_s + 1)
    gig = town.gig(town.employer())
    fresh = town.worker(where=Position(CENTRE.lat + NORTH, CENTRE.lng))
    await present(market, town, fresh)
    assert (await round_of(market, town, gig)).offered == 1
    assert offered(town, stale, offline, fresh) == {fresh.account: gig}


async def test_what_the_claim_finds_changed_is_dropped_alone(town: Town, market: Market) -> None:
    gone, there = town.worker(), town.worker()
    gig = town.gig(town.employer(), headcount=2)
    town.do(presence.go_offline, gone.worker())
    plan = [proposal(gig, gone), proposal(gig, there), proposal(gig, there)]
    assert town.do(claim, town.rules, town.token, plan) == 1
    assert offered(town, gone, there) == {there.account: gig}
    assert town.get_gig(gig).reserved == 1


async def test_a_seat_is_never_promised_twice(town: Town, market: Market) -> None:
    people = [town.worker() for _ in range(3)]
    gig = town.gig(town.employer())
    plan = [proposal(gig, worker) for worker in people]
    assert town.do(claim, town.rules, town.token, plan) == 1


async def test_a_dispatcher_that_was_replaced_writes_nothing(town: Town, market: Market) -> None:
    worker = town.worker()
    await present(market, town, worker)
    gig = town.gig(town.employer())
    old, told = town.token, len(town.events)
    town.do(lambda tx: tx.fence.take("zhangshu", "another"))
    with pytest.raises(Fenced):
        await run_round(market, town.roster, old, [gig], TURN)
    assert offered(town, worker) == {}
    assert town.get_gig(gig).reserved == 0
    assert len(town.events) == told


async def test_the_index_is_rebuilt_from_sql(town: Town, market: Market) -> None:
    waiting, offline = town.worker(), town.worker(available=False)
    gig = town.gig(town.employer())
    await market.redis.flushdb()
    assert await rebuild(market, town.roster, "1.a") == (1, 1)
    assert await market.index.epoch() == "1.a"
    found = await market.index.positions([waiting.worker(), offline.worker()])
    assert found.keys() == {waiting.worker()}
    assert [near for near, _ in await market.index.gigs_near(CENTRE, 100, 10)] == [gig]
    assert (await round_of(market, town, gig)).offered == 1


async def test_a_seat_whose_worker_cancelled_is_filled_before_a_nearer_and_older_one(
    town: Town, market: Market
) -> None:
    employer, quitter = town.employer(), town.worker()
    older = town.gig(employer)
    town.wait(minutes=1)
    back = town.gig(employer, where=Position(CENTRE.lat + 2 * NORTH, CENTRE.lng))
    accepted = town.do(offers.accept, town.rules, quitter.worker(), town.offer(back, quitter))
    town.do(assignments.cancel, town.rules, quitter, AssignmentId(accepted.assignment.id), "病了")
    town.do(presence.go_offline, quitter.worker())
    free = town.worker()
    await present(market, town, quitter, free)
    assert (await round_of(market, town, older, back)).offered == 1
    assert offered(town, free) == {free.account: back}


async def test_a_gig_just_posted_is_offered_without_being_read(town: Town, market: Market) -> None:
    worker = town.worker()
    await present(market, town, worker)
    gig = town.gig(town.employer())
    (posted,) = town.woken[-1].aftermath.posted
    assert posted == town.get_gig(gig)
    read = market.store.reads
    report = await run_round(market, town.roster, town.token, [gig], TURN, posted={gig: posted})
    assert (report.gigs, report.offered, market.store.reads) == (1, 1, read)
    assert offered(town, worker) == {worker.account: gig}


async def test_a_posting_of_a_while_ago_is_read_since_somebody_may_have_declined_it(
    town: Town, market: Market
) -> None:
    worker = town.worker()
    gig = town.gig(town.employer())
    (posted,) = town.woken[-1].aftermath.posted
    town.do(offers.decline, town.rules, worker.worker(), town.offer(gig, worker), None)
    await present(market, town, worker)
    for moment in (posted.posted_at + timedelta(seconds=2), posted.posted_at - timedelta(seconds=2)):
        town.now = moment
        report = await run_round(market, town.roster, town.token, [gig], TURN, posted={gig: posted})
        assert (report.gigs, report.offered) == (1, 0)


async def test_a_posting_that_sql_does_not_know_is_offered_to_nobody(town: Town, market: Market) -> None:
    workers = [town.worker() for _ in range(2)]
    await present(market, town, *workers)
    gig = town.gig(town.employer())
    (posted,) = town.woken[-1].aftermath.posted
    unknown = replace(posted, id=GigId("0"))
    both = {gig: posted, unknown.id: unknown}
    report = await run_round(market, town.roster, town.token, both, TURN, posted=both)
    assert (report.gigs, report.offered, report.lost) == (2, 1, 1)
    assert set(offered(town, *workers).values()) == {gig}


async def test_only_gigs_with_free_seats_are_in_the_index(town: Town, market: Market) -> None:
    worker = town.worker()
    await present(market, town, worker)
    employer = town.employer()
    full, free = town.gig(employer), town.gig(employer, headcount=2, starts_in_h=8)
    assert (await round_of(market, town, full)).offered == 1
    assert await market.index.gigs_near(CENTRE, 100, 10) == []
    await round_of(market, town, free)
    assert [near for near, _ in await market.index.gigs_near(CENTRE, 100, 10)] == [free]
    town.do(offers.decline, town.rules, worker.worker(), town.pending(worker), None)
    await round_of(market, town, full)
    assert {near for near, _ in await market.index.gigs_near(CENTRE, 100, 10)} == {full, free}
    other = town.worker()
    await present(market, town, other)
    assert (await round_of(market, town, full)).offered == 1
    assert [near for near, _ in await market.index.gigs_near(CENTRE, 100, 10)] == [free]


async def test_gigs_near_a_worker_who_comes_are_looked_at_again(town: Town, market: Market) -> None:
    gig = town.gig(town.employer())
    await round_of(market, town, gig)  # nobody there, but the gig is in the index now
    worker = town.worker()
    assert await sync_workers(market, town.roster, [worker.worker()]) == {gig}


async def test_telling_without_a_live_store_loses_nothing(town: Town, market: Market) -> None:
    heard: list[object] = []
    market.deliver = heard.extend
    employer = town.employer()
    await market.redis.aclose()
    market.redis.connection_pool.connection_kwargs["path"] = "/nowhere/valkey.sock"  # type: ignore[union-attr]
    await market.transact(lambda tx: tx.tell(employer.principal(), "gig.updated", b"{}"))
    assert len(heard) == 1  # this process's own sockets have it
    assert town.see(lambda tx: tx.streams.head(str(employer.principal()))) == 1


async def test_a_gig_called_off_is_named_to_the_dispatcher_and_leaves_the_index(
    town: Town, market: Market
) -> None:
    employer = town.employer()
    gig = town.gig(employer)
    await round_of(market, town, gig)
    assert [found for found, _ in await market.index.gigs_near(CENTRE, 5000, 10)] == [gig]
    town.do(cancel_gig, town.rules, employer.employer(), gig)
    assert gig in town.woken[-1].aftermath.gigs
    await round_of(market, town, *town.woken[-1].aftermath.gigs)
    assert await market.index.gigs_near(CENTRE, 5000, 10) == []
