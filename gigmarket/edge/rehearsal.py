"""A request that the application makes to itself before anybody else does."""

from fastapi import FastAPI
from starlette.types import Message

PATH = "/rehearsal"
"""Nobody's: on the way to its 404 every route is built and asked."""


async def rehearse(app: FastAPI) -> int:
    """Ask for `PATH`, as a server would; its status. FastAPI builds its routes at the first request, some 40 ms
    in which nothing else is served: with ten thousand phones connected that would be everybody's pause.
    """
    answers: list[Message] = []

    async def receive() -> Message:
        return {"type": "http.request", "body": b"", "more_body": False}

    async def send(message: Message) -> None:
        answers.append(message)

    scope = {
        "type": "http",
        "asgi": {"version": "3.0"},
        "http_version": "1.1",
        "method": "GET",
        "scheme": "http",
        "path": PATH,
        "raw_path": PATH.encode(),
        "query_string": b"",
        "root_path": "",
        "headers": [(b"host", b"localhost")],
        "client": ("127.0.0.1", 0),
        "server": ("127.0.0.1", 0),
        "state": {},
    }
    await app(scope, receive, send)
    return int(answers[0]["status"])
