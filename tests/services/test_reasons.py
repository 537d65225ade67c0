"""What a round leaves behind: everybody counted once, the closest named, and a draw that can be recomputed."""

import random
from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gigmarket.domain.draw import key_of, tickets
from gigmarket.domain.errors import Fenced
from gigmarket.domain.explanation import Considered, Explanation
from gigmarket.domain.gig import Gig
from gigmarket.domain.ids import CrewId, GigId, WorkerId
from gigmarket.domain.policy import Policy
from gigmarket.domain.verdict import ORDER, Verdict
from gigmarket.live.roster import Roster
from gigmarket.live.roster_columns import Entry
from gigmarket.services.boards import Planned, plan_gigs
from gigmarket.services.draws import open_chain
from gigmarket.services.market import Market
from gigmarket.services.reasons import LOTS, Turn, explanations, proposals
from gigmarket.services.rounds import RETOLD_S, Told, keep_reasons, run_round
from gigmarket.store.transaction import Transaction
from tests.domain.samples import NOW, POLICY
from tests.services.columns import LINES, SEED, T, entry, gig, known, promise, roster, way_s
from tests.services.test_rounds import present
from tests.services.town import Town
from tests.travel.roads_town import river_town

TURN = Turn("3.14", SEED)
KEPT = 4


def naming(kept: int) -> Policy:
    """The usual policy, under which so many are kept by name."""
    return replace(POLICY, considered_kept=kept)


def planned_of(entries: Sequence[Entry], gigs: Sequence[Gig]) -> tuple[Planned, Roster]:
    """A round's plan, and the roster it was made from."""
    people = roster(entries)
    return plan_gigs(gigs, people, known()), people


def reasons(entries: Sequence[Entry], gigs: Sequence[Gig], kept: int = KEPT) -> list[Explanation]:
    """What the round leaves about each gig."""
    planned, people = planned_of(entries, gigs)
    return explanations(planned, people.columns, TURN, NOW, naming(kept), [each.id for each in gigs])


def rank(person: Considered) -> tuple[int, float, float]:
    """Closest to an offer first: the verdict that came furthest, then cost, then travel."""
    if person.cost_s is not None:
        return -ORDER.index(person.verdict), person.cost_s, 0.0
    return -ORDER.index(person.verdict), np.inf, np.inf if person.travel_s is None else person.travel_s


def crowd(seed: int) -> tuple[list[Entry], list[Gig]]:
    """Workers of all kinds, and gigs of two trades."""
    rng = random.Random(seed)
    people = [
        entry(
            f"w{i}",
            rng.uniform(0, 4000),
            floor=rng.choice([0.0, 0.0, 1e9]),
            offered=rng.random() < 0.2,
            trades=frozenset(rng.sample(["porter", "packer"], rng.choice([1, 2]))),
            promises=rng.choice([(), (promise(2, 3, 500),), (promise(1, 2, 500), promise(4, 6, 900))]),
            since=T - rng.uniform(0, 9000),
            key=key_of(WorkerId(f"w{i}")),
        )
        for i in range(rng.randrange(40))
    ]
    wanted = [
        gig(f"g{i}", rng.uniform(0, 4000), headcount=rng.randint(1, 6), trade=rng.choice(["porter", "packer"]))
        for i in range(rng.randint(1, 4))
    ]
    return people, wanted


@settings(max_examples=80)
@given(st.integers(0, 2**32))
def test_a_round_tells_about_everybody_once_and_names_the_closest(seed: int) -> None:
    people, wanted = crowd(seed)
    planned, known_people = planned_of(people, wanted)
    made = proposals(planned, known_people.columns)
    told = explanations(planned, known_people.columns, TURN, NOW, naming(KEPT), [each.id for each in wanted])
    everybody = explanations(
        planned, known_people.columns, TURN, NOW, naming(10**6), [each.id for each in wanted]
    )
    assert [one.gig for one in told] == [each.id for each in wanted]
    for number, (one, whole) in enumerate(zip(told, everybody, strict=True)):
        mine = planned.table.edges.gig == number
        weighed = np.unique(planned.table.slots.worker[planned.table.edges.slot[mine]])
        assert sum(one.funnel.values()) == len(weighed)
        assert one.funnel == whole.funnel
        named = [person.worker for person in one.considered]
        assert len(named) == len(set(named))
        offered = {offer.worker for offer in made if offer.gig == one.gig}
        assert offered == {p.worker for p in one.considered if p.verdict is Verdict.OFFERED}
        assert len(offered) == one.funnel.get(Verdict.OFFERED, 0)
        counted = Counter(person.verdict for person in whole.considered)
        assert counted == {v: n for v, n in one.funnel.items() if v is not Verdict.TRADE}
        assert [rank(p) for p in whole.considered] == sorted(rank(p) for p in whole.considered)
        assert one.considered == whole.considered[: max(KEPT, len(offered))]


