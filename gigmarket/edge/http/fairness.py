"""The rules made public, the draws to check them by, and priority groups."""

from typing import Annotated

from fastapi import APIRouter, Path

from gigmarket.domain import rulebook
from gigmarket.domain.fairness import GROUPS
from gigmarket.domain.ids import Role, WorkerId
from gigmarket.edge.auth import TheActor, TheMarket, needs
from gigmarket.edge.http.parameters import ItemId
from gigmarket.services import draws, fairness
from gigmarket.wire.fairness import ChainView, DrawView, GroupsIn, GroupsView, GroupView, RulesView, RuleView
from gigmarket.wire.pages import Page

router = APIRouter(tags=["fairness"])

CHAINS = 50
Number = Annotated[int, Path(ge=0, le=2**31 - 1)]


@router.get("/rules")
async def rules(market: TheMarket) -> RulesView:
    """The rules of dispatch with the numbers in force, in plain sentences (派单规则公示)."""
    return RulesView(
        city=market.rules.city,
        rules=[RuleView(code=r.code, zh=r.zh, en=r.en) for r in rulebook.rules(market.rules.policy)],
        groups=[GroupView(code=g.code, zh=g.zh, en=g.en, source=g.source) for g in GROUPS.values()],
    )


@router.get("/draws")
async def chains(market: TheMarket) -> Page[ChainView]:
    """The anchors of the city's draws, newest first."""
    return Page(items=await market.store.read(draws.chains, market.rules.city, CHAINS), next=None)


@router.get("/draws/{chain}/{turn}")
async def turn(chain: Number, turn: Number, market: TheMarket) -> DrawView:
    """One turn after its round: the seed, and every kept lot by pseudonymous key."""
    return await market.store.read(draws.turn, market.rules.city, chain, turn)


@router.get("/workers/{worker_id}/groups")
async def groups(worker_id: ItemId, market: TheMarket, actor: TheActor) -> GroupsView:
    """A worker's priority groups, for staff and clerks."""
    needs(actor, Role.CLERK, Role.STAFF)
    return await market.store.read(fairness.groups_of, WorkerId(worker_id))


@router.put("/workers/{worker_id}/groups")
async def set_groups(worker_id: ItemId, body: GroupsIn, market: TheMarket, actor: TheActor) -> GroupsView:
    """Enter a worker's priority groups from a document; audited, and never by the worker himself."""
    needs(actor, Role.CLERK, Role.STAFF)
    return await market.transact(fairness.set_groups, actor, WorkerId(worker_id), body)
