"""Who may be offered which gig: every verdict, hours and travel between sites, what is held, and the draw."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from gigmarket.domain.costs import waiting_s
from gigmarket.domain.draw import chain, key_of, tickets
from gigmarket.domain.ids import WorkerId
from gigmarket.domain.matching import CODE, Plan, judge, plan
from gigmarket.domain.policy import Policy
from gigmarket.domain.verdict import ORDER, Verdict
from tests.domain.columns import (
    ENDS,
    LATEST,
    STARTS,
    Promise,
    edges,
    openings,
    slots,
    stretches,
    verdicts,
)

POLICY = Policy()
HOLDING = replace(POLICY, hold_far_s=600)
"""At ten minutes' travel a seat is held for the whole of the longest hold."""
EXACT = replace(POLICY, alike_s=0)
"""Costs as they are, without a draw."""
Fields = dict[str, Any]


def verdict(*, now: float = 0.0, gig: Fields | None = None, edge: Fields | None = None, **slot: Any) -> Verdict:
    """What the rules say about the usual gig and porter, with some fields changed."""
    codes = judge(openings(gig or {}), slots(slot), edges(edge or {}), POLICY, now)
    return ORDER[int(codes[0])]


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({}, Verdict.OFFERED),
        ({"trades": 0}, Verdict.TRADE),
        ({"trades": 0b10}, Verdict.TRADE),
        ({"trades": 0b10, "gig": {"trade": 1}}, Verdict.OFFERED),
        ({"trades": 1 << 40, "gig": {"trade": 40}}, Verdict.OFFERED),
        ({"edge": {"travel": np.nan}}, Verdict.OUTSIDE_CIRCLE),
        ({"edge": {"travel": 900.0}}, Verdict.OFFERED),
        ({"edge": {"travel": 900.001}}, Verdict.OUTSIDE_CIRCLE),
        ({"edge": {"travel": 0.0}}, Verdict.OFFERED),
        ({"edge": {"travel": 901.0}, "reach": 1800.0}, Verdict.OUTSIDE_CIRCLE),
        ({"edge": {"travel": 901.0}, "gig": {"circle": 1800.0}}, Verdict.OUTSIDE_CIRCLE),
        ({"edge": {"travel": 901.0}, "gig": {"circle": 1800.0}, "reach": 1200.0}, Verdict.OFFERED),
        ({"reach": 599.0}, Verdict.OUTSIDE_CIRCLE),
        ({"offered": True}, Verdict.OFFERED_ELSEWHERE),
        ({"until": 0.0}, Verdict.LEFT),
        ({"until": 1.0}, Verdict.OFFERED),
        ({"edge": {"declined": True}}, Verdict.DECLINED),
        ({"engaged": True}, Verdict.ENGAGED),
        ({"before": STARTS}, Verdict.HOURS),
        ({"before": ENDS}, Verdict.OFFERED),
        ({"edge": {"resting": True}}, Verdict.RESTING),
        ({"floor": 18_001.0}, Verdict.WAGE),
        ({"gig": {"crew": 2}}, Verdict.CREW_WANTED),
        ({"gig": {"crew": 2}, "crew": 0, "party": 2}, Verdict.OFFERED),
        ({"gig": {"crew": 2}, "crew": 0, "party": 3}, Verdict.OFFERED),
        ({"floor": 18_001.0, "gig": {"pay": np.inf}}, Verdict.OFFERED),
    ],
)
def test_verdict(changes: Fields, expected: Verdict) -> None:
    assert verdict(**changes) is expected


@pytest.mark.parametrize(("late_s", "expected"), [(0.0, Verdict.OFFERED), (0.001, Verdict.TOO_LATE)])
def test_who_cannot_be_there_in_time_is_not_asked(late_s: float, expected: Verdict) -> None:
    assert verdict(now=LATEST - 600.0 + late_s) is expected
    assert verdict(free=LATEST - 600.0 + late_s) is expected


