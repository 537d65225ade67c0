"""The Lua scripts beside this file: loaded once, run by their digest."""

import hashlib
from collections.abc import Sequence
from functools import cache
from importlib.resources import files
from typing import Any

from redis.exceptions import NoScriptError

from gigmarket.live.connection import Client

Argument = str | bytes | int | float


class Script:
    """One script, atomic on the server. Every key it touches is passed in KEYS, so a cluster can route it."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.sha = hashlib.sha1(text.encode(), usedforsecurity=False).hexdigest()

    async def __call__(self, redis: Client, keys: Sequence[str], args: Sequence[Argument]) -> Any:
        """Run by digest; a server that lost its scripts (restart, failover, SCRIPT FLUSH) is sent the text.

        NOSCRIPT comes before anything ran, so running again is safe for every script.
        """
        try:
            return await redis.evalsha(self.sha, len(keys), *keys, *args)
        except NoScriptError:
            return await redis.eval(self.text, len(keys), *keys, *args)

    async def pipelined(
        self, redis: Client, calls: Sequence[tuple[Sequence[str], Sequence[Argument]]]
    ) -> list[Any]:
        """Run for each (keys, args) in one round trip; replies in order. Raises the first error met."""
        if len(calls) <= 1:
            return [await self(redis, keys, args) for keys, args in calls]
        pipe = redis.pipeline(transaction=False)
        for keys, args in calls:
            pipe.execute_command("EVALSHA", self.sha, len(keys), *keys, *args)
        replies = await pipe.execute(raise_on_error=False)
        for place, (keys, args) in enumerate(calls):
            if isinstance(replies[place], NoScriptError):
                replies[place] = await self(redis, keys, args)
            elif isinstance(replies[place], Exception):
                raise replies[place]
        return replies


@cache
def load(name: str) -> Script:
    """The script `NAME.lua` of this package. Raises FileNotFoundError when the wheel lost it."""
    return Script(files("gigmarket.live").joinpath(f"{name}.lua").read_text("utf-8"))
