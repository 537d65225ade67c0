"""One HTTP service of the city's that sends text messages or connects two phones (docs/gateways.md)."""

import logging
import ssl
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import Any, TypeVar
from urllib.parse import urlsplit

import orjson

from gigmarket.outage import Outage

log = logging.getLogger("gigmarket.telephone")

PATIENCE_S = 5.0
T = TypeVar("T")


class GatewayDown(Exception):
    """The gateway did not answer, refused, or does not speak its protocol. Carries no phone number."""


class Gateway:
    """JSON by POST to one address, with a bearer token if there is one. Phones are in bodies only.

    It counts what this process asked: `taken`, `failed`, and when the last try `failed_at` (UTC).
    """

    def __init__(self, url: str, token: str | None = None, name: str = "city") -> None:
        """`name` is what the log calls it. Raises ValueError for anything but an http or https address."""
        # httpx2 takes a moment to load, and most processes never call anybody.
        import httpx2

        parts = urlsplit(url)
        if parts.scheme not in ("http", "https") or not parts.netloc:
            raise ValueError("a gateway must be an http or https address")
        self._url = url
        self._name = name
        self.taken = self.failed = 0
        self.failed_at: datetime | None = None
        self.failing = False
        """Whether the newest try failed."""
        self._outage = Outage(log, f"the {name} gateway takes what it is sent again")
        self._headers = {"Content-Type": "application/json"}
        if token:
            self._headers["Authorization"] = f"Bearer {token}"
        self._httpx = httpx2
        # Made once: reading the certificates would hold up the loop at each call.
        self._tls = ssl.create_default_context()

    async def ask(self, body: Mapping[str, Any], fits: Callable[[dict[str, Any]], bool]) -> dict[str, Any]:
        """The JSON object that is answered. Raises GatewayDown, also for an answer that does not fit."""

        def read(answer: bytes) -> dict[str, Any]:
            found = _object(answer)
            if not fits(found):
                raise GatewayDown("not what its protocol says")
            return found

        return await self._try(body, read)

    async def tell(self, body: Mapping[str, Any]) -> None:
        """Whatever is answered with 2xx has taken it. Raises GatewayDown."""
        await self._try(body, lambda _: None)

    async def _try(self, body: Mapping[str, Any], read: Callable[[bytes], T]) -> T:
        try:
            found = read(await self._post(body))
        except GatewayDown as error:
            self.failed, self.failed_at, self.failing = self.failed + 1, datetime.now(UTC), True
            self._outage.failed(f"the {self._name} gateway fails: {error}")
            raise
        self.taken, self.failing = self.taken + 1, False
        self._outage.worked()
        return found

    async def _post(self, body: Mapping[str, Any]) -> bytes:
        # A connection for each: calls and logins are few, and nothing is left to be closed.
        try:
            async with self._httpx.AsyncClient(timeout=PATIENCE_S, trust_env=False, verify=self._tls) as http:
                answer = await http.post(self._url, content=orjson.dumps(body), headers=self._headers)
        except self._httpx.HTTPError as error:
            raise GatewayDown(type(error).__name__) from None
        if not answer.is_success:
            raise GatewayDown(f"status {answer.status_code}")
        return bytes(answer.content)


def _object(answer: bytes) -> dict[str, Any]:
    try:
        found = orjson.loads(answer)
    except orjson.JSONDecodeError:
        raise GatewayDown("no JSON") from None
    if not isinstance(found, dict):
        raise GatewayDown("no JSON object")
    return found
