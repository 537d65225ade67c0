"""What SQL knows about a worker, as the roster's entry: terms, presence, hours promised and worked, credit."""

import math

import pytest

from gigmarket.domain.actor import Actor
from gigmarket.domain.draw import key_of
from gigmarket.domain.geo import Mode
from gigmarket.domain.ids import AssignmentId, GigId, WorkerId
from gigmarket.live.roster_columns import Entry
from gigmarket.services import assignments, entries, offers, presence
from gigmarket.services.entries import WORKED_BEFORE, entry_of, look_up
from gigmarket.wire.people import ProfileIn
from tests.domain.samples import seconds
from tests.services.columns import place
from tests.services.town import CENTRE, Town, at_kiosk

HERE = place(700)


def entry(town: Town, worker: Actor) -> Entry | None:
    """The worker's entry at this moment."""
    name, policy = worker.worker(), town.rules.policy
    facts = town.see(look_up, [name], policy, town.now)
    return entry_of(facts.workers[name], facts, policy, town.now)


def present(town: Town, worker: Actor) -> Entry:
    """The entry of somebody who is there."""
    found = entry(town, worker)
    assert found is not None
    return found


def hired(town: Town, worker: Actor, gig: GigId, travel_s: int = 300) -> AssignmentId:
    """The worker's assignment to this gig."""
    offer = town.offer(gig, worker, travel_s)
    return AssignmentId(town.do(offers.accept, town.rules, worker.worker(), offer).assignment.id)


def check_in(town: Town, worker: Actor, gig: GigId, assignment: AssignmentId) -> None:
    """Arrive on site."""
    code = town.get_gig(gig).site_code
    town.do(assignments.check_in, town.rules, worker.worker(), assignment, code)


def heard_of(town: Town, worker: Actor) -> None:
    """A phone's sign of life."""
    town.do(lambda tx: tx.workers.seen_many([(worker.worker(), None)], town.now))


def test_a_waiting_worker_as_the_profile_says(town: Town) -> None:
    worker = town.worker(where=HERE)
    terms = ProfileIn(trades=["packer"], mode=Mode.WALK, floor_wage_fen=12_000, reach_s=1500)
    town.do(presence.set_profile, worker.worker(), terms)
    came, policy = town.now, town.rules.policy
    town.wait(seconds=30)
    assert present(town, worker) == Entry(
        worker=worker.worker(),
        position=HERE,
        mode=Mode.WALK,
        trades=frozenset({"packer"}),
        floor=12_000.0,
        since=came.timestamp(),
        until=math.inf,
        fresh_until=came.timestamp() + policy.fresh_s + policy.seen_every_s,
        heard=came.timestamp() + policy.fresh_s,
        reach=1500.0,
        share=0.0,
        credit=0.0,
        key=key_of(worker.worker()),
        offered=False,
        working=-math.inf,
    )


def test_without_a_limit_of_ones_own_the_citys_circle_counts(town: Town) -> None:
    assert present(town, town.worker()).reach == town.rules.policy.circle_s


def test_named_hours_end_the_offers(town: Town) -> None:
    worker, until = town.worker(), town.now + seconds(7200)
    town.do(presence.go_available, worker, CENTRE, until, False)
    assert present(town, worker).until == until.timestamp()


def test_who_wants_no_work_or_was_silent_too_long_has_no_entry(town: Town) -> None:
    offline, silent = town.worker(available=False), town.worker()
    assert entry(town, offline) is None
    policy = town.rules.policy
    town.wait(seconds=policy.fresh_s + policy.seen_every_s - 1)
    assert entry(town, silent) is not None
    town.wait(seconds=1)
    assert entry(town, silent) is None
    heard_of(town, silent)
    assert entry(town, silent) is not None


def test_a_check_in_at_a_kiosk_counts_for_longer(town: Town) -> None:
    worker = town.worker(available=False)
    (station, *_) = town.see(lambda tx: tx.stations.all())
    town.do(presence.go_available, at_kiosk(worker, station.id, "k1"), None, None, True)
    town.wait(seconds=town.rules.policy.hall_fresh_s)
    assert present(town, worker).position == station.position


def test_a_pending_offer_is_known_until_it_is_answered(town: Town) -> None:
    worker = town.worker()
    offer = town.offer(town.gig(town.employer()), worker)
    assert present(town, worker).offered
    town.do(offers.decline, town.rules, worker.worker(), offer, None)
    assert not present(town, worker).offered


