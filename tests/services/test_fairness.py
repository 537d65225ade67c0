"""The ledger of days follows what people do, and coming and going gains nothing."""

from datetime import date, datetime, timedelta

import pytest

from gigmarket.domain.actor import Actor
from gigmarket.domain.errors import Invalid
from gigmarket.domain.fairness import Standing, standing_now
from gigmarket.domain.ids import AssignmentId, Role
from gigmarket.services import assignments, fairness, offers, presence, profiles
from gigmarket.wire.fairness import GroupsIn
from gigmarket.wire.people import ProfileIn
from tests.services.town import CENTRE, MORNING, Town

TODAY = date(2026, 7, 31)
HOUR = 3600


def standing(town: Town, worker: Actor) -> Standing:
    me = worker.worker()
    return town.see(lambda tx: tx.days.standings([me], TODAY + timedelta(days=3), 14)).get(me, Standing())


def since(town: Town, worker: Actor) -> datetime | None:
    return town.see(lambda tx: tx.workers.get(worker.worker())).presence.since


def on_site(town: Town, worker: Actor, hours: float = 4) -> AssignmentId:
    """Hired for a gig that begins now, and checked in."""
    gig = town.gig(town.employer(), starts_in_h=0.25, hours=hours)
    accepted = town.do(offers.accept, town.rules, worker.worker(), town.offer(gig, worker))
    assignment = AssignmentId(accepted.assignment.id)
    town.do(assignments.check_in, town.rules, worker.worker(), assignment, town.get_gig(gig).site_code)
    return assignment


def test_going_offline_counts_the_wait(town: Town) -> None:
    worker = town.worker()
    town.wait(hours=2)
    town.do(presence.go_offline, worker.worker())
    town.wait(hours=1)
    town.do(presence.go_offline, worker.worker())

    assert standing(town, worker) == Standing(2 * HOUR, days_available=1, idle_days=1)


@pytest.mark.parametrize("later", [False, True])
def test_work_that_is_handed_in_later_counts_its_hours_once(town: Town, later: bool) -> None:
    worker = town.worker()
    gig = town.gig(town.employer(), starts_in_h=1, hours=4)
    accepted = town.do(offers.accept, town.rules, worker.worker(), town.offer(gig, worker))
    mine, code = AssignmentId(accepted.assignment.id), town.get_gig(gig).site_code
    came, left = (town.now + timedelta(hours=hours) for hours in (1, 5))
    if not later:
        town.wait(hours=1)
        town.do(assignments.check_in, town.rules, worker.worker(), mine, code)
        town.wait(hours=4)
        town.do(assignments.check_out, town.rules, worker.worker(), mine)
        town.wait(hours=1)
    else:
        town.wait(hours=6)
    town.do(presence.go_offline, worker.worker())
    if later:
        town.do(assignments.check_in, town.rules, worker.worker(), mine, code, came)
        town.do(assignments.check_out, town.rules, worker.worker(), mine, left)

    found = standing(town, worker)
    assert (found.available_s, found.worked_s) == (6 * HOUR, 4 * HOUR)


def test_work_handed_in_later_by_who_was_not_heard_of_counts_as_available_too(town: Town) -> None:
    worker = town.worker()
    gig = town.gig(town.employer(), starts_in_h=1, hours=4)
    accepted = town.do(offers.accept, town.rules, worker.worker(), town.offer(gig, worker))
    mine, code = AssignmentId(accepted.assignment.id), town.get_gig(gig).site_code
    came, left = (town.now + timedelta(hours=hours) for hours in (1, 5))
    town.wait(minutes=30)
    town.do(presence.go_offline, worker.worker())
    town.wait(hours=6)
    town.do(assignments.check_in, town.rules, worker.worker(), mine, code, came)
    town.do(assignments.check_out, town.rules, worker.worker(), mine, left)

    found = standing(town, worker)
    assert (found.available_s, found.worked_s) == (4 * HOUR, 4 * HOUR)


def test_a_wait_over_midnight_counts_on_both_days_of_china(town: Town) -> None:
    town.wait(hours=15)  # eleven at night
    worker = town.worker()
    town.wait(hours=3)
    town.do(presence.go_offline, worker.worker())

    assert standing(town, worker) == Standing(3 * HOUR, days_available=2, idle_days=2)


def test_leaving_and_coming_back_gains_and_loses_no_seconds(town: Town) -> None:
    steady, restless = town.worker(), town.worker()
    for _ in range(3):
        town.wait(minutes=20)
        town.do(presence.go_offline, restless.worker())
        town.do(presence.go_available, restless, CENTRE, None, False)
    assert (since(town, steady), since(town, restless)) == (MORNING, town.now)
    town.do(presence.go_offline, steady.worker())
    town.do(presence.go_offline, restless.worker())

    assert standing(town, steady) == standing(town, restless) == Standing(HOUR, 0, 1, idle_days=1)


