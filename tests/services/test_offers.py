"""Answering offers: what each answer means for the seat, the streams and the dispatcher."""

from datetime import timedelta

import pytest

from gigmarket.domain.errors import GigClosed, NotFound, OfferClosed, Overlap
from gigmarket.domain.ids import OfferId, Role
from gigmarket.domain.offer import DeclineReason, OfferStatus
from gigmarket.services import gigs, offers, presence
from tests.services.town import Town, at_kiosk


def test_an_offer_reserves_its_seat_and_both_sides_hear_of_it(town: Town) -> None:
    employer, worker = town.employer(), town.worker(name="王小明")
    gig = town.gig(employer, headcount=2)
    offer = town.offer(gig, worker)
    assert (town.get_gig(gig).reserved, town.get_gig(gig).free_seats()) == (1, 1)
    (_, mine), (_, theirs) = town.told(worker)[-1], town.told(employer)[-1]
    assert mine["offer"]["id"] == theirs["offer"]["id"] == offer
    assert mine["offer"]["gig"]["site"] is None  # the area only, before acceptance
    assert theirs["offer"]["worker"] == {"name": "王*", "phone": None}


def test_accepting_fills_the_seat_and_shows_names_and_the_site(town: Town) -> None:
    employer, worker = town.employer(), town.worker(name="王小明")
    gig = town.gig(employer)
    offer = town.offer(gig, worker)
    told = len(town.events)
    answer = town.do(offers.accept, town.rules, worker.worker(), offer)
    assert (town.get_gig(gig).status, town.get_gig(gig).filled, town.get_gig(gig).reserved) == ("filled", 1, 0)
    ((kind, mine),) = town.told(worker, told)
    assert (kind, mine["assignment"]["id"]) == ("assignment.created", answer.assignment.id)
    assert mine["assignment"]["gig"]["site"]["address"] == "药都大道 1 号"
    assert town.kinds(employer, told) == ["assignment.created", "gig.updated"]
    theirs = town.told(employer, told)[0][1]["assignment"]
    assert (theirs["worker"]["name"], theirs["offer_id"], theirs["gig"]) == ("王小明", offer, None)


def test_a_second_accept_gives_the_same_and_tells_nobody(town: Town) -> None:
    worker = town.worker()
    offer = town.offer(town.gig(town.employer()), worker)
    first = town.do(offers.accept, town.rules, worker.worker(), offer)
    told = len(town.events)
    assert town.do(offers.accept, town.rules, worker.worker(), offer) == first
    assert len(town.events) == told


def test_a_reserved_seat_is_honoured_until_the_last_moment(town: Town) -> None:
    worker, late = town.worker(), town.worker()
    gig = town.gig(town.employer(), headcount=2)
    offer, other = town.offer(gig, worker), town.offer(gig, late)
    town.wait(seconds=59.999)
    assert town.do(offers.accept, town.rules, worker.worker(), offer).assignment.status == "confirmed"
    town.wait(seconds=0.001)
    with pytest.raises(OfferClosed):
        town.do(offers.accept, town.rules, late.worker(), other)


def test_declining_frees_the_seat_and_wakes_the_dispatcher(town: Town) -> None:
    employer, worker = town.employer(), town.worker()
    gig = town.gig(employer)
    offer = town.offer(gig, worker)
    answer = town.do(offers.decline, town.rules, worker.worker(), offer, DeclineReason.TOO_FAR)
    assert answer.offer.status is OfferStatus.DECLINED
    assert town.get_offer(offer).reason is DeclineReason.TOO_FAR
    assert town.get_gig(gig).free_seats() == 1
    woken = town.woken[-1].aftermath
    assert woken.gigs == {gig}
    assert woken.workers == {worker.worker()}
    assert town.kinds(worker)[-1] == town.kinds(employer)[-1] == "offer.closed"
    for step in (offers.accept, offers.extend):
        with pytest.raises(OfferClosed):
            town.do(step, town.rules, worker.worker(), offer)


def test_thinking_again_is_possible_once(town: Town) -> None:
    worker = town.worker()
    offer = town.offer(town.gig(town.employer()), worker)
    before = town.get_offer(offer).expires_at
    longer = town.do(offers.extend, town.rules, worker.worker(), offer).offer
    assert (longer.expires_at - before).total_seconds() == town.rules.policy.extend_s
    with pytest.raises(OfferClosed):
        town.do(offers.extend, town.rules, worker.worker(), offer)
    town.wait(seconds=100)
    town.do(offers.accept, town.rules, worker.worker(), offer)


