"""A day labourer (零工) and the presence `offline → available → offered → engaged`."""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum

from gigmarket.domain import trade as trades
from gigmarket.domain.errors import FieldError, Invalid
from gigmarket.domain.geo import Mode, Position
from gigmarket.domain.ids import CrewId, StationId, WorkerId
from gigmarket.domain.policy import Policy

LEAST_REACH_S = 300


class PresenceStatus(StrEnum):
    OFFLINE = "offline"
    AVAILABLE = "available"
    OFFERED = "offered"
    ENGAGED = "engaged"


@dataclass(frozen=True, slots=True)
class Presence:
    """Whether a worker wants work now. `since` starts the wait; `until` ends the offers, if named.

    `station` is set while the worker waits in a hall instead of carrying a phone.
    """

    wanted: bool = False
    since: datetime | None = None
    until: datetime | None = None
    position: Position | None = None
    station: StationId | None = None
    seen_at: datetime | None = None

    def fresh_until(self, policy: Policy) -> datetime | None:
        """Until when the last sign of life counts, in the phone's or the hall's measure."""
        if self.seen_at is None:
            return None
        return self.seen_at + timedelta(seconds=policy.hall_fresh_s if self.station else policy.fresh_s)


@dataclass(frozen=True, slots=True)
class Worker:
    """Trades offered, the usual way of getting to work, the least pay in fen for a gig, and presence.

    `reach_s`: the longest way in seconds the worker wants (None: the city's circle); more than the circle is
    the consent that lets a circle grow. `groups`: priority groups (`domain.fairness`), entered by staff only.
    `crew`: whom the worker looks for work with (`domain.crew`).
    """

    id: WorkerId
    name: str
    trades: frozenset[str] = frozenset()
    mode: Mode = Mode.EBIKE
    floor_wage_fen: int = 0
    presence: Presence = Presence()
    reach_s: int | None = None
    groups: frozenset[str] = frozenset()
    crew: CrewId | None = None


def status(presence: Presence, offered: bool, checked_in: bool) -> PresenceStatus:
    """What the worker is doing, derived from facts that are stored once: work goes before an open offer."""
    if checked_in:
        return PresenceStatus.ENGAGED
    if not presence.wanted:
        return PresenceStatus.OFFLINE
    return PresenceStatus.OFFERED if offered else PresenceStatus.AVAILABLE


def set_profile(worker: Worker, chosen: frozenset[str], mode: Mode, floor_wage_fen: int) -> Worker:
    """What the worker can and wants to do. Raises Invalid for unknown trades or a negative floor."""
    faults = [
        FieldError("trades", f"unknown trade {code!r}; GET /api/v1/trades lists them")
        for code in sorted(chosen - trades.BY_CODE.keys())
    ]
    if floor_wage_fen < 0:
        faults.append(FieldError("floor_wage_fen", "must not be negative"))
    if faults:
        raise Invalid("; ".join(f"{f.path}: {f.reason}" for f in faults), tuple(faults))
    return replace(worker, trades=chosen, mode=mode, floor_wage_fen=floor_wage_fen)


def set_reach(worker: Worker, reach_s: int | None, policy: Policy) -> Worker:
    """The worker's own limit of the way in seconds of travel; None: the city's circle.

    Raises Invalid below 300 s and beyond the widest circle there may be.
    """
    if reach_s is not None and not LEAST_REACH_S <= reach_s <= policy.circle_most_s:
        raise Invalid.field("reach_s", f"must be from {LEAST_REACH_S} to {policy.circle_most_s} seconds")
    return replace(worker, reach_s=reach_s)


def go_available(
    worker: Worker, position: Position, until: datetime | None, station: StationId | None, now: datetime
) -> Worker:
    """Ask for work from here. Saying it again moves the position and keeps the place in the wait.

    Raises Invalid without any trade or with an `until` that has passed.
    """
    if not worker.trades:
        raise Invalid.field("trades", "choose at least one trade first (PUT /api/v1/workers/me)")
    if until is not None and until <= now:
        raise Invalid.field("until", "must be in the future")
    before = worker.presence
    since = before.since if before.wanted and before.since else now
    return replace(worker, presence=Presence(True, since, until, position, station, now))


def go_offline(worker: Worker) -> Worker:
    """Stop asking for work. The caller withdraws a pending offer in the same transaction."""
    return replace(
        worker, presence=replace(worker.presence, wanted=False, since=None, until=None, station=None)
    )


def is_forgotten(presence: Presence, now: datetime, policy: Policy) -> bool:
    """Whether somebody who wants work was not heard of for `policy.forget_s` (for as long as a sign of life
    counts, if that is longer), or his named hours are over.
    """
    if not presence.wanted:
        return False
    if presence.until is not None and presence.until <= now:
        return True
    counts_s = policy.hall_fresh_s if presence.station else policy.fresh_s
    silent_since = now - timedelta(seconds=max(policy.forget_s, counts_s))
    return presence.seen_at is not None and presence.seen_at < silent_since


def seen(worker: Worker, position: Position | None, now: datetime) -> Worker:
    """Still there: the coarse sign of life that lets the index be rebuilt from SQL."""
    before = worker.presence
    return replace(worker, presence=replace(before, seen_at=now, position=position or before.position))
