"""What came and was not taken yet: a bounded queue between the socket and the one who follows the stream."""

import asyncio
from collections import deque
from typing import Self

from gigmarket.client.hearing import Item
from gigmarket.wire.frames import State

ROOM = 256
ROOM_FOR_ANSWERS = 4096
"""While a command waits for its answer, which comes behind events, reading goes on up to here."""


class Inbox:
    """Events and snapshots wait in order; of each market state only the latest value does."""

    def __init__(self) -> None:
        self._items: deque[Item] = deque()
        self._states: dict[str, State] = {}
        self._filled = asyncio.Event()
        self._changed = asyncio.Event()
        self._over = False
        self._error: BaseException | None = None

    def __len__(self) -> int:
        return len(self._items)

    def put(self, item: Item) -> None:
        """Something came."""
        if isinstance(item, State):
            self._states[item.key] = item
        else:
            self._items.append(item)
        self._filled.set()

    def end(self, error: BaseException | None = None) -> None:
        """Nothing more will come: what is here can still be taken, then `error` is raised."""
        if not self._over:
            self._over, self._error = True, error
            self._filled.set()

    def __aiter__(self) -> Self:
        return self

    async def __anext__(self) -> Item:
        """The next item, once there is one. Raises what `end` was given."""
        while not (self._items or self._states):
            if self._over:
                raise self._error or StopAsyncIteration
            self._filled.clear()
            await self._filled.wait()
        self._changed.set()
        if self._items:
            return self._items.popleft()
        return self._states.pop(next(iter(self._states)))

    def has_room(self, answers: bool) -> bool:
        """Whether the socket should be read on; `answers`: somebody waits for an answer on it."""
        return len(self._items) < (ROOM_FOR_ANSWERS if answers else ROOM)

    def look_again(self) -> None:
        """Whether anybody waits for an answer may have changed."""
        self._changed.set()

    async def change(self) -> None:
        """Wait until something was taken, or `look_again`."""
        self._changed.clear()
        await self._changed.wait()
