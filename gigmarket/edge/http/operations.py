"""Runs an operation of `wire/ops.py` for an HTTP route: the socket's own handler, the same idempotency."""

from typing import Annotated

from fastapi import Header, Response

from gigmarket.domain.actor import Actor
from gigmarket.services.market import Market
from gigmarket.store.idempotency import Answer
from gigmarket.wire.codec import decode, encode
from gigmarket.wire.problems import CONTENT_TYPE
from gigmarket.wire.values import Body

KEY_HEADER = "Idempotency-Key"
KEY_LENGTHS = range(1, 65)
IdempotencyKey = Annotated[
    str | None,
    Header(
        alias=KEY_HEADER,
        min_length=KEY_LENGTHS.start,
        max_length=KEY_LENGTHS.stop - 1,
        description="repeat safely",
    ),
]


async def run(
    market: Market, actor: Actor, op: str, args: Body, key: str | None, only: str | None = None
) -> Response:
    """One operation as a response; `only` names the member that is the whole HTTP body."""
    committed = await market.perform(actor, op, args, key)
    await market.tell(committed.aftermath)
    return response_of(committed.value, only)


def response_of(answer: Answer, only: str | None = None) -> Response:
    """A stored or fresh answer as a response."""
    if answer.status >= 400:
        return Response(answer.body, answer.status, media_type=CONTENT_TYPE)
    body = encode(decode(answer.body)[only]) if only else answer.body
    return Response(body, answer.status, media_type="application/json")
