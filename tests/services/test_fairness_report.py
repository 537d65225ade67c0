"""The fairness report: what staff are told about shares of work and waits."""

from collections.abc import Sequence
from datetime import date, timedelta

import pytest

from gigmarket.domain.actor import Actor
from gigmarket.domain.fairness import Day
from gigmarket.domain.geo import Mode
from gigmarket.domain.ids import AssignmentId, Role
from gigmarket.services import assignments, fairness, offers, presence
from gigmarket.services.fairness_report import LISTED, report
from gigmarket.wire.fairness import FairnessView, GroupsIn, KindView
from gigmarket.wire.people import ProfileIn
from tests.services.town import CENTRE, Town, at_kiosk

TODAY = date(2026, 7, 31)
HOUR = 3600


def told(town: Town, days: int = 14) -> FairnessView:
    return town.see(report, days, town.now)


def had(town: Town, worker: Actor, available_h: int, worked_h: int = 0, days_ago: int = 0) -> None:
    row = Day(worker.worker(), TODAY - timedelta(days=days_ago), available_h * HOUR, worked_h * HOUR)
    town.do(lambda tx: tx.days.add([row]))


def kinds(some: Sequence[KindView]) -> dict[str, tuple[int, float, float, int, int]]:
    """The lines that tell of anybody."""
    return {
        kind.code: (kind.workers, kind.available_hours, kind.worked_hours, kind.offers, kind.accepts)
        for kind in some
        if kind.workers
    }


def test_nobody_yet(town: Town) -> None:
    view = told(town)

    assert (view.workers, view.evenness, view.waiting, view.longest_wait) == (0, None, 0, None)
    assert (view.days, view.first_day) == (14, TODAY - timedelta(days=13))
    assert (view.never_offered.count, view.never_offered.workers) == (0, [])
    assert {kind.share for kind in (*view.by_group, *view.by_mode, *view.by_place)} == {None}


def test_evenness_is_jains_index_of_work_per_available_hour(town: Town) -> None:
    for worked_h in (4, 2, 0):
        had(town, town.worker(available=False), 8, worked_h, days_ago=3)
    had(town, town.worker(available=False), 0, 0)

    view = told(town)

    assert view.workers == 3, "who was not available for an hour does not count"
    assert view.evenness == pytest.approx((0.5 + 0.25) ** 2 / (3 * (0.5**2 + 0.25**2)))
    assert told(town, 3).workers == 0, "three days ago is no part of the last three days"


def test_the_wait_and_the_work_that_go_on_count(town: Town) -> None:
    waits, works = town.worker(), town.worker()
    gig = town.gig(town.employer(), starts_in_h=0.25)
    done = town.do(offers.accept, town.rules, works.worker(), town.offer(gig, works))
    assignment = AssignmentId(done.assignment.id)
    town.do(assignments.check_in, town.rules, works.worker(), assignment, town.get_gig(gig).site_code)
    town.wait(hours=2)

    view = told(town)

    assert view.by_place[0].code == "phone"
    assert kinds(view.by_place) == {"phone": (2, 4.0, 2.0, 1, 1)}
    assert view.evenness == pytest.approx(0.5)
    assert (view.waiting, view.longest_wait and view.longest_wait.worker_id) == (1, waits.worker())


def test_a_wait_begins_anew_with_an_offer_and_is_told_by_masked_name(town: Town) -> None:
    asked = town.worker(name="王小明")
    town.wait(hours=1)
    other = town.worker(name="李四")
    gig = town.gig(town.employer())
    town.wait(hours=1)
    town.do(offers.decline, town.rules, asked.worker(), town.offer(gig, asked), None)
    town.wait(minutes=30)

    view = told(town)

    assert view.longest_wait is not None
    assert (view.longest_wait.worker_id, view.longest_wait.name) == (other.worker(), "李*")
    assert (view.longest_wait.hours, view.waiting) == (1.5, 2)
    assert told(town, 1).longest_wait == view.longest_wait


def test_who_is_never_offered_anything_is_listed_longest_first(town: Town) -> None:
    early, late = town.worker(name="赵一"), town.worker(name="钱二")
    town.wait(minutes=1)
    had(town, early, 1, days_ago=1)
    asked, rests = town.worker(), town.worker()
    town.do(offers.decline, town.rules, asked.worker(), town.offer(town.gig(town.employer()), asked), None)
    town.wait(hours=3)
    town.do(presence.go_offline, rests.worker())
    town.wait(hours=1)

    never = told(town).never_offered

    assert (never.after_hours, never.count) == (4, 2)
    assert [(one.worker_id, one.name, one.hours) for one in never.workers] == [
        (early.worker(), "赵*", 5.02),
        (late.worker(), "钱*", 4.02),
    ]


def test_the_list_is_bounded_and_the_count_is_not(town: Town) -> None:
    for _ in range(LISTED + 2):
        town.worker()
    town.wait(hours=5)

    never = told(town).never_offered

    assert (never.count, len(never.workers)) == (LISTED + 2, LISTED)


def test_shares_by_group_mode_and_place(town: Town) -> None:
    veteran, both, walker = (town.worker(available=False) for _ in range(3))
    staff = town.person(Role.STAFF)
    for worker, groups in ((veteran, ["veteran"]), (both, ["veteran", "older"])):
        town.do(fairness.set_groups, staff, worker.worker(), GroupsIn(groups=groups, document="discharge"))
    town.do(presence.set_profile, walker.worker(), ProfileIn(trades=["porter"], mode=Mode.WALK))
    had(town, veteran, 8, 4)
    had(town, both, 2, 2)
    had(town, walker, 10)
    standing = at_kiosk(walker, "zs-fucheng", "k1")
    town.do(presence.go_available, standing, CENTRE, None, True)
    town.do(offers.accept, town.rules, walker.worker(), town.offer(town.gig(town.employer()), walker))
    town.do(presence.go_offline, walker.worker())

    view = told(town)

    assert kinds(view.by_group) == {
        "veteran": (2, 10.0, 6.0, 0, 0),
        "older": (1, 2.0, 2.0, 0, 0),
        "none": (1, 10.0, 0.0, 1, 1),
    }
    assert kinds(view.by_mode) == {"walk": (1, 10.0, 0.0, 1, 1), "ebike": (2, 10.0, 6.0, 0, 0)}
    assert kinds(view.by_place) == {"phone": (2, 10.0, 6.0, 0, 0), "hall": (1, 10.0, 0.0, 1, 1)}
    assert [kind.share for kind in view.by_place] == [0.6, 0.0]
