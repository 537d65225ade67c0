"""Small values of the public protocol, as they stand in HTTP bodies and WebSocket frames."""

from datetime import datetime
from typing import Annotated, Any

from pydantic import AwareDatetime, BaseModel, BeforeValidator, ConfigDict, Field

from gigmarket.domain.geo import Datum, Position
from gigmarket.domain.gig import Wage, WageUnit

Count = Annotated[int, Field(strict=True)]
Fen = Annotated[int, Field(strict=True, ge=-(2**53), le=2**53)]
Flag = Annotated[bool, Field(strict=True)]
Lat = Annotated[float, Field(strict=True, ge=-90, le=90, allow_inf_nan=False)]
Lng = Annotated[float, Field(strict=True, ge=-180, le=180, allow_inf_nan=False)]
Text = Annotated[str, Field(strict=True, max_length=500)]
Id = Annotated[str, Field(strict=True, min_length=1, max_length=64)]


def _text_only(value: Any) -> Any:
    if not isinstance(value, str | datetime):
        raise ValueError("must be a date and time in ISO 8601 with an offset")
    return value


Instant = Annotated[AwareDatetime, BeforeValidator(_text_only)]


class Body(BaseModel):
    """What a client sends: unknown fields are refused, so that a typing error is never silently dropped."""

    model_config = ConfigDict(extra="forbid")


class View(BaseModel):
    """What the server sends: built from domain values that are valid already."""

    model_config = ConfigDict(frozen=True)


class PositionIn(Body):
    """A position and the datum it was measured in; there is no default, because a mix-up is 0.6 to 1.2 km."""

    lat: Lat
    lng: Lng
    datum: Datum


class PositionView(View):
    """A WGS-84 position."""

    lat: float
    lng: float
    datum: Datum = Datum.WGS84

    @classmethod
    def of(cls, position: Position) -> "PositionView":
        """Rounded to 0.1 m."""
        return cls(lat=round(position.lat, 6), lng=round(position.lng, 6))


class WageIn(Body):
    """An amount in fen per hour, day or piece."""

    amount_fen: Fen
    per: WageUnit


class WageView(View):
    """An amount in fen per hour, day or piece."""

    amount_fen: int
    per: WageUnit

    @classmethod
    def of(cls, wage: Wage) -> "WageView":
        """The same wage, as sent."""
        return cls(amount_fen=wage.amount_fen, per=wage.per)


class TradeView(View):
    """A trade's code and names."""

    code: str
    zh: str
    en: str


class StationView(View):
    """A gig station (零工驿站). `approximate`: the position has not been surveyed."""

    id: str
    name: str
    name_en: str
    town: str
    address: str
    position: PositionView
    approximate: bool


def masked(name: str) -> str:
    """A name as others may see it before acceptance: the family name and a star (张*)."""
    return name[:1] + "*" if name else "*"


def masked_phone(phone: str) -> str:
    """A phone number as it may be shown: first three and last two digits."""
    return phone[:3] + "*" * max(len(phone) - 5, 0) + phone[-2:]
