"""Going available and offline, from a phone and from a hall, and being forgotten."""

from datetime import timedelta

import pytest

from gigmarket.domain.errors import Invalid
from gigmarket.domain.geo import Mode, Position
from gigmarket.domain.ids import Role
from gigmarket.domain.worker import PresenceStatus
from gigmarket.services import assignments, offers, presence, profiles
from gigmarket.services.commands import perform
from gigmarket.travel.datum import to_wgs84
from gigmarket.wire.ops import OPS
from gigmarket.wire.people import ProfileIn
from tests.services.town import CENTRE, Town, at_kiosk


def wanted(town: Town, worker: str) -> bool:
    return town.see(lambda tx: tx.workers.get(worker).presence.wanted)  # type: ignore[arg-type]


def test_going_offline_withdraws_the_pending_offer(town: Town) -> None:
    worker, employer = town.worker(), town.employer()
    gig = town.gig(employer)
    offer = town.offer(gig, worker)
    view = town.do(presence.go_offline, worker.worker())
    assert view.status is PresenceStatus.OFFLINE
    assert town.get_offer(offer).status == "withdrawn"
    assert town.get_gig(gig).free_seats() == 1
    assert town.kinds(worker)[-2:] == ["offer.closed", "presence.updated"]
    assert town.kinds(employer)[-1] == "offer.closed"
    assert town.woken[-1].aftermath.gigs == {gig}
    assert town.do(presence.go_offline, worker.worker()) == view  # again: the same


def test_presence_follows_what_the_worker_does(town: Town) -> None:
    worker = town.worker(available=False)
    me = worker.worker()

    def now() -> PresenceStatus:
        return town.see(profiles.profile, me).presence.status

    assert now() is PresenceStatus.OFFLINE
    town.do(presence.go_available, worker, CENTRE, None, False)
    assert now() is PresenceStatus.AVAILABLE
    gig = town.gig(town.employer())
    offer = town.offer(gig, worker)
    assert now() is PresenceStatus.OFFERED
    answer = town.do(offers.accept, town.rules, me, offer)
    assert now() is PresenceStatus.AVAILABLE  # hired for later, available for other hours
    code = town.get_gig(gig).site_code
    town.do(assignments.check_in, town.rules, me, answer.assignment.id, code)  # type: ignore[arg-type]
    assert now() is PresenceStatus.ENGAGED
    town.do(assignments.check_out, town.rules, me, answer.assignment.id)  # type: ignore[arg-type]
    assert now() is PresenceStatus.AVAILABLE


def test_saying_it_again_moves_and_keeps_the_place_in_the_wait(town: Town) -> None:
    worker = town.worker()
    since = town.now
    town.wait(minutes=10)
    moved = Position(28.07, 115.56)
    view = town.do(presence.go_available, worker, moved, None, False)
    assert (view.since, view.position.lat if view.position else None) == (since, 28.07)


@pytest.mark.parametrize(
    ("position", "hours", "in_hall", "path"),
    [
        (None, None, False, "position"),
        (CENTRE, -1, False, "until"),
        (CENTRE, 0, False, "until"),
        (CENTRE, None, True, "in_hall"),
    ],
)
def test_what_cannot_be(
    town: Town, position: Position | None, hours: float | None, in_hall: bool, path: str
) -> None:
    worker = town.worker(available=False)
    until = None if hours is None else town.now + timedelta(hours=hours)
    with pytest.raises(Invalid) as refused:
        town.do(presence.go_available, worker, position, until, in_hall)
    assert refused.value.errors[0].path == path
    assert not wanted(town, worker.account)


def test_without_a_trade_nobody_is_available(town: Town) -> None:
    worker = town.person(Role.WORKER)
    with pytest.raises(Invalid):
        town.do(presence.go_available, worker, CENTRE, None, False)


def test_the_halls_hear_who_comes_and_goes(town: Town) -> None:
    here, there = (station.id for station in town.see(lambda tx: tx.stations.all()[:2]))
    first, second = town.person(Role.KIOSK, "kiosk", here), town.person(Role.KIOSK, "kiosk", there)
    worker = town.worker(available=False)
    town.do(presence.go_available, at_kiosk(worker, here, first.account), None, None, True)
    town.do(presence.go_available, at_kiosk(worker, here, first.account), None, None, True)
    town.do(presence.go_available, at_kiosk(worker, there, second.account), None, None, True)
    town.do(presence.go_available, worker, CENTRE, None, False)  # by the phone, from the street
    town.do(presence.go_offline, worker.worker())
    assert town.kinds(first) == town.kinds(second) == ["hall.joined", "hall.left"]


def test_who_is_not_heard_of_is_forgotten_phones_before_halls(town: Town) -> None:
    station = town.see(lambda tx: tx.stations.all()[0].id)
    policy = town.rules.policy
    phone, waiting = town.worker(), town.worker(available=False)
    offer = town.offer(town.gig(town.employer(), starts_in_h=5), phone)
    town.do(presence.go_available, at_kiosk(waiting, station, "k"), None, None, True)
    brief = town.worker(available=False)
    town.do(presence.go_available, brief, CENTRE, town.now + timedelta(minutes=5), False)

    town.wait(seconds=policy.forget_s)
    assert town.do(presence.forget_due, town.rules) == 1
    assert not wanted(town, brief.account)  # its hours were over
    town.wait(seconds=1)
    assert town.do(presence.forget_due, town.rules) == 1
    assert not wanted(town, phone.account)
    assert town.get_offer(offer).status == "withdrawn"
    assert town.do(presence.forget_due, town.rules) == 0
    assert wanted(town, waiting.account)
    town.wait(seconds=policy.hall_fresh_s)
    assert town.do(presence.forget_due, town.rules) == 1
    assert not wanted(town, waiting.account)


def test_people_in_halls_keep_no_forgotten_phone_waiting(town: Town) -> None:
    station = town.see(lambda tx: tx.stations.all()[0].id)
    for _ in range(3):
        waiting = town.worker(available=False)
        town.do(presence.go_available, at_kiosk(waiting, station, "k"), None, None, True)
    phone = town.worker()
    town.wait(seconds=town.rules.policy.forget_s + 1)
    assert town.do(presence.forget_due, town.rules, limit=2) == 1
    assert not wanted(town, phone.account)


@pytest.mark.parametrize("datum", ["wgs84", "gcj02", "bd09"])
def test_a_position_is_stored_in_wgs84_whatever_its_datum(town: Town, datum: str) -> None:
    worker = town.worker(available=False)
    asked = {"status": "available", "position": {"lat": 28.0572, "lng": 115.5511, "datum": datum}}
    args = OPS["presence.set"].args.model_validate(asked)
    assert town.do(perform, town.rules, worker, "presence.set", args, None).status == 200
    kept = town.see(lambda tx: tx.workers.get(worker.worker())).presence.position
    assert kept == to_wgs84(28.0572, 115.5511, args.position.datum)  # type: ignore[attr-defined]
    assert (kept == Position(28.0572, 115.5511)) is (datum == "wgs84")


def test_a_changed_profile_wakes_the_dispatcher_only_for_who_wants_work(town: Town) -> None:
    asked = ProfileIn(trades=["guard"], mode=Mode.WALK, name="李四")
    idle, waiting = town.worker(available=False), town.worker()
    town.do(presence.set_profile, idle.worker(), asked)
    assert not town.woken[-1].aftermath
    view = town.do(presence.set_profile, waiting.worker(), asked)
    assert town.woken[-1].aftermath.workers == {waiting.worker()}
    assert (view.name, view.trades, view.mode) == ("李四", ["guard"], Mode.WALK)
