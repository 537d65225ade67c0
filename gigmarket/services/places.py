"""Where an employer's work may be: earlier sites, gig stations, and what a geocoder knows."""

import asyncio
import logging

from gigmarket.domain.ids import EmployerId
from gigmarket.services.market import Market
from gigmarket.store.transaction import Transaction
from gigmarket.travel.geocoder import Geocoder, GeocoderDown
from gigmarket.wire.places import PlaceView
from gigmarket.wire.values import PositionView

log = logging.getLogger(__name__)

LOOKED_AT = 200
MOST_OF_A_KIND = 8
LEAST_TO_GEOCODE = 2


async def find(market: Market, employer: EmployerId, words: str) -> list[PlaceView]:
    """Places whose name or address holds these words; without words, the employer's sites, newest first.

    A geocoder that is down costs its answers only.
    """
    words = words.strip()
    found = await market.store.read(known, employer, words)
    if market.geocoder is None or len(words) < LEAST_TO_GEOCODE:
        return found
    return found + await _geocoded(market.geocoder, words)


def known(tx: Transaction, employer: EmployerId, words: str) -> list[PlaceView]:
    """Sites of the employer's last 200 gigs, each address once, then stations (with words only)."""
    sites: dict[str, PlaceView] = {}
    for gig in tx.gigs.of_employer(employer, None, LOOKED_AT):
        site = gig.draft.site
        if words in site.address and site.address not in sites:
            at = PositionView.of(site.position)
            sites[site.address] = PlaceView(
                source="site", name=gig.draft.title, address=site.address, position=at
            )
    stations = [
        PlaceView(
            source="station",
            name=station.name,
            address=station.address,
            position=PositionView.of(station.position),
        )
        for station in tx.stations.all()
        if words and any(words in text for text in (station.name, station.address, station.town))
    ]
    return [*sites.values()][:MOST_OF_A_KIND] + stations[:MOST_OF_A_KIND]


async def _geocoded(geocoder: Geocoder, words: str) -> list[PlaceView]:
    try:
        found = await asyncio.to_thread(geocoder.find, words)
    except GeocoderDown as error:
        log.warning("the geocoder did not answer: %s", error)
        return []
    return [
        PlaceView(source="geocoder", name="", address=each.address, position=PositionView.of(each.position))
        for each in found
    ]