REASONS: list[tuple[Verdict, Fields]] = [
    (Verdict.TRADE, {"trades": 0}),
    (Verdict.OUTSIDE_CIRCLE, {"reach": 10.0}),
    (Verdict.OFFERED_ELSEWHERE, {"offered": True}),
    (Verdict.LEFT, {"until": 0.0}),
    (Verdict.DECLINED, {"edge": {"declined": True}}),
    (Verdict.ENGAGED, {"engaged": True}),
    (Verdict.HOURS, {"before": STARTS}),
    (Verdict.RESTING, {"edge": {"resting": True}}),
    (Verdict.TOO_LATE, {"gig": {"latest": 0.0}}),
    (Verdict.WAGE, {"floor": 1e9}),
    (Verdict.CREW_WANTED, {"gig": {"crew": 2}}),
]


def test_the_first_rule_that_says_no_is_the_reason() -> None:
    asked = list(Verdict)
    assert [reason for reason, _ in REASONS] == asked[: len(REASONS)]
    for i, (reason, _) in enumerate(REASONS):
        changes: Fields = {"edge": {}}
        for _, change in REASONS[i:]:
            whole = {part: changes.get(part, {}) | change.get(part, {}) for part in ("edge", "gig")}
            changes |= {**change, **whole}
        assert verdict(**changes) is reason


def test_each_edge_is_judged_by_its_own_gig_and_slot() -> None:
    codes = judge(
        openings({"pay": 100.0}, {"trade": 5}, {}),
        slots({}, {"offered": True}),
        edges(*({"gig": gig, "slot": slot} for gig in range(3) for slot in range(2))),
        POLICY,
        0.0,
    )
    elsewhere = Verdict.OFFERED_ELSEWHERE
    assert [ORDER[code] for code in codes.tolist()] == [
        *(Verdict.WAGE, elsewhere),
        *(Verdict.TRADE, Verdict.TRADE),
        *(Verdict.OFFERED, elsewhere),
    ]


def taken(starts: float, ends: float, way_s: float = 0.0, home_s: float = 600.0) -> Promise:
    """Hours promised to another gig `way_s` from this one, with the way from home."""
    return Promise(starts - home_s, starts, ends, way_s)


def fits(*promises: Promise, travel_s: float = 600.0, now: float = 0.0) -> bool:
    """Whether the usual gig's hours are still free beside these; at most one of the slots can hold it."""
    found = stretches(promises, travel_s, STARTS, POLICY)
    rows = [slot | {"worker": 0} for slot, _ in found]
    codes = judge(openings({}), slots(*rows), edges(*(edge for _, edge in found)), POLICY, now)
    seen = {ORDER[code] for code in codes.tolist()}
    assert seen <= {Verdict.OFFERED, Verdict.HOURS, Verdict.OUTSIDE_CIRCLE}
    assert codes.tolist().count(CODE[Verdict.OFFERED]) <= 1
    return Verdict.OFFERED in seen


def morning(way_s: float) -> Promise:
    """Promised hours that end an hour before the gig begins, 600 s from home."""
    return taken(STARTS - 2700.0, STARTS - 1200.0, way_s)


FITS = [
    pytest.param(morning(600.0), True, id="an earlier gig, time enough to get here"),
    pytest.param(morning(900.0), True, id="an earlier gig at the circle's edge"),
    pytest.param(taken(600.0, STARTS - 800.0, 800.0), True, id="an earlier gig, just time enough to get here"),
    pytest.param(taken(600.0, STARTS - 800.0, 801.0), False, id="an earlier gig too far away to get here"),
    pytest.param(taken(STARTS + 3600.0, STARTS + 7200.0), False, id="hours inside the gig's"),
    pytest.param(taken(0.0, ENDS + 60.0), False, id="hours around the gig's"),
    pytest.param(taken(0.0, STARTS + 1.0), False, id="one second of the start"),
    pytest.param(taken(ENDS - 1.0, ENDS + 60.0), False, id="one second of the end"),
    pytest.param(taken(STARTS, ENDS), False, id="the same hours"),
    pytest.param(taken(ENDS + 700.0, ENDS + 9000.0, 700.0), True, id="a later gig, in reach"),
    pytest.param(taken(ENDS + 700.0, ENDS + 9000.0, 701.0), False, id="a later gig, too far"),
]


