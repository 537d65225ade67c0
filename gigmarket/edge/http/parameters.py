"""Path and query parameters that several routes take."""

from typing import Annotated

from fastapi import Depends, Path, Query
from pydantic import Field

from gigmarket.domain.ids import ID_PATTERN
from gigmarket.domain.region import Region
from gigmarket.wire.values import Storable

ItemId = Annotated[str, Path(min_length=1, max_length=64), Storable]
# One of another list's form would begin this list again, or end it.
_NEXT = "`next` of the page before"
Cursor = Annotated[Annotated[str, Field(pattern=f"^{ID_PATTERN}$")] | None, Query(description=_NEXT)]
PartCursor = Annotated[Annotated[str, Field(pattern=f"^[a-z]{ID_PATTERN}$")] | None, Query(description=_NEXT)]
"""An id, and before it in which of the list's parts it stands."""
MomentCursor = Annotated[
    Annotated[str, Field(pattern=f"^[0-9]{{1,20}}-{ID_PATTERN}$")] | None, Query(description=_NEXT)
]
"""An id, and before it at what moment it stands."""
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
