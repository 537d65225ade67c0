"""The desk's lists: each shows who belongs on it, from when to when, and of which town."""

from datetime import timedelta

import pytest

from gigmarket.domain.actor import Actor
from gigmarket.domain.errors import Invalid
from gigmarket.domain.geo import Position
from gigmarket.domain.ids import AssignmentId, GigId, OfferId, Role
from gigmarket.domain.region import Region
from gigmarket.services import assignments, offers, presence, queues
from gigmarket.wire.desk import QueuesView
from tests.services.town import CENTRE, Town


def seen(town: Town, town_name: str | None = None, desk: Actor | None = None) -> QueuesView:
    return town.see(queues.queues, desk or town.person(Role.STAFF, "主任"), Region(town_name))


def accepted(town: Town, gig: GigId, worker: Actor) -> AssignmentId:
    offer = town.offer(gig, worker)
    return AssignmentId(town.do(offers.accept, town.rules, worker.worker(), offer).assignment.id)


def worked(town: Town, gig: GigId, worker: Actor) -> AssignmentId:
    assignment = accepted(town, gig, worker)
    code = town.get_gig(gig).site_code
    town.do(assignments.check_in, town.rules, worker.worker(), assignment, code)
    town.do(assignments.check_out, town.rules, worker.worker(), assignment)
    return assignment


def test_who_waits_longest_comes_first_and_who_is_asked_or_at_work_is_not_there(town: Town) -> None:
    first = town.worker(name="王一")
    town.wait(minutes=30)
    second, asked, working = town.worker(name="李二"), town.worker(), town.worker()
    town.worker(available=False)
    gig = town.gig(town.employer(), headcount=2)
    town.offer(gig, asked)
    code = town.get_gig(gig).site_code
    town.do(assignments.check_in, town.rules, working.worker(), accepted(town, gig, working), code)
    view = seen(town)
    assert [each.worker_id for each in view.waiting] == [first.account, second.account]
    assert (view.waiting[0].name, view.waiting[0].offers_today) == ("王*", 0)
    assert (view.counts["waiting"], view.counts["unfilled"]) == (2, 0)


def test_never_offered_begins_after_an_hour_and_ends_with_an_offer_of_the_week(town: Town) -> None:
    never, had = town.worker(), town.worker()
    offer = town.offer(town.gig(town.employer()), had)
    town.do(offers.decline, town.rules, had.worker(), offer, None)
    assert seen(town).never == []
    town.wait(hours=1)
    view = seen(town)
    assert [each.worker_id for each in view.never] == [never.account]
    assert view.counts["never"] == 1
    by_id = {each.worker_id: each for each in view.waiting}
    assert (by_id[str(had.account)].offers_today, by_id[str(had.account)].offers_week) == (1, 1)
    # Seven days later the offer is none of the week's any more.
    town.wait(days=7)
    assert {each.worker_id for each in seen(town).never} == {never.account, had.account}


def test_an_offer_leaves_the_list_once_a_screen_has_it(town: Town) -> None:
    offer = town.offer(town.gig(town.employer()), town.worker())
    assert [each.offer_id for each in seen(town).undelivered] == [offer]
    town.do(lambda tx: tx.offers.delivered([OfferId(offer)], town.now))
    assert seen(town).undelivered == []


def test_a_seat_nobody_came_to_stays_for_a_day(town: Town) -> None:
    worker = town.worker(name="王一")
    gig = town.gig(town.employer())
    missed = accepted(town, gig, worker)
    town.wait(hours=6)
    town.do(assignments.pass_time_due, town.rules)
    (shown,) = seen(town).missed
    assert (shown.assignment_id, shown.worker, shown.employer) == (missed, "王*", "药都物流")
    town.wait(hours=24)
    assert seen(town).missed == []


def test_daily_wages_are_overdue_from_the_next_day_until_they_are_paid(town: Town) -> None:
    employer, worker = town.employer(), town.worker()
    done = worked(town, town.gig(employer), worker)
    assert seen(town).unpaid == []
    town.wait(days=1)
    (shown,) = seen(town).unpaid
    assert (shown.assignment_id, shown.due_fen) == (done, 18000)
    assert shown.due_on == (town.now - timedelta(days=1)).date()
    town.do(assignments.settle, town.rules, employer.employer(), done, 18000, "")
    assert seen(town).unpaid == []


def test_a_town_sees_its_own(town: Town) -> None:
    stations = {each.id: each for each in town.see(lambda tx: tx.stations.all())}
    near = min(
        stations.values(), key=lambda s: abs(s.position.lat - CENTRE.lat) + abs(s.position.lng - CENTRE.lng)
    )
    far = max(
        stations.values(), key=lambda s: abs(s.position.lat - CENTRE.lat) + abs(s.position.lng - CENTRE.lng)
    )
    here, there = town.worker(where=near.position), town.worker(where=far.position)
    assert [each.worker_id for each in seen(town, near.town).waiting] == [here.account]
    assert [each.worker_id for each in seen(town, far.town).waiting] == [there.account]
    assert seen(town, far.town).counts["waiting"] == 1
    # Staff of a town see their own, whatever they ask for; a clerk may look around.
    bound = town.person(Role.STAFF, "镇干部", far.id)
    assert seen(town, near.town, bound).town == far.town
    assert seen(town, None, town.person(Role.CLERK, "李协管", far.id)).town is None
    with pytest.raises(Invalid, match="town"):
        seen(town, "没有这个镇")


def test_nobody_whose_place_is_unknown_is_in_a_town(town: Town) -> None:
    worker = town.worker(where=Position(28.06, 115.55))
    town.do(presence.go_offline, worker.worker())
    assert seen(town).waiting == []