@pytest.mark.parametrize(("promise", "free"), FITS)
def test_hours_beside_promised_ones(promise: Promise, free: bool) -> None:
    assert fits(promise) is free


@pytest.mark.parametrize(
    "touching",
    [taken(600.0, STARTS, home_s=0.0), taken(ENDS, ENDS + 3600.0, home_s=0.0)],
    ids=["ends as this one starts", "starts as this one ends"],
)
def test_touching_hours_fit_when_there_is_no_way_to_go(touching: Promise) -> None:
    assert fits(touching, travel_s=0.0)
    assert not fits(replace(touching, way_s=1.0), travel_s=0.0)


def test_every_promise_counts() -> None:
    evening = taken(ENDS + 3600.0, ENDS + 7200.0, 600.0)
    far = replace(evening, way_s=3601.0)
    assert fits(morning(600.0), evening)
    assert not fits(morning(600.0), far)
    assert not fits(taken(600.0, STARTS - 800.0, 801.0), evening)


def test_arriving_late_ends_the_work_late() -> None:
    after: Fields = {"before": ENDS + 100.0}
    assert verdict(now=STARTS - 500.0, **after) is Verdict.OFFERED
    assert verdict(now=STARTS - 500.0, edge={"onward": 1.0}, **after) is Verdict.HOURS
    assert verdict(now=STARTS - 499.0, **after) is Verdict.HOURS


def test_after_promised_hours_nobody_comes_late_but_once_they_are_over_anybody_may() -> None:
    over: Fields = {"free": STARTS - 60.0, "punctual": True}
    assert verdict(now=STARTS - 61.0, **over) is Verdict.HOURS
    assert verdict(now=STARTS - 60.0, **over) is Verdict.OFFERED
    assert verdict(now=STARTS, **over) is Verdict.OFFERED


@given(st.integers(0, 20_000), st.integers(1, 20_000), st.integers(0, 900), st.integers(0, 900))
def test_what_fits_can_be_worked(start_s: int, length_s: int, way_s: int, travel_s: int) -> None:
    other = taken(float(start_s), float(start_s + length_s), float(way_s), float(travel_s))
    if fits(other, travel_s=float(travel_s)):
        assert other.ends + way_s <= STARTS or ENDS + way_s <= other.starts


@given(st.lists(st.tuples(st.integers(0, 30_000), st.integers(600, 9000), st.integers(0, 900)), max_size=4))
def test_what_fits_between_several_can_be_worked(hours: list[tuple[int, int, int]]) -> None:
    promises: list[Promise] = []
    for start_s, length_s, way_s in sorted(hours):
        # Promises that a market could have made: each begins, the way included, after the one before.
        if not promises or start_s - 600.0 >= promises[-1].ends:
            promises.append(taken(float(start_s), float(start_s + length_s), float(way_s)))
    if fits(*promises):
        for other in promises:
            assert other.ends + other.way_s <= STARTS or ENDS + other.way_s <= other.starts


def cost(*, now: float = 0.0, policy: Policy = EXACT, gig: Fields | None = None, **slot: Any) -> float:
    """What the match of the usual gig and porter costs, 600 s apart."""
    return float(plan(openings(gig or {}), slots(slot), edges({}), policy, now).cost[0])


def test_credit_comes_off_the_cost() -> None:
    assert cost(credit=100.0) == cost() - 100.0
    assert cost(credit=5000.0) == cost() - 5000.0


