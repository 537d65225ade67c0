"""Kinds of event on a principal's stream, with the model of their data. Unknown kinds can't be written."""

from pydantic import BaseModel

from gigmarket.wire.gigs import GigView
from gigmarket.wire.people import PresenceView
from gigmarket.wire.values import View
from gigmarket.wire.why import AppealEvent
from gigmarket.wire.work import AssignmentView, OfferView, SeatOfferView


class OfferEvent(View):
    """To the worker: the offer with its gig's card."""

    offer: OfferView


class SeatOfferEvent(View):
    """To the employer and the hall: the offer with the worker's masked name."""

    offer: SeatOfferView


class AssignmentEvent(View):
    """To the worker (with the gig's site) and the employer (with the worker's name)."""

    assignment: AssignmentView


class GigEvent(View):
    """To the employer: the gig as it is now."""

    gig: GigView


class PresenceEvent(View):
    """To the worker: the presence as it is now, when something else than their own word changed it."""

    presence: PresenceView


class HallWorker(View):
    """A worker waiting in a station's hall, by masked name."""

    id: str
    name: str
    since: str
    trades: list[str]


class HallEvent(View):
    """To the station: who came into the hall or left it."""

    worker: HallWorker


KINDS: dict[str, tuple[type[BaseModel], ...]] = {
    "offer.created": (OfferEvent, SeatOfferEvent),
    "offer.extended": (OfferEvent, SeatOfferEvent),
    "offer.closed": (OfferEvent, SeatOfferEvent),
    "assignment.created": (AssignmentEvent,),
    "assignment.updated": (AssignmentEvent,),
    "gig.created": (GigEvent,),
    "gig.updated": (GigEvent,),
    "presence.updated": (PresenceEvent,),
    "hall.joined": (HallEvent,),
    "hall.left": (HallEvent,),
    "appeal.answered": (AppealEvent,),
}
