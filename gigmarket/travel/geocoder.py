"""Addresses to positions by a server that speaks Nominatim's protocol, where the operator has one."""

from dataclasses import dataclass
from urllib.parse import urlsplit

from gigmarket.domain.geo import Position

AROUND_DEGREES = 0.6
"""Looked for in this rectangle around the city only: an address of another city is no answer."""
MOST = 5


class GeocoderDown(Exception):
    """The geocoder did not answer, or not in its protocol."""


@dataclass(frozen=True, slots=True)
class Found:
    """A WGS-84 position with its address in words."""

    address: str
    position: Position


class Geocoder:
    """One Nominatim-compatible server. Blocks: call it off the event loop."""

    def __init__(self, url: str, centre: Position, timeout_s: float = 3.0) -> None:
        """`url`: scheme, host and port, perhaps a path. Raises ValueError for anything else."""
        # geopy takes a moment to load, and most cities have no geocoder.
        from geopy.geocoders import Nominatim

        parts = urlsplit(url)
        if parts.scheme not in ("http", "https") or not parts.netloc:
            raise ValueError("GIGMARKET_GEOCODER must be an http or https address")
        self._box = [
            (centre.lat - AROUND_DEGREES, centre.lng - AROUND_DEGREES),
            (centre.lat + AROUND_DEGREES, centre.lng + AROUND_DEGREES),
        ]
        self._server = Nominatim(
            domain=f"{parts.netloc}{parts.path}".rstrip("/"),
            scheme=parts.scheme,
            user_agent="gigmarket",
            timeout=timeout_s,
        )

    def find(self, words: str) -> list[Found]:
        """Up to five places in the city's surroundings, best first. Raises GeocoderDown."""
        from geopy.exc import GeopyError

        try:
            found = self._server.geocode(
                words, exactly_one=False, limit=MOST, viewbox=self._box, bounded=True, language="zh"
            )
        except (GeopyError, ValueError, AttributeError, TypeError) as error:
            raise GeocoderDown(type(error).__name__) from error
        return [Found(each.address, Position(each.latitude, each.longitude)) for each in found or []]
