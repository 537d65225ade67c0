from datetime import UTC, datetime, timedelta

from gigmarket.live.connection import Client
from gigmarket.live.inbox import KEEP, Inbox, Text
from gigmarket.live.keys import Keys

NOW = datetime(2026, 11, 23, 8, 0, tzinfo=UTC)


async def test_the_newest_comes_first(redis: Client, keys: Keys) -> None:
    inbox = Inbox(redis, keys)
    assert await inbox.latest(10) == []
    await inbox.push("138****5678", "验证码 123456", NOW)
    await inbox.push("139****5678", "验证码 654321", NOW + timedelta(seconds=1))
    newest = Text("139****5678", "验证码 654321", NOW + timedelta(seconds=1))
    assert await inbox.latest(10) == [newest, Text("138****5678", "验证码 123456", NOW)]
    assert await inbox.latest(1) == [newest]
    assert await inbox.latest(0) == []


async def test_it_keeps_so_many_and_forgets_them_all(redis: Client, keys: Keys) -> None:
    inbox = Inbox(redis, keys)
    for n in range(KEEP + 3):
        await inbox.push("138****5678", str(n), NOW)
    kept = [text.text for text in await inbox.latest(KEEP * 2)]
    assert kept == [str(n) for n in reversed(range(3, KEEP + 3))]
    assert 0 < await redis.pttl(keys.inbox) <= 600_000
