"""The rules made public, the draws to check them by, priority groups, and how evenly work is shared out."""

from typing import Annotated

from fastapi import APIRouter, Depends, Path, Query, Request

from gigmarket.domain import rulebook
from gigmarket.domain.actor import Actor
from gigmarket.domain.fairness import GROUPS
from gigmarket.domain.ids import Role, WorkerId
from gigmarket.edge.auth import TheActor, TheMarket, limit, needs
from gigmarket.edge.http.parameters import ItemId
from gigmarket.services import draws, fairness, fairness_report
from gigmarket.wire.fairness import (
    ChainView,
    DrawView,
    FairnessView,
    GroupsIn,
    GroupsView,
    GroupView,
    RulesView,
    RuleView,
)
from gigmarket.wire.pages import Page

router = APIRouter(tags=["fairness"])

CHAINS = 50
TURNS_PER_MINUTE = 60
REPORTS_PER_MINUTE = 20
Number = Annotated[int, Path(ge=0, le=2**31 - 1)]
Days = Annotated[
    int | None,
    Query(ge=1, le=fairness_report.MOST_DAYS, description="days, today included; the policy's when left out"),
]


async def _staff(actor: TheActor) -> Actor:
    return needs(actor, Role.STAFF)


# As a dependency, so that the role is checked before the query.
TheStaff = Annotated[Actor, Depends(_staff)]


@router.get("/rules")
async def rules(market: TheMarket) -> RulesView:
    """The rules of dispatch with the numbers in force, in plain sentences (派单规则公示)."""
    return RulesView(
        city=market.rules.city,
        rules=[RuleView(code=r.code, zh=r.zh, en=r.en) for r in rulebook.rules(market.rules.policy)],
        groups=[
            GroupView(code=g.code, zh=g.zh, en=g.en, source=g.source, source_en=g.source_en)
            for g in GROUPS.values()
        ],
    )


@router.get("/draws")
async def chains(market: TheMarket) -> Page[ChainView]:
    """The anchors of the city's draws, newest first."""
    return Page(items=await market.store.read(draws.chains, market.rules.city, CHAINS), next=None)


@router.get("/draws/{chain}/{turn}")
async def turn(chain: Number, turn: Number, request: Request, market: TheMarket) -> DrawView:
    """One turn after its round: the seed, and every kept lot by pseudonymous key."""
    caller = request.client.host if request.client else "unknown"
    await limit(market, "draws", caller, TURNS_PER_MINUTE, 60)
    return await market.store.read(draws.turn, market.rules.city, chain, turn)


@router.get("/workers/{item}/groups")
async def groups(item: ItemId, market: TheMarket, actor: TheActor) -> GroupsView:
    """A worker's priority groups, for staff and clerks."""
    needs(actor, Role.CLERK, Role.STAFF)
    return await market.store.read(fairness.groups_of, WorkerId(item))


@router.put("/workers/{item}/groups")
async def set_groups(item: ItemId, body: GroupsIn, market: TheMarket, actor: TheActor) -> GroupsView:
    """Enter a worker's priority groups from a document; audited, and never by the worker himself."""
    needs(actor, Role.CLERK, Role.STAFF)
    return await market.transact(fairness.set_groups, actor, WorkerId(item), body)


@router.get("/reports/fairness")
async def report(market: TheMarket, actor: TheStaff, days: Days = None) -> FairnessView:
    """How evenly work was shared out over the last days, and who waits."""
    await limit(market, "reports", actor.account, REPORTS_PER_MINUTE, 60)
    span = days or market.rules.policy.fairness_days
    return await market.store.read(fairness_report.report, span, market.clock())
