"""A round's plan: lists grow until nobody further out could fill a seat; one pair is judged as in a round."""

import random
from collections.abc import Iterable, Sequence
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gigmarket.domain.actor import Actor
from gigmarket.domain.errors import NotFound
from gigmarket.domain.gig import Draft, Gig, Site, Wage, WageUnit
from gigmarket.domain.ids import AssignmentId, CrewId, GigId, WorkerId
from gigmarket.domain.matching import CODE
from gigmarket.domain.policy import Policy
from gigmarket.domain.verdict import ORDER, Verdict
from gigmarket.live.roster import Roster
from gigmarket.live.roster_columns import Entry
from gigmarket.services import assignments, gigs, offers, presence
from gigmarket.services import boards as boards_module
from gigmarket.services.boards import ALL, Planned, judge_now, plan_gigs
from gigmarket.services.indexing import rebuild
from gigmarket.services.layout import Known
from gigmarket.services.market import Market
from gigmarket.wire.bus import Move
from gigmarket.wire.people import ProfileIn
from tests.domain.samples import NOW, POLICY, seconds
from tests.services.columns import T, entry, gig, known, metres_of, place, promise, roster
from tests.services.town import Town

FEW = replace(POLICY, considered_per_seat=1)
"""Short lists at first: five workers for one seat."""


def offered(planned: Planned, people: Roster) -> dict[str, str]:
    """Worker → gig of the offers."""
    table = planned.table
    found = {}
    for edge in planned.plan.offers.tolist():
        held = people.columns.entries[int(table.row[table.edges.slot[edge]])]
        assert held is not None
        found[str(held.worker)] = str(table.gigs[int(table.edges.gig[edge])].id)
    return found


def round_of(entries: Iterable[Entry], wanted: Sequence[Gig], policy: Policy = FEW) -> dict[str, str]:
    """Who is offered which gig."""
    people = roster(entries)
    return offered(plan_gigs(wanted, people, known(policy=policy)), people)


def unwilling(count: int) -> list[Entry]:
    """Porters beside the site whose least pay nobody offers."""
    return [entry(f"no{i}", float(i), floor=1e9) for i in range(count)]


@pytest.mark.parametrize("nearer", [4, 5, 12, 13, 40, 300])
def test_a_seat_is_offered_to_the_only_one_who_may_have_it_however_many_are_nearer(nearer: int) -> None:
    assert round_of([*unwilling(nearer), entry("far", metres_of(890.0))], [gig()]) == {"far": "g1"}


@pytest.mark.parametrize("nearer", [6, 40, 300])
def test_who_waited_for_hours_goes_first_however_many_are_nearer(nearer: int) -> None:
    crowd = [entry(f"w{i}", float(i)) for i in range(nearer)]
    since = NOW.timestamp() - POLICY.starving_after_s
    hours = entry("hours", metres_of(400.0), since=since)
    longer = entry("longer", metres_of(800.0), since=since - 600)
    assert round_of([*crowd, hours, longer], [gig()]) == {"longer": "g1"}
    three = round_of([*crowd, hours, longer], [gig(headcount=3)])
    assert {"hours", "longer"} < three.keys()
    assert len(three) == 3


def test_who_may_not_have_it_does_not_stand_before_who_waited_less() -> None:
    since = NOW.timestamp() - POLICY.starving_after_s
    longest = [entry(f"no{i}", float(i), since=since - 600, floor=1e9) for i in range(3)]
    people = [*(entry(f"w{i}", float(i)) for i in range(40)), *longest]
    assert round_of([*people, entry("hours", metres_of(600.0), since=since)], [gig()]) == {"hours": "g1"}


