"""Kinds of event on a principal's stream, with the model of their data for each kind of reader."""

from collections.abc import Mapping
from dataclasses import dataclass

from gigmarket.domain.ids import StreamOwner
from gigmarket.wire.crews import CrewView
from gigmarket.wire.gigs import GigView
from gigmarket.wire.people import AccountView, PresenceView, WorkerView
from gigmarket.wire.values import StationView, View
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
    """To the worker: the presence as it is now, whoever or whatever changed it."""

    presence: PresenceView


class ProfileEvent(View):
    """To the worker: the profile as it is now."""

    me: WorkerView


class CrewEvent(View):
    """To each of a crew: who is in it now and who asks for work; null for who is in none any more."""

    crew: CrewView | None


class AccountEvent(View):
    """To the employer: the account as it is now."""

    me: AccountView


class Renamed(View):
    """A person's new name as this reader sees it, and where it now stands: as the worker of these assignments
    and offers, or as the employer on the cards of these gigs.
    """

    name: str
    assignments: tuple[str, ...] = ()
    offers: tuple[str, ...] = ()
    gigs: tuple[str, ...] = ()


class RenamedEvent(View):
    """To everybody on whose screen the name stands, at once instead of one event for each place."""

    person: Renamed


class HallWorker(View):
    """A worker waiting in a station's hall, by masked name."""

    id: str
    name: str
    since: str
    trades: list[str]


class HallEvent(View):
    """To the station: who came into the hall, is still there but changed, or left it."""

    worker: HallWorker


class StationEvent(View):
    """To the station: what the public directory says of it now."""

    station: StationView


@dataclass(frozen=True, slots=True)
class Kind:
    """What an event of this kind says, and the model of its data for each kind of reader."""

    says: str
    data: Mapping[StreamOwner, type[View]]


_WORKER, _EMPLOYER, _STATION = StreamOwner.WORKER, StreamOwner.EMPLOYER, StreamOwner.STATION
_OFFER: dict[StreamOwner, type[View]] = {
    _WORKER: OfferEvent,
    _EMPLOYER: SeatOfferEvent,
    _STATION: SeatOfferEvent,
}

KINDS: Mapping[str, Kind] = {
    "offer.created": Kind("A seat is held for a worker, who is asked.", _OFFER),
    "offer.extended": Kind("The worker wants to think again (再想想): the seat is held longer, once.", _OFFER),
    "offer.closed": Kind("Declined, expired or withdrawn: pending no more.", _OFFER),
    "assignment.created": Kind(
        "An offer was accepted: pending no more, and the seat is taken.",
        dict.fromkeys((_WORKER, _EMPLOYER, _STATION), AssignmentEvent),
    ),
    "assignment.updated": Kind(
        "Checked in or out, paid, settled, disputed, cancelled, or nobody came.",
        dict.fromkeys((_WORKER, _EMPLOYER), AssignmentEvent),
    ),
    "gig.created": Kind("A gig was posted.", {_EMPLOYER: GigEvent}),
    "gig.updated": Kind("Its seats or its status changed.", {_EMPLOYER: GigEvent}),
    "presence.updated": Kind(
        "The worker asks for work or no more, was forgotten after a long silence, or waits anew after work.",
        {_WORKER: PresenceEvent},
    ),
    "me.updated": Kind(
        "The profile or the account changed, on whichever device or desk.",
        {_WORKER: ProfileEvent, _EMPLOYER: AccountEvent},
    ),
    "crew.updated": Kind(
        "Somebody came to the crew or left it, or asks for work or no more.", {_WORKER: CrewEvent}
    ),
    "person.renamed": Kind(
        "Somebody whose name stands in this state has another.",
        dict.fromkeys((_WORKER, _EMPLOYER, _STATION), RenamedEvent),
    ),
    "hall.joined": Kind("A worker waits in the station's hall.", {_STATION: HallEvent}),
    "hall.updated": Kind(
        "The same, with another name, other trades or a wait that began anew.", {_STATION: HallEvent}
    ),
    "hall.left": Kind("A worker waits there no more.", {_STATION: HallEvent}),
    "station.updated": Kind(
        "The public directory says something else of the station.", {_STATION: StationEvent}
    ),
    "appeal.answered": Kind("Staff answered an appeal; appeals are read over HTTP.", {_WORKER: AppealEvent}),
}
