"""Calls by a third number: a worker and an employer talk, and neither learns the other's phone."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from gigmarket.domain.actor import Actor
from gigmarket.domain.assignment import VACANT, WORKING, AssignmentStatus
from gigmarket.domain.errors import NotFound, Unavailable, WrongState
from gigmarket.domain.ids import AssignmentId, Role
from gigmarket.services.market import Market
from gigmarket.store.transaction import Transaction
from gigmarket.telephone.gateway import GatewayDown
from gigmarket.wire.work import CallView

AFTER = timedelta(hours=2)
"""So long after the work, or after being asked for, a number still connects the two."""
_NUMBER = re.compile(r"\+?[0-9]{3,20}")


@dataclass(frozen=True, slots=True)
class Pair:
    """Who is to be connected: always in this order, so that both get the same number."""

    worker_phone: str
    employer_phone: str
    until: datetime


async def number_for(market: Market, actor: Actor, assignment: AssignmentId) -> CallView:
    """The number by which this side of an assignment reaches the other, from its own phone.

    Raises NotFound (another's assignment, or a city without such numbers), WrongState, Unavailable.
    """
    if market.calls is None:
        raise NotFound("this city has no numbers that hide phones: the employer's own is on the gig's card")
    pair = await market.store.read(_pair, actor, assignment)
    try:
        found = await market.calls.ask(
            {
                "a": pair.worker_phone,
                "b": pair.employer_phone,
                "until": pair.until.isoformat(),
                "reference": assignment,
            },
            _has_number,
        )
    except GatewayDown as error:
        raise Unavailable(f"no number could be had ({error}): try again in a moment", 10.0) from error
    return CallView(number=found["number"], until=pair.until)


def _has_number(answer: Mapping[str, Any]) -> bool:
    number = answer.get("number")
    return isinstance(number, str) and _NUMBER.fullmatch(number) is not None


def _pair(tx: Transaction, actor: Actor, assignment: AssignmentId) -> Pair:
    found = tx.assignments.get(assignment)
    worker_asks = actor.role is Role.WORKER
    mine: str = found.worker if worker_asks else found.employer
    if actor.account != mine:
        raise NotFound("no such assignment")
    # A worker may still ask for the wage; an employer has no more business with a phone after the work.
    over = found.status in VACANT or found.status is AssignmentStatus.SETTLED
    if over or not (worker_asks or found.status in WORKING):
        raise WrongState("this gig is over: there is nobody to call about it")
    accounts = tx.accounts.get_many([found.worker, found.employer])
    until = max(found.busy_until, tx.now()) + AFTER
    return Pair(accounts[found.worker].phone, accounts[found.employer].phone, until.replace(microsecond=0))
