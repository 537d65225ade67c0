"""A desk gives somebody a seat: within the rules, told to everybody, audited, and explained."""

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select

from gigmarket.domain.actor import Actor
from gigmarket.domain.errors import GigClosed, NotFound, NotPlaceable
from gigmarket.domain.ids import AssignmentId, GigId, OfferId, Role
from gigmarket.domain.offer import DeclineReason
from gigmarket.services import assignments, gigs, offers, openings, placing, presence, suspensions
from gigmarket.services.claims import claim
from gigmarket.services.explaining import why_offer
from gigmarket.store.tables import TABLES
from gigmarket.wire.desk import Ground, PlacedView, PlaceIn, RevealIn, SuspensionIn
from tests.services.test_crews import crew_of
from tests.services.town import Town, at_kiosk, proposal

FAR = placing.Way(4000, estimated=True)
NEAR = placing.Way(300, estimated=False)


def desk(town: Town) -> Actor:
    return town.person(Role.CLERK, "李协管", town.see(lambda tx: tx.stations.all()[0].id))


def place(
    town: Town, clerk: Actor, gig: GigId, worker: Actor, agreed: bool = False, way: placing.Way = NEAR
) -> PlacedView:
    asked = PlaceIn(worker_id=worker.account, reason="等得最久", agreed=agreed)
    return town.do(placing.by_hand, town.rules, clerk, gig, asked, way)


def audited(town: Town) -> list[tuple[Any, ...]]:
    row = TABLES["audit"].c
    statement = select(row.actor_id, row.via_id, row.action, row.subject_id).order_by(row.id)
    return [tuple(found) for found in town.see(lambda tx: list(tx.connection.execute(statement)))]


def test_an_offer_by_hand_reserves_the_seat_and_waits_for_the_worker(town: Town) -> None:
    employer, worker, clerk = town.employer(), town.worker(name="王小明"), desk(town)
    gig = town.gig(employer)
    made = place(town, clerk, gig, worker)
    offer = town.get_offer(OfferId(made.offer.id))
    assert (made.assignment, offer.status, offer.placed_by) == (None, "pending", clerk.account)
    assert offer.expires_at == town.now + timedelta(seconds=town.rules.policy.kiosk_offer_s)
    assert (town.get_gig(gig).reserved, town.get_gig(gig).free_seats()) == (1, 0)
    assert (town.kinds(worker), town.kinds(employer)[-1]) == (["offer.created"], "offer.created")
    assert town.woken[-1].aftermath.workers == {worker.worker()}
    assert audited(town)[-1] == (clerk.account, None, "gig.place 等得最久", worker.account)
    answer = town.do(offers.accept, town.rules, worker.worker(), offer.id)
    assert answer.assignment.status == "confirmed"


def test_who_agrees_at_the_desk_has_the_seat_at_once(town: Town) -> None:
    employer, clerk = town.employer(), desk(town)
    worker = town.worker(available=False, name="王小明")
    gig = town.gig(employer)
    made = place(town, clerk, gig, worker, agreed=True)
    assert made.assignment is not None
    assert (made.offer.status, made.assignment.status, made.assignment.gig) == ("accepted", "confirmed", None)
    assert (town.get_gig(gig).status, town.get_gig(gig).filled) == ("filled", 1)
    assert town.kinds(worker) == ["offer.created", "assignment.created"]
    assert town.kinds(employer)[-3:] == ["offer.created", "assignment.created", "gig.updated"]
    assert audited(town)[-2:] == [
        (clerk.account, None, "gig.place 等得最久", worker.account),
        (worker.account, clerk.account, "offer.accept", made.offer.id),
    ]


def test_the_circle_is_no_obstacle_and_the_reason_is_told(town: Town) -> None:
    employer, worker, clerk = town.employer(), town.worker(name="王小明"), desk(town)
    gig = town.gig(employer, starts_in_h=2)
    made = place(town, clerk, gig, worker, way=FAR)
    told = {
        reader.role: town.see(why_offer, town.rules, reader, OfferId(made.offer.id))
        for reader in (worker, employer, clerk)
    }
    assert {why.reason for why in told.values()} == {"by_hand"}
    assert told[Role.WORKER].zh == told[Role.CLERK].zh == "由工作人员安排，理由：等得最久"
    assert "等得最久" not in told[Role.EMPLOYER].zh
    assert told[Role.CLERK].delivered_at is None
    town.do(lambda tx: tx.offers.delivered([OfferId(made.offer.id)], town.now))
    assert town.see(why_offer, town.rules, clerk, OfferId(made.offer.id)).delivered_at == town.now


