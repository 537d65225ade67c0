"""The roster under churn: it finds whom a plain look at everybody finds, and says truly when that was all."""

import math
import random
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Any
from unittest.mock import patch

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gigmarket.domain.geo import EARTH_RADIUS_M, Mode, Position, metres_between
from gigmarket.domain.ids import CrewId, GigId, WorkerId
from gigmarket.live import roster as rosters
from gigmarket.live.nearest import Tree
from gigmarket.live.roster import STILL_M, Roster
from gigmarket.live.roster_columns import Entry, Promise, metres_of, point
from gigmarket.wire.bus import Move

TRADES = ("porter", "packer", "cleaner")
CENTRE = Position(28.06, 115.55)
METRE = math.degrees(1 / EARTH_RADIUS_M)
"""A metre in degrees of latitude."""
SLACK_M = 0.01
"""Whoever is this near to a circle's edge may count as inside or outside."""
ALL = -1


def entry(name: str, position: Position = CENTRE, **changes: Any) -> Entry:
    """A porter who was just heard of, with some fields changed."""
    usual = Entry(
        worker=WorkerId(name),
        position=position,
        mode=Mode.EBIKE,
        trades=frozenset({"porter"}),
        floor=0.0,
        since=0.0,
        until=math.inf,
        fresh_until=100.0,
        heard=40.0,
        reach=900.0,
        share=0.0,
        credit=0.0,
        key=7,
        offered=False,
        working=-math.inf,
    )
    return replace(usual, **changes)


def promise(site: Position, gig: str = "g1") -> Promise:
    """Hours promised at a site."""
    return Promise(GigId(gig), site, 1000.0, 1600.0, 9000.0)


def north(metres: float, of: Position = CENTRE) -> Position:
    """A place so many metres north."""
    return Position(min(of.lat + metres * METRE, 90.0), of.lng)


@dataclass
class Answer:
    """Names found per site, and whether the roster says that they are all."""

    names: list[set[str]]
    complete: list[bool]


def near(
    roster: Roster, trade: str, sites: Sequence[Position], radius_m: float, counts: int | Sequence[int]
) -> Answer:
    """Ask the roster; each name comes once per site, and sites in order."""
    lat, lng = (np.array([getattr(site, name) for site in sites]) for name in ("lat", "lng"))
    wanted = np.broadcast_to(np.asarray(counts, dtype=np.int64), len(sites))
    found = roster.near(
        np.full(len(sites), TRADES.index(trade)), lat, lng, np.full(len(sites), radius_m), wanted
    )
    pairs = list(zip(found.site.tolist(), found.row.tolist(), strict=True))
    assert pairs == sorted(set(pairs))
    names: list[set[str]] = [set() for _ in sites]
    for site, row in pairs:
        held = roster.columns.entries[row]
        assert held is not None
        assert trade in held.trades
        names[site].add(held.worker)
    return Answer(names, found.complete.tolist())


@dataclass
class Plain:
    """The same people in a dict: where each is, what each does, and which sites each has promised to be at."""

    places: dict[str, Position] = field(default_factory=dict)
    entries: dict[str, Entry] = field(default_factory=dict)

    def put(self, one: Entry) -> None:
        self.places[one.worker], self.entries[one.worker] = one.position, one

    def move(self, name: str, position: Position) -> None:
        if name in self.places and metres_between(self.places[name], position) > STILL_M:
            self.places[name] = position

    def remove(self, name: str) -> None:
        self.places.pop(name, None)
        self.entries.pop(name, None)

    def distances(self, trade: str, site: Position) -> dict[str, float]:
        """Metres from where each of this trade is, or will be, to the site; the nearest of these places."""
        return {
            name: min(metres_between(there, site) for there in (place, *self._sites(name)))
            for name, place in self.places.items()
            if trade in self.entries[name].trades
        }

    def _sites(self, name: str) -> list[Position]:
        return [held.site for held in self.entries[name].promises]


def _rank(metres: dict[str, float], name: str) -> int:
    """How many are nearer, or as near up to rounding."""
    return sum(far <= metres[name] + SLACK_M for other, far in metres.items() if other != name)


