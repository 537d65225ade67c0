"""City → town → village: the regions of the three-tier employment service, and who answers for which."""

from dataclasses import dataclass
from enum import StrEnum


class Level(StrEnum):
    """Where a station stands in the city → town → village service."""

    CITY = "city"
    TOWN = "town"
    VILLAGE = "village"


@dataclass(frozen=True, slots=True)
class Region:
    """A village of a town, a town with all its villages, or, without either, the whole city."""

    town: str | None = None
    village: str | None = None

    @property
    def whole(self) -> bool:
        """Whether this is the whole city."""
        return self.town is None

    def holds(self, other: "Region") -> bool:
        """Whether the other is this region or a part of it."""
        return self.town in (None, other.town) and self.village in (None, other.village)


def served(level: Level, stands_in: Region) -> Region:
    """What a station's staff answer for: the city, the town it stands in, or the village it stands in."""
    match level:
        case Level.CITY:
            return Region()
        case Level.TOWN:
            return Region(stands_in.town)
        case Level.VILLAGE:
            return stands_in
