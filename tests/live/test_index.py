import random
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from gigmarket.domain.geo import Position, cell_of, metres_between
from gigmarket.domain.ids import GigId, WorkerId
from gigmarket.live.connection import Client, LiveDown, connect
from gigmarket.live.embedded import EmbeddedValkey
from gigmarket.live.index import CHUNK, Index, Placement, Query
from gigmarket.live.keys import Keys
from gigmarket.wire.bus import Move

NOW = datetime(2026, 11, 23, 8, 0, tzinfo=UTC)
SOON = NOW + timedelta(seconds=90)
PAST = NOW - timedelta(milliseconds=1)
HERE = Position(28.0560, 115.5460)
THERE = Position(28.0900, 115.5460)
PORTER = frozenset({"porter"})
WANG, LI, ZHANG = WorkerId("wang"), WorkerId("li"), WorkerId("zhang")

GRID_M = 0.4
"""How far a kept position may be from the one put: half a geohash cell."""


def crowd(n: int, seed: int = 1) -> list[Placement]:
    rng = random.Random(seed)
    return [
        Placement(
            WorkerId(f"w{i}"),
            Position(28 + rng.random() / 5, 115.5 + rng.random() / 5),
            frozenset(rng.sample(["porter", "cleaner", "packer"], rng.randint(1, 3))),
            SOON,
        )
        for i in range(n)
    ]


async def found(index: Index, trade: str, place: Position = HERE, radius_m: float = 100) -> list[str]:
    return [near.worker for near in await index.near(trade, place, radius_m, 50, NOW)]


class TestWorkers:
    async def test_put_is_found_under_the_trades_held(self, index: Index) -> None:
        await index.put(WANG, HERE, frozenset({"porter", "cleaner"}), SOON)
        assert await found(index, "porter") == await found(index, "cleaner") == [WANG]
        assert await found(index, "packer") == []
        (near,) = await index.near("porter", HERE, 100, 5, NOW)
        assert metres_between(near.position, HERE) < GRID_M
        assert near.metres < GRID_M

    async def test_put_again_replaces_everything(self, index: Index) -> None:
        await index.put(WANG, HERE, frozenset({"porter", "cleaner"}), SOON)
        await index.put(WANG, THERE, frozenset({"packer", "cleaner"}), NOW)
        assert await found(index, "porter") == await found(index, "cleaner") == []
        assert await found(index, "packer", THERE) == await found(index, "cleaner", THERE) == [WANG]
        assert await index.fresh([WANG], NOW + timedelta(milliseconds=1)) == set()

    async def test_a_worker_of_no_trade_is_present_but_never_found(self, index: Index) -> None:
        await index.put(WANG, HERE, frozenset(), SOON)
        assert await index.fresh([WANG], NOW) == {WANG}
        assert set((await index.counts()).values()) == {0}

    async def test_an_unknown_trade_is_refused_and_leaves_no_trace(self, index: Index, redis: Client) -> None:
        with pytest.raises(ValueError, match="no trade pilot"):
            await index.put_many([*crowd(3), Placement(WANG, HERE, frozenset({"pilot"}), SOON)])
        assert await redis.dbsize() == 0

    async def test_many_at_once_are_as_many_one_by_one(self, index: Index) -> None:
        people = crowd(CHUNK * 2 + 7)
        await index.put_many([*people, *people[:5]])
        counts = await index.counts()
        for trade in ("porter", "cleaner", "packer"):
            assert counts[trade] == sum(trade in one.trades for one in people)
        where = await index.positions([one.worker for one in people])
        assert len(where) == len(people)
        assert all(metres_between(where[one.worker], one.position) < GRID_M for one in people)

    async def test_of_one_named_twice_in_a_batch_the_last_holds(self, index: Index) -> None:
        first = Placement(WANG, HERE, PORTER, SOON)
        await index.put_many([first, Placement(WANG, THERE, frozenset({"packer"}), SOON)])
        assert await found(index, "porter") == []
        assert await found(index, "packer", THERE) == [WANG]

    async def test_removed_is_nowhere(self, index: Index, redis: Client) -> None:
        people = crowd(CHUNK + 1)
        await index.put_many(people)
        await index.remove([one.worker for one in people])
        await index.remove([WANG])
        await index.remove([])
        assert await redis.dbsize() == 0

    async def test_positions_and_freshness_of_the_absent_are_left_out(self, index: Index) -> None:
        await index.put(WANG, HERE, PORTER, NOW)
        await index.put(LI, HERE, PORTER, PAST)
        assert await index.fresh([WANG, LI, ZHANG], NOW) == {WANG}
        assert set(await index.positions([WANG, LI, ZHANG])) == {WANG, LI}
        assert await index.fresh([], NOW) == set()
        assert await index.positions([]) == {}

    async def test_beyond_the_last_geohash_counts_as_its_edge(self, index: Index) -> None:
        pole = Position(90.0, 180.0)
        await index.put(WANG, pole, PORTER, SOON)
        await index.put_gigs([(GigId("g"), pole)])
        assert await found(index, "porter", pole) == [WANG]
        assert [gig for gig, _ in await index.gigs_near(pole, 10, 5)] == ["g"]