def check(roster: Roster, plain: Plain, sites: Sequence[Position], radius_m: float, count: int) -> None:
    """Everybody found is inside; all are found where the roster says so or was asked for all."""
    assert len(roster) == len(plain.places)
    for trade in TRADES:
        answer = near(roster, trade, sites, radius_m, count)
        for site, names, complete in zip(sites, answer.names, answer.complete, strict=True):
            metres = plain.distances(trade, site)
            assert all(metres[name] <= radius_m + SLACK_M for name in names)
            inside = {name for name, far in metres.items() if far < radius_m - SLACK_M}
            assert complete or count != ALL
            if complete:
                assert names >= inside
            else:
                assert names >= {name for name in inside if _rank(metres, name) < count}


@dataclass
class Churn:
    """The roster and the plain dict, changed at random in the same way."""

    rng: random.Random
    spot: Any
    roster: Roster = field(default_factory=lambda: Roster(TRADES))
    plain: Plain = field(default_factory=Plain)
    people: int = 60
    clock: float = 0.0

    def step(self) -> None:
        """One change: somebody comes, moves, leaves, changes trades, or promises hours."""
        name = f"w{self.rng.randrange(self.people)}"
        self.clock += 1.0
        kind = self.rng.random()
        if kind < 0.35:
            self._put(name)
        elif kind < 0.85:
            self._move(name)
        else:
            self.roster.remove([WorkerId(name), WorkerId("a stranger")])
            self.plain.remove(name)

    def _put(self, name: str) -> None:
        trades = frozenset(self.rng.sample(TRADES, self.rng.randrange(1, 4)))
        held = tuple(promise(self.spot(self.rng), f"g{i}") for i in range(self.rng.choice([0, 0, 0, 1, 2])))
        known = self.plain.places.get(name)
        place = known if known and self.rng.random() < 0.3 else self.spot(self.rng)
        one = entry(name, place, trades=trades, promises=held, fresh_until=self.clock, heard=self.clock)
        self.roster.put([one])
        self.plain.put(one)

    def _move(self, name: str) -> None:
        place = self.spot(self.rng)
        if name in self.plain.places and self.rng.random() < 0.3:
            place = north(self.rng.uniform(0, 4.9), self.plain.places[name])
        assert self.roster.move([Move(WorkerId(name), place, self.clock)]) == (name in self.plain.places)
        self.plain.move(name, place)


def town(rng: random.Random) -> Position:
    """Anywhere within some kilometres, often just where others are."""
    if rng.random() < 0.2:
        return CENTRE
    return Position(CENTRE.lat + rng.uniform(-0.05, 0.05), CENTRE.lng + rng.uniform(-0.05, 0.05))


def antimeridian(rng: random.Random) -> Position:
    """On both sides of 180°, and on it under both names."""
    return Position(rng.uniform(-0.05, 0.05), rng.choice([-180.0, 180.0, rng.uniform(-180, -179.95), 179.96]))


def pole(rng: random.Random) -> Position:
    """Around the north pole, where all longitudes meet."""
    return Position(rng.choice([90.0, rng.uniform(89.95, 90.0)]), rng.uniform(-180, 180))


def earth(rng: random.Random) -> Position:
    """Anywhere at all."""
    return Position(rng.uniform(-90, 90), rng.uniform(-180, 180))


@pytest.mark.parametrize(
    ("spot", "radius_m"), [(town, 2500.0), (antimeridian, 3000.0), (pole, 3000.0), (earth, 5e6)]
)
@pytest.mark.parametrize(("few", "long"), [(0, 800), (3, 800), (256, 800), (3, 10)])
def test_it_finds_whom_a_look_at_everybody_finds(
    monkeypatch: pytest.MonkeyPatch, spot: Any, radius_m: float, few: int, long: int
) -> None:
    monkeypatch.setattr(rosters, "FEW", few)
    monkeypatch.setattr(rosters, "LONG", long)
    churn = Churn(random.Random(f"{few} {spot.__name__}"), spot)
    for turn in range(1500):
        churn.step()
        if turn % 10 == 0:
            sites = [spot(churn.rng) for _ in range(3)]
            check(churn.roster, churn.plain, sites, radius_m, churn.rng.choice([1, 3, 20, ALL]))


