"""What a WebSocket ticket stands for: the actor it was issued to."""

from gigmarket.domain.actor import Actor
from gigmarket.domain.ids import AccountId, Role, StationId
from gigmarket.wire.codec import decode, encode


def ticket_of(actor: Actor) -> str:
    """An actor as the ticket's subject."""
    return encode([actor.account, actor.role, actor.session, actor.station, actor.via]).decode()


def actor_of_ticket(subject: str) -> Actor:
    """The actor a ticket was issued to. Raises ValueError for anything `ticket_of` did not write."""
    account, role, session, station, via = decode(subject)
    return Actor(
        AccountId(account),
        Role(role),
        session,
        StationId(station) if station else None,
        AccountId(via) if via else None,
    )
