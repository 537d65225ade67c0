"""The contract's rules on days worked out by hand, under the baselines and under ours."""

import pytest

from gigmarket.domain.geo import Mode
from gigmarket.domain.policy import Policy
from gigmarket.simulation.baselines import free_longest
from gigmarket.simulation.report import figures
from gigmarket.simulation.world import Columns, Outcome
from tests.simulation.town import baseline, columns, faults, gig, minutes, ours, story, worker


def both(day: Columns) -> list[Outcome]:
    """The day under greedy and under ours, known to keep every rule."""
    outcomes = [baseline(day), ours(day)]
    assert [faults(day, outcome) for outcome in outcomes] == [[], []]
    return outcomes


def test_a_worker_leaves_so_as_to_arrive_at_the_start() -> None:
    day = columns([gig("g", 0, 60, 120, walk_s=600)], [worker("w")])
    for outcome in both(day):
        (booking,) = outcome.bookings
        assert (minutes(booking.leaves), minutes(booking.begins), minutes(booking.ends)) == (50, 60, 120)


def test_who_arrives_late_works_the_whole_time_all_the_same() -> None:
    day = columns([gig("g", 0, 5, 65, walk_s=600)], [worker("w")])
    for outcome in both(day):
        (booking,) = outcome.bookings
        assert (minutes(booking.leaves), minutes(booking.begins), minutes(booking.ends)) == (0, 10, 70)


@pytest.mark.parametrize(("walk_s", "filled"), [(899.0, 1), (901.0, 0)])
def test_nobody_is_sent_further_than_a_quarter_of_an_hour(walk_s: float, filled: int) -> None:
    day = columns([gig("g", 0, 60, 120, walk_s=walk_s)], [worker("w")])
    assert [len(outcome.bookings) for outcome in both(day)] == [filled, filled]


@pytest.mark.parametrize(("starts", "filled"), [(-4.9, 1), (-5.1, 0)])
def test_a_seat_is_lost_a_quarter_of_an_hour_after_the_start(starts: float, filled: int) -> None:
    day = columns([gig("g", 0, starts, 60, walk_s=600)], [worker("w")])
    assert [len(outcome.bookings) for outcome in both(day)] == [filled, filled]


def test_who_arrives_at_the_last_moment_has_the_seat() -> None:
    day = columns([gig("g", 15, 0, 60)], [worker("w")])
    assert [len(outcome.bookings) for outcome in both(day)] == [1, 1]


def test_whoever_was_there_for_just_an_hour_counts() -> None:
    day = columns([gig("g", 0, 10, 40)], [worker("w", until=60), worker("x", walk_s=100, until=60)])
    assert figures(day, baseline(day))["jain"] == pytest.approx(0.5)


@pytest.mark.parametrize(("begins", "until", "filled"), [(0, 30, 0), (0, 30.1, 1), (40, 90, 1), (76, 90, 0)])
def test_offers_are_made_only_while_a_worker_is_available(begins: float, until: float, filled: int) -> None:
    day = columns([gig("g", 30, 60, 120)], [worker("w", begins=begins, until=until)])
    assert [len(outcome.bookings) for outcome in both(day)] == [filled, filled]


def test_an_unfilled_seat_is_tried_again() -> None:
    day = columns([gig("g", 0, 60, 120)], [worker("w", begins=30)])
    greedy, _ = both(day)
    assert minutes(greedy.bookings[0].offered) == 30


def test_trade_and_wage_are_asked() -> None:
    gigs = [gig("pay", 0, 60, 120, wage_fen=999), gig("trade", 0, 60, 120, trade="cleaner")]
    day = columns(gigs, [worker("w", floor_wage_fen=1000)])
    assert [len(outcome.bookings) for outcome in both(day)] == [0, 0]
    day = columns(gigs, [worker("w", floor_wage_fen=999), worker("x", trades=frozenset({"cleaner", "guard"}))])
    assert [sorted(story(day, outcome)) for outcome in both(day)] == [[("pay", "w"), ("trade", "x")]] * 2


def test_every_mode_has_its_own_circle() -> None:
    # 2,000 s on foot are 660 s by bicycle: 5.1 / 1.46 against 18 / 1.70 km/h.
    gigs = [gig("g", 0, 60, 120, walk_s=2000)]
    day = columns(gigs, [worker("walks"), worker("rides", mode=Mode.BICYCLE)])
    for outcome in both(day):
        assert story(day, outcome) == [("g", "rides")]
        assert outcome.bookings[0].travel_s == pytest.approx(2000 * (5.1 / 1.46) / (18 / 1.70), abs=0.01)


def test_after_the_work_a_worker_is_at_the_site() -> None:
    gigs = [gig("first", 0, 10, 70, walk_s=600), gig("second", 60, 120, 180, walk_s=1400)]
    day = columns(gigs, [worker("w")])
    for outcome in both(day):
        assert story(day, outcome) == [("first", "w"), ("second", "w")]
        assert [round(booking.travel_s) for booking in outcome.bookings] == [600, 800]


def test_the_baselines_see_only_who_has_no_unfinished_assignment() -> None:
    gigs = [gig("late", 0, 300, 360), gig("soon", 1, 60, 120)]
    day = columns(gigs, [worker("w")])
    assert story(day, baseline(day)) == [("late", "w")]
    assert sorted(story(day, ours(day))) == [("late", "w"), ("soon", "w")]