def test_who_is_forgotten_was_there_until_last_heard_of(town: Town) -> None:
    worker = town.worker()
    town.wait(minutes=10)
    town.do(lambda tx: tx.workers.seen_many([(worker.worker(), None)], tx.now()))
    town.wait(hours=1)

    assert town.do(presence.forget_due, town.rules) == 1
    assert standing(town, worker).available_s == 600


def test_named_hours_end_the_wait(town: Town) -> None:
    worker = town.worker(available=False)
    town.do(presence.go_available, worker, CENTRE, town.now + timedelta(minutes=5), False)
    town.wait(minutes=7)

    assert town.do(presence.forget_due, town.rules) == 1
    assert standing(town, worker).available_s == 300


def test_work_counts_at_check_out_and_the_wait_starts_anew(town: Town) -> None:
    worker = town.worker()
    town.wait(hours=1)
    assignment = on_site(town, worker)
    town.wait(hours=2)
    town.do(assignments.check_out, town.rules, worker.worker(), assignment)

    assert standing(town, worker) == Standing(3 * HOUR, 2 * HOUR, 1, 1, TODAY, offers=1)
    assert since(town, worker) == town.now
    town.wait(hours=1)
    town.do(presence.go_offline, worker.worker())
    assert standing(town, worker).available_s == 4 * HOUR


def test_resting_while_at_work_changes_nothing(town: Town) -> None:
    worker = town.worker()
    town.wait(hours=1)
    assignment = on_site(town, worker)
    town.wait(hours=1)
    town.do(presence.go_offline, worker.worker())
    town.wait(hours=1)
    town.do(assignments.check_out, town.rules, worker.worker(), assignment)

    assert standing(town, worker) == Standing(3 * HOUR, 2 * HOUR, 1, 1, TODAY, offers=1)
    assert since(town, worker) is None


def test_the_clocks_check_out_counts_until_the_end_of_the_gig(town: Town) -> None:
    worker = town.worker()
    on_site(town, worker, hours=4)
    town.wait(hours=9)
    assert town.do(assignments.pass_time_due, town.rules) == 1

    assert standing(town, worker).worked_s == 4.25 * HOUR
    assert since(town, worker) == MORNING + timedelta(hours=4.25)


def test_settling_later_counts_nothing_again(town: Town) -> None:
    worker = town.worker()
    assignment = on_site(town, worker)
    town.wait(hours=2)
    town.do(assignments.check_out, town.rules, worker.worker(), assignment)
    before = standing(town, worker)
    town.do(assignments.dispute, town.rules, worker.worker(), assignment, "少给了")

    assert standing(town, worker) == before


def test_an_open_stretch_counts_as_if_it_ended_now(town: Town) -> None:
    worker = town.worker()
    town.wait(hours=1)
    assignment = on_site(town, worker)
    town.wait(hours=2)
    stored = town.see(lambda tx: tx.workers.get(worker.worker()))
    begun = town.see(fairness.at_work_since, worker.worker())
    told = standing_now(stored, standing(town, worker), town.now, town.rules.policy, begun)
    town.do(assignments.check_out, town.rules, worker.worker(), assignment)

    after = standing(town, worker)
    assert (told.available_s, told.worked_s, told.last_worked) == (after.available_s, after.worked_s, TODAY)


def test_groups_are_entered_from_a_document_and_audited(town: Town) -> None:
    worker, clerk = town.worker(), town.person(Role.STAFF)
    asked = GroupsIn(groups=["veteran", "older"], document="discharge")
    view = town.do(fairness.set_groups, clerk, worker.worker(), asked)

    assert view.groups == ["veteran", "older"]
    assert town.see(profiles.profile, worker.worker()).groups == ["veteran", "older"]
    assert town.woken[-1].aftermath.workers == {worker.worker()}


def test_an_unknown_group_is_refused(town: Town) -> None:
    worker, clerk = town.worker(), town.person(Role.STAFF)
    with pytest.raises(Invalid):
        town.do(fairness.set_groups, clerk, worker.worker(), GroupsIn(groups=["friend"], document="identity"))


def test_a_workers_own_limit_is_kept_until_it_is_changed(town: Town) -> None:
    me = town.worker().worker()
    asked = {"trades": ["porter"], "mode": "walk"}
    for sent, kept in (
        ({"reach_s": 1800}, 1800),
        ({}, 1800),
        ({"reach_s": None}, None),
        ({"reach_s": 300}, 300),
    ):
        view = town.do(presence.set_profile, me, ProfileIn.model_validate({**asked, **sent}))
        assert view.reach_s == kept
    for wrong in (299, 1801, -1):
        with pytest.raises(Invalid):
            town.do(presence.set_profile, me, ProfileIn.model_validate({**asked, "reach_s": wrong}))
