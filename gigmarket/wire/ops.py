"""Operations, declared once: their name on the socket, arguments, answer and the roles that may ask."""

from dataclasses import dataclass

from gigmarket.domain.ids import Role
from gigmarket.wire.people import PresenceIn, PresenceView
from gigmarket.wire.values import Body, View
from gigmarket.wire.work import (
    AssignmentAnswer,
    AssignmentArgs,
    CheckInArgs,
    DeclineArgs,
    GigAnswer,
    GigArgs,
    OfferAnswer,
    OfferArgs,
    ReasonArgs,
    SettleArgs,
)


@dataclass(frozen=True, slots=True)
class Op:
    """One operation of both transports."""

    name: str
    args: type[Body]
    answer: type[View]
    roles: frozenset[Role]


_WORKER = frozenset({Role.WORKER})
_EMPLOYER = frozenset({Role.EMPLOYER})

OPS: dict[str, Op] = {
    op.name: op
    for op in (
        Op("offer.accept", OfferArgs, AssignmentAnswer, _WORKER),
        Op("offer.decline", DeclineArgs, OfferAnswer, _WORKER),
        Op("offer.extend", OfferArgs, OfferAnswer, _WORKER),
        Op("assignment.check_in", CheckInArgs, AssignmentAnswer, _WORKER),
        Op("assignment.check_out", AssignmentArgs, AssignmentAnswer, _WORKER),
        Op("assignment.confirm", AssignmentArgs, AssignmentAnswer, _WORKER),
        Op("assignment.dispute", ReasonArgs, AssignmentAnswer, _WORKER),
        Op("assignment.cancel", ReasonArgs, AssignmentAnswer, _WORKER | _EMPLOYER),
        Op("assignment.no_show", AssignmentArgs, AssignmentAnswer, _EMPLOYER),
        Op("assignment.settle", SettleArgs, AssignmentAnswer, _EMPLOYER),
        Op("gig.cancel", GigArgs, GigAnswer, _EMPLOYER),
        Op("presence.set", PresenceIn, PresenceView, _WORKER),
    )
}
