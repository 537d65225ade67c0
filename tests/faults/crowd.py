"""Many requests at the same moment: connections open before they are needed, on every server process."""

import asyncio
import json
from collections import Counter
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

import psutil

from tests.faults.history import History
from tests.faults.market import Market
from tests.faults.phone import HTTP, WRAPPED, Answer, final
from tests.serving import Person

PATIENCE_S = 30.0


@dataclass
class Line:
    """A connection to the server process `pid`, one client of the history; one request at a time."""

    history: History
    reader: asyncio.StreamReader
    writer: asyncio.StreamWriter
    client: int
    pid: int = 0

    @property
    def port(self) -> int:
        """Our end."""
        port: int = self.writer.get_extra_info("sockname")[1]
        return port

    async def act(
        self, person: Person, op: str, args: Mapping[str, Any], key: str, at: float | None = None
    ) -> Answer:
        """Carry out an operation, repeated until it is answered for good; sent at `at` of the loop's time."""
        asked = _request(person, op, args, key)
        loop, number = asyncio.get_running_loop(), self.history.number()
        if at is not None:
            await asyncio.sleep(at - loop.time())
        who = {"client": self.client, "principal": person.principal}
        self.history.write("invoke", id=number, op=op, args=dict(args), key=key, **who)
        deadline = loop.time() + PATIENCE_S
        while (began := loop.time()) < deadline:
            self.writer.write(asked)
            answer = await self._answer(op)
            assert answer.status is not None
            self.history.write("try", id=number, status=answer.status, retry_after=answer.retry_after,
                               took_s=loop.time() - began, **who)  # fmt: skip
            if final(answer.status):
                told = {"result": answer.body} if answer.ok else {"problem": answer.body}
                self.history.write("ok" if answer.ok else "fail", id=number, **told, **who)
                return answer
            await asyncio.sleep(0.1)
        self.history.write("info", id=number, **who)
        return Answer(None)

    async def _answer(self, op: str) -> Answer:
        async with asyncio.timeout(PATIENCE_S):
            head = await self.reader.readuntil(b"\r\n\r\n")
            status, *lines = head.decode("latin-1").split("\r\n")
            headers = {
                name.lower(): value.strip() for name, _, value in (line.partition(":") for line in lines)
            }
            body = json.loads(await self.reader.readexactly(int(headers["content-length"])))
        code = int(status.split()[1])
        if code < 400 and op in WRAPPED:
            body = {WRAPPED[op]: body}
        return Answer(code, body, headers.get("retry-after", ""))


def _request(person: Person, op: str, args: Mapping[str, Any], key: str) -> bytes:
    method, path = HTTP[op]
    body = json.dumps({name: value for name, value in args.items() if f"{{{name}}}" not in path}).encode()
    headers = {
        "Host": "127.0.0.1",
        **person.headers,
        "Idempotency-Key": key,
        "Content-Type": "application/json",
        "Content-Length": str(len(body)),
    }
    lines = [
        f"{method} {path.format(**args)} HTTP/1.1",
        *(f"{name}: {value}" for name, value in headers.items()),
    ]
    return "\r\n".join([*lines, "", ""]).encode() + body


@asynccontextmanager
async def crowd(running: Market, count: int) -> AsyncIterator[list[Line]]:
    """So many open lines, the same number to each server process but for one, in turn."""
    pids = running.pids("server")
    room = {pid: count // len(pids) + (place < count % len(pids)) for place, pid in enumerate(pids)}
    lines: list[Line] = []
    spare: list[Line] = []
    try:
        while len(lines) < count:
            new = [await _line(running) for _ in range(count - len(lines))]
            spare += new
            await _find_holders(new, pids)
            for line in new:
                if sum(line.pid == other.pid for other in lines) < room[line.pid]:
                    lines.append(line)
        yield _in_turn(lines)
    finally:
        for line in spare:
            line.writer.close()


async def _line(running: Market) -> Line:
    where = urlsplit(running.served.url)
    reader, writer = await asyncio.open_connection(where.hostname, where.port)
    return Line(running.history, reader, writer, running.history.number())


async def _find_holders(lines: list[Line], pids: list[int]) -> None:
    """Which process the kernel has dealt each line to; each has accepted it by then."""
    by_port = {line.port: line for line in lines}
    async with asyncio.timeout(PATIENCE_S):
        while by_port:
            for pid in pids:
                for connection in psutil.Process(pid).net_connections("tcp"):
                    line = by_port.pop(connection.raddr.port, None) if connection.raddr else None
                    if line is not None:
                        line.pid = pid
            await asyncio.sleep(0.01)


def _in_turn(lines: list[Line]) -> list[Line]:
    seen: Counter[int] = Counter()
    turns = {}
    for line in lines:
        turns[line.client] = seen[line.pid]
        seen[line.pid] += 1
    return sorted(lines, key=lambda line: turns[line.client])