@settings(max_examples=150)
@given(st.integers(0, 2**32), st.integers(1, 150), st.integers(1, 30), st.sampled_from([100.0, 2500.0, 1e5]))
def test_any_churn(seed: int, steps: int, people: int, radius_m: float) -> None:
    churn = Churn(random.Random(seed), town, people=people)
    for _ in range(steps):
        churn.step()
        if churn.rng.random() < 0.2:
            check(churn.roster, churn.plain, [town(churn.rng)], radius_m, churn.rng.choice([1, 5, ALL]))


@given(
    st.integers(0, 2**32),
    st.integers(1, 60),
    st.integers(1, 70),
    st.sampled_from([500.0, 2500.0, 1e5]),
    st.sampled_from([1, 10, 800]),
)
def test_of_a_tree_that_is_up_to_date_the_nearest_are_found(
    seed: int, people: int, count: int, radius_m: float, long: int
) -> None:
    rng = random.Random(seed)
    roster, plain = Roster(TRADES), Plain()
    for i in range(people):
        one = entry(f"w{i}", town(rng))
        roster.put([one])
        plain.put(one)
    site = town(rng)
    with patch.object(rosters, "LONG", long):
        answer = near(roster, "porter", [site], radius_m, count)
    metres = plain.distances("porter", site)
    inside = sorted(far for far in metres.values() if far <= radius_m)
    ranked = [far for far in inside if far <= inside[:count][-1] + 1e-3]
    assert sorted(metres[name] for name in answer.names[0]) == pytest.approx(ranked, abs=1e-3)
    if answer.complete == [False]:
        assert len(answer.names[0]) >= count
    else:
        assert len(answer.names[0]) == sum(far <= radius_m for far in metres.values())


def test_each_site_has_a_count_of_its_own() -> None:
    roster = Roster(TRADES)
    roster.put([entry(f"w{i}", north(100.0 * i)) for i in range(6)])
    answer = near(roster, "porter", [CENTRE, north(500), CENTRE, CENTRE], 1000.0, [1, 2, ALL, 9])
    assert answer.names == [{"w0"}, {"w4", "w5"}, *[{f"w{i}" for i in range(6)}] * 2]
    assert answer.complete == [False, False, True, True]


@pytest.mark.parametrize("long", [10, 800])
@pytest.mark.parametrize(("count", "further"), [(2, False), (16, False), (41, False), (42, True)])
def test_a_list_does_not_choose_between_those_who_wait_in_one_hall(
    count: int, further: bool, long: int
) -> None:
    hall, roster = north(300), Roster(TRADES)
    waiting = {f"w{i}" for i in range(40)}
    roster.put(entry(name, hall) for name in sorted(waiting))
    roster.put([entry("nearer", north(100)), entry("further", north(900))])
    with patch.object(rosters, "LONG", long):
        answer = near(roster, "porter", [CENTRE, north(-9000)], 2000.0, count)
    assert answer.names == [waiting | {"nearer"} | ({"further"} if further else set()), set()]
    with patch.object(rosters, "LONG", long):
        assert near(roster, "porter", [CENTRE], 2000.0, 1).names == [{"nearer"}]


def test_sites_of_several_trades_are_asked_at_once() -> None:
    roster = Roster(TRADES)
    roster.put([entry(f"p{i}", north(100.0 * i)) for i in range(6)])
    roster.put([entry(f"q{i}", north(100.0 * i), trades=frozenset({"packer", "porter"})) for i in range(2)])
    sites = [north(110.0), CENTRE, north(10.0), CENTRE, CENTRE]
    lat, lng = (np.array([getattr(site, name) for site in sites]) for name in ("lat", "lng"))
    radius_m = np.array([1000.0, 50.0, 150.0, 1000.0, 1000.0])
    found = roster.near(np.array([0, 1, 1, 2, 0]), lat, lng, radius_m, np.array([2, 5, 5, 5, ALL]))
    names: list[set[str]] = [set() for _ in sites]
    for site, row in zip(found.site.tolist(), found.row.tolist(), strict=True):
        held = roster.columns.entries[row]
        assert held is not None
        names[site].add(held.worker)
    everybody = {f"p{i}" for i in range(6)} | {"q0", "q1"}
    assert names == [{"p1", "q1"}, {"q0"}, {"q0", "q1"}, set(), everybody]
    assert found.complete.tolist() == [False, True, True, True, True]


