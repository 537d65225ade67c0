"""The roster and the live index follow SQL and heartbeats alike, whatever comes in which order."""

import random
from datetime import UTC, datetime

import pytest

from gigmarket.domain.actor import Actor
from gigmarket.domain.geo import Mode, Position, metres_between
from gigmarket.domain.ids import AssignmentId, GigId, WorkerId
from gigmarket.services import assignments, offers, presence
from gigmarket.services.indexing import rebuild, sync_workers
from gigmarket.services.market import Market
from gigmarket.wire.bus import Move
from gigmarket.wire.people import ProfileIn
from tests.domain.samples import seconds
from tests.services.columns import place
from tests.services.town import Town, at_kiosk

TRADES = ("porter", "packer")
Held = dict[WorkerId, tuple[Position, datetime]]


def _does(trades: list[str]) -> ProfileIn:
    return ProfileIn(trades=trades, mode=Mode.EBIKE)


async def in_index(market: Market, people: list[Actor]) -> Held:
    """Where and until when fresh the index has these workers."""
    names = [worker.worker() for worker in people]
    places, untils = await market.index.positions(names), await market.index.fresh_until(names)
    assert places.keys() == untils.keys()
    return {name: (places[name], untils[name]) for name in places}


def in_roster(town: Town) -> Held:
    """The same of the roster, without those at work, who leave the index."""
    columns = town.roster.columns
    return {
        name: (columns.place(row), datetime.fromtimestamp(float(columns.at.fresh[row]), UTC))
        for name, row in columns.row_of.items()
        if columns.at.working[row] < 0
    }


async def check(town: Town, market: Market, people: list[Actor]) -> None:
    """Both hold the same workers, at the same places (the roster ignores noise), fresh equally long."""
    one, other = in_roster(town), await in_index(market, people)
    assert one.keys() == other.keys()
    for name in one:
        assert metres_between(one[name][0], other[name][0]) < 6
        assert abs(one[name][1] - other[name][1]) < seconds(0.002)
    counts = await market.index.counts()
    for trade in TRADES:
        able = [e for e in town.roster.columns.entries if e and trade in e.trades and e.worker in one]
        assert len(able) == counts[trade]


async def heartbeat(town: Town, market: Market, worker: Actor, where: Position | None) -> None:
    """As a socket's heartbeat travels: to the index, to the dispatcher, and now and then to SQL."""
    fresh_until = town.now + seconds(town.rules.policy.fresh_s)
    lost = await market.index.move([Move(worker.worker(), where, fresh_until.timestamp())])
    town.roster.move([Move(worker.worker(), where, fresh_until.timestamp())])
    before = town.see(lambda tx: tx.workers.get(worker.worker())).presence.seen_at
    if lost or before is None or town.now - before >= seconds(town.rules.policy.seen_every_s):
        town.do(lambda tx: tx.workers.seen_many([(worker.worker(), where)], town.now))
    if lost:
        await sync_workers(market, town.roster, lost)


def _idle(town: Town, name: WorkerId) -> bool:
    """Wants work, and has neither an offer nor hours."""
    pending, working = town.see(lambda tx: (tx.offers.pending_of([name]), tx.assignments.working_of([name])))
    return town.see(lambda tx: tx.workers.get(name)).presence.wanted and not pending and not working.get(name)


async def live(town: Town, market: Market, rng: random.Random, worker: Actor, wanted: list[GigId]) -> None:
    """One thing that happens to a worker, and the dispatcher hearing of it."""
    name, here = worker.worker(), place(rng.uniform(-3000, 3000))
    match rng.choice(["come", "go", "trades", "offer", "answer", "work", "nothing"]):
        case "come":
            town.do(presence.go_available, worker, here, None, False)
        case "go":
            town.do(presence.go_offline, name)
        case "trades":
            town.do(presence.set_profile, name, _does(rng.sample(TRADES, rng.choice([1, 2]))))
        case "offer":
            if _idle(town, name):
                town.offer(rng.choice(wanted), worker)
        case "answer":
            pending = town.see(lambda tx: tx.offers.pending_of([name])).get(name)
            if pending and town.now < pending.expires_at:
                answer = rng.choice(["accept", "decline"])
                if answer == "accept":
                    town.do(offers.accept, town.rules, name, pending.id)
                else:
                    town.do(offers.decline, town.rules, name, pending.id, None)
        case "work":
            for held in town.see(lambda tx: tx.assignments.working_of([name])).get(name, []):
                code = town.get_gig(held.gig).site_code
                if held.status == "confirmed":
                    town.do(assignments.check_in, town.rules, name, held.id, code)
                else:
                    town.do(assignments.check_out, town.rules, name, held.id)
    await sync_workers(market, town.roster, [name])


