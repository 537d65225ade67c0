import asyncio
import re

from gigmarket.live.connection import Client
from gigmarket.live.keys import Keys, digest_of
from gigmarket.live.tickets import Tickets


async def test_it_lets_its_subject_in(redis: Client, keys: Keys) -> None:
    tickets = Tickets(redis, keys)
    ticket = await tickets.issue("worker:樟树")
    assert re.fullmatch(r"[A-Za-z0-9_-]{22}", ticket)
    assert await tickets.redeem(ticket) == "worker:樟树"


async def test_of_many_issued_at_once_each_lets_in_its_own_subject_once(redis: Client, keys: Keys) -> None:
    tickets = Tickets(redis, keys)
    subjects = [f"worker:{number}" for number in range(100)]
    issued = await tickets.issue_many(subjects)
    assert await tickets.redeem_many(issued) == subjects
    assert await tickets.redeem_many(issued) == [None] * 100


async def test_of_fifty_who_bring_it_at_once_one_gets_in(redis: Client, keys: Keys) -> None:
    tickets = Tickets(redis, keys)
    ticket = await tickets.issue("worker:1")
    answers = await asyncio.gather(*(tickets.redeem(ticket) for _ in range(50)))
    assert sorted(answers, key=str) == [None] * 49 + ["worker:1"]


async def test_unknown_empty_and_strange_tickets_let_nobody_in(redis: Client, keys: Keys) -> None:
    tickets = Tickets(redis, keys)
    await tickets.issue("worker:1")
    for ticket in ("", "x" * 22, "\ud83d\ude00", "*", "x" * 10_000):
        assert await tickets.redeem(ticket) is None


async def test_a_ticket_is_for_one_city(redis: Client) -> None:
    ticket = await Tickets(redis, Keys("zhangshu")).issue("worker:1")
    assert await Tickets(redis, Keys("yichun")).redeem(ticket) is None


async def test_it_runs_out(redis: Client, keys: Keys) -> None:
    tickets = Tickets(redis, keys)
    ticket = await tickets.issue("worker:1", ttl_s=12)
    assert 0 < await redis.pttl(keys.ticket(digest_of(ticket))) <= 12_000
    gone = await tickets.issue("worker:1", ttl_s=0.001)
    while await redis.exists(keys.ticket(digest_of(gone))):
        pass
    assert await tickets.redeem(gone) is None


async def test_the_store_does_not_know_the_ticket(redis: Client, keys: Keys) -> None:
    ticket = await Tickets(redis, keys).issue("worker:1")
    assert [name async for name in redis.scan_iter()] == [keys.ticket(digest_of(ticket)).encode()]