def test_in_ours_a_worker_may_hold_several_that_do_not_overlap() -> None:
    gigs = [
        gig("first", 0, 30, 90),
        gig("overlaps", 0, 80, 150, walk_s=100),
        gig("next", 0, 100, 160, walk_s=500),
    ]
    outcome = ours(day := columns(gigs, [worker("w", until=1)]))
    assert faults(day, outcome) == []
    assert {minutes(booking.offered) for booking in outcome.bookings} <= {0, 0.5}
    assert len(outcome.bookings) == 2


def test_a_gap_before_a_promised_gig_is_worked_too() -> None:
    gigs = [gig("promised", 0, 200, 260, walk_s=300), gig("between", 5, 60, 120, walk_s=600)]
    outcome = ours(day := columns(gigs, [worker("w")]), Policy(hold_first_s=0))
    assert faults(day, outcome) == []
    assert story(day, outcome) == [("promised", "w"), ("between", "w")]
    # The way to the promised gig is now the one from the site before it.
    travel = {day.gigs[booking.gig].id: round(booking.travel_s) for booking in outcome.bookings}
    assert travel == {"between": 600, "promised": 300}


def test_a_gap_too_short_for_the_way_on_is_not_worked() -> None:
    gigs = [gig("promised", 0, 125, 185, walk_s=-300), gig("between", 5, 60, 120, walk_s=100)]
    outcome = ours(day := columns(gigs, [worker("w")]), Policy(hold_first_s=0))
    assert faults(day, outcome) == []
    assert story(day, outcome) == [("promised", "w")]


def test_ours_asks_before_a_worker_s_hours_for_offers_end() -> None:
    day = columns([gig("g", 0, 240, 300)], [worker("w", until=20)])
    (booking,) = ours(day).bookings
    assert minutes(booking.offered) < 20


@pytest.mark.parametrize(
    ("posted", "starts", "begins"), [(-30_000_000, 60, 0), (0, 4_000_000_000, 0), (0, 4_000_000_000, 90)]
)
def test_years_in_which_nobody_is_there_pass_at_once(posted: float, starts: float, begins: float) -> None:
    day = columns([gig("g", posted, starts, starts + 60)], [worker("w", begins=begins)])
    outcome = ours(day)
    assert faults(day, outcome) == []
    assert story(day, outcome) == [("g", "w")]
    assert outcome.rounds <= 600 * 2


def test_nobody_works_twice_on_one_gig() -> None:
    day = columns([gig("g", 0, 10, 13, headcount=3)], [worker("w"), worker("x")])
    outcome = ours(day)
    assert sorted(story(day, outcome)) == [("g", "w"), ("g", "x")]


def test_greedy_takes_the_nearest_and_fcfs_who_was_free_longest() -> None:
    day = columns([gig("g", 60, 90, 120)], [worker("near", 100, begins=10), worker("first", 300, begins=5)])
    assert story(day, baseline(day)) == [("g", "near")]
    assert story(day, baseline(day, free_longest)) == [("g", "first")]


def test_ties_go_to_the_lower_id() -> None:
    day = columns([gig("g10", 0, 90, 120), gig("g2", 0, 90, 120)], [worker("w10"), worker("w2")])
    told = [("g2", "w2"), ("g10", "w10")]
    assert story(day, baseline(day)) == told
    assert story(day, baseline(day, free_longest)) == told
    assert sorted(story(day, ours(day))) == sorted(told)


def test_gigs_are_served_in_posting_order() -> None:
    gigs = [gig("a", 2, 200, 260), gig("b", 1, 200, 260)]
    day = columns(gigs, [worker("w", begins=30)])
    assert story(day, baseline(day)) == [("b", "w")]


def test_the_figures_of_a_day_worked_by_hand() -> None:
    gigs = [gig("a", 0, 10, 70, walk_s=600, headcount=2), gig("b", 60, 90, 150, walk_s=600)]
    workers = [worker("w", until=120), worker("x", begins=100, until=159), worker("y", begins=300, until=420)]
    day = columns(gigs, workers)
    outcome = baseline(day)
    found = figures(day, outcome)
    # w works a from 10 to 70 and b from 90; the second seat of a is lost; x is there for less than an hour.
    assert story(day, outcome) == [("a", "w"), ("b", "w")]
    assert (found["seats"], found["filled"]) == (3, 2)
    assert found["fill"] == pytest.approx(2 / 3, abs=1e-6)
    assert found["travel_s_mean"] == pytest.approx(300, abs=0.01)
    assert found["travel_s_p90"] == pytest.approx(540, abs=0.01)
    assert found["wait_s_p90"] == pytest.approx(540)
    assert found["longest_wait_s"] == pytest.approx(600)
    # Shares of w and y: 7200 s worked of 7200 s, and nothing of 7200 s.
    assert found["jain"] == pytest.approx(0.5)


def test_a_day_without_anything() -> None:
    empty = columns([], [])
    nobody = columns([gig("g", 0, 60, 120)], [])
    for day in (empty, nobody):
        for outcome in both(day):
            found = figures(day, outcome)
            assert (found["filled"], found["travel_s_mean"], found["wait_s_p90"], found["jain"]) == (0, 0, 0, 1)


def test_a_worker_whose_two_free_stretches_suit_a_gig_has_one_of_its_seats() -> None:
    # w could come before the promised gig and after it; both seats were his, and the first was forgotten.
    gigs = [gig("promised", 0, 30, 31), gig("short", 5, 25, 26, headcount=2)]
    day = columns(gigs, [worker("w"), worker("later", begins=20)])
    _, outcome = both(day)
    assert story(day, outcome) == [("promised", "w"), ("short", "w"), ("short", "later")]
    assert figures(day, outcome)["travel_s_mean"] == 0.0