@settings(max_examples=30)
@given(st.integers(0, 2**32))
def test_tickets_can_be_recomputed_from_what_a_round_leaves(seed: int) -> None:
    for one in reasons(*crowd(seed)):
        assert (one.round, one.seed) == (TURN.name, TURN.seed.hex())
        for person in one.considered:
            keys = np.array([person.key], dtype=np.uint64)
            assert person.key == key_of(person.worker)
            assert tickets(bytes.fromhex(one.seed), keys).tolist() == [person.ticket]


def test_what_is_said_about_a_worker() -> None:
    one = entry("w1", 500, since=T - 300.0, share=0.25, credit=60.0)
    (told,) = reasons([one], [gig()])
    (person,) = told.considered
    assert (told.gig, told.at, told.seats, told.circle_s, told.estimated) == ("g1", NOW, 1, 900, True)
    assert person.travel_s == round(way_s(500))
    assert (person.waited_s, person.share, person.credit_s, person.key) == (300, 0.25, 90.0, one.key)
    assert person.verdict is Verdict.OFFERED
    assert told.funnel == {Verdict.OFFERED: 1}


def test_the_cost_named_is_the_one_the_draw_decided_by() -> None:
    people = [entry(f"w{i}", 500) for i in range(2)]
    (told,) = reasons(people, [gig()])
    first, second = told.considered
    assert first.cost_s is not None
    assert second.cost_s is not None
    step = POLICY.alike_s
    assert first.cost_s // step == second.cost_s // step
    assert second.cost_s - first.cost_s == pytest.approx((second.ticket - first.ticket) * step, abs=0.01)


def lots_of(told: Explanation) -> list[tuple[int, float]]:
    """Every lot that is kept, by name or not, as (key, cost)."""
    named = [(person.key, person.cost_s) for person in told.considered if person.cost_s is not None]
    return named + [(lot.key, lot.cost_s) for lot in told.lots]


def test_everybody_who_was_alike_can_check_that_the_draw_was_lost_fairly() -> None:
    people = [entry(f"w{i}", 500, key=key_of(WorkerId(f"w{i}"))) for i in range(16)]
    (told,) = reasons([*people, entry("far", 900, key=1)], [gig()])
    (winner,) = (person for person in told.considered if person.verdict is Verdict.OFFERED)
    lots = dict(lots_of(told))
    assert len(told.considered) == KEPT
    assert told.alike == 16
    assert {one.key for one in people} == lots.keys(), "and nobody who was not alike"
    drawn = tickets(SEED, np.array(list(lots), dtype=np.uint64)).tolist()
    assert winner.ticket == min(drawn)
    costs = list(lots.values())
    assert costs == pytest.approx([costs[0] + (mine - drawn[0]) * POLICY.alike_s for mine in drawn], abs=0.02)
    assert all(told.lot(lot.key) == lot for lot in told.lots)
    assert told.lot(1) is None


def crowd_with_couples(seed: int) -> tuple[list[Entry], Gig]:
    """Workers within a few steps of each other, some of them couples, and a gig that is not for all."""
    rng = random.Random(seed)
    people = []
    for i in range(14):
        couple = CrewId(f"c{i // 2}") if i < 8 else None
        metres, key = 500 + 15.0 * rng.randrange(5), key_of(WorkerId(f"{seed}-{i}"))
        people.append(entry(f"w{i}", metres, key=key, crew=couple, party=2 if couple else 1))
    return people, gig(headcount=rng.randrange(2, 9))


