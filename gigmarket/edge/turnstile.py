"""The way in for a crowd: so many at a time as are served in a moment; the others are told when to come back.

Ten thousand phones lose their network together and ask again within half a second. Whoever is let in beyond
what can be served waits until he gives up, and the work done for him is lost; so the rest is turned away for
almost nothing, each to a moment of his own.
"""

import math
import time
from collections.abc import Callable

from starlette.types import ASGIApp, Receive, Scope, Send

from gigmarket.domain.errors import Unavailable
from gigmarket.wire import problems
from gigmarket.wire.codec import encode
from gigmarket.wire.problems import CONTENT_TYPE

MOST = 128
"""On their way in at one time; a few tenths of a second's work."""
FIRST_RATE = 600.0
"""Entries a second, until a crowd has been measured: too many come too early, and are turned away again."""
LEAST_RATE = 20.0
LONGEST_S = 30
"""Nobody is sent away for longer: the next one to ask may find the place empty."""
ENTRANCE = ("POST", "/api/v1/ws-tickets")


class Turnstile:
    """Counts who is on the way in: who asks for a ticket, and whose stream begins. `clock` is monotonic s."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self.inside = 0
        self.turned_away = 0
        self._rate = FIRST_RATE
        self._promised = 0.0
        self._since: float | None = None
        self._entered = 0

    def come(self) -> int:
        """0: come in, and `leave` follows. Else the seconds after which to ask again; a place is kept for
        nobody, but no two are sent to the same moment.
        """
        if self.inside < MOST:
            self.inside += 1
            return 0
        now = self._clock()
        if self._since is None:
            self._since, self._entered = now, 0
        self.turned_away += 1
        self._promised = max(self._promised, now) + 1.0 / self._rate
        return min(max(math.ceil(self._promised - now), 1), LONGEST_S)

    def join(self) -> None:
        """On the way in without having asked: with a ticket in hand nobody is turned away."""
        self.inside += 1

    def leave(self) -> None:
        """In, or gone."""
        self.inside -= 1
        self._entered += 1
        if self._since is not None and (passed := self._clock() - self._since) >= 1.0:
            self._rate = max(self._entered / passed, LEAST_RATE)
            self._since = None


class TicketOffice:
    """ASGI middleware: who asks for a ticket goes through the turnstile before anybody looks who it is."""

    def __init__(self, app: ASGIApp, turnstile: Turnstile) -> None:
        self._app = app
        self._turnstile = turnstile

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on, or answer 503 with Retry-After."""
        if scope["type"] != "http" or (scope["method"], scope["path"]) != ENTRANCE:
            await self._app(scope, receive, send)
            return
        wait_s = self._turnstile.come()
        if wait_s:
            await _turn_away(wait_s, send)
            return
        try:
            await self._app(scope, receive, send)
        finally:
            self._turnstile.leave()


async def _turn_away(wait_s: int, send: Send) -> None:
    refusal = Unavailable("many are coming back at this moment: try again a little later")
    body = encode(problems.problem(refusal))
    headers = [
        (b"content-type", CONTENT_TYPE.encode()),
        (b"content-length", str(len(body)).encode()),
        (b"retry-after", str(wait_s).encode()),
    ]
    await send({"type": "http.response.start", "status": 503, "headers": headers})
    await send({"type": "http.response.body", "body": body})
