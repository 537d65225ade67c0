"""Small values of the public protocol, as they stand in HTTP bodies and WebSocket frames."""

import re
import unicodedata
from datetime import UTC, date, datetime
from typing import Annotated, Any

from pydantic import (
    AfterValidator,
    AwareDatetime,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    StringConstraints,
    TypeAdapter,
)

from gigmarket.domain.geo import Datum, Position
from gigmarket.domain.gig import Wage, WageUnit
from gigmarket.domain.region import Level

Count = Annotated[int, Field(strict=True)]
Fen = Annotated[int, Field(strict=True, ge=-(2**53), le=2**53)]
Flag = Annotated[bool, Field(strict=True)]
Lat = Annotated[float, Field(strict=True, ge=-90, le=90, allow_inf_nan=False)]
Lng = Annotated[float, Field(strict=True, ge=-180, le=180, allow_inf_nan=False)]


def _storable(value: str) -> str:
    # PostgreSQL keeps no U+0000 in a text.
    if "\x00" in value:
        raise ValueError("must not contain a null character")
    return value


_ONE_LINE = "^[^\\x00-\\x1f\\x7f\\u2028\\u2029\\u202a-\\u202e\\u2066-\\u2069]*$"
"""No line ends or other control characters, which lists, printed sheets and tables do not expect; nor any that
turn a line around, and what stands beside it.
"""


_UNSEEN = frozenset({"Cc", "Cf", "Zs", "Zl", "Zp"})
"""Controls, formats such as the zero-width space, separators. Not what Unicode has not named yet, or leaves to
others: rare characters of names are there.
"""


def _visible(value: str) -> str:
    if all(unicodedata.category(char) in _UNSEEN for char in value):
        raise ValueError("must have a visible character")
    return value


def _line(most: int) -> StringConstraints:
    return StringConstraints(
        strict=True, strip_whitespace=True, min_length=1, max_length=most, pattern=_ONE_LINE
    )


Storable = AfterValidator(_storable)
Text = Annotated[str, Field(strict=True, max_length=500), Storable]
Id = Annotated[str, Field(strict=True, min_length=1, max_length=64), Storable]
Visible = AfterValidator(_visible)
Name = Annotated[str, _line(40), Storable, Visible]
Title = Annotated[str, _line(60), Storable, Visible]
_NAME: TypeAdapter[str] = TypeAdapter(Name)
Address = Annotated[str, _line(200), Storable, Visible]


def _date_and_time(value: Any) -> Any:
    # A number, in quotes too, would be read as seconds since 1970.
    if isinstance(value, datetime) or (isinstance(value, str) and re.match(r"\d{4}-\d\d-\d\d[T ]", value)):
        return value
    raise ValueError("must be a date and time in ISO 8601 with an offset")


def _in_utc(value: datetime) -> datetime:
    try:
        return value.astimezone(UTC)
    except OverflowError as error:
        raise ValueError("must be a date and time of the calendar") from error


def _date_only(value: Any) -> Any:
    if isinstance(value, date) or (isinstance(value, str) and re.fullmatch(r"\d{4}-\d\d-\d\d", value)):
        return value
    raise ValueError("must be a date in ISO 8601")


Instant = Annotated[AwareDatetime, BeforeValidator(_date_and_time), AfterValidator(_in_utc)]
Day = Annotated[date, BeforeValidator(_date_only)]


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
    """A gig station (零工驿站), the village only of a village's own. `approximate`: not surveyed."""

    id: str
    name: str
    name_en: str
    town: str
    village: str | None
    level: Level
    address: str
    position: PositionView
    approximate: bool


def name_of(text: str) -> str:
    """A name as messages may have it, without spaces around it. Raises ValueError."""
    return _NAME.validate_python(text)


def masked(name: str) -> str:
    """A name as others may see it before acceptance: the family name and a star (张*)."""
    return name[:1] + "*" if name else "*"


def masked_phone(phone: str) -> str:
    """A phone number as it may be shown: first three and last two digits; one and one of a short number."""
    head, tail = (3, 2) if len(phone) >= 8 else (1, 1)
    return phone[:head] + "*" * max(len(phone) - head - tail, 3) + phone[-tail:]
