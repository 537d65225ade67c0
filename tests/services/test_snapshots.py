"""Catching up: the missed events when they are few and young, else the whole state."""

import pytest

from gigmarket.domain.actor import Actor
from gigmarket.domain.errors import Unauthenticated
from gigmarket.domain.ids import Role
from gigmarket.services import accounts, offers
from gigmarket.services.snapshots import Catchup, catch_up
from gigmarket.store.transaction import Transaction
from gigmarket.wire.codec import decode, encode
from gigmarket.wire.frames import REPLAY_EVENTS, REPLAY_S
from tests.services.town import Town


def told(town: Town, actor: Actor, count: int) -> None:
    def write(tx: Transaction) -> None:
        for number in range(count):
            tx.tell(actor.principal(), "gig.updated", encode({"number": number}))

    town.do(write)


def caught_up(town: Town, actor: Actor, seq: int | None, epoch: str | None = None) -> Catchup:
    known = epoch or town.see(lambda tx: tx.streams.epoch())
    return town.see(catch_up, actor, known, seq)


def test_the_missed_events_and_no_others(town: Town) -> None:
    employer = town.employer()
    told(town, employer, 5)
    found = caught_up(town, employer, 2)
    assert (found.resumed, found.head, found.state) == (True, 5, None)
    assert [event.seq for event in found.events] == [3, 4, 5]
    assert caught_up(town, employer, 5).events == ()
    assert caught_up(town, employer, 5).resumed


@pytest.mark.parametrize("seq", [None, 6])
def test_a_place_that_is_none_gets_the_state(town: Town, seq: int | None) -> None:
    employer = town.employer()
    told(town, employer, 5)
    found = caught_up(town, employer, seq)
    assert (found.resumed, found.head, found.events) == (False, 5, ())
    assert found.state is not None


def test_a_session_that_has_ended_since_its_ticket_was_issued_follows_nothing(town: Town) -> None:
    expired, revoked = town.employer(), town.employer()
    assert caught_up(town, revoked, None).expires_at > town.now
    town.do(accounts.log_out, revoked)
    with pytest.raises(Unauthenticated):
        caught_up(town, revoked, None)
    town.now = caught_up(town, expired, None).expires_at
    with pytest.raises(Unauthenticated):
        caught_up(town, expired, None)


def test_another_epoch_gets_the_state(town: Town) -> None:
    employer = town.employer()
    told(town, employer, 5)
    found = caught_up(town, employer, 3, epoch="of another history")
    assert not found.resumed
    assert found.state is not None


def test_up_to_300_events_are_replayed(town: Town) -> None:
    employer = town.employer()
    told(town, employer, REPLAY_EVENTS + 1)
    assert len(caught_up(town, employer, 1).events) == REPLAY_EVENTS
    assert not caught_up(town, employer, 0).resumed


def test_up_to_five_minutes_are_replayed(town: Town) -> None:
    employer = town.employer()
    told(town, employer, 1)
    town.wait(seconds=REPLAY_S)
    told(town, employer, 1)
    assert [event.seq for event in caught_up(town, employer, 0).events] == [1, 2]
    town.wait(seconds=1)
    assert not caught_up(town, employer, 0).resumed
    assert [event.seq for event in caught_up(town, employer, 1).events] == [2]


def test_events_that_were_deleted_are_no_silent_gap(town: Town) -> None:
    employer = town.employer()
    told(town, employer, 3)
    town.do(lambda tx: tx.connection.exec_driver_sql("DELETE FROM event WHERE seq <= 2").rowcount)
    assert not caught_up(town, employer, 0).resumed
    assert not caught_up(town, employer, 1).resumed
    assert caught_up(town, employer, 2).resumed


def test_each_roles_state(town: Town) -> None:
    station = town.see(lambda tx: tx.stations.all()[0].id)
    worker, employer = town.worker(), town.employer()
    gig = town.gig(employer, headcount=2)
    town.do(offers.accept, town.rules, worker.worker(), town.offer(gig, worker))
    other = town.worker(name="李四")
    pending = town.offer(gig, other)
    states = {
        actor.role: decode(encode(town.see(catch_up, actor, None, None).state))
        for actor in (
            *(other, employer),
            *(town.person(role, station=station) for role in (Role.CLERK, Role.KIOSK)),
            town.person(Role.STAFF),
        )
    }
    assert [offer["id"] for offer in states[Role.WORKER]["offers"]] == [pending]
    hers = states[Role.EMPLOYER]
    assert [(g["id"], g["filled"]) for g in hers["gigs"]] == [(gig, 1)]
    assert [offer["worker"]["name"] for offer in hers["offers"]] == ["李*"]
    assert [a["worker"]["name"] for a in hers["assignments"]] == ["张三"]
    for role in (Role.CLERK, Role.KIOSK):
        assert states[role]["station"]["id"] == station
        assert states[role]["hall"] == states[role]["offers"] == []
    assert states[Role.STAFF] == {}