def test_the_cost_is_tied_time_and_the_share_of_work() -> None:
    plain = replace(EXACT, early_weight=0.5, hours_weight=0.25, share_weight_s=1000, share_hours_weight=0.125)
    early_s, length_s = STARTS - 600.0, ENDS - STARTS
    assert cost(policy=plain) == 600.0 + early_s / 2 + length_s / 4
    assert cost(policy=plain, free=1000.0) == 600.0 + (early_s - 1000.0) / 2 + length_s / 4
    assert cost(policy=plain, now=STARTS) == 600.0 + length_s / 4
    evenness_s = 250.0 + length_s / 16
    assert cost(policy=plain, now=STARTS, share=0.5) == 600.0 + length_s / 4 + evenness_s


def test_what_a_rule_forbids_has_no_cost() -> None:
    made = plan(openings({}), slots({"floor": 1e9}), edges({}), POLICY, 0.0)
    assert np.isnan(made.cost).all()
    assert verdicts(made) == [Verdict.WAGE]


Porter = tuple[float, Fields]


def crowd(
    *porters: float | Porter, seats: int = 1, policy: Policy = EXACT, now: float = 0.0, **gig: Any
) -> Plan:
    """A round of one gig and porters so many seconds away, each with some fields changed."""
    each = [(porter, {}) if isinstance(porter, int | float) else porter for porter in porters]
    return plan(
        openings({"seats": seats, **gig}),
        slots(*(changes for _, changes in each)),
        edges(*({"travel": travel_s} for travel_s, _ in each)),
        policy,
        now,
    )


def test_between_alike_workers_the_one_with_less_work_goes_first() -> None:
    assert crowd((300.0, {"share": 0.9}), (330.0, {"share": 0.1})).offers.tolist() == [1]


@pytest.mark.parametrize(
    ("travel_s", "until", "hold_s", "due"),
    [
        pytest.param(600.0, np.inf, 3000.0, 2900.0, id="as long as a seat may be held"),
        pytest.param(300.0, np.inf, 3000.0, 1400.0, id="half as long at half the way"),
        pytest.param(900.0, np.inf, 1000.0, 1400.0, id="longer for who has further"),
        pytest.param(900.0, np.inf, 1e6, STARTS - 930.0, id="one round before he leaves"),
        pytest.param(600.0, 600.0, 3000.0, 570.0, id="one round before offers end"),
    ],
)
def test_a_match_that_can_wait_is_held(travel_s: float, until: float, hold_s: float, due: float) -> None:
    columns = openings({"posted": -100.0}), slots({"until": until}), edges({"travel": travel_s})
    held = plan(*columns, HOLDING, 0.0, hold_s)
    assert (held.offers.tolist(), held.held.tolist(), held.due.tolist()) == ([], [0], [due])
    assert verdicts(held) == [Verdict.HELD]
    then = plan(*columns, HOLDING, due, hold_s)
    assert (then.offers.tolist(), then.held.tolist(), verdicts(then)) == ([0], [], [Verdict.OFFERED])


@pytest.mark.parametrize("hold_s", [0.0, 100.0])
def test_nothing_is_held_without_a_hold_or_beyond_it(hold_s: float) -> None:
    made = plan(openings({"posted": -100.0}), slots({}), edges({}), HOLDING, 0.0, hold_s)
    assert (made.offers.tolist(), made.held.tolist()) == ([0], [])


def test_the_furthest_is_held_no_more_than_so_many_times() -> None:
    tomorrow = openings({"circle": 5000.0, "posted": 0.0, "starts": 1e5, "latest": 1e5, "ends": 2e5})
    made = plan(tomorrow, slots({"reach": 5000.0}), edges({"travel": 4000.0}), POLICY, 0.0, 1000.0)
    assert made.due.tolist() == [1000.0 * POLICY.hold_most]


