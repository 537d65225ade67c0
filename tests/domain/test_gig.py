"""A gig: what may be posted, and where every command leads from every state."""

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gigmarket.domain import gig as gigs
from gigmarket.domain.calendar import day_of
from gigmarket.domain.errors import GigClosed, Invalid, NotFound, Refusal
from gigmarket.domain.gig import Draft, Gig, GigChanged, GigPosted, GigStatus, Settlement, Wage, WageUnit
from gigmarket.domain.ids import GigId
from tests.domain.samples import (
    EMPLOYER,
    ENDS_AT,
    NOW,
    OTHER_EMPLOYER,
    POLICY,
    STARTS_AT,
    draft,
    gig,
    seconds,
)

OPEN, FILLED, WORKING = GigStatus.OPEN, GigStatus.FILLED, GigStatus.IN_PROGRESS
DONE, CANCELLED, EXPIRED = GigStatus.COMPLETED, GigStatus.CANCELLED, GigStatus.EXPIRED

SUBJECTS: dict[str, Gig] = {
    "open": gig(OPEN),
    "open/reserved": gig(OPEN, reserved=1),
    "open/one_came": gig(OPEN, filled=1),
    "open/last_reserved": gig(OPEN, reserved=1, filled=1),
    "filled": gig(FILLED, filled=2),
    "in_progress": gig(WORKING, filled=2),
    "in_progress/one": gig(WORKING, filled=1),
    "in_progress/none": gig(WORKING),
    "completed": gig(DONE, filled=2),
    "completed/one": gig(DONE, filled=1),
    "cancelled": gig(CANCELLED),
    "cancelled/one": gig(CANCELLED, filled=1),
    "expired": gig(EXPIRED),
}

LAST_USEFUL = ENDS_AT - seconds(POLICY.least_useful_s)
COMMANDS: dict[str, Callable[[Gig], Gig]] = {
    "reserve": lambda g: gigs.reserve(g, 1, NOW),
    "reserve_late": lambda g: gigs.reserve(g, 1, g.recruit_until),
    "reserve_3": lambda g: gigs.reserve(g, 3, NOW),
    "release": gigs.release,
    "fill": lambda g: gigs.fill(g)[0],
    "reopen": lambda g: gigs.reopen(g, NOW, POLICY)[0],
    "reopen_late": lambda g: gigs.reopen(g, LAST_USEFUL, POLICY)[0],
    "cancel": lambda g: gigs.cancel(g, EMPLOYER)[0],
    "cancel_other": lambda g: gigs.cancel(g, OTHER_EMPLOYER)[0],
    "check_in": lambda g: gigs.first_check_in(g)[0],
    "early": lambda g: gigs.pass_time(g, 1, NOW)[0],
    "start": lambda g: gigs.pass_time(g, 1, STARTS_AT)[0],
    "recruited": lambda g: gigs.pass_time(g, 1, g.recruit_until)[0],
    "retake": lambda g: gigs.retake(g)[0],
    "nobody_left": lambda g: gigs.pass_time(g, 0, ENDS_AT)[0],
}

# Next state: o open, f filled, p in_progress, c completed, x cancelled, e expired.
# Refused: G GigClosed, N NotFound.
TABLE = """
                   reserve reserve_late reserve_3 release fill reopen reopen_late cancel cancel_other check_in early start recruited nobody_left retake
open               o       G            G         o       G    G      G           x      N            o        o     o     e         e           o
open/reserved      o       G            G         o       o    G      G           x      N            o        o     o     o         o           o
open/one_came      o       G            G         o       G    o      o           x      N            o        o     o     p         c           o
open/last_reserved G       G            G         o       f    o      o           x      N            o        o     o     o         o           G
filled             G       G            G         f       G    o      f           x      N            p        f     p     p         c           G
in_progress        G       G            G         p       G    o      p           x      N            p        p     p     p         c           G
in_progress/one    G       G            G         p       G    o      p           x      N            p        p     p     p         c           p
in_progress/none   G       G            G         p       G    G      G           x      N            p        p     p     p         e           p
completed          G       G            G         c       G    c      c           G      N            c        c     c     c         c           G
completed/one      G       G            G         c       G    c      c           G      N            c        c     c     c         c           p
cancelled          G       G            G         x       G    G      G           G      N            x        x     x     x         x           x
cancelled/one      G       G            G         x       G    x      x           G      N            x        x     x     x         x           x
expired            G       G            G         e       G    G      G           G      N            e        e     e     e         e           p
"""  # noqa: E501
MEANING: dict[str, GigStatus | type[Refusal]] = dict(
    zip("ofpcxeGN", (OPEN, FILLED, WORKING, DONE, CANCELLED, EXPIRED, GigClosed, NotFound), strict=True)
)


