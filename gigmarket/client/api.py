"""The calls under /api/v1: keys against doing a thing twice, bounded tries, problems as exceptions."""

import asyncio
import random
import secrets
from collections.abc import Mapping
from typing import Any, Self

import httpx2
import orjson

from gigmarket.client.backoff import backoff
from gigmarket.client.refusals import Refused, unreachable
from gigmarket.wire.problems import CONTENT_TYPE

ROOT = "/api/v1"
DEADLINE_S = 15.0
TRIES = 5
LATER = frozenset({429, 502, 503, 504})
"""Answers that a repeat may better; none of them is remembered as the first result of a key."""
PATIENCE_S = 20.0
"""A server that wants to be left alone for longer than this is told to the caller instead."""


class Api:
    """One account's calls to one server. `token` may be exchanged at any time for a renewed one.

    `http` is borrowed: one client with its pool of connections can serve many accounts. Without it one is made
    here, and `aclose` closes it.
    """

    def __init__(
        self,
        url: str,
        token: str = "",
        *,
        http: httpx2.AsyncClient | None = None,
        rng: random.Random | None = None,
    ) -> None:
        self.url = url.rstrip("/")
        self.token = token
        self._rng = rng or random.Random()  # noqa: S311 - jitter, not a secret
        self._http = http or httpx2.AsyncClient(timeout=DEADLINE_S, trust_env=False)
        self._owns = http is None

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.aclose()

    async def get(self, path: str) -> Any:
        """The JSON at a path such as `/workers/me`. Raises Refused."""
        return await self.request("GET", path)

    async def put(self, path: str, body: Mapping[str, Any]) -> Any:
        """Replace what is at a path; the JSON answered. Raises Refused."""
        return await self.request("PUT", path, body)

    async def delete(self, path: str) -> Any:
        """Remove what is at a path. Raises Refused."""
        return await self.request("DELETE", path)

    async def post(self, path: str, body: Mapping[str, Any] | None = None, key: str | None = None) -> Any:
        """Do something; the JSON answered. Raises Refused.

        Pass the same `key` when a person repeats the same wish, so that it is done once.
        """
        return await self.request("POST", path, body, key)

    async def request(
        self,
        method: str,
        path: str,
        body: Mapping[str, Any] | None = None,
        key: str | None = None,
        tries: int = TRIES,
    ) -> Any:
        """The JSON of an answer (None without content), after up to `tries` tries over a minute at most.

        Raises Refused with the server's problem, or "unreachable" when no answer came.
        """
        headers = {"Accept": "application/json"}
        if self.token:
            headers["Authorization"] = f"Bearer {self.token}"
        if method == "POST":
            headers["Idempotency-Key"] = secrets.token_hex(16) if key is None else key
        content = None
        if body is not None:
            headers["Content-Type"] = "application/json"
            content = orjson.dumps(body)
        for attempt in range(tries):
            refused = Refused(unreachable())
            try:
                answer = await self._http.request(
                    method, f"{self.url}{ROOT}{path}", content=content, headers=headers
                )
            except httpx2.TransportError:
                pass
            else:
                if answer.is_success and (not answer.content or _is_json(answer)):
                    return orjson.loads(answer.content) if answer.content else None
                refused = _refused(answer)
            pause_s = (refused.retry_after_s or 0.0) + backoff(attempt, self._rng)
            worth_it = refused.status in LATER or refused.status == 0
            if not worth_it or pause_s > PATIENCE_S or attempt + 1 == tries:
                raise refused
            await asyncio.sleep(pause_s)
        raise ValueError("at least one try")

    async def aclose(self) -> None:
        """Let go of the connections made here."""
        if self._owns:
            await self._http.aclose()


def _is_json(answer: httpx2.Response) -> bool:
    return str(answer.headers.get("Content-Type", "")).startswith("application/json")


def _refused(answer: httpx2.Response) -> Refused:
    """The problem of an answer. Something else than the server, such as the page of a hotel's network, answers
    what is no problem, and counts as no connection.
    """
    if not str(answer.headers.get("Content-Type", "")).startswith(CONTENT_TYPE):
        return Refused({**unreachable(), "status": answer.status_code if answer.status_code in LATER else 0})
    after = answer.headers.get("Retry-After", "")
    # The other form, a date, is not used by this server.
    return Refused(orjson.loads(answer.content), float(after) if after.isascii() and after.isdigit() else None)