def test_what_binds_a_desk_too(town: Town) -> None:
    employer, clerk = town.employer(), desk(town)
    gig = town.gig(employer, headcount=9)

    def refused(worker: Actor, reason: str, agreed: bool = True, on: GigId = gig) -> None:
        with pytest.raises(NotPlaceable) as caught:
            place(town, clerk, on, worker, agreed)
        assert [(fault.path, fault.reason) for fault in caught.value.errors] == [("worker_id", reason)]

    no = town.worker()
    town.do(offers.decline, town.rules, no.worker(), town.offer(gig, no), DeclineReason.PAY)
    refused(no, "declined")
    asked = town.worker()
    town.offer(town.gig(employer), asked)
    refused(asked, "offered_elsewhere")
    refused(town.worker(available=False), "left", agreed=False)
    busy = town.worker()
    place(town, clerk, gig, busy, agreed=True)
    refused(busy, "hours", on=town.gig(employer, starts_in_h=2))
    refused(busy, "declined")
    out = town.worker()
    staff = town.person(Role.STAFF, "主任")
    town.do(suspensions.suspend, town.rules, staff, out.account, SuspensionIn(reason="有人举报"))
    refused(out, "left")
    assert town.get_gig(gig).filled == 1


def test_no_seat_no_placing(town: Town) -> None:
    employer, clerk, worker = town.employer(), desk(town), town.worker()
    full = town.gig(employer)
    town.offer(full, town.worker())
    cancelled = town.gig(employer)
    town.do(gigs.cancel, town.rules, employer.employer(), cancelled)
    late = town.gig(employer)
    town.wait(hours=2)
    for gig in (full, cancelled, late):
        with pytest.raises(GigClosed):
            place(town, clerk, gig, worker, agreed=True)


def test_an_offer_that_the_round_made_is_accepted_at_the_desk(town: Town) -> None:
    employer, clerk, worker = town.employer(), desk(town), town.worker()
    gig = town.gig(employer)
    offer = town.offer(gig, worker)
    made = place(town, clerk, gig, worker, agreed=True)
    assert (made.offer.id, made.offer.status) == (offer, "accepted")
    assert town.get_offer(offer).placed_by is None


def test_who_let_an_offer_run_out_may_be_placed_and_nobody_is_asked_twice_at_once(town: Town) -> None:
    employer, clerk, worker = town.employer(), desk(town), town.worker()
    gig = town.gig(employer, headcount=2)
    town.offer(gig, worker)
    town.wait(minutes=2)
    town.do(offers.expire_due, town.rules)
    made = place(town, clerk, gig, worker)
    assert town.do(claim, town.rules, town.token, [proposal(gig, worker)]) == 0
    assert town.pending(worker) == made.offer.id


def test_who_waits_in_a_hall_is_called_up(town: Town) -> None:
    clerk, worker = desk(town), town.worker(available=False)
    kiosk = town.person(Role.KIOSK, "kiosk", clerk.station)
    assert clerk.station is not None
    standing = at_kiosk(worker, clerk.station, kiosk.account)
    town.do(presence.go_available, standing, None, None, True)
    place(town, clerk, town.gig(town.employer()), worker)
    assert town.kinds(kiosk)[-1] == "offer.created"


def test_a_seat_by_hand_is_a_seat_like_any_other(town: Town) -> None:
    employer, clerk, worker = town.employer(), desk(town), town.worker()
    gig = town.gig(employer)
    made = place(town, clerk, gig, worker, agreed=True)
    assert made.assignment is not None
    code = town.get_gig(gig).site_code
    done = town.do(assignments.check_in, town.rules, worker.worker(), AssignmentId(made.assignment.id), code)
    assert done.assignment.status == "checked_in"


def test_an_offer_by_hand_outlives_a_change_of_the_crew_but_not_its_worker_going_offline(town: Town) -> None:
    clerk, worker, mate = desk(town), town.worker(), town.worker()
    offer = OfferId(place(town, clerk, town.gig(town.employer()), worker).offer.id)
    crew_of(town, mate, worker)
    assert town.get_offer(offer).status == "pending"
    town.do(presence.go_offline, worker.worker())
    assert town.get_offer(offer).status == "withdrawn"


def test_a_reason_that_can_be_checked_is_one_only_where_it_is_so(town: Town) -> None:
    worker = town.worker()

    def grounds() -> list[Ground]:
        return town.see(lambda tx: openings.grounds_of(tx, [tx.workers.get(worker.worker())]))[worker.worker()]

    # An account of some minutes has been no week without an offer, whoever asks.
    town.wait(minutes=59)
    assert grounds() == []
    town.wait(minutes=1)
    assert grounds() == [Ground.LONG_WAIT]
    town.wait(days=7)
    assert grounds() == [Ground.LONG_WAIT, Ground.WEEK_WITHOUT]
    offer = town.offer(town.gig(town.employer()), worker)
    town.do(offers.decline, town.rules, worker.worker(), offer, None)
    assert grounds() == [Ground.LONG_WAIT]
    town.do(presence.go_offline, worker.worker())
    assert grounds() == []


def test_a_number_is_shown_for_a_reason_that_is_kept(town: Town) -> None:
    clerk, worker = desk(town), town.worker(name="王小明")
    shown = town.do(suspensions.reveal, clerk, worker.account, RevealIn(reason="打电话告诉本人"))
    assert (shown.name, shown.phone[:2]) == ("王小明", "13")
    assert audited(town)[-1] == (clerk.account, None, "account.reveal 打电话告诉本人", worker.account)
    with pytest.raises(NotFound):
        town.do(suspensions.reveal, worker, clerk.account, RevealIn(reason="想看看"))
