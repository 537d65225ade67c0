"""A round's table: slots before, between and after promised hours, where they begin, what forbids a pair."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import timedelta
from typing import Any

import numpy as np
import pytest

from gigmarket.domain.costs import waiting_s
from gigmarket.domain.draw import tickets
from gigmarket.domain.geo import Mode
from gigmarket.domain.gig import Gig, Wage, WageUnit
from gigmarket.domain.matching import judge
from gigmarket.domain.verdict import ORDER, Verdict
from gigmarket.live.roster_columns import Entry
from gigmarket.services.layout import NEVER_S, Table, lay_out, postings_of
from gigmarket.wire.bus import Move
from tests.domain.samples import NOW, POLICY
from tests.services.columns import (
    HOUR,
    SEED,
    T,
    entry,
    gig,
    known,
    metres_of,
    place,
    promise,
    roster,
    way_s,
)

NEVER = -math.inf
ALWAYS = math.inf


def table(
    entries: Sequence[Entry],
    gigs: Sequence[Gig],
    refused: Mapping[str, Sequence[str]] | None = None,
    after_s: float = 0.0,
) -> Table:
    """Every gig with every worker, so many seconds from now."""
    now = NOW + timedelta(seconds=after_s)
    people = roster(entries)
    rows = [people.columns.row_of[one.worker] for one in entries]
    pairs = [(number, row) for number in range(len(gigs)) for row in rows]
    gig_rows, worker_rows = (np.array(column, dtype=np.int64) for column in zip(*pairs, strict=True))
    postings = postings_of(gigs, POLICY, now)
    return lay_out(gigs, postings, (gig_rows, worker_rows), people.columns, known(refused, now))


def said(laid: Table, after_s: float = 0.0) -> list[Verdict]:
    """The verdict of each edge."""
    codes = judge(laid.openings, laid.slots, laid.edges, POLICY, T + after_s)
    return [ORDER[code] for code in codes.tolist()]


def verdicts(one: Entry, wanted: Gig, after_s: float = 0.0, **refused: Sequence[str]) -> list[Verdict]:
    """The verdicts on one worker and one gig, by slot."""
    return said(table([one], [wanted], refused, after_s), after_s)


def test_a_free_worker_has_one_slot_without_end() -> None:
    laid = table([entry("w1", 500)], [gig()])
    slots, edges = laid.slots, laid.edges
    assert (slots.free.tolist(), slots.before.tolist(), slots.punctual.tolist()) == ([NEVER], [ALWAYS], [False])
    assert (edges.gig.tolist(), edges.slot.tolist(), edges.onward.tolist()) == ([0], [0], [0.0])
    assert edges.travel.tolist() == pytest.approx([way_s(500)])
    assert laid.estimated.tolist() == [True]


def test_promised_hours_leave_a_slot_before_between_and_after() -> None:
    first, second = promise(2, 3), promise(5, 6)
    laid = table([entry("w1", promises=(first, second)), entry("w2")], [gig()])
    slots = laid.slots
    of_first = slots.worker == laid.row[0]
    assert slots.free[of_first].tolist() == [NEVER, first.ends, second.ends]
    assert slots.before[of_first].tolist() == [first.busy_from, second.busy_from, ALWAYS]
    assert slots.punctual[of_first].tolist() == [False, True, True]
    assert np.count_nonzero(~of_first) == 1
    assert len(laid.edges.gig) == 4
    assert sorted(laid.edges.slot.tolist()) == [0, 1, 2, 3]


@pytest.mark.parametrize(
    ("starts_h", "hours", "fits"),
    [
        pytest.param(0.5, 1.25, [True, False, False], id="before"),
        pytest.param(0.5, 1.75, [False, False, False], id="into the first"),
        pytest.param(3.25, 1.5, [False, True, False], id="between"),
        pytest.param(2.5, 0.5, [False, False, False], id="within the first"),
        pytest.param(7.0, 2.0, [False, False, True], id="after"),
        pytest.param(1.0, 9.0, [False, False, False], id="around both"),
    ],
)
def test_a_gig_fits_one_of_the_slots(starts_h: float, hours: float, fits: list[bool]) -> None:
    promised = (promise(2, 3, home_s=0.0), promise(5, 6, home_s=0.0))
    found = verdicts(entry("w1", promises=promised), gig(starts_h=starts_h, hours=hours))
    assert [verdict is Verdict.OFFERED for verdict in found] == fits
    assert {Verdict.OFFERED, Verdict.HOURS} >= set(found)


@pytest.mark.parametrize(("late_h", "metres"), [(4.0, 100.0), (4.001, 1000.0)], ids=["from there", "from home"])
def test_the_next_gig_is_reached_from_the_promised_site_or_much_later_from_home(
    late_h: float, metres: float
) -> None:
    # The worker lives 1,000 m from the gig, the promised site is 100 m from it.
    one = entry("w1", 1000, promises=(promise(1, 2, 100),))
    laid = table([one], [gig(starts_h=2 + late_h)])
    assert laid.edges.travel.tolist() == pytest.approx([way_s(1000), way_s(metres)], rel=1e-6)


def test_a_far_home_does_not_matter_for_a_gig_beside_the_promised_site() -> None:
    home = metres_of(1200.0)
    one = entry("w1", home, promises=(promise(1, 2, 0.0, home_s=1200.0),))
    assert verdicts(one, gig(starts_h=2.5)) == [Verdict.OUTSIDE_CIRCLE, Verdict.OFFERED]


def test_the_way_to_the_next_promise_counts_beyond_his_own_way_from_home() -> None:
    near = metres_of(700.0)
    laid = table([entry("w1", promises=(promise(6, 7, near, home_s=600.0),))], [gig()])
    assert laid.edges.onward.tolist() == pytest.approx([100.0, 0.0], abs=0.01)
    home = table([entry("w1", promises=(promise(6, 7, near, home_s=700.1),))], [gig()])
    assert home.edges.onward.tolist() == [0.0, 0.0]


def test_each_slot_goes_on_to_the_promise_that_follows_it() -> None:
    hours = (promise(6, 7, metres_of(700.0)), promise(9, 10, metres_of(800.0)))
    laid = table([entry("w0"), entry("w1", promises=hours)], [gig()])
    onward = dict(zip(laid.edges.slot.tolist(), laid.edges.onward.tolist(), strict=True))
    assert onward == pytest.approx({0: 0.0, 1: 100.0, 2: 200.0, 3: 0.0}, abs=0.01)


def test_sites_an_hour_apart_are_never_worked_one_after_the_other() -> None:
    far = promise(9, 10, metres_of(3601.0), home_s=600.0)
    laid = table([entry("w1", promises=(far,))], [gig()])
    assert laid.edges.onward.tolist()[0] == NEVER_S - 600.0
    assert said(laid) == [Verdict.HOURS, Verdict.OUTSIDE_CIRCLE]


@pytest.mark.parametrize(("spare_s", "verdict"), [(0.5, Verdict.OFFERED), (-0.5, Verdict.HOURS)])
def test_after_promised_hours_he_has_to_be_there_by_the_start(spare_s: float, verdict: Verdict) -> None:
    way = way_s(1000)
    starts_h = 2 + (way + spare_s) / HOUR
    found = verdicts(entry("w1", promises=(promise(1, 2, 1000),)), gig(starts_h=starts_h))
    assert found == [Verdict.HOURS, verdict]


@pytest.mark.parametrize(
    ("left_s", "verdict"),
    [(1800.0, Verdict.OFFERED), (1801.0, Verdict.ENGAGED)],
    ids=["about to end", "in the midst of it"],
)
def test_who_is_at_work_is_matched_shortly_before_the_end(left_s: float, verdict: Verdict) -> None:
    one = entry("w1", working=T + left_s, worked=((T - HOUR, T + left_s),))
    laid = table([one], [gig()])
    assert laid.slots.free.tolist() == [T + left_s]
    assert laid.slots.punctual.tolist() == [True]
    assert said(laid) == [verdict]


def test_who_is_at_work_sets_out_from_the_site_when_his_work_ends() -> None:
    soon = entry("w1", 1000, working=T + 1800.0)
    in_time = gig(starts_h=(1800.0 + way_s(1000) + 1) / HOUR)
    late = gig(starts_h=(1800.0 + way_s(1000) - 1) / HOUR)
    assert verdicts(soon, in_time) == [Verdict.OFFERED]
    assert verdicts(soon, late) == [Verdict.HOURS]


def test_whose_work_has_ended_is_free_like_anybody() -> None:
    laid = table([entry("w1", working=T)], [gig()])
    assert (laid.slots.free.tolist(), laid.slots.punctual.tolist()) == ([NEVER], [False])
    assert said(laid) == [Verdict.OFFERED]


def test_who_worked_enough_today_rests() -> None:
    eight = ((T - 7 * HOUR, T + HOUR),)
    assert verdicts(entry("w1", worked=eight), gig(hours=4)) == [Verdict.RESTING]
    # Half an hour later he has rested; then only the day's hours count: 8 + 4 of 12.
    assert verdicts(entry("w1", worked=eight), gig(starts_h=1.5, hours=4)) == [Verdict.OFFERED]
    assert verdicts(entry("w1", worked=eight), gig(starts_h=1.5, hours=4.5)) == [Verdict.RESTING]


def test_promised_hours_count_as_work_when_rest_is_judged() -> None:
    later = promise(6, 12)
    one = entry("w1", promises=(later,), worked=((later.starts, later.ends),))
    assert verdicts(one, gig(starts_h=1, hours=4.5)) == [Verdict.OFFERED, Verdict.HOURS]
    ten = promise(6, 15.0)
    tired = entry("w1", promises=(ten,), worked=((ten.starts, ten.ends),))
    assert verdicts(tired, gig(starts_h=1, hours=4.5)) == [Verdict.RESTING, Verdict.HOURS]


def test_who_had_his_chance_is_not_asked_again() -> None:
    people = [entry("w1"), entry("w2")]
    laid = table(people, [gig("g1"), gig("g2")], {"w1": ["g2"], "w2": ["g9"], "w9": ["g1"]})
    assert laid.edges.declined.tolist() == [False, False, True, False]


@pytest.mark.parametrize(
    ("away_s", "reach", "open_s", "verdict"),
    [
        pytest.param(600.0, 900.0, 0.0, Verdict.OFFERED, id="inside"),
        pytest.param(600.0, 599.0, 0.0, Verdict.OUTSIDE_CIRCLE, id="beyond his own limit"),
        pytest.param(1000.0, 1800.0, 0.0, Verdict.OUTSIDE_CIRCLE, id="the circle has not grown"),
        pytest.param(1000.0, 1800.0, 600.0, Verdict.OFFERED, id="the circle has grown and he agreed"),
        pytest.param(1000.0, 900.0, 600.0, Verdict.OUTSIDE_CIRCLE, id="the circle has grown, he did not agree"),
        pytest.param(1700.0, 1800.0, 1799.0, Verdict.OUTSIDE_CIRCLE, id="not yet so far"),
        pytest.param(1700.0, 1800.0, 1800.0, Verdict.OFFERED, id="as far as it goes"),
        pytest.param(1801.0, 9000.0, 9000.0, Verdict.OUTSIDE_CIRCLE, id="beyond any circle"),
    ],
)
def test_a_circle_grows_for_those_who_agreed(
    away_s: float, reach: float, open_s: float, verdict: Verdict
) -> None:
    one = entry("w1", metres_of(away_s), reach=reach)
    assert verdicts(one, gig(starts_h=6), open_s) == [verdict]


def test_waiting_and_the_draw_are_the_workers_own() -> None:
    people = [entry("w1", since=T - 1000.0, credit=120.0, share=0.5), entry("w2", promises=(promise(8, 9),))]
    laid = table(people, [gig()])
    slots = laid.slots
    waited = waiting_s(np.array([1000.0, 0.0]), POLICY)
    assert slots.credit[:2].tolist() == pytest.approx([120.0 + waited[0], waited[1]])
    assert slots.share.tolist() == [0.5, 0.0, 0.0]
    luck = tickets(SEED, np.array([one.key for one in people], dtype=np.uint64)).tolist()
    assert slots.ticket.tolist() == [*luck, luck[1]]


@pytest.mark.parametrize(
    ("changes", "verdict"),
    [
        ({"trades": frozenset({"packer"})}, Verdict.TRADE),
        ({"offered": True}, Verdict.OFFERED_ELSEWHERE),
        ({"until": T}, Verdict.LEFT),
        ({"floor": 9_000_000.0}, Verdict.WAGE),
        ({"mode": Mode.WALK}, Verdict.OUTSIDE_CIRCLE),
    ],
)
def test_a_workers_own_terms(changes: dict[str, Any], verdict: Verdict) -> None:
    assert verdicts(entry("w1", 1000, **changes), gig()) == [verdict]


def test_openings_tell_what_a_round_asks_of_a_gig() -> None:
    wanted = gig("g1", starts_h=2, hours=3, headcount=5)
    taken = replace(wanted, reserved=2, filled=1)
    piece = gig("g2", trade="packer", wage=Wage(50, WageUnit.PIECE))
    columns = postings_of([taken, piece], POLICY, NOW + timedelta(seconds=600)).openings
    assert columns.posted.tolist() == [T, T]
    assert columns.starts.tolist() == [T + 2 * HOUR, T + HOUR]
    assert columns.ends.tolist() == [T + 5 * HOUR, T + 5 * HOUR]
    assert columns.latest.tolist() == [taken.recruit_until.timestamp(), piece.recruit_until.timestamp()]
    assert columns.pay.tolist() == [taken.due_fen(), math.inf]
    assert columns.seats.tolist() == [2, 1]
    assert columns.circle.tolist() == [1200.0, 1200.0]
    assert columns.trade[0] != columns.trade[1]


def test_several_gigs_and_workers_keep_their_edges_apart() -> None:
    people = [entry("w0", 0), entry("w1", 100, promises=(promise(6, 7, 300),)), entry("w2", 200)]
    gigs = [gig("g0", 0), gig("g1", 50), gig("g2", 400)]
    laid = table(people, gigs)
    here = {0: 0.0, 1: 100.0, 2: 200.0, 3: 100.0}  # the gigs begin before the promise: from home
    sites = [0.0, 50.0, 400.0]
    pairs = list(zip(laid.edges.gig.tolist(), laid.edges.slot.tolist(), strict=True))
    assert sorted(pairs) == [(row, slot) for row in range(3) for slot in range(4)]
    here[3] = 300.0  # what begins earlier than the promise ends is reached from its site
    expected = [way_s(abs(here[slot] - sites[row])) for row, slot in pairs]
    assert laid.edges.travel.tolist() == pytest.approx(expected, abs=0.01)
    assert [laid.slots.worker[slot] for slot in range(4)] == [*laid.row[:3], laid.row[1]]


def test_positions_of_the_table_are_the_rosters_latest() -> None:
    people = roster([entry("w1", 500)])
    people.move([Move(entry("w1").worker, place(100), T + 100)])
    row = np.array([people.columns.row_of[entry("w1").worker]])
    wanted = [gig()]
    laid = lay_out(
        wanted, postings_of(wanted, POLICY, NOW), (np.zeros(1, np.int64), row), people.columns, known()
    )
    assert laid.edges.travel.tolist() == pytest.approx([way_s(100)], rel=1e-6)
