"""What the server says: its frames, checked once on their way in."""

from functools import cache
from typing import Annotated, Any, Union, cast

import orjson
from pydantic import BaseModel, Field, TypeAdapter, ValidationError

from gigmarket.wire import frames
from gigmarket.wire.events import KINDS
from gigmarket.wire.frames import ErrorFrame, Ping, Refreshed, Result, Snapshot, State, Welcome


class Event(frames.Event):
    """One fact of the stream: `seq`, `kind`, `data` as it came, `at`."""

    def parsed(self) -> BaseModel:
        """`data` as the model that `gigmarket.wire.events` declares for this kind.

        Raises KeyError for a kind that this version does not know, ValidationError for data that do not fit.
        """
        return cast(BaseModel, _model(self.kind).validate_python(self.data))


Item = Event | Snapshot | State
"""What a stream delivers: facts in order, the whole state where it begins anew, latest values of the market."""

Heard = Annotated[
    Welcome | Snapshot | Event | Result | Ping | Refreshed | State | ErrorFrame, Field(discriminator="t")
]
_HEARD: TypeAdapter[Heard] = TypeAdapter(Heard)


class Unreadable(ValueError):
    """This is not gig.v1: something between the server and here has changed the frame."""


def hear(raw: str | bytes) -> Heard | None:
    """The frame of a text; None for a tag that only a newer server knows. Raises Unreadable."""
    try:
        return _HEARD.validate_python(orjson.loads(raw))
    except ValidationError as error:
        if error.errors(include_url=False)[0]["type"] == "union_tag_invalid":
            return None
        raise Unreadable(str(error)) from None
    except ValueError as error:
        raise Unreadable(str(error)) from None


@cache
def _model(kind: str) -> TypeAdapter[Any]:
    # A union of what is known at run time only.
    models: Any = Union[tuple(KINDS[kind].data.values())]  # noqa: UP007
    return TypeAdapter(models)