@pytest.mark.parametrize(
    ("near_s", "far_s", "hold_s", "verdict"),
    [
        pytest.param(100.0, 700.0, 1000.0, Verdict.HELD, id="seven times as far"),
        pytest.param(100.0, 700.0, 0.0, Verdict.OFFERED, id="nothing may be held"),
        pytest.param(360.0, 700.0, 1000.0, Verdict.OFFERED, id="not twice as far"),
        pytest.param(100.0, 600.0, 1000.0, Verdict.OFFERED, id="not far"),
    ],
)
def test_who_has_a_seat_near_is_not_sent_far_while_seats_may_be_held(
    near_s: float, far_s: float, hold_s: float, verdict: Verdict
) -> None:
    # The gig near has somebody else; only the far one's seat would be free for him.
    both = openings({"posted": -1e6}, {"posted": -1e6})
    pairs = edges({"travel": near_s}, {"gig": 1, "slot": 0, "travel": far_s}, {"slot": 1, "travel": near_s / 2})
    made = plan(both, slots({}, {"worker": 1}), pairs, POLICY, 0.0, hold_s)
    assert verdicts(made)[1] is verdict


def test_a_gig_posted_by_a_clock_that_is_ahead_is_offered_at_once() -> None:
    made = plan(openings({"posted": 100.0}), slots({}), edges({}), POLICY, 0.0)
    assert (made.offers.tolist(), made.held.tolist()) == ([0], [])


def test_the_nearest_are_asked_and_the_codes_tell_the_rest() -> None:
    made = crowd(300.0, 100.0, 200.0, 950.0, (10.0, {"engaged": True}), seats=2)
    assert made.offers.tolist() == [1, 2]
    assert verdicts(made) == [
        Verdict.OTHERS_FIRST,
        Verdict.OFFERED,
        Verdict.OFFERED,
        Verdict.OUTSIDE_CIRCLE,
        Verdict.ENGAGED,
    ]


def test_filling_both_seats_goes_before_the_shorter_way() -> None:
    pairs = edges(
        {"gig": 0, "slot": 0, "travel": 10.0},
        {"gig": 0, "slot": 1, "travel": 800.0},
        {"gig": 1, "slot": 0, "travel": 20.0},
    )
    made = plan(openings({}, {}), slots({}, {}), pairs, POLICY, 0.0)
    assert made.offers.tolist() == [1, 2]


@pytest.mark.parametrize(("vacated", "taken"), [(0, 0), (1, 1)])
def test_a_seat_that_came_back_goes_before_a_nearer_one(vacated: int, taken: int) -> None:
    gigs = openings({"vacated": vacated == 0}, {"vacated": vacated == 1})
    pairs = edges({"gig": vacated, "travel": 890.0}, {"gig": 1 - vacated, "slot": 0, "travel": 10.0})
    assert pairs.gig[plan(gigs, slots({}), pairs, POLICY, 0.0).offers].tolist() == [taken]


def test_a_seat_that_came_back_costs_no_other_its_worker() -> None:
    gigs = openings({"vacated": True}, {})
    pairs = edges(
        {"gig": 0, "slot": 0, "travel": 10.0},
        {"gig": 0, "slot": 1, "travel": 890.0},
        {"gig": 1, "slot": 0, "travel": 10.0},
    )
    assert plan(gigs, slots({}, {}), pairs, POLICY, 0.0).offers.tolist() == [1, 2]


def test_one_worker_gets_one_offer_however_many_slots_he_has() -> None:
    later = {"worker": 0, "free": ENDS, "punctual": True}
    two = openings({}, {"starts": ENDS + 3600.0, "ends": ENDS + 7200.0, "latest": ENDS + 4500.0})
    pairs = edges({"gig": 0, "slot": 0}, {"gig": 1, "slot": 1}, {"gig": 1, "slot": 0, "onward": 1.0})
    made = plan(two, slots({"worker": 0, "before": ENDS}, later), pairs, POLICY, 0.0)
    assert len(made.offers) == 1
    assert verdicts(made)[2] is Verdict.HOURS
    assert sorted(verdicts(made)[:2]) == [Verdict.OFFERED, Verdict.OTHERS_FIRST]


def test_who_waited_longer_goes_first_but_not_at_any_distance() -> None:
    patient = {"credit": float(waiting_s(np.array([3 * 3600.0]), POLICY)[0])}
    for travel_s in (890.0, 899.9, 300.0):
        assert crowd(300.0, (travel_s, patient)).offers.tolist() == [1]
    assert crowd(5.0, (700.0, patient)).offers.tolist() == [0]


