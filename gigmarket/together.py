"""Questions of many callers, asked in one go."""

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable, Sequence
from typing import Generic, TypeVar

Question = TypeVar("Question")
Answer = TypeVar("Answer")

MOST = 64
"""In one go: a few milliseconds' work, so that whoever asks for something else need not wait long."""


class Together(Generic[Question, Answer]):
    """What is asked while an answer is under way goes into the next question: alone nobody waits, and a crowd
    shares the price of a round trip. `answer` gives an answer or an error to raise for each, in order.
    `pause_s` lies between an answer and the next question, so that more gather; `most` are asked at once.
    """

    def __init__(
        self,
        answer: Callable[[Sequence[Question]], Awaitable[Sequence[Answer | Exception]]],
        pause_s: float = 0.0,
        most: int = MOST,
    ) -> None:
        self._answer = answer
        self._pause_s = pause_s
        self._most = most
        self._waiting: deque[tuple[Question, asyncio.Future[Answer]]] = deque()
        self._asking: asyncio.Task[None] | None = None

    async def ask(self, question: Question) -> Answer:
        """The answer to one question. Raises its error, or what asking itself raised."""
        return await self.put(question)

    def put(self, question: Question) -> "asyncio.Future[Answer]":
        """The same, for later: the question is asked unless the future is cancelled before."""
        loop = asyncio.get_running_loop()
        future: asyncio.Future[Answer] = loop.create_future()
        self._waiting.append((question, future))
        if self._asking is None:
            self._asking = loop.create_task(self._ask_all())
        return future

    async def _ask_all(self) -> None:
        try:
            while self._waiting:
                taken = [self._waiting.popleft() for _ in range(min(self._most, len(self._waiting)))]
                # Whoever was cancelled meanwhile needs no answer.
                await self._ask([(question, future) for question, future in taken if not future.done()])
                if self._pause_s and len(self._waiting) < self._most:
                    await asyncio.sleep(self._pause_s)
        finally:
            self._asking = None
            for _, future in self._waiting:
                future.cancel()
            self._waiting.clear()

    async def _ask(self, asked: Sequence[tuple[Question, "asyncio.Future[Answer]"]]) -> None:
        if not asked:
            return
        try:
            answers = await self._answer([question for question, _ in asked])
        except asyncio.CancelledError:
            for _, future in asked:
                future.cancel()
            raise
        except Exception as error:
            answers = [error] * len(asked)
        for (_, future), answer in zip(asked, answers, strict=True):
            if future.done():
                continue
            if isinstance(answer, Exception):
                future.set_exception(answer)
            else:
                future.set_result(answer)
