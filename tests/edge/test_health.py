"""What /readyz says of the dispatcher, by the lease in the live store and the name in SQL."""

import json
from typing import Any

import pytest

from gigmarket.domain.errors import Unavailable
from gigmarket.edge.http.health import readyz
from gigmarket.live.lease import DISPATCHER
from gigmarket.services.market import Market
from tests.services.conftest import market, template, town
from tests.services.town import Town

__all__ = ["market", "template", "town"]


async def said(market: Market) -> tuple[int, dict[str, str]]:
    answer = await readyz(market)
    found: dict[str, str] = json.loads(bytes(answer.body))
    return answer.status_code, found


@pytest.mark.parametrize(
    ("leads", "built", "dispatcher", "status"),
    [
        (None, False, "starting", "ok"),
        ("ours", False, "starting", "ok"),
        ("ours", True, "ok", "ok"),
        (None, True, "down", "degraded"),
        ("another's", True, "foreign", "degraded"),
        ("another's", False, "foreign", "degraded"),
    ],
)
async def test_the_dispatcher_is_the_one_that_sql_knows(
    leads: str | None, built: bool, dispatcher: str, status: str, town: Town, market: Market
) -> None:
    await market.index.clear()
    town.do(lambda tx: tx.fence.take(market.rules.city, "ours"))
    if leads is not None:
        await market.redis.set(market.keys.lease(DISPATCHER), leads)
    if built:
        await market.index.mark("1.epoch")
    code, told = await said(market)
    assert (code, told["dispatcher"], told["status"]) == (200, dispatcher, status)


async def test_without_sql_nobody_knows_whose_it_is(market: Market, monkeypatch: pytest.MonkeyPatch) -> None:
    async def away(*_: Any) -> None:
        raise Unavailable("the database is away")

    await market.redis.set(market.keys.lease(DISPATCHER), "ours")
    monkeypatch.setattr(market.store, "read", away)
    code, told = await said(market)
    assert (code, told["sql"], told["dispatcher"], told["live"]) == (503, "down", "unknown", "ok")
