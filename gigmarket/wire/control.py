"""What server processes tell each other about sockets that have to go, on whichever of them they are."""

from dataclasses import dataclass

from gigmarket.wire.closing import Close
from gigmarket.wire.codec import decode, encode


@dataclass(frozen=True, slots=True)
class Ended:
    """Close every socket of these sessions, of these accounts, or by these names, with `code`."""

    code: Close
    sessions: tuple[str, ...] = ()
    accounts: tuple[str, ...] = ()
    sockets: tuple[str, ...] = ()


def pack_ended(ended: Ended) -> bytes:
    """As JSON."""
    return encode([int(ended.code), ended.sessions, ended.accounts, ended.sockets])


def unpack_ended(message: bytes) -> Ended:
    """From JSON. Raises ValueError or TypeError for anything else."""
    code, sessions, accounts, sockets = decode(message)
    return Ended(Close(code), tuple(sessions), tuple(accounts), tuple(sockets))