def test_a_tree_is_built_anew_only_when_much_has_changed(monkeypatch: pytest.MonkeyPatch) -> None:
    built = []
    build = Tree.of

    def listening(*args: Any) -> Tree:
        built.append(build(*args))
        return built[-1]

    monkeypatch.setattr(Tree, "of", listening)
    monkeypatch.setattr(rosters, "FEW", 3)
    roster = Roster(TRADES)
    roster.put([entry(f"p{i}") for i in range(9)])
    for i in range(4):
        assert len(near(roster, "porter", [CENTRE], 10.0, ALL).names[0]) == 9 - i
        roster.move([Move(WorkerId(f"p{i}"), north(50.0), 200.0)])
    assert len(built) == 1
    assert near(roster, "porter", [CENTRE], 10.0, ALL).names == [{f"p{i}" for i in range(4, 9)}]
    assert len(built) == 2


def test_what_many_sites_find_together_each_finds_alone() -> None:
    rng = random.Random(5)
    roster = Roster(TRADES)
    people = [Position(CENTRE.lat + rng.uniform(-0.05, 0.05), CENTRE.lng) for _ in range(500)]
    roster.put([entry(f"w{i}", place) for i, place in enumerate(people)])
    sites, counts = [town(rng) for _ in range(400)], [rng.choice([1, 2, 9]) for _ in range(400)]
    together = near(roster, "porter", sites, 2500.0, counts)
    for i in range(400):
        alone = near(roster, "porter", [sites[i]], 2500.0, counts[i])
        assert (alone.names[0], alone.complete[0]) == (together.names[i], together.complete[i])


def test_who_learns_a_trade_is_found_there_though_its_tree_is_old() -> None:
    roster = Roster(TRADES)
    roster.put([entry("w1"), entry("w2", trades=frozenset({"packer"}))])
    assert near(roster, "porter", [CENTRE], 10.0, ALL).names == [{"w1"}]
    roster.put([entry("w2", trades=frozenset({"packer", "porter"}))])
    assert near(roster, "porter", [CENTRE], 10.0, 5).names == [{"w1", "w2"}]
    roster.put([entry("w1", trades=frozenset({"packer"}))])
    assert near(roster, "porter", [CENTRE], 10.0, 5).names == [{"w2"}]


@given(st.integers(0, 2**32), st.sampled_from([town, antimeridian, pole, earth]))
def test_metres_between_points_are_those_between_places(seed: int, spot: Any) -> None:
    rng = random.Random(seed)
    ones, others = [spot(rng) for _ in range(5)], [spot(rng) for _ in range(5)]
    points = [
        point(*(np.array([getattr(each, of) for each in some]) for of in ("lat", "lng")))
        for some in (ones, others)
    ]
    expected = [metres_between(one, other) for one, other in zip(ones, others, strict=True)]
    assert metres_of(*points).tolist() == pytest.approx(expected, rel=1e-6, abs=1e-3)


def test_nobody_is_found_of_an_empty_roster_or_another_trade() -> None:
    roster = Roster(TRADES)
    assert near(roster, "porter", [CENTRE], 1e7, 5) == Answer([set()], [True])
    roster.put([entry("w1")])
    assert near(roster, "packer", [CENTRE], 1e7, 5) == Answer([set()], [True])
    assert near(roster, "porter", [CENTRE], 1e7, 5).names == [{"w1"}]


def test_a_radius_beyond_the_earth_holds_everybody() -> None:
    roster = Roster(TRADES)
    roster.put([entry("here"), entry("there", Position(-CENTRE.lat, CENTRE.lng - 180))])
    assert near(roster, "porter", [CENTRE], 1e9, ALL).names == [{"here", "there"}]


