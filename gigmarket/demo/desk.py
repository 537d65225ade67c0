"""What all simulated people share: one HTTP client, the counters, the site codes said out of band, the end."""

import asyncio
import contextlib
import random
from collections.abc import Callable, Coroutine, Iterator
from dataclasses import dataclass, field
from typing import Any

import httpx2

from gigmarket.client import Refused
from gigmarket.client.api import LATER
from gigmarket.demo.tally import Tally

EXPECTED = {"offer-closed", "gig-closed", "assignment-state", "overlap"}
"""Refusals that life brings: someone else was quicker to call off. The checker judges the accepts."""


class Closing(Exception):
    """The demo is ending: no new request is made."""


@dataclass(slots=True)
class Desk:
    """`codes` maps a gig to its site code: employers tell it to their workers by word of mouth. `crew_code` is
    what the leader of that number reads out to who comes along.
    """

    address: str
    http: httpx2.AsyncClient
    rng: random.Random
    supplied: Callable[[dict[str, Any]], bool]
    """Whether a free worker stands well within reach of a posting, by the demo's own reckoning."""
    visitors_code: Callable[[str], str | None]
    """The site code of a gig that a visitor posted on the page: its workers would be told on site."""
    tally: Tally = field(default_factory=Tally)
    codes: dict[str, str] = field(default_factory=dict)
    _crew_codes: dict[int, asyncio.Future[str]] = field(default_factory=dict)
    closing: bool = False
    in_flight: int = 0
    idle: asyncio.Event = field(default_factory=asyncio.Event)
    """Set whenever no request is under way."""
    _tasks: set[asyncio.Task[None]] = field(default_factory=set)

    def crew_code(self, leader: int) -> "asyncio.Future[str]":
        """The code by which others come into this leader's crew, once it is known."""
        return self._crew_codes.setdefault(leader, asyncio.get_running_loop().create_future())

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

    @contextlib.contextmanager
    def under_way(self) -> Iterator[None]:
        """While a request is under way. Raises Closing when it is too late for one."""
        if self.closing:
            raise Closing
        self.in_flight += 1
        self.idle.clear()
        try:
            yield
        finally:
            self.in_flight -= 1
            if not self.in_flight:
                self.idle.set()

    def refused(self, what: str, refused: Refused) -> str | None:
        """Count a refusal that should not have happened; its code, None when there was no answer at all."""
        if refused.status == 0 or refused.status in LATER:
            self.tally.errors["no answer"] += 1
            return None
        if refused.code not in EXPECTED:
            self.tally.errors[f"{refused.code} {_shape(what)}"] += 1
        return refused.code


def _shape(path: str) -> str:
    """A path without its ids, so that counts gather."""
    return "/".join("*" if len(part) == 26 else part for part in path.split("/"))
