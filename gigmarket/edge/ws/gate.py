"""Who may open a socket: the right path, an allowed origin, and room in this process and for the address."""

from collections import Counter
from urllib.parse import urlsplit

from websockets.datastructures import Headers
from websockets.http11 import Request

from gigmarket.domain.errors import Forbidden, NotFound, RateLimited, Refusal, Unavailable
from gigmarket.edge.ws.endpoint import Endpoint
from gigmarket.edge.ws.hub import Hub
from gigmarket.edge.ws.socket import Session, Socket
from gigmarket.services.market import Market
from gigmarket.settings import Settings, is_loopback

AGAIN_S = 1.0
"""After which whom there was no room for may ask again; clients wait longer on their own."""


class Gate:
    """One for each process; an upgrade is refused as plain HTTP, before it costs anything."""

    def __init__(self, settings: Settings, market: Market, hub: Hub) -> None:
        self._settings = settings
        self._market = market
        self._hub = hub
        self._origins = frozenset(settings.origins)
        self._by_address: Counter[str] = Counter()

    def refusal(self, request: Request, peer: str) -> Refusal | None:
        """Why this upgrade is refused, or None. Too many from an address are told 429, a full process 503."""
        if request.path.partition("?")[0] != "/ws":
            return NotFound("there is a stream at /ws only")
        if not self._allowed(request.headers):
            return Forbidden("this origin may not connect")
        if self._hub.draining or self._hub.open_sockets >= self._settings.sockets_per_process:
            return Unavailable("no room here: come back")
        address = self._address(request.headers, peer)
        if self._limited(address) and self._by_address[address] >= self._settings.sockets_per_address:
            return RateLimited("too many connections from this address", AGAIN_S)
        return None

    def admit(self, socket: Socket, request: Request, peer: str) -> Session:
        """The session of an upgraded socket; it counts for its address until it ends."""
        address = self._address(request.headers, peer)
        self._by_address[address] += 1
        return _Counted(socket, self._market, self._hub, self._by_address, address)

    def _allowed(self, headers: Headers) -> bool:
        """Programs send no Origin; a page must be the server's own or on the list."""
        match headers.get_all("Origin"):
            case []:
                return True
            case [origin]:
                return origin in self._origins or [_host_of(origin)] == headers.get_all("Host")
        return False

    def _address(self, headers: Headers, peer: str) -> str:
        """The client's address; behind proxies of ours the last that they name and that is not one."""
        named = [each.strip() for line in headers.get_all("X-Forwarded-For") for each in line.split(",")]
        address = peer
        while named and (address in self._settings.proxies or is_loopback(address or "localhost")):
            address = named.pop()
        return address

    def _limited(self, address: str) -> bool:
        # A proxy on this machine that names nobody stands for everybody.
        return self._settings.limited() and not is_loopback(address or "localhost")


def _host_of(origin: str) -> str | None:
    try:
        return urlsplit(origin).netloc
    except ValueError:
        return None


class _Counted(Endpoint):
    """An endpoint that gives its address's place back."""

    __slots__ = ("_address", "_places")

    def __init__(self, socket: Socket, market: Market, hub: Hub, places: Counter[str], address: str) -> None:
        super().__init__(socket, market, hub)
        self._places = places
        self._address = address

    def lost(self) -> None:
        super().lost()
        self._places[self._address] -= 1
        if not self._places[self._address]:
            del self._places[self._address]
