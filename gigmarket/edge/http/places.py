"""Places by words, for a posting's site."""

from fastapi import APIRouter

from gigmarket.domain.ids import Role
from gigmarket.edge.auth import TheActor, TheMarket, limit, needs
from gigmarket.services import places
from gigmarket.wire.places import PlacesIn, PlacesView

router = APIRouter(tags=["gigs"])

LOOKS_PER_MINUTE = 120


@router.post("/places/find")
async def find(body: PlacesIn, market: TheMarket, actor: TheActor) -> PlacesView:
    """The employer's own earlier sites, gig stations, and what the city's geocoder knows. Changes nothing."""
    needs(actor, Role.EMPLOYER)
    await limit(market, "places", actor.account, LOOKS_PER_MINUTE, 60)
    return PlacesView(items=await places.find(market, actor.employer(), body.q))
