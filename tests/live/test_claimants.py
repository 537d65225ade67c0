"""Claims beside distance: each trade's strongest are found, whoever came or left since they were looked for."""

import math
import random
from collections.abc import Sequence
from typing import Any

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from gigmarket.domain.policy import DEFAULT
from gigmarket.live.claimants import FEW, KEPT_S, MOST, SPARE
from gigmarket.live.roster import Roster
from gigmarket.live.roster_columns import point
from gigmarket.wire.bus import Move
from tests.live.test_roster import CENTRE, TRADES, entry, north

NOW = 20_000.0
CIRCLE_S, RADIUS_M = 900.0, 3000.0
ALIVE: dict[str, Any] = {"fresh_until": NOW + 1000.0}


def claiming(roster: Roster, seats: Sequence[int] = (1,), trade: int = 0, now: float = NOW) -> list[set[str]]:
    """For sites at the centre with so many seats: who claims them."""
    count = len(seats)
    site, row = roster.claimants.near(
        roster.columns,
        np.full(count, trade),
        point(np.full(count, CENTRE.lat), np.full(count, CENTRE.lng)),
        np.full((count, 5), RADIUS_M),
        np.full(count, CIRCLE_S),
        np.array(seats),
        now,
        DEFAULT,
    )
    found: list[set[str]] = [set() for _ in seats]
    for one, where in zip(row.tolist(), site.tolist(), strict=True):
        held = roster.columns.entries[one]
        assert held is not None
        assert str(held.worker) not in found[where]
        found[where].add(str(held.worker))
    return found


def crowd(count: int, waited_s: float = 0.0) -> Roster:
    """Porters who came at once."""
    roster = Roster(TRADES)
    roster.put(entry(f"w{i}", north(float(i)), since=NOW - waited_s, **ALIVE) for i in range(count))
    return roster


def test_where_nobody_has_a_stronger_claim_nobody_is_looked_at_beside_the_nearest() -> None:
    assert claiming(crowd(100)) == [set()]
    assert claiming(Roster(TRADES)) == [set()]


def test_of_many_the_strongest_are_found_and_as_many_as_seats_and_a_few() -> None:
    roster = crowd(100)
    roster.put(entry(f"h{i}", north(2000.0), since=NOW - 6000 + 60 * i, **ALIVE) for i in range(50))
    few, more = claiming(roster, [1, 40])
    assert few == {f"h{i}" for i in range(1 + SPARE)}
    assert more == {f"h{i}" for i in range(MOST)}


def test_who_is_out_of_reach_busy_silent_or_of_another_trade_claims_nothing() -> None:
    roster = crowd(3)
    since = NOW - 15_000
    roster.put(
        [
            entry("far", north(RADIUS_M + 10), since=since, **ALIVE),
            entry("asked", since=since, offered=True, **ALIVE),
            entry("silent", since=since, fresh_until=NOW - 1),
            entry("packer", since=since, trades=frozenset({"packer"}), **ALIVE),
            entry("here", since=since, **ALIVE),
        ]
    )
    assert claiming(roster, [9])[0] - {f"w{i}" for i in range(3)} == {"here"}


def test_who_comes_or_goes_within_seconds_is_known_at_once() -> None:
    roster = crowd(60)
    roster.put([entry("old", since=NOW - 15_000, **ALIVE)])
    assert "old" in claiming(roster)[0]
    roster.remove([entry("old").worker])
    roster.put([entry("older", since=NOW - 16_000, **ALIVE)])
    later = NOW + KEPT_S / 2
    assert "older" in claiming(roster, now=later)[0]
    roster.put(entry(f"n{i}", since=NOW - 17_000, **ALIVE) for i in range(FEW + 1))
    assert claiming(roster, now=later)[0] <= {f"n{i}" for i in range(FEW + 1)}
    roster.clear()
    assert claiming(roster, now=later) == [set()]


def test_who_only_moves_has_nobody_looked_for_anew() -> None:
    roster = crowd(FEW + 10, waited_s=60.0)
    assert claiming(roster) == [set()]
    row = roster.columns.row_of[entry("w7").worker]
    roster.columns.at.credit[row] = 300.0
    roster.move(Move(entry(f"w{i}").worker, north(2000.0 + i), NOW + 2000.0) for i in range(FEW + 10))
    assert claiming(roster, now=NOW + KEPT_S / 2) == [set()]


def test_after_some_seconds_everybody_is_looked_at_again() -> None:
    roster = crowd(60, waited_s=60.0)
    assert claiming(roster) == [set()]
    row = roster.columns.row_of[entry("w7").worker]
    roster.columns.at.credit[row] = 300.0
    assert claiming(roster, now=NOW + KEPT_S - 0.1) == [set()]
    assert "w7" in claiming(roster, now=NOW + KEPT_S)[0]


@settings(max_examples=50)
@given(st.integers(0, 2**32), st.integers(1, MOST), st.integers(1, 5))
def test_nobody_with_a_better_score_is_left_out(seed: int, workers: int, seats: int) -> None:
    rng = random.Random(seed)
    roster = Roster(TRADES)
    score = {}
    for i in range(workers):
        metres, waited = rng.uniform(0, RADIUS_M - 1), rng.uniform(0, 6000)
        roster.put([entry(f"w{i}", north(metres), since=NOW - waited, **ALIVE)])
        score[f"w{i}"] = metres / RADIUS_M * CIRCLE_S - min(
            waited * DEFAULT.waiting_weight, DEFAULT.waiting_cap_s
        )
    (found,) = claiming(roster, [seats])
    if found:
        assert len(found) == min(workers, seats + SPARE)
        worst = max(score[name] for name in found)
        others = [score[name] for name in score.keys() - found]
        assert all(other > worst or math.isclose(other, worst, abs_tol=0.01) for other in others)
