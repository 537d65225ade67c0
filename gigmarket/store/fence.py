"""The fencing number: only the newest dispatcher of a city may write offers."""

from sqlalchemy import Connection, bindparam, insert, select, update

from gigmarket.domain.errors import Fenced
from gigmarket.store.prepared import Prepared
from gigmarket.store.tables import TABLES

_FENCE = TABLES["fence"]
_CURRENT = select(_FENCE.c.token).where(_FENCE.c.city == bindparam("city"))
_HELD = Prepared(_CURRENT.with_for_update(read=True))


class Fence:
    """Queries about a city's fencing number inside one transaction."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def take(self, city: str, holder: str) -> int:
        """Become the newest dispatcher: every earlier number is refused from the next commit on."""
        token = self._connection.execute(_CURRENT.with_for_update(), {"city": city}).scalar_one_or_none()
        if token is None:
            self._connection.execute(insert(_FENCE), {"city": city, "token": 1, "holder": holder})
            return 1
        self._connection.execute(
            update(_FENCE).where(_FENCE.c.city == city).values(token=token + 1, holder=holder)
        )
        return int(token) + 1

    def holder(self, city: str) -> str | None:
        """The newest dispatcher, running or not; None before the first."""
        holder: str | None = self._connection.execute(
            select(_FENCE.c.holder).where(_FENCE.c.city == city)
        ).scalar_one_or_none()
        return holder

    def check(self, city: str, token: int) -> None:
        """Hold the number until the transaction ends. Raises Fenced when a newer dispatcher took over."""
        current = _HELD.rows(self._connection, {"city": city}).scalar_one_or_none()
        if current != token:
            raise Fenced(f"fencing number {token} is not the current one")
