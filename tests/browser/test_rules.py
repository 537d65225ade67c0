"""The public rules, and a draw that the browser recomputes as the server drew it."""

import numpy as np
import pytest

from gigmarket.domain import draw
from gigmarket.domain.ids import WorkerId
from tests.browser.visiting import Visitors
from tests.serving import Serving

pytestmark = [pytest.mark.browser, pytest.mark.asyncio(loop_scope="module")]

KEYS = [0, 1, 2**53, 2**64 - 1, draw.key_of(WorkerId("w1")), draw.key_of(WorkerId("w2"))]


async def test_anyone_reads_the_rules_in_both_languages(market: Serving, visitors: Visitors) -> None:
    visitor = await visitors.open(market.url, "/rules/", (360, 640))
    await visitor.read("只派路上不超过")
    assert await visitor.smallest_text() >= 18
    await visitor.shot("rules", full=True)
    await visitor.tap("lang-switch")
    await visitor.read("You are offered work within")


async def test_the_browser_draws_as_the_server_does(market: Serving, visitors: Visitors) -> None:
    chain = draw.chain(b"a secret of the test", 50)
    drawn = draw.tickets(chain.seeds[7], np.array(KEYS, dtype=np.uint64)).tolist()
    lots = [{"key": str(key), "ticket": ticket} for key, ticket in zip(KEYS, drawn, strict=True)]
    turn = {"anchor": chain.anchor.hex(), "turn": 7, "seed": chain.seeds[7].hex(), "gigs": [{"lots": lots}]}
    visitor = await visitors.open(market.url, "/rules/", (1280, 800))
    script = "async (turn) => (await import('/static/rules/draw.js')).check(turn)"

    assert await visitor.page.evaluate(script, turn) == {"seed": True, "wrong": 0, "lots": len(KEYS)}
    assert (await visitor.page.evaluate(script, {**turn, "turn": 8}))["seed"] is False
    other = {**turn, "seed": chain.seeds[8].hex()}
    assert (await visitor.page.evaluate(script, other)) == {
        "seed": False,
        "wrong": len(KEYS),
        "lots": len(KEYS),
    }


async def test_a_turn_that_nobody_knows_is_said_so(market: Serving, visitors: Visitors) -> None:
    visitor = await visitors.open(market.url, "/rules/", (1280, 800))
    visitor.expected.append("404")
    await visitor.at("chain").fill("999999")
    await visitor.at("turn").fill("1")
    await visitor.tap("check")
    await visitor.read("没有这一轮")