@pytest.mark.parametrize("seed", range(30))
def test_nobody_is_told_of_a_draw_that_a_crew_won_or_lost(seed: int) -> None:
    people, wanted = crowd_with_couples(seed)
    (told,) = reasons(people, [wanted], kept=10)
    last = told.last_drawn()
    assert {one.worker for one in told.considered if one.in_crew} <= {WorkerId(f"w{i}") for i in range(8)}
    assert last is None or not last.in_crew
    drew = [one for one in told.considered if last and last.alike(one, POLICY.alike_s)]
    assert told.alike == len(drew) + len(told.lots)
    assert not {one.key for one in people if one.crew} & {lot.key for lot in told.lots}
    for one in drew:
        assert last is not None
        assert (one.ticket <= last.ticket) == (one.verdict is Verdict.OFFERED)


def test_of_very_many_who_were_alike_the_lowest_lots_are_kept_and_all_are_counted() -> None:
    people = [entry(f"w{i}", 500, key=key_of(WorkerId(f"w{i}"))) for i in range(KEPT + LOTS + 9)]
    (told,) = reasons(people, [gig()])
    drawn = np.sort(tickets(SEED, np.array([one.key for one in people], dtype=np.uint64)))
    assert (told.alike, len(told.lots)) == (len(people), LOTS)
    kept = tickets(SEED, np.array([lot.key for lot in told.lots], dtype=np.uint64))
    assert kept.tolist() == drawn[KEPT : KEPT + LOTS].tolist()


def test_where_nothing_was_drawn_no_lots_are_kept() -> None:
    apart = [entry(f"w{i}", 100.0 + 100 * i) for i in range(KEPT + 3)]
    (told,) = reasons(apart, [gig()])
    assert (told.alike, told.lots) == (1, ())
    (nobody,) = reasons([entry("w1", floor=1e9)], [gig()])
    assert (nobody.alike, nobody.lots) == (0, ())


def test_of_several_slots_the_one_that_came_furthest_speaks() -> None:
    hours = (promise(7, 8, 300), promise(10, 11, 300))
    (told,) = reasons([entry("w1", promises=hours)], [gig()])
    assert told.funnel == {Verdict.OFFERED: 1}
    (told,) = reasons([entry("w1", promises=hours, floor=1e9)], [gig()])
    assert told.funnel == {Verdict.WAGE: 1}


def test_everyone_offered_is_named_however_many_and_the_wrong_trade_is_only_counted() -> None:
    people = [entry(f"w{i}", float(i)) for i in range(10)]
    (told,) = reasons(people, [gig(headcount=8)], kept=2)
    assert [person.verdict for person in told.considered] == [Verdict.OFFERED] * 8
    assert told.funnel == {Verdict.OFFERED: 8, Verdict.OTHERS_FIRST: 2}


def test_a_gig_without_anybody_near_says_so() -> None:
    far = entry("w1", 50_000)
    (told, other) = reasons([far], [gig("g1"), gig("g2", 50_000)])
    assert (told.funnel, told.considered) == ({}, ())
    assert other.funnel == {Verdict.OFFERED: 1}


def test_where_nobody_is_near_the_roads_in_use_are_not_called_an_estimate(tmp_path: Path) -> None:
    wanted, roads, nobody = [gig()], river_town().router(tmp_path), roster([])
    for router, estimated in (LINES, True), (roads, False):
        planned = plan_gigs(wanted, nobody, known(router=router))
        (told,) = explanations(planned, nobody.columns, TURN, NOW, naming(KEPT), [wanted[0].id])
        assert (told.funnel, told.estimated) == ({}, estimated)


def test_proposals_say_what_the_plan_decided() -> None:
    planned, people = planned_of([entry("w1", 500)], [gig()])
    (made,) = proposals(planned, people.columns)
    (told,) = explanations(planned, people.columns, TURN, NOW, naming(KEPT), [GigId("g1")])
    assert (made.gig, made.worker, made.travel_s, made.estimated) == ("g1", "w1", round(way_s(500)), True)
    assert round(made.cost_s, 2) == told.considered[0].cost_s