@settings(max_examples=60)
@given(st.integers(0, 2**32), st.integers(1, 60), st.integers(1, 5))
def test_short_lists_choose_whom_complete_ones_choose_for_a_gig(seed: int, workers: int, seats: int) -> None:
    rng = random.Random(seed)
    people = [
        entry(
            f"w{i}",
            rng.uniform(0, metres_of(850.0)),
            since=NOW.timestamp() - rng.choice([0.0, rng.uniform(0, 6000), rng.uniform(0, 18_000)]),
            credit=rng.choice([0.0, 120.0, rng.uniform(0, 420)]),
        )
        for i in range(workers)
    ]
    policy = replace(FEW, alike_s=0)
    everybody = replace(policy, considered_per_seat=workers)
    wanted = [gig(headcount=seats)]
    assert round_of(people, wanted, policy) == round_of(people, wanted, everybody)


def test_a_seat_far_out_is_filled_by_moving_another_worker() -> None:
    # Both gigs are within reach of "middle"; the worker beyond the second reaches the first only.
    north, south = gig("north", metres_of(800.0)), gig("south", 0.0)
    people = [
        *unwilling(60),
        entry("middle", metres_of(10.0)),
        entry("beyond", -metres_of(850.0)),
    ]
    assert round_of(people, [north, south]) == {"middle": "north", "beyond": "south"}


