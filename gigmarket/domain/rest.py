"""When a worker has worked enough: the system offers no more work.

Source: 新就业形态劳动者休息和劳动报酬权益保障指引. It asks for limits on a day's work
and on work without a rest, and names no number for either: both are settings (`domain.policy`).
"""

from collections.abc import Sequence
from datetime import datetime, timedelta

from gigmarket.domain.calendar import day_of, midnight
from gigmarket.domain.policy import Policy

Stretch = tuple[datetime, datetime]
_DAY = timedelta(days=1)


def allows(work: Sequence[Stretch], starts: datetime, ends: datetime, policy: Policy) -> bool:
    """May someone with this work, done or promised (UTC, in any order), also work from `starts` to `ends`?

    No day of the calendar may hold more than `daily_work_s`, and no work more than `continuous_work_s` from its
    beginning to its end without a break of `rest_s`; a single gig may be longer than that if its days allow it.
    Only what the new work brings about is judged: limits broken elsewhere do not forbid it.
    """
    together = _union((*work, (starts, ends)))
    return _days_allow(together, starts, ends, policy) and _chain_allows(together, starts, ends, policy)


def _days_allow(work: Sequence[Stretch], starts: datetime, ends: datetime, policy: Policy) -> bool:
    limit = timedelta(seconds=policy.daily_work_s)
    begins = midnight(day_of(starts))
    while begins < ends:
        done = sum((_overlap(stretch, (begins, begins + _DAY)) for stretch in work), timedelta())
        if done > limit:
            return False
        begins += _DAY
    return True


def _chain_allows(work: Sequence[Stretch], starts: datetime, ends: datetime, policy: Policy) -> bool:
    rest = timedelta(seconds=policy.rest_s)
    first, last = starts, ends
    # The union is in order: grown backwards over the earlier stretches, then forwards over the later ones.
    for begun, done in reversed(work):
        if begun <= first < done + rest:
            first = begun
    for begun, done in work:
        if begun - rest < last <= done:
            last = done
    alone = (first, last) == (starts, ends)
    return alone or last - first <= timedelta(seconds=policy.continuous_work_s)


def _union(work: Sequence[Stretch]) -> list[Stretch]:
    """The same hours as stretches in order that neither touch nor overlap."""
    found: list[Stretch] = []
    for begun, done in sorted(stretch for stretch in work if stretch[0] < stretch[1]):
        if found and begun <= found[-1][1]:
            found[-1] = (found[-1][0], max(found[-1][1], done))
        else:
            found.append((begun, done))
    return found


def _overlap(one: Stretch, other: Stretch) -> timedelta:
    return max(min(one[1], other[1]) - max(one[0], other[0]), timedelta())
