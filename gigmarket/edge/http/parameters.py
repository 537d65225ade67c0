"""Path and query parameters that several routes take."""

from typing import Annotated

from fastapi import Depends, Path, Query
from pydantic import Field

from gigmarket.domain.ids import ID_PATTERN
from gigmarket.domain.region import Region
from gigmarket.wire.values import Storable

ItemId = Annotated[str, Path(min_length=1, max_length=64), Storable]
# An id; some lists say before it in which of their parts or at what moment it stands. Anything else would begin
# the list again, or end it.
Cursor = Annotated[
    Annotated[str, Field(pattern=f"^([a-z]|[0-9]{{1,20}}-)?{ID_PATTERN}$")] | None,
    Query(description="`next` of the page before"),
]
Limit = Annotated[int, Query(ge=1, le=200)]
Town = Annotated[
    Annotated[str, Field(min_length=1, max_length=40), Storable] | None,
    Query(description="a town of GET /stations; a station's staff see its region only"),
]
Village = Annotated[
    Annotated[str, Field(min_length=1, max_length=40), Storable] | None,
    Query(description="a village of this town, of GET /stations"),
]


async def _region(town: Town = None, village: Village = None) -> Region:
    return Region(town, village)


InRegion = Annotated[Region, Depends(_region)]
