"""The way in for a crowd: so many at a time as are served in a moment; the others are told when to come back.

Ten thousand phones lose their network together and ask again within half a second. Whoever is let in beyond
what can be served waits until he gives up, and the work done for him is lost; so the rest is turned away for
almost nothing, each to a moment of his own.
"""

import math
import time
from collections import deque
from collections.abc import Callable

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from gigmarket.domain.errors import Unavailable
from gigmarket.edge.problems import response_of

MOST = 256
"""On their way in at one time; half a second's work."""
COMING_S = 2.0
"""So long who was given a ticket is waited for with his socket; he may also have come to another process."""
FIRST_RATE = 700.0
"""Entries a second, until a crowd has been measured: too many come too early, and are turned away again."""
LEAST_RATE = 20.0
MEASURED_S = 3.0
"""Long enough for the moment to weigh little in which everybody is only turned away."""
LONGEST_S = 30
"""Nobody is sent away for longer: the next one to ask may find the place empty."""
ENTRANCE = ("POST", "/api/v1/ws-tickets")
CREATED = 201


class Turnstile:
    """Counts who is on the way in: asking for a ticket, coming with it, and waiting for the stream to go on.
    `clock` is monotonic seconds.
    """

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._busy = 0
        self._coming: deque[float] = deque()
        self.turned_away = 0
        self._rate = FIRST_RATE
        self._promised = 0.0
        self._since: float | None = None
        self._entered = 0

    @property
    def inside(self) -> int:
        """How many are on their way now."""
        now = self._clock()
        while self._coming and self._coming[0] <= now:
            self._coming.popleft()
        return self._busy + len(self._coming)

    def ask(self) -> int:
        """0: come in, and `answered` follows. Else the seconds after which to ask again; a place is kept for
        nobody, but no two are sent to the same moment.
        """
        if self.inside < MOST:
            self._busy += 1
            return 0
        now = self._clock()
        if self._since is None:
            self._since, self._entered = now, 0
        self.turned_away += 1
        self._promised = max(self._promised, now) + 1.0 / self._rate
        return min(max(math.ceil(self._promised - now), 1), LONGEST_S)

    def answered(self, ticket: bool) -> None:
        """Who asked has a ticket and will come, or was refused."""
        self._busy -= 1
        if ticket:
            self._coming.append(self._clock() + COMING_S)

    def come(self) -> None:
        """With a ticket in hand nobody is turned away."""
        self._busy += 1
        if self._coming:
            self._coming.popleft()

    def leave(self) -> None:
        """In, or gone."""
        self._busy -= 1
        self._entered += 1
        if self._since is not None and (passed := self._clock() - self._since) >= MEASURED_S:
            # With half of the places empty it was the crowd that ended, not the server that was slow.
            if 2 * self.inside >= MOST:
                self._rate = max(self._entered / passed, self._rate / 2, LEAST_RATE)
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
        wait_s = self._turnstile.ask()
        if wait_s:
            away = response_of(Unavailable("many are coming back at this moment: try a little later", wait_s))
            await away(scope, receive, send)
            return
        given = False

        async def answer(message: Message) -> None:
            nonlocal given
            given = given or message.get("status") == CREATED
            await send(message)

        try:
            await self._app(scope, receive, answer)
        finally:
            self._turnstile.answered(given)