def test_promised_hours_in_order_with_the_way_to_them(town: Town) -> None:
    worker, employer = town.worker(where=HERE), town.employer()
    late, early = town.gig(employer, starts_in_h=6, hours=2), town.gig(employer, starts_in_h=1, hours=2)
    hired(town, worker, late, 200)
    hired(town, worker, early, 300)
    found = present(town, worker)
    assert [(held.gig, held.site) for held in found.promises] == [(early, CENTRE), (late, CENTRE)]
    now = town.now.timestamp()
    assert [(p.busy_from - now, p.starts - now, p.ends - now) for p in found.promises] == [
        (3300.0, 3600.0, 3 * 3600.0),
        (6 * 3600.0 - 200.0, 6 * 3600.0, 8 * 3600.0),
    ]
    assert found.worked == tuple((held.starts, held.ends) for held in found.promises)
    assert found.position == HERE
    assert found.working == -math.inf


def test_at_work_the_worker_is_on_the_site_until_the_end(town: Town) -> None:
    worker, gig = town.worker(where=HERE), town.gig(town.employer(), starts_in_h=1, hours=4)
    held = hired(town, worker, gig)
    town.wait(minutes=50)
    check_in(town, worker, gig, held)
    heard_of(town, worker)
    begun = town.now.timestamp()
    found = present(town, worker)
    assert (found.position, found.promises) == (CENTRE, ())
    ends = town.get_gig(gig).draft.ends_at.timestamp()
    assert found.working == ends
    assert found.worked == ((begun, ends),)
    town.wait(hours=1)
    heard_of(town, worker)
    assert present(town, worker).share == pytest.approx(3600 / (3600 + 50 * 60))


def test_hours_worked_count_as_long_as_they_can_matter(town: Town) -> None:
    worker, gig = town.worker(where=HERE), town.gig(town.employer(), starts_in_h=0.5, hours=4)
    held = hired(town, worker, gig)
    town.wait(minutes=30)
    check_in(town, worker, gig, held)
    begun = town.now.timestamp()
    town.wait(hours=3)
    town.do(assignments.check_out, town.rules, worker.worker(), held)
    heard_of(town, worker)
    found = present(town, worker)
    assert (found.working, found.promises, found.position) == (-math.inf, (), HERE)
    assert found.worked == ((begun, town.now.timestamp()),)
    assert found.share == pytest.approx(3 / 3.5)
    town.wait(hours=8)
    heard_of(town, worker)
    assert present(town, worker).worked == found.worked, "the day is not over"
    town.wait(seconds=WORKED_BEFORE.total_seconds() + 2 * 3600)
    heard_of(town, worker)
    assert present(town, worker).worked == ()


def test_a_promise_that_is_over_takes_no_hours(town: Town) -> None:
    worker, gig = town.worker(), town.gig(town.employer(), starts_in_h=1, hours=2)
    hired(town, worker, gig)
    town.wait(hours=3)
    heard_of(town, worker)
    assert present(town, worker).promises == ()


def test_days_without_work_and_groups_weigh_beside_the_wait(town: Town) -> None:
    worker, policy = town.worker(), town.rules.policy
    town.wait(days=3)
    heard_of(town, worker)
    found = present(town, worker)
    assert found.credit == 3 * policy.idle_day_s
    assert town.now.timestamp() - found.since == 3 * 86_400


def test_many_are_looked_up_in_chunks(town: Town, monkeypatch: pytest.MonkeyPatch) -> None:
    people = [town.worker() for _ in range(7)]
    gig = town.gig(town.employer(), headcount=7)
    for worker in people[:4]:
        hired(town, worker, gig)
    town.offer(gig, people[5])
    names = [worker.worker() for worker in people]
    whole = town.see(look_up, names, town.rules.policy, town.now)
    monkeypatch.setattr(entries, "_CHUNK", 2)
    assert town.see(look_up, [*names, WorkerId("nobody")], town.rules.policy, town.now) == whole
    assert whole.workers.keys() == set(names)
    assert whole.offered == {people[5].worker()}
    assert {name for name, held in whole.hours.items() if held} == set(names[:4])
    assert whole.sites.keys() == {gig}