def test_the_same_reasons_are_told_once_and_others_not_too_often() -> None:
    told = Told()
    (first,) = reasons([entry("w1", floor=1e9)], [gig()])
    (other,) = reasons([entry("w1", offered=True)], [gig()])

    def after(one: Explanation, waited_s: float) -> Explanation:
        return replace(one, at=one.at + timedelta(seconds=waited_s))

    def kept_of(one: Explanation, waited_s: float) -> bool:
        before = len(told.waiting)
        told.add([after(one, waited_s)])
        return len(told.waiting) > before

    assert kept_of(first, 0)
    assert not kept_of(first, 10)
    assert not kept_of(first, 10 * RETOLD_S)
    assert not kept_of(other, RETOLD_S - 1)
    assert kept_of(other, RETOLD_S)
    assert told.last(after(first, RETOLD_S + 1)) == after(first, RETOLD_S + 1)
    assert not kept_of(first, 3 * RETOLD_S)
    assert not kept_of(other, 2 * RETOLD_S)
    assert kept_of(other, 2 * RETOLD_S + 1)
    told.forget([GigId("g1"), GigId("g9")])
    assert kept_of(other, 2 * RETOLD_S + 2)


def kept(tx: Transaction, asked: GigId) -> list[Explanation]:
    """What is stored about a gig, the latest first."""
    return tx.explanations.of_gig(asked, 99)


async def test_a_round_stores_the_reasons_of_its_offers_with_them(town: Town, market: Market) -> None:
    told, worker = Told(), town.worker()
    asked = town.gig(town.employer(), headcount=2)
    await present(market, town, worker)
    report = await run_round(market, town.roster, town.token, [asked], TURN, told)
    assert report.offered == 1
    (stored,) = town.see(kept, asked)
    assert (stored.round, stored.seed, stored.seats) == (TURN.name, SEED.hex(), 2)
    assert stored.funnel == {Verdict.OFFERED: 1}
    assert [person.worker for person in stored.considered] == [worker.worker()]
    for turn in range(5):
        await run_round(market, town.roster, town.token, [asked], Turn(f"3.{turn + 20}", SEED), told)
        town.wait(seconds=10)
    await keep_reasons(market, town.token, told)
    assert len(town.see(kept, asked)) == 1


async def test_reasons_without_an_offer_are_stored_once_and_when_they_change(
    town: Town, market: Market
) -> None:
    told, worker = Told(), town.worker()
    town.do(lambda tx: tx.workers.save(replace(tx.workers.lock(worker.worker()), floor_wage_fen=10**6)))
    asked = town.gig(town.employer())
    await present(market, town, worker)
    for turn in range(1, 4):
        await run_round(market, town.roster, town.token, [asked], Turn(f"3.{turn}", SEED), told)
        await keep_reasons(market, town.token, told)
    (stored,) = town.see(kept, asked)
    assert (stored.round, stored.funnel) == ("3.1", {Verdict.WAGE: 1})
    town.wait(seconds=RETOLD_S)  # and the worker is silent by now
    await run_round(market, town.roster, town.token, [asked], Turn("3.4", SEED), told)
    await keep_reasons(market, town.token, told)
    assert [one.funnel for one in town.see(kept, asked)] == [{}, {Verdict.WAGE: 1}]


async def test_a_dispatcher_that_was_replaced_writes_neither_offers_nor_reasons_nor_draws(
    town: Town, market: Market
) -> None:
    told, worker = Told(), town.worker()
    town.do(lambda tx: tx.workers.save(replace(tx.workers.lock(worker.worker()), floor_wage_fen=10**6)))
    asked = town.gig(town.employer())
    await present(market, town, worker)
    await run_round(market, town.roster, town.token, [asked], TURN, told)
    assert told.waiting
    town.do(lambda tx: tx.fence.take(market.rules.city, "another"))

    with pytest.raises(Fenced):
        await keep_reasons(market, town.token, told)
    with pytest.raises(Fenced):
        town.do(open_chain, market.rules.city, town.token, b"anchor", 9)
    town.do(lambda tx: tx.workers.save(replace(tx.workers.lock(worker.worker()), floor_wage_fen=0)))
    await present(market, town, worker)
    with pytest.raises(Fenced):
        await run_round(market, town.roster, town.token, [asked], TURN, Told())

    assert told.waiting, "they are kept for the next term"
    assert town.see(kept, asked) == []
    assert town.see(lambda tx: (tx.draws.recent(market.rules.city, 9), tx.offers.pending_on(asked))) == ([], [])
