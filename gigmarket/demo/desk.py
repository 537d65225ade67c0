"""What all simulated people share: one HTTP client, the counters, the site codes said out of band, the end."""

import asyncio
import random
import secrets
from collections.abc import Callable, Coroutine
from dataclasses import dataclass, field
from typing import Any

import httpx2
import orjson

from gigmarket.demo.tally import Tally

ATTEMPTS = 5
RETRIED = {429, 502, 503, 504}
EXPECTED = {"offer-closed", "gig-closed", "wrong-state", "overlap"}
"""Refusals that life brings: someone else was quicker to call off. The checker judges the accepts."""

Answer = tuple[int, Any]


class Closing(Exception):
    """The demo is ending: no new request is made."""


@dataclass(slots=True)
class Desk:
    """`codes` maps a gig to its site code: employers tell it to their workers by word of mouth."""

    address: str
    http: httpx2.AsyncClient
    rng: random.Random
    supplied: Callable[[dict[str, Any]], bool]
    """Whether a free worker stands well within reach of a posting, by the demo's own reckoning."""
    visitors_code: Callable[[str], str | None]
    """The site code of a gig that a visitor posted on the page: its workers would be told on site."""
    tally: Tally = field(default_factory=Tally)
    codes: dict[str, str] = field(default_factory=dict)
    closing: bool = False
    in_flight: int = 0
    idle: asyncio.Event = field(default_factory=asyncio.Event)
    """Set whenever no request is under way."""
    _tasks: set[asyncio.Task[None]] = field(default_factory=set)

    def socket_address(self) -> str:
        """Where streams are opened."""
        return self.address.replace("http", "ws", 1) + "/ws"

    def spawn(self, work: Coroutine[Any, Any, None]) -> None:
        """Let something happen in the background; it ends quietly when the demo does."""
        task = asyncio.get_running_loop().create_task(self.quietly(work))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def quietly(self, work: Coroutine[Any, Any, None]) -> None:
        """Run something that the demo's end may interrupt."""
        try:
            await work
        except Closing:
            return

    def begin(self) -> None:
        """A request starts. Raises Closing when it is too late for that."""
        if self.closing:
            raise Closing
        self.in_flight += 1
        self.idle.clear()

    def end(self) -> None:
        """A request was answered or given up."""
        self.in_flight -= 1
        if not self.in_flight:
            self.idle.set()

    async def call(
        self, token: str, method: str, path: str, body: dict[str, Any] | None = None, key: str | None = None
    ) -> Answer:
        """One request under /api/v1 with its status and JSON; tried again when the server is away.

        Repeats carry the same Idempotency-Key. (0, None) when it never answered. Raises Closing.
        """
        headers = {"Authorization": f"Bearer {token}"}
        if method == "POST":
            headers["Idempotency-Key"] = key or secrets.token_hex(8)
        content = None
        if body is not None:
            content = orjson.dumps(body)
            headers["Content-Type"] = "application/json"
        self.begin()
        try:
            return await self._tried(method, f"/api/v1{path}", content, headers)
        finally:
            self.end()

    async def _tried(self, method: str, path: str, content: bytes | None, headers: dict[str, str]) -> Answer:
        for attempt in range(ATTEMPTS):
            if attempt:
                self.tally.counts["retries"] += 1
                await asyncio.sleep(self.rng.uniform(0, 0.2 * 2**attempt))
            try:
                response = await self.http.request(method, path, content=content, headers=headers)
            except httpx2.TransportError:
                continue
            if response.status_code in RETRIED:
                continue
            answer = orjson.loads(response.content) if response.content else None
            if response.status_code >= 400:
                self.refused(path, answer)
            return response.status_code, answer
        self.tally.errors["no answer"] += 1
        return 0, None

    def refused(self, what: str, problem: Any) -> None:
        """Count a refusal that should not have happened."""
        code = problem_code(problem)
        if code not in EXPECTED:
            self.tally.errors[f"{code} {_shape(what)}"] += 1


def problem_code(problem: Any) -> str:
    """The stable code of a problem object."""
    found = str(problem.get("type", "")) if isinstance(problem, dict) else ""
    return found.removeprefix("/problems/") or "unknown"


def _shape(path: str) -> str:
    """A path without its ids, so that counts gather."""
    return "/".join("*" if len(part) == 26 else part for part in path.split("/"))