@pytest.mark.parametrize("seed", range(3))
async def test_roster_and_index_agree_through_a_morning(town: Town, market: Market, seed: int) -> None:
    rng, employer = random.Random(seed), town.employer()
    people = [town.worker(where=place(rng.uniform(-3000, 3000))) for _ in range(12)]
    wanted = [town.gig(employer, headcount=12) for _ in range(3)]
    await rebuild(market, town.roster, "1.a")
    await check(town, market, people)
    for turn in range(150):
        worker = rng.choice(people)
        if rng.random() < 0.6:
            where = rng.choice([None, place(rng.uniform(-3000, 3000))])
            await heartbeat(town, market, worker, where)
        else:
            await live(town, market, rng, worker, wanted)
        town.wait(seconds=rng.choice([0.05, 1, 5]))
        if turn % 10 == 0:
            await check(town, market, people)
        if turn == 75:
            await rebuild(market, town.roster, "1.b")
    await check(town, market, people)


async def test_a_place_told_by_heartbeat_outlives_a_change_in_sql(town: Town, market: Market) -> None:
    worker = town.worker(where=place(0))
    await sync_workers(market, town.roster, [worker.worker()])
    town.wait(seconds=20)
    await heartbeat(town, market, worker, place(500))
    town.do(presence.set_profile, worker.worker(), _does(["packer"]))
    await sync_workers(market, town.roster, [worker.worker()])
    for held in (in_roster(town), await in_index(market, [worker])):
        assert metres_between(held[worker.worker()][0], place(500)) < 6


async def test_who_leaves_the_hall_for_a_phone_is_only_as_fresh_as_a_phone(town: Town, market: Market) -> None:
    worker = town.worker(available=False)
    station = town.see(lambda tx: tx.stations.all())[0]
    town.do(presence.go_available, at_kiosk(worker, station.id, "k1"), None, None, True)
    await sync_workers(market, town.roster, [worker.worker()])
    town.wait(seconds=600)
    town.do(presence.go_available, worker, place(0), None, False)
    await sync_workers(market, town.roster, [worker.worker()])
    for held in (in_roster(town), await in_index(market, [worker])):
        where, until = held[worker.worker()]
        assert metres_between(where, place(0)) < 6
        assert until - town.now <= seconds(town.rules.policy.fresh_s + town.rules.policy.seen_every_s)


@pytest.mark.parametrize("how", ["synced", "rebuilt"])
async def test_who_is_at_work_leaves_the_index_and_stays_in_the_roster(
    town: Town, market: Market, how: str
) -> None:
    worker, free = town.worker(where=place(0)), town.worker(where=place(0))
    gig = town.gig(town.employer(), where=place(0))
    await sync_workers(market, town.roster, [worker.worker(), free.worker()])
    town.offer(gig, worker)
    held = town.do(offers.accept, town.rules, worker.worker(), town.pending(worker)).assignment
    code = town.get_gig(gig).site_code
    town.do(assignments.check_in, town.rules, worker.worker(), AssignmentId(held.id), code)
    if how == "synced":
        await sync_workers(market, town.roster, [worker.worker()])
    else:
        await rebuild(market, town.roster, "1.a")
    assert (await in_index(market, [worker, free])).keys() == {free.worker()}
    assert worker.worker() in town.roster


async def test_a_rebuild_holds_whom_sql_holds_however_long_a_hall_counts(town: Town, market: Market) -> None:
    gone, in_hall, silent = town.worker(), town.worker(available=False), town.worker()
    station = town.see(lambda tx: tx.stations.all())[0]
    town.do(presence.go_available, at_kiosk(in_hall, station.id, "k1"), None, None, True)
    await rebuild(market, town.roster, "1.a")
    assert len(town.roster) == 3
    town.do(presence.go_offline, gone.worker())
    town.wait(seconds=town.rules.policy.fresh_s + town.rules.policy.seen_every_s)
    await rebuild(market, town.roster, "1.b")
    assert in_roster(town).keys() == (await in_index(market, [gone, in_hall, silent])).keys()
    assert in_roster(town).keys() == {in_hall.worker()}


async def test_after_a_rebuild_too_a_phone_is_only_as_fresh_as_a_phone(town: Town, market: Market) -> None:
    """The index still has the hall's word, which counts for hours."""
    worker = town.worker(available=False)
    station = town.see(lambda tx: tx.stations.all())[0]
    town.do(presence.go_available, at_kiosk(worker, station.id, "k1"), None, None, True)
    await sync_workers(market, town.roster, [worker.worker()])
    town.do(presence.go_available, worker, place(0), None, False)
    await rebuild(market, town.roster, "1.a")
    for held in (in_roster(town), await in_index(market, [worker])):
        _, until = held[worker.worker()]
        assert until - town.now <= seconds(town.rules.policy.fresh_s + town.rules.policy.seen_every_s)


async def test_who_comes_has_the_gigs_looked_at_again_that_he_would_go_to(town: Town, market: Market) -> None:
    near, far = (town.gig(town.employer(), where=place(metres)) for metres in (1000, 4500))
    await rebuild(market, town.roster, "1.a")
    worker, willing = town.worker(where=place(0)), town.worker(where=place(0))
    terms = _does(["porter"]).model_copy(update={"reach_s": 1500})
    town.do(presence.set_profile, willing.worker(), ProfileIn(**terms.model_dump()))
    assert await sync_workers(market, town.roster, [worker.worker()]) == {near}
    assert await sync_workers(market, town.roster, [willing.worker()]) == {near, far}
    town.offer(near, worker)
    assert await sync_workers(market, town.roster, [worker.worker()]) == set()
