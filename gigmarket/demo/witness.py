"""A simulated person's client: what the stream brings is noted for the checker before the person sees it."""

import time
from collections.abc import Callable
from typing import Any

from gigmarket.client import Api, Ended, Event, Fault, GigClient, Refused, Snapshot, Status
from gigmarket.demo.desk import Desk
from gigmarket.demo.record import SNAPSHOT, ClientRecord, checksum

OnEvent = Callable[[str, dict[str, Any]], None]
OnSnapshot = Callable[[dict[str, Any]], None]
Answer = tuple[bool, Any]
"""Done, with the data; or not, with the refusal's code, None when no answer came."""


class Witness:
    """Calls back with each event once and in order, and with a snapshot where history could not be replayed."""

    def __init__(
        self, desk: Desk, token: str, principal: str, on_event: OnEvent, on_snapshot: OnSnapshot
    ) -> None:
        self.record = ClientRecord(principal)
        self._desk = desk
        self._on_event = on_event
        self._on_snapshot = on_snapshot
        self._snapshots = 0
        api = Api(desk.address, token, http=desk.http, rng=desk.rng)
        self._client = GigClient(api, notice=self._noticed, rng=desk.rng)

    async def run(self) -> None:
        """Follow the stream until `close`."""
        try:
            async with self._client as client:
                async for item in client.events():
                    if isinstance(item, Event):
                        self.record.held = item.seq
                        self.record.events.append((item.seq, item.kind, checksum(item.data)))
                        self._on_event(item.kind, item.data)
                    elif isinstance(item, Snapshot):
                        self.record.held = item.seq
                        self.record.events.append((item.seq, SNAPSHOT, 0))
                        self._on_snapshot(item.state)
        except Ended as ended:
            self._desk.tally.errors[f"stream ended {ended.code}"] += 1

    async def call(self, method: str, path: str, body: dict[str, Any] | None = None) -> Answer:
        """One request under /api/v1. Raises Closing."""
        with self._desk.under_way():
            try:
                return True, await self._client.api.request(method, path, body)
            except Refused as refused:
                return False, self._desk.refused(path, refused)

    async def command(self, op: str, args: dict[str, Any]) -> Answer:
        """One operation over the socket. Raises Closing."""
        with self._desk.under_way():
            try:
                return True, await self._client.command(op, args)
            except Refused as refused:
                return False, self._desk.refused(op, refused)
            except Ended:
                return False, None

    def position(self, lat: float, lng: float) -> None:
        """The newest position, in WGS-84."""
        if not self._desk.closing:
            self._client.position(lat, lng)

    def drop(self) -> None:
        """Break the socket without a word, as a phone in a lift does."""
        if self._client.status.name == "live":
            self._desk.tally.counts["drops"] += 1
            self._client.lost()

    async def close(self) -> None:
        """Leave politely."""
        await self._client.aclose()

    def _noticed(self, news: Status | Fault) -> None:
        if isinstance(news, Fault):
            self.record.faults.append(f"{news.kind}: {news.detail}")
            return
        if news.problem is not None and news.problem["status"]:
            self._desk.tally.errors[f"stream {news.problem['type']}"] += 1
        if news.name != "live":
            self.record.connected_since = None
            return
        self.record.connected_since = time.time()
        if news.resumed:
            self._desk.tally.counts["resumes"] += 1
        else:
            self._desk.tally.counts["restarts"] += self._snapshots > 0
            self._snapshots += 1
