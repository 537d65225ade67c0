"""What a desk may overrule, and what it may not."""

from dataclasses import replace
from typing import Any

import pytest

from gigmarket.domain.assignment import Assignment
from gigmarket.domain.geo import Mode
from gigmarket.domain.ids import GigId
from gigmarket.domain.offer import OfferStatus
from gigmarket.domain.placing import Pair, concerns, obstacle
from gigmarket.domain.verdict import Verdict
from gigmarket.domain.worker import Presence, Worker
from tests.domain.samples import ENDS_AT, NOW, POLICY, STARTS_AT, WORKER, assignment, gig, offer, seconds

WAITING = Worker(WORKER, "周福生", frozenset({"porter"}), Mode.EBIKE, 0, Presence(wanted=True, since=NOW))
GONE = replace(WAITING, presence=Presence())
ELSEWHERE = replace(offer(), gig=GigId("g2"))
AS_BEFORE = assignment()
LONG = assignment(busy_from=NOW - seconds(11 * 3600), busy_until=NOW, travel_s=0)


def pair(**changes: Any) -> Pair:
    """A waiting porter ten minutes from the sample gig."""
    usual = Pair(WAITING, gig(), 600.0, None, frozenset(), ())
    return replace(usual, **changes)


@pytest.mark.parametrize(
    ("changes", "agreed", "found"),
    [
        ({}, False, None),
        ({"travel_s": 2000.0}, False, None),
        ({"worker": replace(WAITING, trades=frozenset(), floor_wage_fen=99_999)}, False, None),
        ({"answered": frozenset({OfferStatus.EXPIRED, OfferStatus.WITHDRAWN})}, False, None),
        ({"pending": ELSEWHERE}, True, Verdict.OFFERED_ELSEWHERE),
        ({"pending": offer()}, False, Verdict.OFFERED_ELSEWHERE),
        ({"pending": offer()}, True, None),
        ({"answered": frozenset({OfferStatus.DECLINED})}, True, Verdict.DECLINED),
        ({"answered": frozenset({OfferStatus.ACCEPTED})}, True, Verdict.DECLINED),
        ({"worker": GONE}, False, Verdict.LEFT),
        ({"worker": GONE}, True, None),
        ({"hours": (AS_BEFORE,)}, True, Verdict.HOURS),
        ({"hours": (LONG,)}, True, Verdict.RESTING),
        ({"travel_s": 3600.0 + POLICY.late_start_s + 1}, True, Verdict.TOO_LATE),
    ],
)
def test_the_first_rule_that_binds_a_desk(changes: dict[str, Any], agreed: bool, found: Verdict | None) -> None:
    assert obstacle(pair(**changes), agreed, NOW, POLICY) is found


def test_travel_counts_for_the_hours() -> None:
    before: Assignment = assignment(busy_from=NOW, busy_until=STARTS_AT - seconds(300))
    assert obstacle(pair(hours=(before,), travel_s=600.0), True, NOW, POLICY) is Verdict.HOURS
    assert obstacle(pair(hours=(before,), travel_s=300.0), True, NOW, POLICY) is None
    after: Assignment = assignment(busy_from=ENDS_AT, busy_until=ENDS_AT + seconds(60))
    assert obstacle(pair(hours=(after,)), True, NOW, POLICY) is None


def test_a_crew_is_named_to_the_desk() -> None:
    assert concerns(pair(party=2), NOW, POLICY) == (Verdict.TOGETHER,)
    wanted = pair(gig=gig(headcount=4, min_crew=3))
    assert concerns(wanted, NOW, POLICY) == (Verdict.CREW_WANTED,)
    assert concerns(replace(wanted, party=3), NOW, POLICY) == (Verdict.TOGETHER,)


def test_what_a_reason_overrules_is_named() -> None:
    assert concerns(pair(), NOW, POLICY) == ()
    strict = replace(WAITING, trades=frozenset({"guard"}), floor_wage_fen=20_000)
    found = concerns(pair(worker=strict, travel_s=901.0), NOW, POLICY)
    assert found == (Verdict.TRADE, Verdict.OUTSIDE_CIRCLE, Verdict.WAGE)
    assert concerns(pair(travel_s=None), NOW, POLICY) == (Verdict.OUTSIDE_CIRCLE,)
    willing = replace(WAITING, reach_s=1800)
    later = NOW + seconds(POLICY.circle_every_s)
    assert concerns(pair(worker=willing, travel_s=1200.0), later, POLICY) == ()
    assert concerns(pair(worker=willing, travel_s=1200.0), NOW, POLICY) == (Verdict.OUTSIDE_CIRCLE,)