def test_lists_grow_only_while_a_seat_is_free(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[list[int]] = []
    near = Roster.near

    def listening(self: Roster, *args: object) -> object:
        asked.append(np.asarray(args[-1]).tolist())
        return near(self, *args)  # type: ignore[arg-type]

    monkeypatch.setattr(Roster, "near", listening)
    people = [entry(f"w{i}", float(i)) for i in range(100)]
    assert len(round_of(people, [gig(headcount=3)])) == 3
    assert asked == [[3 + boards_module.SPARE]]
    asked.clear()
    assert round_of([*unwilling(100), entry("last", 200.0)], [gig()]) == {"last": "g1"}
    first = 1 + boards_module.SPARE
    assert asked == [[first], [first * boards_module.WIDER], [ALL]]
    asked.clear()
    assert round_of(unwilling(3), [gig()]) == {}
    assert asked == [[1 + boards_module.SPARE]]


@settings(max_examples=60)
@given(st.integers(0, 2**32), st.integers(0, 60), st.integers(1, 6))
def test_short_lists_fill_as_many_seats_as_complete_ones(seed: int, workers: int, count: int) -> None:
    rng = random.Random(seed)
    people = [
        entry(
            f"w{i}",
            rng.uniform(0, 6000),
            floor=rng.choice([0.0, 0.0, 1e9]),
            offered=rng.random() < 0.2,
            trades=frozenset(rng.sample(["porter", "packer"], rng.choice([1, 2]))),
            promises=rng.choice([(), (promise(2, 3, rng.uniform(0, 6000)),)]),
        )
        for i in range(workers)
    ]
    wanted = [
        gig(
            f"g{i}",
            rng.uniform(0, 6000),
            rng.choice([1.0, 4.0]),
            headcount=rng.randint(1, 5),
            trade=rng.choice(["porter", "packer"]),
        )
        for i in range(count)
    ]
    assert len(round_of(people, wanted)) == len(
        round_of(people, wanted, replace(POLICY, considered_per_seat=999))
    )


@settings(max_examples=60)
@given(st.integers(0, 2**32), st.integers(2, 60), st.integers(1, 6))
def test_so_they_do_with_crews_who_come_whole_or_not_at_all(seed: int, workers: int, count: int) -> None:
    rng = random.Random(seed)
    names = [rng.choice([None, None, *(f"c{i}" for i in range(1 + workers // 4))]) for _ in range(workers)]
    people = [
        entry(
            f"w{i}",
            rng.uniform(0, 6000),
            floor=rng.choice([0.0, 0.0, 0.0, 1e9]),
            crew=CrewId(crew) if crew and names.count(crew) > 1 else None,
            party=names.count(crew) if crew else 1,
        )
        for i, crew in enumerate(names)
    ]
    wanted = [gig(f"g{i}", rng.uniform(0, 6000), headcount=rng.randint(1, 6)) for i in range(count)]
    found = round_of(people, wanted)
    assert len(found) == len(round_of(people, wanted, replace(POLICY, considered_per_seat=999)))
    for crew in {name for name in names if name and names.count(name) > 1}:
        sent = {found.get(f"w{i}") for i, name in enumerate(names) if name == crew}
        assert len(sent) == 1


@pytest.mark.parametrize("nearer", [6, 40, 300])
def test_a_crew_is_weighed_whole_however_many_are_nearer_than_one_of_it(nearer: int) -> None:
    # The others would fill both seats, so no list grows; the crew goes first by what fairness takes off.
    crowd = [entry(f"w{i}", float(i)) for i in range(nearer)]
    crew = CrewId("c1")
    pair = [
        entry("first", credit=1000.0, crew=crew, party=2),
        entry("second", metres_of(700.0), crew=crew, party=2),
    ]
    assert round_of([*crowd, *pair], [gig(headcount=2)]) == {"first": "g1", "second": "g1"}


def test_the_stale_are_left_out_and_do_not_hide_others() -> None:
    silent = [entry(f"old{i}", float(i), fresh_until=T) for i in range(50)]
    assert round_of([*silent, entry("there", 1000)], [gig()]) == {"there": "g1"}
    assert round_of(silent, [gig()]) == {}


def test_who_comes_from_a_promised_site_is_found_there() -> None:
    home = metres_of(3000.0)
    after = entry("w1", home, promises=(promise(1, 2, 0.0, home_s=3000.0),))
    assert round_of([after], [gig(starts_h=2.5)]) == {"w1": "g1"}
    assert round_of([after], [gig(starts_h=8.0)]) == {}


def test_who_is_about_to_finish_is_asked_for_the_next_gig_from_his_site() -> None:
    soon = entry("w1", working=T + POLICY.look_ahead_s)
    assert round_of([soon], [gig(starts_h=1)]) == {"w1": "g1"}
    assert round_of([replace(soon, working=T + POLICY.look_ahead_s + 1)], [gig(starts_h=1)]) == {}


def test_a_gig_that_stays_open_reaches_further_for_those_who_agreed() -> None:
    people = [entry("agreed", metres_of(1150.0), reach=1800.0), entry("did not", metres_of(1000.0))]
    agreed = roster(people)
    wanted = [gig(starts_h=5)]
    for after_s, expected in ((0, {}), (599, {}), (600, {"agreed": "g1"})):
        facts = Known({}, known().router, POLICY, NOW + seconds(after_s), bytes(32))
        agreed.move(Move(one.worker, None, facts.now.timestamp() + 90) for one in people)
        assert offered(plan_gigs(wanted, agreed, facts), agreed) == expected


def test_each_trade_has_its_own_workers() -> None:
    people = [entry("porter"), entry("packer", trades=frozenset({"packer"}))]
    wanted = [gig("g1", trade="packer"), gig("g2"), gig("g3", trade="cleaner")]
    assert round_of(people, wanted) == {"porter": "g2", "packer": "g1"}


# One pair is judged as in a round.


async def lively_town(town: Town, rng: random.Random) -> tuple[list[Actor], list[GigId]]:
    """Workers with terms of their own, some with offers, promised hours, or at work; gigs of two trades."""
    employer = town.employer()
    wanted = [
        GigId(town.do(gigs.post, town.rules, employer.employer(), _draft(town, rng)).id) for _ in range(8)
    ]
    people = []
    for _ in range(24):
        worker = town.worker(where=place(rng.uniform(0, 5000)))
        people.append(worker)
        profile = ProfileIn(
            trades=rng.choice([["porter"], ["packer"], ["porter", "packer"]]),
            mode=rng.choice(["ebike", "bicycle", "car"]),
            floor_wage_fen=rng.choice([0, 0, 14_490, 30_000]),
            reach_s=rng.choice([None, 300, 1800]),
        )
        town.do(presence.set_profile, worker.worker(), profile)
        _live(town, rng, worker, rng.choice(wanted))
    return people, wanted


def _draft(town: Town, rng: random.Random) -> Draft:
    starts_at = town.now + seconds(rng.choice([1800, 3600, 4 * 3600, 7 * 3600]))
    return Draft(
        title="搬运药材",
        trade=rng.choice(["porter", "packer"]),
        headcount=12,
        site=Site(place(rng.uniform(0, 5000)), "药都大道 1 号"),
        starts_at=starts_at,
        ends_at=starts_at + seconds(rng.choice([3600, 4 * 3600, 9 * 3600])),
        wage=Wage(rng.choice([14_490, 18_000]), WageUnit.DAY),
    )


def _live(town: Town, rng: random.Random, worker: Actor, some: GigId) -> None:
    """What has happened to this worker this morning."""
    fate = rng.choice(["nothing", "nothing", "offered", "declined", "promised", "at work", "offline"])
    if fate == "offline":
        town.do(presence.go_offline, worker.worker())
    if fate not in ("offered", "declined", "promised", "at work"):
        return
    offer = town.offer(some, worker, rng.randrange(600))
    if fate == "declined":
        town.do(offers.decline, town.rules, worker.worker(), offer, None)
    elif fate in ("promised", "at work"):
        made = town.do(offers.accept, town.rules, worker.worker(), offer).assignment
        if fate == "at work" and town.get_gig(some).draft.starts_at <= town.now + seconds(7200):
            code = town.get_gig(some).site_code
            town.do(assignments.check_in, town.rules, worker.worker(), AssignmentId(made.id), code)


@pytest.mark.parametrize("seed", range(4))
async def test_one_pair_is_judged_as_the_round_judges_it(town: Town, market: Market, seed: int) -> None:
    people, wanted = await lively_town(town, random.Random(seed))
    seen = set()
    for _ in range(4):
        for worker in people:
            town.do(lambda tx, who: tx.workers.seen_many([(who, None)], town.now), worker.worker())
        await rebuild(market, town.roster, "1.a")
        found = [town.get_gig(name) for name in wanted]
        open_gigs = [each for each in found if each.free_seats() and town.now < each.recruit_until]
        refused = town.see(lambda tx, ids: tx.offers.refused(ids), [each.id for each in open_gigs])
        facts = Known(refused, market.router, town.rules.policy, town.now, bytes(32))
        planned = plan_gigs(open_gigs, town.roster, facts)
        for (worker_id, gig_id), code in _codes(planned, town.roster).items():
            said, _ = await judge_now(market, worker_id, gig_id)
            in_round = ORDER[code] if code < CODE[Verdict.OTHERS_FIRST] else Verdict.OFFERED
            assert said is in_round
            seen.add(said)
        town.wait(seconds=1500)
    assert len(seen) >= 5


def _codes(planned: Planned, people: Roster) -> dict[tuple[WorkerId, GigId], int]:
    """The verdict that came furthest per worker and gig."""
    table = planned.table
    found: dict[tuple[WorkerId, GigId], int] = {}
    for edge, code in enumerate(planned.plan.codes.tolist()):
        held = people.columns.entries[int(table.row[table.edges.slot[edge]])]
        assert held is not None
        key = held.worker, table.gigs[int(table.edges.gig[edge])].id
        found[key] = max(found.get(key, 0), code)
    return found


async def test_nobody_is_judged_who_is_not_there(town: Town, market: Market) -> None:
    gone, asked = town.worker(), town.gig(town.employer())
    town.do(presence.go_offline, gone.worker())
    verdict, numbers = await judge_now(market, gone.worker(), asked)
    assert (verdict, numbers) == (Verdict.LEFT, {"pay_fen": 18_000, "floor_fen": 0})
    with pytest.raises(NotFound):
        await judge_now(market, WorkerId("nobody"), asked)
    with pytest.raises(NotFound):
        await judge_now(market, gone.worker(), GigId("nothing"))


async def test_the_numbers_behind_a_verdict(town: Town, market: Market) -> None:
    worker, asked = town.worker(), town.gig(town.employer())
    town.wait(seconds=60)
    assert await judge_now(market, worker.worker(), asked) == (
        Verdict.OFFERED,
        {
            "pay_fen": 18_000,
            "floor_fen": 0,
            "travel_s": 0,
            "circle_s": 900,
            "waited_s": 60,
            "share": 0.0,
        },
    )
