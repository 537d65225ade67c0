import pytest

from gigmarket.live.connection import Client, LiveDown, connect
from gigmarket.live.embedded import EmbeddedValkey
from gigmarket.live.keys import Keys
from gigmarket.live.lease import Lease


def leases(redis: Client, keys: Keys, ttl_s: float = 30) -> tuple[Lease, Lease]:
    key = keys.lease("dispatcher")
    return Lease(redis, key, "first", ttl_s), Lease(redis, key, "second", ttl_s)


async def test_only_one_holds_it(redis: Client, keys: Keys) -> None:
    first, second = leases(redis, keys)
    assert await first.acquire()
    assert not await second.acquire()
    assert not await second.renew()
    assert await first.renew()


async def test_taking_it_again_is_harmless_for_its_holder(redis: Client, keys: Keys) -> None:
    first, _ = leases(redis, keys)
    assert await first.acquire()
    assert await first.acquire()


async def test_another_cannot_release_it(redis: Client, keys: Keys) -> None:
    first, second = leases(redis, keys)
    await first.acquire()
    assert not await second.release()
    assert await first.renew()


async def test_released_it_is_free_at_once(redis: Client, keys: Keys) -> None:
    first, second = leases(redis, keys)
    await first.acquire()
    assert await first.release()
    assert await second.acquire()
    assert not await first.renew()
    assert not await first.release()
    assert await second.renew()


async def test_not_renewed_it_runs_out_and_the_late_holder_learns(redis: Client, keys: Keys) -> None:
    first, second = leases(redis, keys, ttl_s=0.001)
    await first.acquire()
    while not await second.acquire():
        pass
    _, lasting = leases(redis, keys)
    await lasting.acquire()
    assert not await first.renew()


async def test_it_lives_for_its_time_from_the_last_renewal(redis: Client, keys: Keys) -> None:
    first, _ = leases(redis, keys, ttl_s=10)
    longer, _ = leases(redis, keys, ttl_s=3600)
    await first.acquire()
    assert 0 < await redis.pttl(keys.lease("dispatcher")) <= 10_000
    await longer.renew()
    assert 10_000 < await redis.pttl(keys.lease("dispatcher")) <= 3_600_000


async def test_without_a_store_nobody_holds_it(embedded: EmbeddedValkey, keys: Keys) -> None:
    redis = connect(embedded.start())
    first, _ = leases(redis, keys)
    await first.acquire()
    embedded.stop()
    for attempt in (first.acquire, first.renew, first.release):
        with pytest.raises(LiveDown):
            await attempt()
    await redis.aclose()
