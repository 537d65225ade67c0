"""The desk's lists: each shows who belongs on it, from when to when, and of which town."""

from datetime import timedelta

import pytest

from gigmarket.domain.actor import Actor
from gigmarket.domain.errors import Invalid
from gigmarket.domain.geo import Position
from gigmarket.domain.ids import AssignmentId, GigId, OfferId, Role
from gigmarket.domain.region import Region
from gigmarket.services import assignments, offers, presence, queues
from gigmarket.wire.desk import QueueName, QueuesView
from tests.services.town import CENTRE, Town

WHOLE = Region()


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
    town.wait(hours=1)
    town.worker(available=False)
    gig = town.gig(town.employer(), headcount=2)
    town.offer(gig, asked)
    code = town.get_gig(gig).site_code
    town.do(assignments.check_in, town.rules, working.worker(), accepted(town, gig, working), code)
    view = seen(town)
    assert [each.worker_id for each in view.waiting.items] == [first.account, second.account]
    assert (view.waiting.items[0].name, view.waiting.items[0].offers_today) == ("王*", 0)
    assert (view.counts["waiting"], view.counts["unfilled"]) == (2, 0)


def test_never_offered_begins_after_an_hour_and_ends_with_an_offer_of_the_week(town: Town) -> None:
    never, had = town.worker(), town.worker()
    offer = town.offer(town.gig(town.employer()), had)
    town.do(offers.decline, town.rules, had.worker(), offer, None)
    assert seen(town).never.items == []
    town.wait(hours=1)
    view = seen(town)
    assert [each.worker_id for each in view.never.items] == [never.account]
    assert view.counts["never"] == 1
    by_id = {each.worker_id: each for each in view.waiting.items}
    assert (by_id[str(had.account)].offers_today, by_id[str(had.account)].offers_week) == (1, 1)
    town.wait(days=6)
    assert [each.worker_id for each in seen(town).never.items] == [never.account]
    # Seven days later the offer is none of the week's any more.
    town.wait(days=1)
    assert {each.worker_id for each in seen(town).never.items} == {never.account, had.account}


def test_an_offer_leaves_the_list_once_a_screen_has_it(town: Town) -> None:
    offer = town.offer(town.gig(town.employer()), town.worker())
    town.wait(seconds=30)
    (shown,) = seen(town).undelivered.items
    assert (shown.offer_id, shown.worker) == (offer, "张*")
    town.do(lambda tx: tx.offers.delivered([OfferId(offer)], town.now))
    assert seen(town).undelivered.items == []


def test_who_waits_for_minutes_is_on_no_list(town: Town) -> None:
    worker = town.worker()
    town.wait(minutes=59)
    view = seen(town)
    assert (view.waiting.items, view.counts["waiting"], view.long_wait_s) == ([], 0, 3600)
    town.wait(minutes=1)
    view = seen(town)
    assert ([each.worker_id for each in view.waiting.items], view.counts["waiting"]) == ([worker.account], 1)


@pytest.mark.parametrize(("starts_in_h", "waits"), [(7.0, False), (9.5, True)])
def test_late_in_the_evening_nobody_waits_who_has_work_in_the_early_morning(
    town: Town, starts_in_h: float, waits: bool
) -> None:
    town.wait(hours=14)  # ten in the evening
    worker = town.worker()
    town.offer(town.gig(town.employer(), starts_in_h=starts_in_h), worker)
    town.do(offers.accept, town.rules, worker.worker(), town.pending(worker))
    town.wait(minutes=61)
    assert [each.worker_id for each in seen(town).waiting.items] == ([worker.account] if waits else [])


def test_nobody_waits_who_has_work_later_today(town: Town) -> None:
    today, tomorrow = town.worker(), town.worker()
    for worker, starts_in_h in ((today, 15), (tomorrow, 17)):
        town.offer(town.gig(town.employer(), starts_in_h=starts_in_h), worker)
        town.do(offers.accept, town.rules, worker.worker(), town.pending(worker))
    town.wait(hours=1)
    assert [each.worker_id for each in seen(town).waiting.items] == [tomorrow.account]


def test_an_offer_on_its_way_for_seconds_asks_nobody_to_call(town: Town) -> None:
    town.offer(town.gig(town.employer()), town.worker())
    town.wait(seconds=29)
    view = seen(town)
    assert (view.undelivered.items, view.counts["undelivered"], view.undelivered_s) == ([], 0, 30)
    town.wait(seconds=1)
    assert seen(town).counts["undelivered"] == 1
    # Nobody can say yes any more: to call them would be in vain.
    town.wait(minutes=2)
    assert seen(town).counts["undelivered"] == 0


def pages(town: Town, name: QueueName, limit: int, region: Region = WHOLE) -> list[list[str]]:
    """Ids of one list, page by page until the last."""
    desk, cursor, found = town.person(Role.STAFF, "主任"), None, []
    while True:
        page = town.see(queues.more, desk, region, name, cursor, limit)
        found.append([each.worker_id for each in page.items])
        cursor = page.next
        if cursor is None:
            return found