class TestHeartbeats:
    async def test_a_move_is_seen_under_every_trade_held_and_no_other(self, index: Index) -> None:
        await index.put(WANG, HERE, frozenset({"porter", "cleaner"}), SOON)
        assert await index.move([Move(WANG, THERE, SOON.timestamp())]) == []
        assert await found(index, "porter") == []
        assert await found(index, "porter", THERE) == await found(index, "cleaner", THERE) == [WANG]
        assert await found(index, "packer", THERE) == []
        assert metres_between((await index.positions([WANG]))[WANG], THERE) < GRID_M

    async def test_a_move_follows_the_trades_that_were_put_last(self, index: Index) -> None:
        await index.put(WANG, HERE, PORTER, SOON)
        await index.put(WANG, HERE, frozenset({"cleaner"}), SOON)
        await index.move([Move(WANG, THERE, SOON.timestamp())])
        assert await found(index, "cleaner", THERE) == [WANG]
        assert await found(index, "porter", THERE) == await found(index, "porter") == []

    async def test_without_a_position_only_freshness_changes(self, index: Index) -> None:
        await index.put(WANG, HERE, PORTER, PAST)
        assert await found(index, "porter") == []
        assert await index.move([Move(WANG, None, SOON.timestamp())]) == []
        assert await found(index, "porter") == [WANG]

    async def test_freshness_never_goes_back(self, index: Index) -> None:
        await index.put(WANG, HERE, PORTER, SOON)
        await index.move([Move(WANG, None, PAST.timestamp())])
        assert await index.fresh([WANG], NOW) == {WANG}

    async def test_whoever_is_not_there_is_named_and_stays_out(self, index: Index) -> None:
        await index.put(WANG, HERE, PORTER, SOON)
        absent = [LI, ZHANG, *(WorkerId(f"w{i}") for i in range(CHUNK))]
        beats = [Move(worker, HERE, SOON.timestamp()) for worker in (WANG, *absent, LI)]
        assert await index.move(beats) == absent
        assert await found(index, "porter") == [WANG]
        assert await index.fresh(absent, NOW) == set()

    async def test_of_two_positions_in_a_batch_the_later_holds(self, index: Index) -> None:
        await index.put(WANG, HERE, PORTER, SOON)
        later = SOON + timedelta(seconds=1)
        await index.move([Move(WANG, THERE, later.timestamp()), Move(WANG, None, SOON.timestamp())])
        assert await found(index, "porter", THERE) == [WANG]
        assert await index.fresh([WANG], later) == {WANG}

    async def test_nothing_heard_is_nothing_done(self, index: Index) -> None:
        assert await index.move([]) == []


