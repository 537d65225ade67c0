"""A worker's own doings on their stream, from when somebody may hold its state."""

from datetime import timedelta

from gigmarket.domain.geo import Mode
from gigmarket.services import accounts, presence, profiles
from gigmarket.services.snapshots import catch_up
from gigmarket.wire.people import ProfileIn
from tests.services.town import CENTRE, Town

PORTER = ProfileIn(trades=["porter"], mode=Mode.WALK)


def test_before_the_first_ticket_nothing_is_numbered(town: Town) -> None:
    worker = town.worker(available=False)
    town.do(presence.set_profile, worker.worker(), PORTER)
    town.do(presence.go_available, worker, CENTRE, None, False)
    town.do(accounts.set_pin, worker.worker(), "a hash")
    found = town.see(catch_up, worker, None, None)
    assert (found.head, town.told(worker)) == (0, [])
    assert found.state is not None
    assert found.state["me"].has_pin
    # The next is the first, whoever makes it.
    town.offer(town.gig(town.employer()), worker)
    assert [event.seq for event in town.events if event.principal == str(worker.principal())] == [1]


def test_from_then_on_every_device_hears_of_it(town: Town) -> None:
    worker = town.worker(available=False)
    town.do(profiles.follow, worker.worker())
    assert town.see(catch_up, worker, None, None).head == 0
    town.do(presence.set_profile, worker.worker(), PORTER)
    shown = town.do(presence.go_available, worker, CENTRE, town.now + timedelta(hours=1), False)
    town.do(accounts.set_pin, worker.worker(), "a hash")
    assert town.kinds(worker) == ["me.updated", "presence.updated", "me.updated"]
    assert town.told(worker)[1][1]["presence"] == shown.model_dump(mode="json")
    assert town.told(worker)[2][1]["me"]["has_pin"]


def test_beginning_twice_changes_nothing(town: Town) -> None:
    worker = town.worker()
    town.offer(town.gig(town.employer()), worker)
    town.do(profiles.follow, worker.worker())
    town.do(profiles.follow, worker.worker())
    assert town.see(catch_up, worker, None, None).head == 1
