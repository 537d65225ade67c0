"""Work shared out evenly over days: how much of it a worker has had, and what that is worth in a round.

Time available counts from asking for work until leaving, and work itself counts as available time too: being
offline while at work neither helps nor harms.
"""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta

from gigmarket.domain.calendar import by_day, day_of
from gigmarket.domain.ids import WorkerId
from gigmarket.domain.policy import Policy
from gigmarket.domain.worker import Presence, Worker

HOUR_S = 3600
"""A day without work counts from an hour available on it; shares count the first hour as a whole one."""
MOST_SHARE = 1.5


@dataclass(frozen=True, slots=True)
class Group:
    """A priority group by its code, its names, and the document that asks for it."""

    code: str
    zh: str
    en: str
    source: str
    source_en: str


_REPORT = (
    "市就业工作报告（2023）：实名制管理与帮扶的重点群体",
    "the city's employment report (2023): groups registered by name and helped first",
)
_OPINION = (
    "人社部发〔2022〕38号 关于加强零工市场建设 完善求职招聘服务的意见",
    "the ministry's opinions on building gig markets and serving job seekers (MOHRSS 2022, No. 38)",
)
GROUPS: dict[str, Group] = {
    group.code: group
    for group in (
        Group("graduate", "高校毕业生", "graduate", *_REPORT),
        Group("returnee", "返乡农民工", "returned migrant worker", *_REPORT),
        Group("veteran", "退役军人", "veteran", *_REPORT),
        Group("hard_to_place", "就业困难人员", "person hard to place", *_REPORT),
        Group("lifted_from_poverty", "脱贫劳动力", "worker lifted from poverty", *_REPORT),
        Group("disabled", "残疾人", "person with a disability", *_OPINION),
        Group("older", "大龄劳动者", "older worker", *_OPINION),
    )
}
"""Priority groups by code, in the order in which screens list them."""


@dataclass(frozen=True, slots=True)
class Day:
    """What to add to a worker's day: seconds available (work included) and worked, offers made."""

    worker: WorkerId
    day: date
    available_s: int = 0
    worked_s: int = 0
    offers: int = 0


@dataclass(frozen=True, slots=True)
class Standing:
    """A worker's sums over the last `policy.fairness_days` days, today included.

    `idle_days` are the days before today, since the last one with work, on which the worker was available for
    an hour or more.
    """

    available_s: int = 0
    worked_s: int = 0
    days_available: int = 0
    days_worked: int = 0
    last_worked: date | None = None
    offers: int = 0
    idle_days: int = 0


def standing_now(
    worker: Worker, standing: Standing, now: datetime, policy: Policy, at_work_since: datetime | None = None
) -> Standing:
    """The stored sums with the stretch that is still open: available since `presence.since`, and at work since
    `at_work_since` for a worker on a site. The same seconds count once.
    """
    first = day_of(now) - timedelta(days=policy.fairness_days - 1)
    open_days = [
        (day, available, worked)
        for day, (available, worked) in _open_days(worker, now, at_work_since).items()
        if day >= first
    ]
    worked_on = [day for day, _, worked in open_days if worked]
    last = max([*worked_on, *([standing.last_worked] if standing.last_worked else [])], default=None)
    idle = 0 if worked_on else standing.idle_days
    idle += sum(
        available >= HOUR_S and day < day_of(now) and (last is None or day > last)
        for day, available, _ in open_days
    )
    return replace(
        standing,
        available_s=standing.available_s + sum(available for _, available, _ in open_days),
        worked_s=standing.worked_s + sum(worked for _, _, worked in open_days),
        last_worked=last,
        idle_days=min(idle, policy.fairness_days),
    )


def share_of(standing: Standing, policy: Policy) -> float:
    """Work per available second, in [0, 1.5]. The first hour counts as a whole one, so that a newcomer's first
    gig does not look like a full day.
    """
    return min(max(standing.worked_s / max(standing.available_s, HOUR_S), 0.0), MOST_SHARE)


def credit_s(waited_s: float, standing: Standing, groups: frozenset[str], policy: Policy) -> float:
    """What a worker's claim takes off the cost of a match, in seconds of travel.

    Waiting and days without work count up to their caps, a priority group once. After `starving_after_s` of
    waiting `starving_s` is added, and for each further minute as much again, so that the longest wait decides.
    """
    waiting = min(policy.waiting_weight * max(waited_s, 0.0), policy.waiting_cap_s)
    idle = min(policy.idle_day_s * standing.idle_days, policy.idle_cap_s)
    priority = policy.priority_s if groups & GROUPS.keys() else 0
    beyond = waited_s - policy.starving_after_s
    starving = policy.starving_s * (1 + beyond / 60) if beyond >= 0 else 0.0
    return float(waiting + idle + priority + starving)


def jain(values: Iterable[float]) -> float:
    """Jain's index of evenness, (Σx)² / (n Σx²): 1 when all have the same, 1/n when one has everything.

    1 as well for nobody, and where nobody has anything.
    """
    held = list(values)
    squares = sum(value * value for value in held)
    return sum(held) ** 2 / (len(held) * squares) if squares else 1.0


def waited(worker: Worker, until: datetime, at_work_since: datetime | None = None) -> list[Day]:
    """The days of the open stretch of availability, up to `until`, the end of the worker's named hours or the
    beginning of his work on a site, whichever comes first.
    """
    presence = worker.presence
    if not presence.wanted or presence.since is None:
        return []
    ends = min(until, presence.until or until, at_work_since or until)
    return [Day(worker.id, day, available_s=seconds) for day, seconds in by_day(presence.since, ends).items()]


def worked(worker: WorkerId, begun: datetime, done: datetime) -> list[Day]:
    """The days of work on a site: available and worked alike."""
    return [Day(worker, day, seconds, seconds) for day, seconds in by_day(begun, done).items()]


def told_later(row: Day, known: Day | None) -> Day:
    """Work that is added to a day on which its hours may have been counted as available already: no more of
    them than the day's work then asks for.
    """
    available_s, worked_s = (known.available_s, known.worked_s) if known is not None else (0, 0)
    return replace(row, available_s=min(row.available_s, max(0, worked_s + row.worked_s - available_s)))


def available_until(presence: Presence, now: datetime, forgotten_by: Policy | None) -> datetime:
    """Until when somebody was available who goes offline at `now`: where the clock decides, by this policy,
    who was not heard of for `forget_s` was there until the last sign of life.
    """
    if forgotten_by is None or presence.seen_at is None:
        return now
    silent = now - presence.seen_at >= timedelta(seconds=forgotten_by.forget_s)
    return presence.seen_at if silent else now


def _open_days(worker: Worker, now: datetime, at_work_since: datetime | None) -> dict[date, tuple[int, int]]:
    """Available and worked seconds by day that no ledger has yet."""
    found: dict[date, tuple[int, int]] = {}
    done = worked(worker.id, at_work_since, now) if at_work_since is not None else []
    for row in (*waited(worker, now, at_work_since), *done):
        available, busy = found.get(row.day, (0, 0))
        found[row.day] = (available + row.available_s, busy + row.worked_s)
    return found