class TestErased:
    async def test_flushall_is_noticed_by_the_epoch_and_by_the_next_heartbeats(
        self, index: Index, redis: Client
    ) -> None:
        people = crowd(5)
        await index.put_many(people)
        await index.mark("e1")
        beats = [Move(one.worker, one.position, SOON.timestamp()) for one in people]
        assert await index.epoch() == "e1"
        assert await index.move(beats) == []

        await redis.flushall()

        assert await index.epoch() is None
        assert await index.move(beats) == [one.worker for one in people]
        await index.put_many(people)
        await index.mark("e2")
        assert await index.epoch() == "e2"
        assert await index.move(beats) == []

    async def test_a_lost_script_cache_is_filled_again(self, index: Index, redis: Client) -> None:
        await index.put_many(crowd(50))
        queries = [Query("porter", HERE, 50_000, 9)] * 3
        before = await index.near_many(queries, NOW)
        assert [len(answer) for answer in before] == [9, 9, 9]
        await redis.script_flush()
        assert await index.near_many(queries, NOW) == before
        await redis.script_flush()
        assert await index.move([Move(WANG, HERE, SOON.timestamp())]) == [WANG]

    async def test_beats_tell_an_index_that_was_set_back_from_its_own(
        self, index: Index, redis: Client, keys: Keys
    ) -> None:
        await index.mark("e1")
        assert await index.beat("e1", 1)
        earlier: Any = await redis.dump(keys.epoch)
        assert await index.beat("e1", 2)
        assert await index.epoch() == "e1"
        assert not await index.beat("e1", 2)
        assert not await index.beat("e2", 3)
        await redis.restore(keys.epoch, 0, earlier, replace=True)
        assert not await index.beat("e1", 3)
        await redis.delete(keys.epoch)
        assert not await index.beat("e1", 1)
        assert await index.epoch() is None

    async def test_clear_takes_index_and_mark_and_nothing_else(
        self, index: Index, redis: Client, keys: Keys
    ) -> None:
        await index.put_many(crowd(5))
        await index.put_gigs([(GigId("g"), HERE)])
        await index.mark("e1")
        await redis.set(keys.lease("dispatcher"), "me")
        await index.clear()
        assert [name async for name in redis.scan_iter()] == [keys.lease("dispatcher").encode()]
        assert await index.epoch() is None

    async def test_without_a_store_every_question_is_live_down(
        self, embedded: EmbeddedValkey, keys: Keys
    ) -> None:
        redis = connect(embedded.start())
        index = Index(redis, keys, ["porter"])
        embedded.stop()
        for question in (
            index.put(WANG, HERE, PORTER, SOON),
            index.move([Move(WANG, HERE, SOON.timestamp())]),
            index.near("porter", HERE, 100, 5, NOW),
            index.sweep(NOW, 5),
            index.gigs_near(HERE, 100, 5),
            index.counts(),
            index.cells(500),
            index.epoch(),
        ):
            with pytest.raises(LiveDown):
                await question
        await redis.aclose()


class TestSweep:
    async def test_the_stale_leave_every_set_the_longest_stale_first(self, index: Index, redis: Client) -> None:
        trades = frozenset({"porter", "cleaner"})
        await index.put(WANG, HERE, trades, PAST)
        await index.put(LI, HERE, trades, PAST - timedelta(seconds=1))
        await index.put(ZHANG, HERE, trades, NOW)
        assert await index.sweep(NOW, 1) == [LI]
        assert await index.sweep(NOW, 100) == [WANG]
        assert await index.sweep(NOW, 100) == []
        assert await index.counts() == dict.fromkeys(await index.counts(), 0) | {"porter": 1, "cleaner": 1}
        assert set(await index.positions([WANG, LI, ZHANG])) == {ZHANG}
        assert await index.sweep(NOW + timedelta(milliseconds=1), 100) == [ZHANG]
        assert await redis.dbsize() == 0

    async def test_a_large_sweep_comes_in_parts(self, index: Index) -> None:
        await index.put_many([Placement(one.worker, one.position, one.trades, PAST) for one in crowd(1205)])
        first, second = await index.sweep(NOW, 5000), await index.sweep(NOW, 5000)
        assert (len(first), len(second)) == (1000, 205)
        assert set(first).isdisjoint(second)


class TestNear:
    async def test_the_stale_do_not_use_up_places(self, index: Index) -> None:
        for n in range(40):
            await index.put(WorkerId(f"stale{n}"), HERE, PORTER, PAST)
        await index.put(WANG, Position(28.0561, 115.5460), PORTER, SOON)
        await index.put(LI, Position(28.0565, 115.5460), PORTER, SOON)
        assert [near.worker for near in await index.near("porter", HERE, 500, 1, NOW)] == [WANG]
        assert [near.worker for near in await index.near("porter", HERE, 500, 5, NOW)] == [WANG, LI]

    async def test_many_questions_are_answered_in_their_order(self, index: Index) -> None:
        await index.put(WANG, HERE, PORTER, SOON)
        await index.put(LI, THERE, frozenset({"packer"}), SOON)
        queries = [
            Query("packer", HERE, 100, 5),
            Query("porter", HERE, 100, 5),
            Query("porter", HERE, 100, 0),
            Query("packer", THERE, 100, 5),
        ]
        answers = await index.near_many(queries, NOW)
        assert [[near.worker for near in answer] for answer in answers] == [[], [WANG], [], [LI]]
        assert await index.near_many([], NOW) == []

    async def test_more_than_a_thousand_are_no_different(self, index: Index) -> None:
        people = [Placement(one.worker, one.position, PORTER, SOON) for one in crowd(2500)]
        await index.put_many(people)
        nearest = await index.near("porter", HERE, 100_000, 2400, NOW)
        assert len({near.worker for near in nearest}) == 2400
        assert [near.metres for near in nearest] == sorted(near.metres for near in nearest)