def test_everybody_on_a_list_is_on_one_of_its_pages_once(town: Town, monkeypatch: pytest.MonkeyPatch) -> None:
    stations = town.see(lambda tx: tx.stations.all())
    near, far = (next(each for each in stations if each.id == name) for name in ("zs-dianxia", "zs-linjiang"))
    # Five at the same moment: their order is that of their ids.
    workers = [town.worker(where=near.position) for _ in range(5)]
    town.wait(minutes=1)
    workers += [town.worker(where=far.position) for _ in range(2)]
    town.wait(hours=1)
    order = [each.account for each in workers[:5]]
    last = sorted(each.account for each in workers[5:])
    expected = [*sorted(order), *last]
    assert pages(town, QueueName.WAITING, 3) == [expected[:3], expected[3:6], expected[6:]]
    assert pages(town, QueueName.NEVER, 7) == [expected]
    # A town's are looked for among the city's, however many others there are before them.
    monkeypatch.setattr(queues, "SEARCHED", 2)
    assert pages(town, QueueName.WAITING, 1, Region(far.town)) == [[last[0]], [last[1]]]
    assert seen(town, far.town).counts["waiting"] == 2
    monkeypatch.setattr(queues, "FIRST", 2)
    view = seen(town)
    assert (len(view.waiting.items), view.counts["waiting"]) == (2, 7)
    assert town.see(queues.more, town.person(Role.STAFF), WHOLE, QueueName.WAITING, view.waiting.next, 9).items


def test_seats_of_many_gigs_come_page_by_page_too(town: Town) -> None:
    employer, done = town.employer(), []
    for _ in range(3):
        done.append(worked(town, town.gig(employer), town.worker()))
        town.wait(minutes=1)
    town.wait(days=1)
    desk = town.person(Role.STAFF, "主任")
    first = town.see(queues.more, desk, WHOLE, QueueName.UNPAID, None, 2)
    second = town.see(queues.more, desk, WHOLE, QueueName.UNPAID, first.next, 2)
    assert [each.assignment_id for each in first.items] == done[:2]
    assert ([each.assignment_id for each in second.items], second.next) == (done[2:], None)


@pytest.mark.parametrize("cursor", ["x", "-", "1-", "-x", "²-x", f"{10**20}-x"])
def test_a_cursor_that_no_page_gave_is_refused(town: Town, cursor: str) -> None:
    with pytest.raises(Invalid, match="cursor"):
        town.see(queues.more, town.person(Role.STAFF), WHOLE, QueueName.MISSED, cursor, 5)


def test_a_seat_nobody_came_to_stays_for_a_day(town: Town) -> None:
    worker = town.worker(name="王一")
    gig = town.gig(town.employer())
    missed = accepted(town, gig, worker)
    town.wait(hours=6)
    town.do(assignments.pass_time_due, town.rules)
    (shown,) = seen(town).missed.items
    assert (shown.assignment_id, shown.worker, shown.employer) == (missed, "王*", "药都物流")
    assert shown.free_seats == 0, "nobody is looked for any more"
    town.wait(hours=24)
    assert seen(town).missed.items == []


def test_daily_wages_are_overdue_from_the_next_day_until_they_are_paid(town: Town) -> None:
    employer, worker = town.employer(), town.worker()
    done = worked(town, town.gig(employer), worker)
    assert seen(town).unpaid.items == []
    town.wait(days=1)
    (shown,) = seen(town).unpaid.items
    assert (shown.assignment_id, shown.due_fen, shown.worker) == (done, 18000, "张*")
    assert shown.due_on == (town.now - timedelta(days=1)).date()
    town.do(assignments.settle, town.rules, employer.employer(), done, 18000, "")
    assert seen(town).unpaid.items == []


def test_wages_by_date_are_overdue_from_the_day_after_it(town: Town) -> None:
    gig, worker = town.gig(town.employer()), town.worker()
    done, day = worked(town, gig, worker), (town.now + timedelta(days=3)).date()
    settled = f"UPDATE gig SET settlement = 'by_date', settle_on = '{day}'"
    town.do(lambda tx: tx.connection.exec_driver_sql(settled))
    town.wait(days=3)
    assert seen(town).unpaid.items == []
    town.wait(days=1)
    (shown,) = seen(town).unpaid.items
    assert (shown.assignment_id, shown.due_on) == (done, day)


def test_a_town_sees_its_own(town: Town) -> None:
    stations = {each.id: each for each in town.see(lambda tx: tx.stations.all())}
    near = min(
        stations.values(), key=lambda s: abs(s.position.lat - CENTRE.lat) + abs(s.position.lng - CENTRE.lng)
    )
    far = max(
        stations.values(), key=lambda s: abs(s.position.lat - CENTRE.lat) + abs(s.position.lng - CENTRE.lng)
    )
    here, there = town.worker(where=near.position), town.worker(where=far.position)
    town.wait(hours=1)
    assert [each.worker_id for each in seen(town, near.town).waiting.items] == [here.account]
    assert [each.worker_id for each in seen(town, far.town).waiting.items] == [there.account]
    assert seen(town, far.town).counts["waiting"] == 1
    # Staff of a town see their own, whatever they ask for; a clerk may look around.
    bound = town.person(Role.STAFF, "镇干部", far.id)
    assert seen(town, near.town, bound).town == far.town
    assert seen(town, None, town.person(Role.CLERK, "李协管", far.id)).town is None
    with pytest.raises(Invalid, match="town"):
        seen(town, "没有这个镇")


def test_nobody_whose_place_is_unknown_is_in_a_town(town: Town) -> None:
    worker = town.worker(where=Position(28.06, 115.55))
    town.wait(hours=1)
    town.do(presence.go_offline, worker.worker())
    assert seen(town).waiting.items == []
