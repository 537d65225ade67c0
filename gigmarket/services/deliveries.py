"""Whether offers reached a screen: the first rung of the ladder from a phone's stream to a call by a clerk."""

from collections.abc import Mapping
from datetime import timedelta

from gigmarket.domain.ids import OfferId
from gigmarket.store.transaction import Transaction
from gigmarket.wire.codec import decode
from gigmarket.wire.desk import DeliveryView
from gigmarket.wire.values import masked

RECENT = timedelta(minutes=30)
"""Longer than an offer lives: an ack after that tells nothing new."""


def seen(tx: Transaction, acked: Mapping[str, int]) -> list[OfferId]:
    """Which recent offers the acks of these streams cover; `acked` holds a seq per principal."""
    told = tx.streams.held("offer.created", acked, tx.now() - RECENT)
    return sorted({OfferId(decode(data)["offer"]["id"]) for data in told})


def mark(tx: Transaction, offers: list[OfferId]) -> None:
    """These offers are on a screen now."""
    tx.offers.delivered(offers, tx.now())


def pending(tx: Transaction, limit: int) -> list[DeliveryView]:
    """Offers that wait for an answer: first those that are on no screen yet, the oldest on top."""
    found = tx.offers.deliveries(limit)
    people = tx.accounts.get_many([offer.worker for offer, _ in found])
    gigs = tx.gigs.get_many([offer.gig for offer, _ in found])
    return [
        DeliveryView(
            offer_id=offer.id,
            gig_id=offer.gig,
            title=gigs[offer.gig].draft.title,
            worker_id=offer.worker,
            worker=masked(people[offer.worker].name),
            station_id=offer.station,
            created_at=offer.created_at,
            expires_at=offer.expires_at,
            delivered_at=delivered_at,
        )
        for offer, delivered_at in found
    ]
