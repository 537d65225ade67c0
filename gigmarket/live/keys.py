"""Every key and channel of the live store is built here, and nowhere else."""

import hashlib
import re
from dataclasses import dataclass

_CITY = re.compile(r"[a-z0-9][a-z0-9_-]{0,63}")


@dataclass(frozen=True, slots=True)
class Keys:
    """The keys of one city. All carry the hash tag `{city}`, so a cluster holds them in one slot.

    Raises ValueError for a city that is not 1–64 lower-case letters, digits, `_` or `-`: a brace
    would break the tag.
    """

    city: str

    def __post_init__(self) -> None:
        if not _CITY.fullmatch(self.city):
            raise ValueError(f"a city is named by lower-case letters, digits, _ and -, not {self.city!r}")

    def _key(self, *parts: str) -> str:
        return ":".join((f"gig:{{{self.city}}}", *parts))

    @property
    def positions(self) -> str:
        """Geo set: every available worker, whatever the trades."""
        return self._key("positions")

    @property
    def fresh(self) -> str:
        """Sorted set: worker → UTC milliseconds until which the last sign of life counts."""
        return self._key("fresh")

    @property
    def held(self) -> str:
        """Hash: worker → trades held, as '1' and '0' in the order of the trades."""
        return self._key("held")

    def workers(self, trade: str) -> str:
        """Geo set: available workers who hold a trade."""
        return self._key("workers", trade)

    @property
    def gigs(self) -> str:
        """Geo set: sites of open gigs."""
        return self._key("gigs")

    @property
    def epoch(self) -> str:
        """String: which rebuild filled the index, and its last beat; absent when it must be rebuilt."""
        return self._key("epoch")

    @property
    def bus(self) -> str:
        """Channel: streams to push, read by every server process."""
        return self._key("bus")

    @property
    def wake(self) -> str:
        """Channel: reasons for a round, read by the dispatcher."""
        return self._key("wake")

    @property
    def moves(self) -> str:
        """Channel: signs of life and places of workers, read by the dispatcher for its roster."""
        return self._key("moves")

    @property
    def control(self) -> str:
        """Channel: sockets to be closed on whichever server process holds them."""
        return self._key("control")

    @property
    def processes(self) -> str:
        """Sorted set: server process → UTC milliseconds of its last sign of life."""
        return self._key("processes")

    def seats(self, account: str) -> str:
        """Sorted set with expiry: an account's sockets by name → UTC milliseconds since when."""
        return self._key("seats", account)

    @property
    def inbox(self) -> str:
        """List: the demo's text messages, newest first."""
        return self._key("inbox")

    def lease(self, name: str) -> str:
        """String with expiry: who runs a process of which the city has one."""
        return self._key("lease", name)

    def ticket(self, digest: str) -> str:
        """String with expiry: whom a one-time WebSocket ticket lets in; named by its SHA-256."""
        return self._key("ticket", digest)

    def otp(self, digest: str) -> str:
        """Hash with expiry: the login code sent to a phone; named by the phone's digest."""
        return self._key("otp", digest)

    def limit(self, name: str, subject_digest: str) -> str:
        """String with expiry: how far a subject has used up the limit of that name."""
        return self._key("limit", name, subject_digest)


def digest_of(text: str) -> str:
    """SHA-256 in hex (64 characters): what stands in a key for a secret, a phone or an address."""
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()
