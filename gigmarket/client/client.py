"""One account's stream and calls, for programs: kiosks, bots, tests, load."""

import random
import secrets
from collections.abc import AsyncIterator, Callable, Mapping
from typing import Any, Self

from gigmarket.client.actions import Status
from gigmarket.client.api import Api
from gigmarket.client.connection import Connection, Notice
from gigmarket.client.hearing import Item
from gigmarket.client.stream import Stream


def connect(
    url: str,
    token: str,
    *,
    on_token: Callable[[str], None] | None = None,
    notice: Notice | None = None,
) -> "GigClient":
    """A client of the server at `http(s)://…`, as the account of this session token.

    With `on_token` the session is renewed in time, without a break, and each new token is told to it: keep it.
    """
    return GigClient(Api(url, token), on_token=on_token, notice=notice)


class GigClient:
    """An async context manager, connected from entry to exit and again after every break."""

    def __init__(
        self,
        api: Api,
        *,
        on_token: Callable[[str], None] | None = None,
        notice: Notice | None = None,
        rng: random.Random | None = None,
    ) -> None:
        self.api = api
        """The HTTP side of the same account."""
        self._on_token = on_token
        stream = Stream(rng or random.Random(), renews=on_token is not None)  # noqa: S311 - jitter
        address = api.url.replace("http", "ws", 1) + "/ws"
        self._connection = Connection(address, stream, self._ticket, self._renewed, notice)

    async def __aenter__(self) -> Self:
        self._connection.start()
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.aclose()

    @property
    def status(self) -> Status:
        """How the stream is right now."""
        return self._connection.status

    def events(self) -> AsyncIterator[Item]:
        """Everything the stream brings: each `Event` once and in order; a `Snapshot` at first and where missed
        events can't be replayed; latest market values as `State`.

        Take them: when 256 wait here the socket is not read on, and the server will close it and replay later.
        Ends after `aclose`. Raises Ended (LoggedOut when the session is over) when the server closed for good.
        """
        return self._connection.inbox

    async def command(self, op: str, args: Mapping[str, Any] | None = None, key: str | None = None) -> Any:
        """The data of an operation such as `offer.accept`. Raises Refused; Ended when the stream is over.

        It is sent again after a break and answered once. Without an answer in 20 s it is "unreachable": it may
        yet have been done, and asking again with the same `key` is safe. Raises ValueError above 16 KiB, and
        for a key that is empty or of more than 64 characters.
        """
        return await self._connection.command(secrets.token_hex(16) if key is None else key, op, args or {})

    def position(self, lat: float, lng: float, datum: str = "wgs84") -> None:
        """Where the worker is now; lost without harm when there is no connection."""
        self._connection.position(lat, lng, datum)

    async def refresh(self, token: str) -> None:
        """Go on under another session of the same account, without a break. Raises Refused."""
        self.api.token = token
        self._connection.refresh(await self._ticket())

    def nudge(self) -> None:
        """The network is back: try now instead of sitting out the pause."""
        self._connection.nudge()

    def lost(self) -> None:
        """The network is gone: break the socket without a word, and come back after a pause."""
        self._connection.lost()

    async def aclose(self) -> None:
        """Say goodbye; ends within a second. Commands without an answer are refused as "unreachable"."""
        await self._connection.aclose()
        await self.api.aclose()

    async def _ticket(self) -> str:
        # One try: the stream has pauses of its own between them.
        issued = await self.api.request("POST", "/ws-tickets", tries=1)
        return str(issued["ticket"])

    async def _renewed(self) -> str:
        session = await self.api.post("/auth/sessions/renew")
        self.api.token = session["token"]
        if self._on_token is not None:
            self._on_token(self.api.token)
        return await self._ticket()