def test_who_starves_goes_before_anybody_in_the_circle() -> None:
    starving = {"credit": float(waiting_s(np.array([4 * 3600.0]), POLICY)[0])}
    longer = {"credit": float(waiting_s(np.array([4 * 3600.0 + 60.0]), POLICY)[0])}
    assert crowd(0.0, (900.0, starving)).offers.tolist() == [1]
    assert crowd((0.0, starving), (900.0, longer)).offers.tolist() == [1]


def test_an_empty_round_plans_nothing() -> None:
    made = plan(openings(), slots(), edges(), POLICY, 0.0)
    assert [len(column) for column in (made.codes, made.cost, made.offers, made.held, made.due)] == [0] * 5
    alone = plan(openings({}), slots(), edges(), POLICY, 0.0)
    assert not alone.offers.size


def drawn_crowd(seed: bytes, *travels: float, seats: int = 1) -> Plan:
    """A round by this seed's draw."""
    keys = np.array([key_of(WorkerId(f"w{i}")) for i in range(len(travels))], dtype=np.uint64)
    drawn = zip(travels, tickets(seed, keys).tolist(), strict=True)
    porters = [(travel_s, {"ticket": ticket}) for travel_s, ticket in drawn]
    return crowd(*porters, seats=seats, policy=POLICY)


@given(
    st.binary(min_size=32, max_size=32), st.lists(st.sampled_from([100.0, 200.0, 900.0, 901.0]), max_size=12)
)
def test_a_seed_repeats_its_round(seed: bytes, travels: Sequence[float]) -> None:
    first, again = (drawn_crowd(seed, *travels, seats=3) for _ in range(2))
    assert first.offers.tolist() == again.offers.tolist()
    assert first.codes.tolist() == again.codes.tolist()
    assert first.cost.tolist() == pytest.approx(again.cost.tolist(), abs=0.0, nan_ok=True)
    assert len(first.offers) == min(3, sum(travel_s <= 900 for travel_s in travels))
    assert len(first.codes) == len(travels)


def test_alike_workers_are_drawn_fairly() -> None:
    turns = chain(b"a secret of the test", 500).seeds[1:]
    drawn = Counter(drawn_crowd(seed, *[300.0] * 5).offers.tolist()[0] for seed in turns)
    # 100 each, give or take four standard deviations of 8.9; the seeds are fixed, so is the outcome.
    assert drawn.keys() == {0, 1, 2, 3, 4}
    assert all(64 <= times <= 136 for times in drawn.values())


luck = st.integers(0, 2**20 - 1).map(lambda drawn: drawn / 2**20)


@given(st.floats(0, 800), luck, luck)
def test_the_draw_never_outweighs_a_step_of_cost(travel_s: float, lucky: float, unlucky: float) -> None:
    # A second of travel costs a second less what it saves of waiting at the site.
    further_s = travel_s + (POLICY.alike_s + 0.01) / (1 - POLICY.early_weight)
    made = crowd((further_s, {"ticket": lucky}), (travel_s, {"ticket": unlucky}), policy=POLICY)
    assert made.offers.tolist() == [1]


# Crews come all or none.

PAIR: Fields = {"crew": 0, "party": 2}
OTHERS, KEPT, ASKED, APART = Verdict.OTHERS_FIRST, Verdict.HELD, Verdict.OFFERED, Verdict.TOGETHER


def test_a_crew_is_asked_whole() -> None:
    made = crowd((800.0, PAIR), (890.0, PAIR), seats=2)
    assert verdicts(made) == [ASKED, ASKED]


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        ({"floor": 1e9}, Verdict.WAGE),
        ({"trades": 0}, Verdict.TRADE),
        ({"offered": True}, Verdict.OFFERED_ELSEWHERE),
    ],
)
def test_where_one_of_a_crew_cannot_come_the_others_do_not(change: Fields, expected: Verdict) -> None:
    made = crowd((10.0, PAIR), (10.0, PAIR | change), (500.0, {}), seats=2)
    assert verdicts(made) == [APART, expected, ASKED]
    assert np.isnan(made.cost).tolist() == [True, True, False]


