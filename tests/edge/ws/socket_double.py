"""A socket whose client reads only when the test lets it."""

import asyncio
import json
from typing import Any

from starlette.websockets import WebSocket


class HeldSocket(WebSocket):
    """Starlette's own class on an in-memory transport: `reading` lets frames through."""

    def __init__(self) -> None:
        self.reading = asyncio.Event()
        self.reading.set()
        self.arrived: list[Any] = []
        self.close_code: int | None = None
        scope = {"type": "websocket", "path": "/ws", "headers": [], "query_string": b""}
        super().__init__(scope, self._nothing, self._take)

    async def open(self) -> None:
        """Shake hands."""
        await self.accept()

    async def _nothing(self) -> dict[str, Any]:
        return {"type": "websocket.connect"}

    async def _take(self, message: Any) -> None:
        if message["type"] == "websocket.close":
            self.close_code = message["code"]
        elif message["type"] == "websocket.send":
            await self.reading.wait()
            self.arrived.append(json.loads(message["text"]))
