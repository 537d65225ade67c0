"""A worker's profile and the presence derived from what is stored once."""

from dataclasses import replace
from datetime import datetime

import pytest

from gigmarket.domain import worker as workers
from gigmarket.domain.errors import Invalid
from gigmarket.domain.geo import Mode, Position
from gigmarket.domain.ids import StationId
from gigmarket.domain.worker import Presence, PresenceStatus, Worker
from tests.domain.samples import NOW, POLICY, WORKER, seconds

HOME = Position(28.056, 115.546)
SQUARE = Position(28.06, 115.55)
HALL = StationId("s1")
PORTER = Worker(WORKER, "张三", frozenset({"porter"}))


@pytest.mark.parametrize(
    ("wanted", "offered", "checked_in", "status"),
    [
        (False, False, False, PresenceStatus.OFFLINE),
        (False, True, False, PresenceStatus.OFFLINE),
        (True, False, False, PresenceStatus.AVAILABLE),
        (True, True, False, PresenceStatus.OFFERED),
        (False, False, True, PresenceStatus.ENGAGED),
        (False, True, True, PresenceStatus.ENGAGED),
        (True, False, True, PresenceStatus.ENGAGED),
        (True, True, True, PresenceStatus.ENGAGED),
    ],
)
def test_status(wanted: bool, offered: bool, checked_in: bool, status: PresenceStatus) -> None:
    assert workers.status(Presence(wanted=wanted), offered, checked_in) is status


def test_a_profile_is_replaced_whole() -> None:
    changed = workers.set_profile(PORTER, frozenset({"packer", "driver"}), Mode.CAR, 12_000)
    assert changed == replace(
        PORTER, trades=frozenset({"packer", "driver"}), mode=Mode.CAR, floor_wage_fen=12_000
    )


def test_every_fault_of_a_profile_is_named() -> None:
    with pytest.raises(Invalid) as refused:
        workers.set_profile(PORTER, frozenset({"porter", "wizard", "astronaut"}), Mode.WALK, -1)
    assert [error.path for error in refused.value.errors] == ["trades", "trades", "floor_wage_fen"]
    assert "'astronaut'" in refused.value.errors[0].reason
    assert "'wizard'" in refused.value.errors[1].reason


def test_going_available_starts_the_wait() -> None:
    ready = workers.go_available(PORTER, HOME, NOW + seconds(3600), None, NOW)
    assert ready.presence == Presence(True, NOW, NOW + seconds(3600), HOME, None, NOW)


def test_saying_it_again_moves_the_position_and_keeps_the_place_in_the_wait() -> None:
    ready = workers.go_available(PORTER, HOME, NOW + seconds(3600), None, NOW)
    moved = workers.go_available(ready, SQUARE, None, HALL, NOW + seconds(300))
    assert moved.presence == Presence(True, NOW, None, SQUARE, HALL, NOW + seconds(300))


def test_coming_back_starts_a_new_wait() -> None:
    left = workers.go_offline(workers.go_available(PORTER, HOME, None, HALL, NOW))
    assert (left.presence.wanted, left.presence.since, left.presence.until) == (False, None, None)
    assert left.presence.station is None
    back = workers.go_available(left, HOME, None, None, NOW + seconds(300))
    assert back.presence.since == NOW + seconds(300)


def test_without_a_trade_there_is_nothing_to_offer() -> None:
    with pytest.raises(Invalid) as refused:
        workers.go_available(replace(PORTER, trades=frozenset()), HOME, None, None, NOW)
    assert [error.path for error in refused.value.errors] == ["trades"]


@pytest.mark.parametrize("until", [NOW, NOW - seconds(1)])
def test_until_must_be_ahead(until: datetime) -> None:
    with pytest.raises(Invalid) as refused:
        workers.go_available(PORTER, HOME, until, None, NOW)
    assert [error.path for error in refused.value.errors] == ["until"]


def test_a_sign_of_life_changes_nothing_else() -> None:
    ready = workers.go_available(PORTER, HOME, None, HALL, NOW)
    later = NOW + seconds(60)
    assert workers.seen(ready, None, later).presence == replace(ready.presence, seen_at=later)
    assert workers.seen(ready, SQUARE, later).presence == replace(
        ready.presence, seen_at=later, position=SQUARE
    )


@pytest.mark.parametrize(
    ("presence", "until"),
    [
        (Presence(), None),
        (Presence(seen_at=NOW), NOW + seconds(90)),
        (Presence(seen_at=NOW, station=HALL), NOW + seconds(7200)),
    ],
)
def test_a_phone_goes_stale_long_before_a_seat_in_the_hall(presence: Presence, until: datetime | None) -> None:
    assert presence.fresh_until(POLICY) == until
