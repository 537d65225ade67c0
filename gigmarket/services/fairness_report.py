"""How evenly work is shared out, told to staff: from the ledger of days, the offers, and who waits now."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from gigmarket.domain import fairness
from gigmarket.domain.calendar import day_of, midnight
from gigmarket.domain.fairness import GROUPS, HOUR_S
from gigmarket.domain.geo import Mode
from gigmarket.store.reports import Totals
from gigmarket.store.transaction import Transaction
from gigmarket.wire.fairness import FairnessView, KindView, NeverOfferedView, SomebodyView
from gigmarket.wire.values import masked

MOST_DAYS = 90
NEVER_HOURS = 4
LISTED = 50
PLACES = ("phone", "hall")
NO_GROUP = "none"


@dataclass(frozen=True, slots=True)
class Had:
    """One worker's span with the stretch that is still open: seconds available and worked."""

    of: Totals
    available_s: int
    worked_s: int


def report(tx: Transaction, days: int, now: datetime) -> FairnessView:
    """The last `days` days of the calendar, today included, in one statement over the ledger and the offers."""
    today = day_of(now)
    first = today - timedelta(days=days - 1)
    found = tx.reports.totals(first, today, midnight(first))
    everybody = [with_open(totals, first, now) for totals in found]
    counted = [had for had in everybody if had.available_s >= HOUR_S]
    waits = sorted(waiting(found, now), key=lambda wait: -wait.hours)
    return FairnessView(
        days=days,
        first_day=first,
        at=now,
        workers=len(counted),
        evenness=round(fairness.jain(had.worked_s / had.available_s for had in counted), 4)
        if counted
        else None,
        waiting=len(waits),
        longest_wait=waits[0] if waits else None,
        never_offered=_never_offered(everybody),
        by_group=_kinds([*GROUPS, NO_GROUP], {had.of.worker.id: _groups(had) for had in everybody}, everybody),
        by_mode=_kinds([*Mode], {had.of.worker.id: [had.of.worker.mode] for had in everybody}, everybody),
        by_place=_kinds(PLACES, {had.of.worker.id: [_place(had)] for had in everybody}, everybody),
    )


def with_open(totals: Totals, first: date, now: datetime) -> Had:
    """The ledger's sums and what it does not have yet: the wait and the work that go on, since day `first`."""
    worker, begun = totals.worker, totals.on_site_since
    going_on = [
        *fairness.waited(worker, now, begun),
        *(fairness.worked(worker.id, begun, now) if begun else ()),
    ]
    added = [row for row in going_on if row.day >= first]
    return Had(
        totals,
        totals.available_s + sum(row.available_s for row in added),
        totals.worked_s + sum(row.worked_s for row in added),
    )


def waiting(found: Iterable[Totals], now: datetime) -> list[SomebodyView]:
    """Who waits for work now and is not at work, with the hours since they came or were last asked."""
    return [
        _somebody(totals, (now - max(since, totals.last_offer or since)).total_seconds())
        for totals in found
        if totals.on_site_since is None
        and totals.worker.presence.wanted
        and (since := totals.worker.presence.since) is not None
    ]


def _never_offered(everybody: Iterable[Had]) -> NeverOfferedView:
    never = [had for had in everybody if not had.of.offers and had.available_s >= NEVER_HOURS * HOUR_S]
    longest = sorted(never, key=lambda had: (-had.available_s, had.of.worker.id))[:LISTED]
    return NeverOfferedView(
        after_hours=NEVER_HOURS,
        count=len(never),
        workers=[_somebody(had.of, had.available_s) for had in longest],
    )


def _kinds(
    codes: Sequence[str], kinds_of: Mapping[str, Sequence[str]], everybody: Sequence[Had]
) -> list[KindView]:
    """One line per code, in this order."""
    members: dict[str, list[Had]] = {code: [] for code in codes}
    for had in everybody:
        for code in kinds_of[had.of.worker.id]:
            members[code].append(had)
    return [_kind(code, some) for code, some in members.items()]


def _kind(code: str, some: Sequence[Had]) -> KindView:
    available, worked = sum(had.available_s for had in some), sum(had.worked_s for had in some)
    return KindView(
        code=code,
        workers=len(some),
        available_hours=_hours(available),
        worked_hours=_hours(worked),
        share=round(worked / available, 4) if available > 0 else None,
        offers=sum(had.of.offers for had in some),
        accepts=sum(had.of.accepts for had in some),
    )


def _groups(had: Had) -> list[str]:
    return [code for code in GROUPS if code in had.of.worker.groups] or [NO_GROUP]


def _place(had: Had) -> str:
    return "hall" if had.of.hall_offers or had.of.worker.presence.station else "phone"


def _somebody(totals: Totals, seconds: float) -> SomebodyView:
    worker = totals.worker
    return SomebodyView(worker_id=worker.id, name=masked(worker.name), hours=_hours(seconds))


def _hours(seconds: float) -> float:
    return round(seconds / HOUR_S, 2)
