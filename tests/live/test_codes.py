import asyncio

from gigmarket.live.codes import Codes
from gigmarket.live.connection import Client
from gigmarket.live.keys import Keys


async def test_the_right_code_works_once(redis: Client, keys: Keys) -> None:
    codes = Codes(redis, keys)
    await codes.put("phone", "right")
    assert not await codes.verify("phone", "wrong")
    assert await codes.verify("phone", "right")
    assert not await codes.verify("phone", "right")


async def test_after_too_many_wrong_ones_the_right_one_is_too_late(redis: Client, keys: Keys) -> None:
    codes = Codes(redis, keys)
    await codes.put("phone", "right")
    assert [await codes.verify("phone", "wrong") for _ in range(5)] == [False] * 5
    assert not await codes.verify("phone", "right")


async def test_the_last_try_may_be_the_right_one(redis: Client, keys: Keys) -> None:
    codes = Codes(redis, keys)
    await codes.put("phone", "right")
    assert [await codes.verify("phone", "wrong", max_tries=3) for _ in range(2)] == [False] * 2
    assert await codes.verify("phone", "right", max_tries=3)


async def test_guessing_at_once_gains_no_tries(redis: Client, keys: Keys) -> None:
    codes = Codes(redis, keys)
    await codes.put("phone", "right")
    guesses = ["wrong"] * 20 + ["right"] + ["wrong"] * 20
    answers = await asyncio.gather(*(codes.verify("phone", guess, max_tries=1) for guess in guesses))
    assert sum(answers) <= 1
    assert not await codes.verify("phone", "right")


async def test_a_new_code_replaces_the_old_one_and_its_tries(redis: Client, keys: Keys) -> None:
    codes = Codes(redis, keys)
    await codes.put("phone", "old")
    assert not any([await codes.verify("phone", "wrong") for _ in range(4)])
    await codes.put("phone", "new")
    assert not await codes.verify("phone", "old")
    assert await codes.verify("phone", "new")


async def test_a_code_is_for_one_phone_and_runs_out(redis: Client, keys: Keys) -> None:
    codes = Codes(redis, keys)
    await codes.put("phone", "right", ttl_s=60)
    assert not await codes.verify("other", "right")
    assert 0 < await redis.pttl(keys.otp("phone")) <= 60_000
    assert await codes.verify("phone", "right")
    assert not [name async for name in redis.scan_iter()]
