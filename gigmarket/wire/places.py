"""Places an employer can name instead of typing coordinates."""

from typing import Annotated, Literal

from pydantic import Field

from gigmarket.wire.values import Body, PositionView, Storable, View


class PlacesIn(Body):
    """Words to look for; none: the sites used last. In a body, because an address is nobody else's business."""

    q: Annotated[str, Field(strict=True, max_length=100), Storable] = ""


class PlaceView(View):
    """A place: a site of this employer's earlier gigs, a gig station, or one that the geocoder found."""

    source: Literal["site", "station", "geocoder"]
    name: str
    address: str
    position: PositionView


class PlacesView(View):
    """What was found, the employer's own sites first."""

    items: list[PlaceView]