def test_offers_run_out_and_their_seats_come_back(town: Town) -> None:
    employer, people = town.employer(), [town.worker() for _ in range(3)]
    gig = town.gig(employer, headcount=3)
    held = [town.offer(gig, worker) for worker in people]
    town.do(offers.extend, town.rules, people[2].worker(), held[2])
    town.wait(seconds=60)
    told = len(town.events)
    assert town.do(offers.expire_due, town.rules) == 2
    assert town.do(offers.expire_due, town.rules) == 0
    assert [town.get_offer(offer).status for offer in held] == ["expired", "expired", "pending"]
    assert (town.get_gig(gig).reserved, town.get_gig(gig).free_seats()) == (1, 2)
    assert town.kinds(employer, told) == ["offer.closed", "offer.closed"]
    assert town.kinds(people[2], told) == []


def test_anothers_offer_is_not_found_whatever_its_state(town: Town) -> None:
    worker, other = town.worker(), town.worker()
    offer = town.offer(town.gig(town.employer()), worker)
    for asked in (offer, OfferId("unknown")):
        for step in (offers.accept, offers.extend):
            with pytest.raises(NotFound):
                town.do(step, town.rules, other.worker(), asked)
    town.do(offers.accept, town.rules, worker.worker(), offer)
    with pytest.raises(NotFound):
        town.do(offers.accept, town.rules, other.worker(), offer)


def test_a_gig_called_off_meanwhile_withdraws_the_offer(town: Town) -> None:
    employer, worker = town.employer(), town.worker()
    gig = town.gig(employer)
    offer = town.offer(gig, worker)
    town.do(gigs.cancel, town.rules, employer.employer(), gig)
    assert town.get_offer(offer).status is OfferStatus.WITHDRAWN
    with pytest.raises((OfferClosed, GigClosed)):
        town.do(offers.accept, town.rules, worker.worker(), offer)


def test_two_assignments_never_overlap_whoever_offered(town: Town) -> None:
    """The claim asks before it offers; a second offer made behind its back is refused on acceptance."""
    employer, worker = town.employer(), town.worker()
    first = town.offer(town.gig(employer), worker)
    town.do(offers.accept, town.rules, worker.worker(), first)
    later = town.gig(employer, starts_in_h=6)
    second = town.offer(later, worker)
    town.do(lambda tx: tx.connection.exec_driver_sql("UPDATE gig SET starts_at = starts_at - 4 * 3600000000"))
    with pytest.raises(Overlap):
        town.do(offers.accept, town.rules, worker.worker(), second)
    assert town.get_gig(later).filled == 0


def test_a_worker_in_the_hall_is_called_up_on_the_stations_stream(town: Town) -> None:
    station = town.see(lambda tx: tx.stations.all()[0].id)
    kiosk, worker = town.person(Role.KIOSK, "kiosk", station), town.worker(available=False, name="李四")
    standing = at_kiosk(worker, station, kiosk.account)
    town.do(presence.go_available, standing, None, None, True)
    gig = town.gig(town.employer())
    offer = town.offer(gig, worker)
    assert (town.get_offer(offer).expires_at - town.now).total_seconds() == town.rules.policy.kiosk_offer_s
    answer = town.do(offers.accept, town.rules, worker.worker(), offer)
    assert town.kinds(kiosk) == ["hall.joined", "offer.created", "assignment.created"]
    # A kiosk is everybody's: whoever is called up is called by family name.
    assert town.told(kiosk)[-1][1]["assignment"]["worker"] == {"name": "李*", "phone": None}
    called, ended = (data for _, data in town.told(kiosk)[1:])
    assert called["offer"]["worker"]["name"] == "李*"
    assert (ended["assignment"]["id"], ended["assignment"]["offer_id"]) == (answer.assignment.id, offer)


def test_more_time_goes_past_the_last_moment_of_recruiting(town: Town) -> None:
    """The seat is held: nobody recruits for it any more."""
    worker, gig = town.worker(), town.gig(town.employer())
    town.now = town.get_gig(gig).recruit_until - timedelta(seconds=30)
    offer = town.offer(gig, worker)
    before = town.get_offer(offer).expires_at
    assert before == town.now + timedelta(seconds=60)
    town.do(offers.extend, town.rules, worker.worker(), offer)
    assert town.get_offer(offer).expires_at == before + timedelta(seconds=60)