offsets = st.floats(-0.1, 0.1)
people = st.lists(
    st.tuples(
        offsets, offsets, st.sets(st.sampled_from(["porter", "cleaner"])), st.sampled_from([SOON, NOW, PAST])
    ),
    max_size=40,
)


@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    people=people,
    centre=st.builds(Position, st.floats(-70, 70), st.floats(-179, 179)),
    offset=st.tuples(offsets, offsets),
    radius_m=st.floats(1, 20_000),
    count=st.integers(1, 50),
)
async def test_near_is_what_measuring_everyone_finds(
    index: Index,
    people: list[tuple[float, float, set[str], datetime]],
    centre: Position,
    offset: tuple[float, float],
    radius_m: float,
    count: int,
) -> None:
    await index.clear()
    placed = {
        WorkerId(str(n)): Placement(
            WorkerId(str(n)), Position(centre.lat + north, centre.lng + east), frozenset(trades), until
        )
        for n, (north, east, trades, until) in enumerate(people)
    }
    await index.put_many(list(placed.values()))
    site = Position(centre.lat + offset[0], centre.lng + offset[1])

    answer = await index.near("porter", site, radius_m, count, NOW)

    able = {w: p for w, p in placed.items() if "porter" in p.trades and p.fresh_until >= NOW}
    metres = {w: metres_between(site, p.position) for w, p in able.items()}
    surely = {w for w, m in metres.items() if m < radius_m - GRID_M}
    perhaps = {w for w, m in metres.items() if m < radius_m + GRID_M}
    names = [near.worker for near in answer]
    assert len(names) == len(set(names)) <= count
    assert set(names) <= perhaps
    assert len(names) == count or surely <= set(names)
    for near in answer:
        assert abs(near.metres - metres[near.worker]) < GRID_M
        assert metres_between(near.position, placed[near.worker].position) < GRID_M
    assert [near.metres for near in answer] == sorted(near.metres for near in answer)
    farthest = max((near.metres for near in answer), default=0.0)
    assert all(metres[left_out] > farthest - 2 * GRID_M for left_out in surely - set(names))


class TestGigs:
    async def test_nearest_first_within_the_radius(self, index: Index) -> None:
        sites = [(GigId(f"g{n}"), Position(28.0560 + n / 1000, 115.5460)) for n in range(CHUNK + 5)]
        await index.put_gigs(sites)
        nearest = await index.gigs_near(HERE, 500, 3)
        assert [gig for gig, _ in nearest] == ["g0", "g1", "g2"]
        for (_, metres), (_, site) in zip(nearest, sites, strict=False):
            assert abs(metres - metres_between(HERE, site)) < GRID_M
        assert len(await index.gigs_near(HERE, 500, 50)) == 5
        assert await index.gigs_near(HERE, 500, 0) == []

    async def test_moved_and_removed(self, index: Index) -> None:
        await index.put_gigs([(GigId("g"), HERE)])
        await index.put_gigs([(GigId("g"), THERE)])
        assert await index.gigs_near(HERE, 100, 5) == []
        assert len(await index.gigs_near(THERE, 100, 5)) == 1
        await index.remove_gigs([GigId("g"), GigId("never")])
        await index.remove_gigs([])
        assert await index.gigs_near(THERE, 100, 5) == []


async def test_cells_count_everyone_once_under_each_trade(index: Index) -> None:
    people = [*crowd(2600), *(Placement(WorkerId(f"hall{n}"), HERE, PORTER, SOON) for n in range(300))]
    await index.put_many(people)
    where = await index.positions([one.worker for one in people])
    cells = await index.cells(500.0)
    for trade in ("porter", "cleaner", "driver"):
        expected: dict[str, int] = {}
        for one in people:
            if trade in one.trades:
                cell = cell_of(where[one.worker], 500.0).key()
                expected[cell] = expected.get(cell, 0) + 1
        assert {cell.key(): n for cell, n in cells[trade].items()} == expected
    assert sum(cells["porter"].values()) == (await index.counts())["porter"]