def test_a_crew_that_is_larger_than_the_gig_or_not_all_there_is_not_asked() -> None:
    trio = {"crew": 0, "party": 3}
    assert verdicts(crowd((10.0, PAIR), (10.0, PAIR), seats=1)) == [APART, APART]
    assert verdicts(crowd((10.0, trio), (10.0, trio), seats=5)) == [APART, APART]


def test_a_crew_fills_more_seats_than_a_nearer_worker() -> None:
    assert verdicts(crowd((10.0, {}), (800.0, PAIR), (800.0, PAIR), seats=2)) == [OTHERS, ASKED, ASKED]
    near = crowd((10.0, {}), (20.0, {}), (800.0, PAIR), (800.0, PAIR), seats=2)
    assert verdicts(near) == [ASKED, ASKED, OTHERS, OTHERS]


def test_a_crew_goes_to_one_gig() -> None:
    made = plan(
        openings({}, {}),
        slots(PAIR, PAIR),
        edges(*({"gig": gig, "slot": slot} for gig in (0, 1) for slot in (0, 1))),
        EXACT,
        0.0,
    )
    assert verdicts(made) == [APART] * 4


def test_a_crew_is_held_and_asked_at_once() -> None:
    far, near = (600.0, PAIR), (30.0, PAIR)
    made = plan(
        openings({"seats": 2}),
        slots(PAIR, PAIR),
        edges({"travel": 600.0}, {"travel": 30.0}),
        HOLDING,
        0.0,
        600.0,
    )
    assert far[1] == near[1]
    assert verdicts(made) == [KEPT, KEPT]
    assert made.due.tolist() == [30.0, 30.0]


def test_who_comes_with_a_crew_is_sent_far_with_it() -> None:
    """Alone he would be kept for the seat beside him."""
    far = replace(HOLDING, far_s=60, far_times=2.0)
    gigs, pairs = (
        openings({}, {"seats": 2}),
        edges({"travel": 10.0}, {"gig": 1, "slot": 0}, {"gig": 1, "slot": 1}),
    )
    assert verdicts(plan(gigs, slots({}, {}), pairs, far, 0.0, 600.0)) == [KEPT, KEPT, KEPT]
    together = plan(gigs, slots(PAIR, PAIR), pairs, far, 0.0, 600.0)
    assert verdicts(together) == [APART, KEPT, KEPT]
    assert together.held.tolist() == [1, 2]


@given(st.integers(0, 2**32), st.integers(1, 5), st.integers(1, 14), st.sampled_from([0.0, 600.0]))
def test_of_a_crew_all_are_offered_one_gig_or_held_for_it_or_none(
    seed: int, gigs: int, people: int, hold_s: float
) -> None:
    rng = np.random.default_rng(seed)
    crew = np.where(rng.random(people) < 0.7, rng.integers(0, 1 + people // 3, people), -1)
    size = np.bincount(crew[crew >= 0], minlength=people)
    rows = [{"crew": int(one), "party": int(size[one])} if one >= 0 else {} for one in crew]
    pairs = [
        {"gig": g, "slot": s, "travel": float(rng.integers(0, 950))} for g in range(gigs) for s in range(people)
    ]
    made = plan(
        openings(*({"seats": int(seats)} for seats in rng.integers(0, 5, gigs))),
        slots(*rows),
        edges(*pairs),
        HOLDING,
        0.0,
        hold_s,
    )
    for chosen in (made.offers, made.held):
        found = [(pairs[edge]["gig"], int(crew[pairs[edge]["slot"]])) for edge in chosen.tolist()]
        for (_, one), count in Counter(each for each in found if each[1] >= 0).items():
            assert count == size[one]
