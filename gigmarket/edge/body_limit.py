"""Refuses request bodies beyond what any message of ours needs, before they are read into memory."""

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from gigmarket.wire.codec import encode
from gigmarket.wire.problems import CONTENT_TYPE, problem_of

MAX_BYTES = 64 * 1024


class BodyLimit:
    """ASGI middleware: 413 by the declared length, or as soon as more than that has come."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on with a counted body."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        declared = next((value for name, value in scope["headers"] if name == b"content-length"), b"0")
        if not declared.isdigit() or int(declared) > MAX_BYTES:
            await _refuse(send)
            return
        seen = 0

        async def counted() -> Message:
            nonlocal seen
            message = await receive()
            seen += len(message.get("body", b""))
            if seen > MAX_BYTES:
                return {"type": "http.disconnect"}
            return message

        refused = False

        async def answer(message: Message) -> None:
            nonlocal refused
            if seen <= MAX_BYTES:
                await send(message)
            elif not refused:
                # Whatever the application makes of the cut body, this is why.
                refused = True
                await _refuse(send)

        await self._app(scope, counted, answer)


async def _refuse(send: Send) -> None:
    body = encode(problem_of("too-large", f"a request body has at most {MAX_BYTES} bytes"))
    headers = [(b"content-type", CONTENT_TYPE.encode()), (b"content-length", str(len(body)).encode())]
    await send({"type": "http.response.start", "status": 413, "headers": headers})
    await send({"type": "http.response.body", "body": body})