def transitions() -> list[tuple[str, str, GigStatus | type[Refusal]]]:
    """The table's cells as (subject, command, outcome)."""
    head, *rows = TABLE.strip().splitlines()
    return [
        (subject, command, MEANING[outcome])
        for subject, *outcomes in map(str.split, rows)
        for command, outcome in zip(head.split(), outcomes, strict=True)
    ]


def test_the_table_covers_every_pair() -> None:
    pairs = [(subject, command) for subject, command, _ in transitions()]
    assert sorted(pairs) == sorted((subject, command) for subject in SUBJECTS for command in COMMANDS)
    assert {subject.status for subject in SUBJECTS.values()} == set(GigStatus)


@pytest.mark.parametrize(("subject", "command", "outcome"), transitions())
def test_transition(subject: str, command: str, outcome: GigStatus | type[Refusal]) -> None:
    before = SUBJECTS[subject]
    if not isinstance(outcome, GigStatus):
        with pytest.raises(outcome):
            COMMANDS[command](before)
        return
    after = COMMANDS[command](before)
    assert after.status is outcome
    assert after.reserved >= 0
    assert after.filled >= 0
    assert after.reserved + after.filled <= after.draft.headcount


def test_posting_opens_the_gig_with_all_seats_free() -> None:
    posted, facts = gigs.post(draft(headcount=50), GigId("g9"), EMPLOYER, "271828", NOW, POLICY)
    assert facts == (GigPosted(posted),)
    assert (posted.id, posted.employer, posted.site_code) == (GigId("g9"), EMPLOYER, "271828")
    assert (posted.status, posted.reserved, posted.filled, posted.free_seats()) == (OPEN, 0, 0, 50)
    assert (posted.posted_at, posted.recruit_until) == (NOW, STARTS_AT + seconds(POLICY.late_start_s))


def test_nobody_is_recruited_past_the_end() -> None:
    short = draft(ends_at=STARTS_AT + seconds(POLICY.late_start_s - 1))
    posted, _ = gigs.post(short, GigId("g9"), EMPLOYER, "271828", NOW, POLICY)
    assert posted.recruit_until == short.ends_at


def hourly(amount_fen: int) -> Wage:
    return Wage(amount_fen, WageUnit.HOUR)


def daily(amount_fen: int) -> Wage:
    return Wage(amount_fen, WageUnit.DAY)


def by_piece(amount_fen: int) -> Wage:
    return Wage(amount_fen, WageUnit.PIECE)


DAY = timedelta(days=1)
MORNING = datetime(2025, 6, 2, 22, 0, tzinfo=UTC)
"""Six o'clock of the third, in China."""

BAD_DRAFTS = [
    pytest.param(draft(headcount=0), "headcount", id="headcount 0"),
    pytest.param(draft(headcount=51), "headcount", id="headcount 51"),
    pytest.param(draft(min_crew=0), "min_crew", id="a crew of nobody"),
    pytest.param(draft(min_crew=3), "min_crew", id="a crew larger than the gig"),
    pytest.param(draft(headcount=50, min_crew=11), "min_crew", id="a crew larger than any"),
    pytest.param(draft(trade="astronaut"), "trade", id="unknown trade"),
    pytest.param(draft(trade=""), "trade", id="empty trade"),
    pytest.param(draft(starts_at=NOW), "starts_at", id="starts now"),
    pytest.param(draft(starts_at=NOW - seconds(1)), "starts_at", id="started already"),
    pytest.param(
        draft(starts_at=NOW + 30 * DAY + seconds(1), ends_at=NOW + 30 * DAY + seconds(7200)),
        "starts_at",
        id="too far ahead",
    ),
    pytest.param(draft(ends_at=STARTS_AT), "ends_at", id="no length"),
    pytest.param(draft(ends_at=STARTS_AT - seconds(1)), "ends_at", id="ends before the start"),
    pytest.param(draft(ends_at=STARTS_AT + DAY + seconds(1), wage=daily(50_000)), "ends_at", id="too long"),
    pytest.param(draft(settlement=Settlement.BY_DATE), "settle_on", id="by date without a date"),
    pytest.param(draft(settle_on=date(2025, 6, 3)), "settle_on", id="daily with a date"),
    pytest.param(
        draft(settlement=Settlement.BY_DATE, settle_on=date(2025, 6, 1)), "settle_on", id="paid before the work"
    ),
    pytest.param(
        draft(
            starts_at=MORNING,
            ends_at=MORNING + seconds(7200),
            settlement=Settlement.BY_DATE,
            settle_on=date(2025, 6, 2),
        ),
        "settle_on",
        id="paid the day before an early morning in China",
    ),
    pytest.param(draft(wage=daily(0)), "wage.amount_fen", id="no wage"),
    pytest.param(draft(wage=hourly(-1)), "wage.amount_fen", id="negative wage"),
    pytest.param(draft(wage=by_piece(0)), "wage.amount_fen", id="nothing a piece"),
    pytest.param(draft(wage=daily(1_000_001)), "wage.amount_fen", id="absurd wage a day"),
    pytest.param(draft(wage=hourly(2**53)), "wage.amount_fen", id="absurd wage an hour"),
    pytest.param(draft(wage=by_piece(1_000_001)), "wage.amount_fen", id="absurd wage a piece"),
    pytest.param(draft(wage=hourly(1609)), "wage.amount_fen", id="below the minimum, an hour"),
    pytest.param(draft(wage=daily(1610 * 4 - 1)), "wage.amount_fen", id="below the minimum, a day"),
]