def test_a_worker_is_found_where_he_is_and_where_he_will_be_but_once() -> None:
    roster = Roster(TRADES)
    far = north(5000)
    roster.put([entry("w1", promises=(promise(far), promise(north(100), "g2")))])
    assert near(roster, "porter", [CENTRE, far, north(2500)], 500.0, 5).names == [{"w1"}, {"w1"}, set()]
    roster.put([entry("w1")])
    assert near(roster, "porter", [CENTRE, far], 500.0, 5).names == [{"w1"}, set()]
    roster.put([entry("w1", promises=(promise(far),))])
    roster.remove([WorkerId("w1")])
    assert near(roster, "porter", [CENTRE, far], 500.0, 5).names == [set(), set()]


def test_noise_of_a_phone_does_not_move_anybody() -> None:
    roster = Roster(TRADES)
    roster.put([entry("w1")])
    row = roster.columns.row_of[WorkerId("w1")]
    stamp = int(roster.columns.at.stamp[row])
    assert roster.move([Move(WorkerId("w1"), north(4.9), 200.0)]) == 1
    assert (roster.columns.place(row), roster.columns.at.fresh[row]) == (CENTRE, 200.0)
    assert roster.columns.at.stamp[row] == stamp
    assert roster.move([Move(WorkerId("w1"), north(5.1), 150.0)]) == 1
    assert (roster.columns.place(row), roster.columns.at.fresh[row]) == (north(5.1), 200.0)
    assert roster.columns.at.stamp[row] > stamp


def test_many_who_move_at_once_are_where_they_would_be_one_after_the_other() -> None:
    rng = random.Random(5)
    people = [entry(f"w{i}", town(rng), fresh_until=100.0) for i in range(50)]
    moves = [
        Move(
            WorkerId(f"w{i}"), rng.choice([None, town(rng), people[min(i, 49)].position]), rng.uniform(50, 150)
        )
        for i in range(60)
    ]
    together, alone = Roster(TRADES), Roster(TRADES)
    together.put(people)
    alone.put(people)
    assert together.move(moves) == 50
    assert sum(alone.move([move]) for move in moves) == 50
    for name in ("lat", "lng", "point", "fresh", "beat", "stamp"):
        assert np.array_equal(getattr(together.columns.at, name), getattr(alone.columns.at, name)), name
    assert together.move([]) == 0


def test_a_tree_built_while_nobody_waits_is_the_next_searchs(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rosters, "FEW", 3)
    roster = Roster(TRADES)
    roster.put([entry(f"p{i}") for i in range(9)])
    roster.settle()
    roster.move(Move(WorkerId(f"p{i}"), north(50.0), 200.0) for i in range(5))
    roster.settle()
    monkeypatch.setattr(Tree, "of", None)
    assert near(roster, "porter", [CENTRE], 10.0, ALL).names == [{f"p{i}" for i in range(5, 9)}]


def test_a_stranger_is_not_moved_and_no_harm_is_done_by_removing_one() -> None:
    roster = Roster(TRADES)
    assert roster.move([Move(WorkerId("w1"), CENTRE, 100.0)]) == 0
    roster.remove([WorkerId("w1")])
    roster.offered(WorkerId("w1"))
    assert len(roster) == 0
    assert WorkerId("w1") not in roster


def test_an_unknown_trade_is_refused() -> None:
    with pytest.raises(ValueError, match="no trade juggler"):
        Roster(TRADES).put([entry("w1", trades=frozenset({"porter", "juggler"}))])


def test_what_a_heartbeat_told_later_outlives_what_sql_heard_earlier() -> None:
    roster = Roster(TRADES)
    roster.put([entry("w1", fresh_until=100.0)])
    roster.move([Move(WorkerId("w1"), north(300), 400.0)])
    roster.put([entry("w1", fresh_until=450.0, heard=390.0, floor=5.0)])
    row = roster.columns.row_of[WorkerId("w1")]
    at = roster.columns.at
    assert (roster.columns.place(row), at.fresh[row], at.floor[row]) == (north(300), 450.0, 5.0)
    roster.put([entry("w1", north(600), fresh_until=470.0, heard=410.0)])
    assert (roster.columns.place(row), at.fresh[row]) == (north(600), 470.0)
    assert near(roster, "porter", [north(600)], 10.0, 1).names == [{"w1"}]


