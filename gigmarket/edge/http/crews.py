"""Crews: who looks for work together, from a worker's own session or through a clerk or a kiosk."""

from fastapi import APIRouter

from gigmarket.domain.ids import WorkerId
from gigmarket.edge.auth import TheActor, TheMarket, limit
from gigmarket.services import crews
from gigmarket.wire.crews import CrewAnswer, JoinIn, MemberIn

router = APIRouter(prefix="/workers/me/crew", tags=["crews"])

TRIES_PER_HOUR, HOUR_S = 20, 3600
"""Of a million codes few are good: nobody finds one by trying."""


@router.get("")
async def crew(market: TheMarket, actor: TheActor) -> CrewAnswer:
    """Whom the worker looks for work with; null for who is alone."""
    return await market.store.read(crews.of_worker, actor.worker())


@router.post("")
async def open_crew(market: TheMarket, actor: TheActor) -> CrewAnswer:
    """Found a crew, or get a new code for the one that the worker leads."""
    return await market.transact(crews.open_crew, market.rules, actor)


@router.post("/join")
async def join(body: JoinIn, market: TheMarket, actor: TheActor) -> CrewAnswer:
    """Come into the crew whose leader reads out this code: from then on its members are matched together."""
    await limit(market, "crew", actor.account, TRIES_PER_HOUR, HOUR_S)
    return await market.transact(crews.join, market.rules, actor, body.code)


@router.post("/leave")
async def leave(market: TheMarket, actor: TheActor) -> CrewAnswer:
    """Go one's own way, at any time."""
    return await market.transact(crews.leave, market.rules, actor)


@router.post("/remove")
async def remove(body: MemberIn, market: TheMarket, actor: TheActor) -> CrewAnswer:
    """The leader goes on without a member."""
    return await market.transact(crews.remove, market.rules, actor, WorkerId(body.worker_id))