@pytest.mark.parametrize(("bad", "path"), BAD_DRAFTS)
def test_a_bad_draft_is_refused_by_field(bad: Draft, path: str) -> None:
    with pytest.raises(Invalid) as refused:
        gigs.post(bad, GigId("g9"), EMPLOYER, "271828", NOW, POLICY)
    assert [error.path for error in refused.value.errors] == [path]
    assert all(error.reason for error in refused.value.errors)


@pytest.mark.parametrize(
    "good",
    [
        draft(headcount=1),
        draft(headcount=2, min_crew=2),
        draft(headcount=50, min_crew=10),
        draft(headcount=50),
        draft(starts_at=NOW + seconds(1)),
        draft(starts_at=NOW + 30 * DAY, ends_at=NOW + 30 * DAY + seconds(7200)),
        draft(ends_at=STARTS_AT + DAY, wage=daily(1610 * 24)),
        draft(settlement=Settlement.BY_DATE, settle_on=day_of(STARTS_AT)),
        draft(wage=daily(1_000_000)),
        draft(wage=daily(1610 * 4)),
        draft(wage=hourly(1610)),
        draft(wage=by_piece(1)),
    ],
)
def test_the_bounds_themselves_are_fine(good: Draft) -> None:
    posted, _ = gigs.post(good, GigId("g9"), EMPLOYER, "271828", NOW, POLICY)
    assert posted.draft == good


def test_the_minimum_wage_is_named_in_the_refusal() -> None:
    with pytest.raises(Invalid, match="below the minimum wage of 1610 fen an hour, 6440 fen for the day"):
        gigs.post(draft(wage=daily(6439)), GigId("g9"), EMPLOYER, "271828", NOW, POLICY)
    city = replace(POLICY, least_wage_fen_per_hour=2000)
    with pytest.raises(Invalid, match="below the minimum wage of 2000 fen an hour"):
        gigs.post(draft(wage=hourly(1999)), GigId("g9"), EMPLOYER, "271828", NOW, city)


def test_a_limit_that_was_passed_is_named_as_a_number_too() -> None:
    begins = NOW + 31 * DAY
    with pytest.raises(Invalid) as refused:
        gigs.post(
            draft(starts_at=begins, ends_at=begins + 2 * DAY), GigId("g9"), EMPLOYER, "271828", NOW, POLICY
        )
    limits = [(error.path, error.most) for error in refused.value.errors if error.most]
    assert limits == [("starts_at", 30), ("ends_at", 24)]


def test_every_fault_is_named_at_once() -> None:
    bad = draft(headcount=0, trade="?", starts_at=NOW, ends_at=NOW, settle_on=date(2025, 6, 3), wage=daily(0))
    with pytest.raises(Invalid) as refused:
        gigs.post(bad, GigId("g9"), EMPLOYER, "271828", NOW, POLICY)
    assert [error.path for error in refused.value.errors] == [
        "trade",
        "headcount",
        "starts_at",
        "ends_at",
        "settle_on",
        "wage.amount_fen",
    ]


@pytest.mark.parametrize(
    ("wage", "hours", "due_fen"),
    [
        (daily(18_000), 4, 18_000),
        (hourly(2_000), 4, 8_000),
        (hourly(2_001), 0.5, 1_001),
        (hourly(100), 1 / 3600, 1),
        (by_piece(50), 4, None),
    ],
)
def test_what_is_due(wage: Wage, hours: float, due_fen: int | None) -> None:
    posted = gig(wage=wage, ends_at=STARTS_AT + timedelta(hours=hours))
    assert posted.due_fen() == due_fen


@given(st.integers(1, 1_000_000), st.integers(1, 86_400))
def test_an_hourly_wage_is_rounded_up_by_less_than_a_fen(amount_fen: int, length_s: int) -> None:
    due = hourly(amount_fen).due_fen(STARTS_AT, STARTS_AT + seconds(length_s))
    assert due is not None
    assert 0 <= due * 3600 - amount_fen * length_s < 3600


