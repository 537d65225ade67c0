"""The shell around the pure stream: tickets, sockets and time, as the stream decides."""

import asyncio
from collections.abc import Awaitable, Callable, Coroutine, Mapping, Sequence
from typing import Any

from gigmarket.client.actions import Action, Answer, Ask, Deliver, Drop, Fault, Open, Renew, Send, Status
from gigmarket.client.inbox import Inbox
from gigmarket.client.link import CannotOpen, Link
from gigmarket.client.refusals import Ended, LoggedOut, Refused, unreachable
from gigmarket.client.stream import Stream

OVER = frozenset({"logged-out", "stopped"})

Notice = Callable[[Status | Fault], None]
"""Told at once of each change of the connection and each fault of the server; must not block."""


class Connection:
    """Keeps one stream up. `ticket` asks for a ticket, `renew` for one of a new session; both raise Refused."""

    def __init__(
        self,
        address: str,
        stream: Stream,
        ticket: Callable[[], Awaitable[str]],
        renew: Callable[[], Awaitable[str]],
        notice: Notice | None,
    ) -> None:
        self.stream = stream
        self.inbox = Inbox()
        self.status = Status("connecting")
        self._address = address
        self._ticket = ticket
        self._renew = renew
        self._notice = notice
        self._link: Link | None = None
        self._round: asyncio.Task[None] | None = None
        self._renewal: asyncio.Task[None] | None = None
        self._tasks: set[asyncio.Task[None]] = set()
        self._timer: asyncio.Handle | None = None
        self._timer_at = 0.0
        """When that is. The handle may not know: uvloop's for what is due at once does not."""
        self._answers: dict[str, asyncio.Future[Any]] = {}
        self._closed = False

    def start(self) -> None:
        """Connect."""
        self._do(self.stream.start())

    def nudge(self) -> None:
        """The network is back: do not sit out the pause."""
        self._do(self.stream.nudge())

    def lost(self) -> None:
        """Break the socket without a word, and come back after a pause."""
        self._do(self.stream.lost(self._now()))

    def position(self, lat: float, lng: float, datum: str) -> None:
        """Send the newest position."""
        self._do(self.stream.position(lat, lng, datum))

    def refresh(self, ticket: str) -> None:
        """Go on under this ticket's session."""
        self._do(self.stream.refresh(ticket))

    async def command(self, id: str, op: str, args: Mapping[str, Any]) -> Any:
        """The data of an operation. Raises Refused, Ended; ValueError for an id that already waits."""
        if self.status.name in OVER:
            raise _ended(self.status)
        if self._closed:
            raise Refused(unreachable())
        if id in self._answers:
            raise ValueError(f"already waiting for {id}")
        answer = self._answers[id] = asyncio.get_running_loop().create_future()
        try:
            self._do(self.stream.command(id, op, args, self._now()))
            self.inbox.look_again()
            return await answer
        finally:
            self._answers.pop(id, None)
            self.stream.commands.settle(id)

    async def aclose(self) -> None:
        """Leave within a second: no task, timer or socket remains."""
        self._closed = True
        link, self._link = self._link, None
        self._do(self.stream.stop())
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        for task in self._tasks:
            task.cancel()
        self.inbox.end()
        try:
            if link is not None:
                await link.leave()
        finally:
            if self._tasks:
                await asyncio.wait(self._tasks)

    def _do(self, actions: Sequence[Action]) -> None:
        for action in actions:
            match action:
                case Deliver(item=item):
                    self.inbox.put(item)
                case Send(frame=frame):
                    if self._link is not None:
                        self._link.send(frame)
                case Answer():
                    self._answer(action)
                case Ask():
                    self._round = self._spawn(self._ask())
                case Open():
                    self._round = self._spawn(self._follow())
                case Drop():
                    self._drop()
                case Renew():
                    if self._renewal is None or self._renewal.done():
                        self._renewal = self._spawn(self._go_on_renewed())
                case Status() | Fault():
                    self._tell(action)
        self._set_timer()

    def _tell(self, news: Status | Fault) -> None:
        if isinstance(news, Status):
            self.status = news
            if news.name in OVER:
                self.inbox.end(_ended(news))
        if self._notice is not None:
            self._notice(news)

    def _answer(self, answer: Answer) -> None:
        future = self._answers.get(answer.id)
        if future is None or future.done():
            return
        if answer.problem is None:
            future.set_result(answer.data)
        else:
            future.set_exception(Refused(answer.problem))

    def _drop(self) -> None:
        if self._round is not None:
            self._round.cancel()
        if self._link is not None:
            self._link.abort()
            self._link = None

    async def _ask(self) -> None:
        try:
            ticket = await self._ticket()
        except Refused as refused:
            wait_s = refused.retry_after_s or 0.0
            self._do(self.stream.refused(refused.problem, wait_s, self._now()))
        else:
            self._do(self.stream.ticketed(ticket, self._now()))

    async def _follow(self) -> None:
        try:
            link = await Link.open(self._address, self._spawn)
        except CannotOpen as error:
            self._do(self.stream.closed(error.code, self._now()))
            return
        self._link = link
        try:
            self._do(self.stream.opened())
            while (raw := await link.read()) is not None:
                self._do(self.stream.receive(raw, self._now()))
                if not self._may_read():
                    await self._room()
        finally:
            # Unless it was dropped, or `aclose` says goodbye on it.
            if self._link is link:
                self._link = None
                link.abort()
        self._do(self.stream.closed(link.code, self._now()))

    def _may_read(self) -> bool:
        return self.inbox.has_room(answers=len(self.stream.commands) > 0)

    async def _room(self) -> None:
        """Nobody takes the events: leave further ones in the network, where they slow the server down."""
        self.stream.pause()
        while not self._may_read():
            await self.inbox.change()
        self.stream.go_on(self._now())
        self._set_timer()

    async def _go_on_renewed(self) -> None:
        try:
            ticket = await self._renew()
        except Refused:
            self._do(self.stream.not_renewed(self._now()))
        else:
            self._do(self.stream.refresh(ticket))

    def _spawn(self, work: Coroutine[Any, Any, None]) -> asyncio.Task[None]:
        task = asyncio.get_running_loop().create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._done)
        return task

    def _done(self, task: asyncio.Task[None]) -> None:
        self._tasks.discard(task)
        if not task.cancelled() and (error := task.exception()) is not None:
            # A fault of this client: whoever follows the stream must hear of it.
            self.inbox.end(error)

    def _now(self) -> float:
        return asyncio.get_running_loop().time()

    def _set_timer(self) -> None:
        due = self.stream.due
        if self._timer is not None and (due is None or due < self._timer_at):
            self._timer.cancel()
            self._timer = None
        if self._timer is None and due is not None:
            self._timer_at = due
            self._timer = asyncio.get_running_loop().call_at(due, self._tick)

    def _tick(self) -> None:
        self._timer = None
        self._do(self.stream.tick(self._now()))


def _ended(status: Status) -> Ended:
    kind = LoggedOut if status.name == "logged-out" else Ended
    return kind(status.code, status.problem)
