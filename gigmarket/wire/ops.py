"""Operations, declared once: their name on the socket, arguments, answer and the roles that may ask."""

from dataclasses import dataclass

from gigmarket.domain.ids import Role
from gigmarket.wire.people import PresenceIn, PresenceView
from gigmarket.wire.values import Body, View
from gigmarket.wire.work import (
    AssignmentAnswer,
    AssignmentArgs,
    CheckInArgs,
    CheckOutArgs,
    DeclineArgs,
    GigAnswer,
    GigArgs,
    GigSettleArgs,
    LateArgs,
    OfferAnswer,
    OfferArgs,
    ReasonArgs,
    SettleArgs,
    SettledAnswer,
    VouchArgs,
)


@dataclass(frozen=True, slots=True)
class Op:
    """One operation of both transports, and what it does."""

    name: str
    args: type[Body]
    answer: type[View]
    roles: frozenset[Role]
    does: str


_WORKER = frozenset({Role.WORKER})
_EMPLOYER = frozenset({Role.EMPLOYER})
_BOTH = _WORKER | _EMPLOYER

OPS: dict[str, Op] = {
    op.name: op
    for op in (
        Op("offer.accept", OfferArgs, AssignmentAnswer, _WORKER, "Take the seat that the offer holds."),
        Op("offer.decline", DeclineArgs, OfferAnswer, _WORKER, "Say no; the next is asked at once."),
        Op("offer.extend", OfferArgs, OfferAnswer, _WORKER, "Think again (再想想), once."),
        Op("assignment.check_in", CheckInArgs, AssignmentAnswer, _WORKER, "Arrive on site, with its code."),
        Op("assignment.check_out", CheckOutArgs, AssignmentAnswer, _WORKER, "Leave the site."),
        Op("assignment.confirm", AssignmentArgs, AssignmentAnswer, _WORKER, "The money arrived."),
        Op("assignment.dispute", ReasonArgs, AssignmentAnswer, _WORKER, "Contest the wage."),
        Op("assignment.cancel", ReasonArgs, AssignmentAnswer, _BOTH, "Call it off before check-in."),
        Op("assignment.no_show", AssignmentArgs, AssignmentAnswer, _EMPLOYER, "The worker never came."),
        Op("assignment.late", LateArgs, AssignmentAnswer, _WORKER, "Come later than the start, and say so."),
        Op("assignment.vouch", VouchArgs, AssignmentAnswer, _EMPLOYER, "Say who is on site, or has left."),
        Op(
            "gig.settle",
            GigSettleArgs,
            SettledAnswer,
            _EMPLOYER,
            "Record what several were paid: all or nothing.",
        ),
        Op("assignment.settle", SettleArgs, AssignmentAnswer, _EMPLOYER, "Record what was paid."),
        Op("gig.cancel", GigArgs, GigAnswer, _EMPLOYER, "Call the gig off."),
        Op("presence.set", PresenceIn, PresenceView, _WORKER, "Ask for work, or no more."),
    )
}