@pytest.mark.parametrize("status", [s for s in GigStatus if s is not OPEN])
def test_only_an_open_gig_has_free_seats(status: GigStatus) -> None:
    assert gig(OPEN, reserved=1, headcount=5, filled=1).free_seats() == 3
    assert gig(status, reserved=1, headcount=5, filled=1).free_seats() == 0


def test_all_free_seats_can_be_reserved_at_once() -> None:
    full = gigs.reserve(gig(headcount=5, filled=1), 4, NOW)
    assert (full.reserved, full.free_seats()) == (4, 0)


def test_a_crew_is_asked_for_as_long_as_there_is_room_for_it() -> None:
    """So that a seat that comes back, or the last of an odd number, does not stay empty."""
    parties = [gig(OPEN, headcount=5, min_crew=3, filled=filled).least_party() for filled in range(6)]
    assert parties == [3, 3, 3, 2, 1, 1]
    assert gig(OPEN, headcount=5, reserved=3, filled=1).least_party() == 1


def test_a_seat_goes_from_free_to_reserved_to_filled_and_back() -> None:
    held = gigs.reserve(gig(), 2, NOW)
    first, facts = gigs.fill(held)
    assert (first.status, first.reserved, first.filled) == (OPEN, 1, 1)
    assert facts == (GigChanged(first),)
    second, facts = gigs.fill(first)
    assert (second.status, second.reserved, second.filled) == (FILLED, 0, 2)
    assert facts == (GigChanged(second),)
    again, facts = gigs.reopen(second, NOW, POLICY)
    assert (again.status, again.filled, again.free_seats()) == (OPEN, 1, 1)
    assert facts == (GigChanged(again),)


def test_a_seat_counts_as_vacated_until_somebody_has_it_again() -> None:
    full = gig(FILLED, headcount=3, filled=3)
    one, _ = gigs.reopen(full, NOW, POLICY)
    two, _ = gigs.reopen(one, NOW, POLICY)
    filled, _ = gigs.fill(gigs.reserve(two, 1, NOW))
    assert [each.vacated for each in (full, one, two, filled)] == [0, 1, 2, 1]
    assert gigs.retake(filled)[0].vacated == 0
    assert gigs.fill(gigs.reserve(gig(OPEN, headcount=3), 1, NOW))[0].vacated == 0


@pytest.mark.parametrize(
    ("back_at", "until"),
    [
        pytest.param(NOW, STARTS_AT + seconds(900), id="well before the start: as posted"),
        pytest.param(STARTS_AT + seconds(600), STARTS_AT + seconds(4200), id="after the start: for an hour"),
        pytest.param(ENDS_AT - seconds(3000), LAST_USEFUL, id="near the end: while useful work is left"),
    ],
)
def test_a_seat_that_comes_back_is_offered_again(back_at: datetime, until: datetime) -> None:
    reopened, _ = gigs.reopen(gig(WORKING, filled=2), back_at, POLICY)
    assert reopened.recruit_until == until
    assert gigs.reserve(reopened, 1, back_at).reserved == 1


def test_a_seat_that_comes_back_too_late_is_not_offered() -> None:
    left, facts = gigs.reopen(gig(WORKING, filled=2), LAST_USEFUL, POLICY)
    assert (left.status, left.filled, left.free_seats()) == (WORKING, 1, 0)
    assert facts == (GigChanged(left),)


def test_cancelling_gives_up_reserved_seats_and_keeps_who_works() -> None:
    off, facts = gigs.cancel(gig(OPEN, headcount=5, reserved=2, filled=1), EMPLOYER)
    assert (off.status, off.reserved, off.filled, off.free_seats()) == (CANCELLED, 0, 1, 0)
    assert facts == (GigChanged(off),)


@pytest.mark.parametrize("status", list(GigStatus))
@pytest.mark.parametrize("at", [NOW, STARTS_AT, ENDS_AT, ENDS_AT + DAY])
@pytest.mark.parametrize("working", [0, 1])
def test_time_tells_a_fact_only_when_something_changed(status: GigStatus, at: datetime, working: int) -> None:
    before = gig(status, filled=0 if status is OPEN else 2)
    after, facts = gigs.pass_time(before, working, at)
    assert facts == (() if after == before else (GigChanged(after),))
    assert gigs.pass_time(after, working, at) == (after, ())


def test_a_late_sweep_takes_all_steps_at_once() -> None:
    after, facts = gigs.pass_time(gig(OPEN, filled=1), 0, ENDS_AT + DAY)
    assert after.status is DONE
    assert facts == (GigChanged(after),)
