"""One-time login codes, sent to a phone and typed back."""

from gigmarket.live import scripts
from gigmarket.live.connection import Client, guard
from gigmarket.live.keys import Keys


class Codes:
    """At most one live code for a phone. Only digests come in here. All methods raise LiveDown."""

    def __init__(self, redis: Client, keys: Keys) -> None:
        self._redis = redis
        self._keys = keys

    @guard()
    async def put(self, phone_digest: str, code_digest: str, ttl_s: float = 300) -> None:
        """Expect this code for `ttl_s` seconds; it replaces an earlier one and its count of tries."""
        put = scripts.load("code_put")
        await put(self._redis, (self._keys.otp(phone_digest),), (code_digest, round(ttl_s * 1000)))

    @guard()
    async def verify(self, phone_digest: str, code_digest: str, max_tries: int = 5) -> bool:
        """Whether this is the phone's code: true once, and never after `max_tries` tries."""
        verify = scripts.load("code_verify")
        return bool(await verify(self._redis, (self._keys.otp(phone_digest),), (code_digest, max_tries)))
