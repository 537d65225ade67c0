"""Tickets for the socket: what a crowd that lost its network asks for, all at one moment."""

from collections.abc import Callable, Coroutine
from typing import Any

from fastapi import APIRouter, Request, Response
from fastapi.routing import APIRoute

from gigmarket.domain.ids import Role
from gigmarket.edge.auth import TheActor, actor_of
from gigmarket.edge.ws.arrivals import TICKET_S
from gigmarket.edge.ws.hub import Hub
from gigmarket.wire.codec import encode
from gigmarket.wire.people import TicketView
from gigmarket.wire.tickets import ticket_of


class _Straight(APIRoute):
    """FastAPI's in its document and in all that stands before it, and it answers by itself: there is no body
    and no parameter, and dependencies and a response model took a quarter of what a ticket costs.
    """

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        """FastAPI's documented way to handle a request oneself."""

        async def handle(request: Request) -> Response:
            ticket = await issue_ticket(request, await actor_of(request))
            return Response(encode(ticket), self.status_code or 200, media_type="application/json")

        return handle


router = APIRouter(route_class=_Straight)


@router.post("/ws-tickets", status_code=201, tags=["stream"])
async def issue_ticket(request: Request, actor: TheActor) -> TicketView:
    """A single-use ticket for /ws."""
    actor.principal()
    hub: Hub = request.app.state.hub
    if actor.role is Role.WORKER:
        await hub.arrivals.follow(actor.worker())
    return TicketView(ticket=await hub.arrivals.issue(ticket_of(actor)), expires_in_s=TICKET_S)
