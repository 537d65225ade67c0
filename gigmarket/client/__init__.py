"""The public client of `gig.v1` and the calls beside it; docs/client.md shows it at work."""

from gigmarket.client.actions import Fault, Status
from gigmarket.client.api import Api
from gigmarket.client.client import GigClient, connect
from gigmarket.client.hearing import Event, Item
from gigmarket.client.refusals import Ended, LoggedOut, Refused
from gigmarket.wire.frames import Snapshot, State

__all__ = [
    "Api",
    "Ended",
    "Event",
    "Fault",
    "GigClient",
    "Item",
    "LoggedOut",
    "Refused",
    "Snapshot",
    "State",
    "Status",
    "connect",
]