def test_an_offer_stands_until_sql_says_what_became_of_it() -> None:
    roster = Roster(TRADES)
    roster.put([entry("w1")])
    roster.offered(WorkerId("w1"))
    row = roster.columns.row_of[WorkerId("w1")]
    assert roster.columns.at.offered[row]
    roster.move([Move(WorkerId("w1"), CENTRE, 300.0)])
    assert roster.columns.at.offered[row]
    roster.put([entry("w1")])
    assert not roster.columns.at.offered[row]


def test_who_was_silent_for_long_is_named() -> None:
    roster = Roster(TRADES)
    roster.put(
        [entry("old", fresh_until=50.0), entry("new", fresh_until=100.0), entry("gone", fresh_until=1.0)]
    )
    roster.remove([WorkerId("gone")])
    assert roster.stale(100.0) == ["old"]
    assert roster.stale(50.0) == []


def test_rows_are_used_again_and_grow_with_the_city() -> None:
    roster = Roster(TRADES)
    people = [entry(f"w{i}", north(float(i))) for i in range(2500)]
    roster.put(people)
    assert len(roster) == 2500
    roster.remove([one.worker for one in people[:2000]])
    roster.put([entry(f"x{i}", north(-float(i + 1))) for i in range(2000)])
    assert len(roster.columns.entries) == 4096
    assert near(roster, "porter", [CENTRE], 1e6, ALL).names == [
        {f"w{i}" for i in range(2000, 2500)} | {f"x{i}" for i in range(2000)}
    ]
    roster.clear()
    assert len(roster) == 0
    assert near(roster, "porter", [CENTRE], 1e6, ALL) == Answer([set()], [True])


def test_who_left_does_not_take_the_place_of_others_further_out() -> None:
    roster = Roster(TRADES)
    roster.put([entry(f"w{i}", north(float(i))) for i in range(100)])
    assert near(roster, "porter", [CENTRE], 1000.0, 5).names == [{f"w{i}" for i in range(5)}]
    roster.remove([WorkerId(f"w{i}") for i in range(30)])
    assert near(roster, "porter", [CENTRE], 1000.0, 5).names[0] >= {f"w{i}" for i in range(30, 35)}


def test_who_comes_from_the_hall_by_phone_is_where_and_as_fresh_as_the_phone_says() -> None:
    roster = Roster(TRADES)
    roster.put([entry("w1", fresh_until=7260.0, heard=90.0)])
    roster.put([entry("w1", north(500), fresh_until=750.0, heard=690.0)])
    row = roster.columns.row_of[WorkerId("w1")]
    assert (roster.columns.place(row), roster.columns.at.fresh[row]) == (north(500), 750.0)


@given(st.lists(st.tuples(st.sampled_from("abcdef"), st.sampled_from([None, "c1", "c2", "gone"])), max_size=40))
def test_a_crew_is_who_says_so_last_and_is_still_there(told: list[tuple[str, str | None]]) -> None:
    roster, now = Roster(TRADES), dict[str, str | None]()
    for name, crew in told:
        if crew == "gone":
            roster.remove([WorkerId(name)])
            now.pop(name, None)
        else:
            named = None if crew is None else CrewId(crew)
            roster.put([entry(name, crew=named, party=2 if crew else 1)])
            now[name] = crew
    columns = roster.columns
    for crew in ("c1", "c2"):
        mates = {columns.entries[row].worker for row in columns.mates(CrewId(crew))}  # type: ignore[union-attr]
        assert mates == {name for name, mine in now.items() if mine == crew}
    for name, mine in now.items():
        row = columns.row_of[WorkerId(name)]
        assert (columns.crew(row), int(columns.at.party[row])) == (mine, 2 if mine else 1)
