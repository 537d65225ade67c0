"""How much is wanted of a worker where he is, and the seats that are filled by knowing it."""

from dataclasses import replace

import numpy as np
import pytest

from gigmarket.domain.policy import DEFAULT
from gigmarket.simulation.slots import Slots
from gigmarket.simulation.world import Columns, ways_of
from gigmarket.travel.straight_line import StraightLine
from tests.simulation.town import at, baseline, columns, faults, gig, ours, story, worker

BY_DEMAND = replace(DEFAULT, share_weight_s=0, share_hours_weight=0.0, hold_first_s=0)
BLIND = replace(BY_DEMAND, seat_worth_s=0)
BOTH = frozenset({"porter", "cleaner"})


def rates(day: Columns, slots: Slots, minutes: float) -> list[float]:
    """Seats an hour that fall to each worker's slot, so many minutes after 8."""
    now = at(minutes).timestamp()
    found = slots.demand(np.arange(len(day.workers)), now, DEFAULT)
    return [3600 * rate for rate in found.tolist()]


def opened(day: Columns) -> Slots:
    """Slots that saw every gig of the day posted at its time."""
    slots = Slots(day, ways_of(day, StraightLine(), 900))
    for row, posted in enumerate(day.posted.tolist()):
        slots.open_gig(row, posted)
    return slots


def test_seats_fall_to_those_who_could_come() -> None:
    gigs = [gig("p", 0, 60, 120), gig("c", 0, 60, 120, trade="cleaner", headcount=2)]
    day = columns(gigs, [worker("w"), worker("x", trades=BOTH), worker("far", walk_s=901)])
    far, alone, both = rates(day, opened(day), 0)
    assert far == 0
    assert both == pytest.approx(3 * alone)


def test_who_has_moved_is_asked_from_where_he_is() -> None:
    day = columns([gig("p", 0, 60, 120), gig("q", 0, 60, 120, walk_s=800)], [worker("w", walk_s=-500)])
    slots = opened(day)
    (before,) = rates(day, slots, 0)
    slots.take(0, 0, day.starts[0], day.starts[0] + 3600, float(day.posted[0]), 600)
    after = rates(day, slots, 0)[0]
    assert after > before
    # By p's site both are in reach, and nobody could have come to q when it was posted.
    assert after == pytest.approx(2 * before)


def test_only_so_many_gigs_are_remembered() -> None:
    gigs = [gig(f"c{i}", 0, 60, 120, trade="cleaner") for i in range(300)]
    day = columns([gig("p", -1, 60, 120), *gigs], [worker("w")])
    assert rates(day, opened(day), 0) == [0.0]


def kept_for_the_other_trade() -> Columns:
    """The nearest porter is the only cleaner, cleaners were asked for, and both seats are for at once."""
    gigs = [
        gig("c1", 0, 0, 20, trade="cleaner"),
        gig("p", 60, 60, 180),
        gig("c2", 62, 62, 180, trade="cleaner"),
    ]
    return columns(gigs, [worker("both", 10, trades=BOTH), worker("porter", 200)])


def test_who_alone_can_do_another_trade_is_kept_for_it() -> None:
    day = kept_for_the_other_trade()
    assert len(baseline(day).bookings) == 2
    assert story(day, ours(day, BLIND)) == [("c1", "both"), ("p", "both")]
    outcome = ours(day, BY_DEMAND)
    assert faults(day, outcome) == []
    assert story(day, outcome) == [("c1", "both"), ("p", "porter"), ("c2", "both")]
