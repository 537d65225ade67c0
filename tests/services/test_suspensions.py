"""What a session can still do that a process let in a moment before its account was suspended."""

import pytest

from gigmarket.domain.actor import Actor
from gigmarket.domain.errors import Unauthenticated
from gigmarket.domain.ids import AccountId, Role
from gigmarket.services import suspensions
from gigmarket.services.commands import perform
from gigmarket.wire.desk import SuspensionIn
from gigmarket.wire.people import PresenceIn
from gigmarket.wire.values import PositionIn
from tests.services.town import CENTRE, Town

WHY = SuspensionIn(reason="身份核实")
HERE = PresenceIn(status="available", position=PositionIn(lat=CENTRE.lat, lng=CENTRE.lng, datum="wgs84"))


def suspend(town: Town, whom: Actor) -> Actor:
    staff = town.person(Role.STAFF)
    town.do(suspensions.suspend, town.rules, staff, AccountId(whom.account), WHY)
    return staff


@pytest.mark.parametrize("key", [None, "k"])
def test_who_is_suspended_does_not_come_back_by_a_session_that_was_let_in_before(
    town: Town, key: str | None
) -> None:
    worker = town.worker()
    staff = suspend(town, worker)
    with pytest.raises(Unauthenticated) as refused:
        town.do(perform, town.rules, worker, "presence.set", HERE, key)
    assert refused.value.errors[0].reason == "suspended"
    assert not town.see(lambda tx: tx.workers.get(worker.worker()).presence.wanted)
    # It says nothing about the request: let in again, the same key has its answer.
    town.do(suspensions.restore, staff, AccountId(worker.account), WHY)
    assert town.do(perform, town.rules, worker, "presence.set", HERE, key).status == 200


def test_nor_does_a_posting_outlive_the_suspension(town: Town) -> None:
    employer = town.employer()
    suspend(town, employer)
    with pytest.raises(Unauthenticated):
        town.gig(employer)
    assert town.see(lambda tx: tx.gigs.of_employer(employer.employer(), None, 9)) == []
