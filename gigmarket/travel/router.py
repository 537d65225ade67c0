"""What the dispatcher asks of any travel engine: straight lines today, roads beside them."""

from __future__ import annotations

from typing import Literal, Protocol

import numpy as np
from numpy.typing import NDArray

from gigmarket.domain.geo import Mode, Position

TravelState = Literal["roads", "estimated", "degraded"]


class Reach(Protocol):
    """The circle of one site for one mode: who gets there within the limit, and how fast."""

    @property
    def limit_s(self) -> float:
        """The longest travel, in seconds, that is still inside."""
        ...

    @property
    def estimated(self) -> bool:
        """True when the answers given so far come from a straight line: read it after asking for seconds."""
        ...

    def seconds(self, position: Position) -> float | None:
        """Seconds of travel from a position to the site; None when it is beyond the limit."""
        ...

    def seconds_many(self, lat: NDArray[np.float64], lng: NDArray[np.float64]) -> NDArray[np.float64]:
        """Seconds of travel for arrays of WGS-84 degrees of one shape; nan beyond the limit."""
        ...


class Router(Protocol):
    """Makes circles. A router is immutable and may be used from several threads."""

    @property
    def estimated(self) -> bool:
        """True when times come from straight lines, so that screens mark them as estimated."""
        ...

    @property
    def state(self) -> TravelState:
        """How times are found just now: on roads, by straight lines, or on roads that failed lately."""
        ...

    def reach(self, site: Position, mode: Mode, limit_s: float) -> Reach:
        """The circle of `limit_s` seconds around a site for one mode."""
        ...

    def radius_m(self, mode: Mode, limit_s: float) -> float:
        """Straight-line metres beyond which nobody of this mode arrives within `limit_s` seconds."""
        ...
