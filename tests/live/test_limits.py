import asyncio
from collections.abc import Sequence
from typing import Any

import pytest

from gigmarket.live.connection import Client, connect
from gigmarket.live.embedded import EmbeddedValkey
from gigmarket.live.keys import Keys
from gigmarket.live.limits import Limits
from gigmarket.live.scripts import Script


@pytest.mark.parametrize("limit", [1, 3, 7, 100])
async def test_a_burst_of_the_limit_is_allowed_and_no_more(redis: Client, keys: Keys, limit: int) -> None:
    limits = Limits(redis, keys)
    waits = await asyncio.gather(*(limits.take("otp", "13812345678", limit, 86_400) for _ in range(limit + 5)))
    assert sorted(waits)[:limit] == [0.0] * limit
    assert all(0 < wait < 86_400 / limit + 0.001 for wait in sorted(waits)[limit:])


async def test_uses_of_a_crowd_go_to_the_store_together(
    redis: Client, keys: Keys, monkeypatch: pytest.MonkeyPatch
) -> None:
    """All that wait, so that nobody waits for more than one answer before his own."""
    asked: list[int] = []
    run = Script.pipelined

    async def counted(self: Script, client: Client, calls: Sequence[Any]) -> list[Any]:
        asked.append(len(calls))
        return await run(self, client, calls)

    monkeypatch.setattr(Script, "pipelined", counted)
    limits = Limits(redis, keys)
    waits = await asyncio.gather(*(limits.take("otp", str(n % 150), 1, 60) for n in range(200)))
    assert [wait > 0 for wait in waits] == [n >= 150 for n in range(200)]
    assert sum(asked) == 200
    assert len(asked) <= 2


async def test_a_refusal_costs_nothing(redis: Client, keys: Keys) -> None:
    limits = Limits(redis, keys)
    await limits.take("otp", "a", 1, 60)
    waits = [await limits.take("otp", "a", 1, 60) for _ in range(10)]
    assert waits == sorted(waits, reverse=True)
    assert waits[0] <= 60


async def test_after_the_wait_it_is_allowed_again(redis: Client, keys: Keys) -> None:
    limits = Limits(redis, keys)
    assert await limits.take("otp", "a", 2, 0.02) == 0.0
    assert await limits.take("otp", "a", 2, 0.02) == 0.0
    while await limits.take("otp", "a", 2, 0.02):
        pass


async def test_names_and_subjects_do_not_share(redis: Client, keys: Keys) -> None:
    limits = Limits(redis, keys)
    for name, subject in (("otp", "a"), ("otp", "b"), ("login", "a")):
        assert await limits.take(name, subject, 1, 86_400) == 0.0
    assert await limits.take("otp", "a", 1, 86_400) > 0


async def test_no_key_shows_the_subject_and_none_stays(redis: Client, keys: Keys) -> None:
    await Limits(redis, keys).take("otp", "13812345678", 5, 60)
    (name,) = [name async for name in redis.scan_iter()]
    assert b"13812345678" not in name
    assert 0 < await redis.pttl(name) <= 60_000


async def test_switched_off_or_without_a_store_all_is_allowed(embedded: EmbeddedValkey, keys: Keys) -> None:
    redis = connect(embedded.start())
    off, on = Limits(redis, keys, enabled=False), Limits(redis, keys)
    assert [await off.take("otp", "a", 1, 60) for _ in range(3)] == [0.0] * 3
    assert await on.take("otp", "a", 1, 60) == 0.0
    assert await on.take("otp", "a", 1, 60) > 0.0
    embedded.stop()
    assert await on.take("otp", "a", 1, 60) == 0.0
    await redis.aclose()


@pytest.mark.parametrize(("limit", "window_s"), [(0, 60), (-1, 60), (1, 0), (1, -5)])
async def test_a_limit_that_makes_no_sense_is_refused(
    redis: Client, keys: Keys, limit: int, window_s: float
) -> None:
    with pytest.raises(ValueError, match="a limit is at least 1"):
        await Limits(redis, keys).take("otp", "a", limit, window_s)
