"""Accepts of many workers at once: one transaction, and one statement where each alone has one of its own.

In the minute after a posting for fifty everybody accepts, and most of an accept's price is paid per statement
and per commit, not per row.
"""

import logging
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from operator import itemgetter
from typing import Any, Protocol

from sqlalchemy.exc import DBAPIError

from gigmarket.domain.actor import Actor
from gigmarket.domain.assignment import clashes
from gigmarket.domain.errors import Refusal
from gigmarket.domain.facts import Fact
from gigmarket.domain.gig import Gig
from gigmarket.domain.ids import AccountId, GigId, OfferId, Role
from gigmarket.services import commands, feeds
from gigmarket.services.offers import Seat, answer_of, take_seat, tell_hall
from gigmarket.services.rules import Rules
from gigmarket.store.database import in_time
from gigmarket.store.failures import Locked
from gigmarket.store.idempotency import Answer, Answered
from gigmarket.store.transaction import Aftermath, Committed, Part, Transaction
from gigmarket.together import Together
from gigmarket.wire.codec import encode
from gigmarket.wire.work import OfferArgs

log = logging.getLogger("gigmarket.accepts")

OP = "offer.accept"
WAIT_S = 0.1
"""So long all wait for a row that one of them needs; then each goes its own way, and that one waits alone."""


@dataclass(frozen=True, slots=True)
class Accept:
    """A worker's accept, and the key that makes a repeat harmless."""

    actor: Actor
    args: OfferArgs
    key: str | None


class Transact(Protocol):
    """`Store.transact`."""

    async def __call__(self, fn: Any, *args: Any) -> Committed[Any]:
        """Run `fn(tx, *args)` in one transaction and commit it."""


def common(actor: Actor) -> bool:
    """Whether this is a worker with his own session: others' accepts are looked at and recorded one by one."""
    return actor.role is Role.WORKER and actor.via is None and actor.grant is None


class Accepts:
    """One process's accepts: those that come while some are being committed are committed together."""

    def __init__(self, transact: Transact, rules: Rules) -> None:
        self.transact = transact
        self._rules = rules
        self._together = Together(self._all)

    async def ask(self, accept: Accept) -> Committed[Answer]:
        """As `commands.perform` answers it, committed and not told yet. Raises the same, or Unavailable."""
        return await in_time(self._ask(accept))

    async def _ask(self, accept: Accept) -> Committed[Answer]:
        done = await self._together.ask(accept)
        if done is not None:
            return done
        # Outside: it may wait for a gig that somebody holds, and nobody else should.
        committed: Committed[Answer] = await self.transact(
            commands.perform, self._rules, accept.actor, OP, accept.args, accept.key
        )
        return committed

    async def _all(self, asked: Sequence[Accept]) -> list[Committed[Answer] | None]:
        try:
            committed = await self.transact(accept_many, self._rules, asked)
        except (DBAPIError, Locked) as error:
            # Somebody took a worker's hours or a key at the same moment, or holds a stream that one of them
            # needs: whose, each one's own attempt tells.
            log.info("%d accepts one by one: %s", len(asked), type(error).__name__)
            return [None] * len(asked)
        done: Mapping[int, tuple[Answer, Part]] = committed.value
        whole: Aftermath = committed.aftermath
        return [
            Committed(done[number][0], done[number][1].of(whole)) if number in done else None
            for number in range(len(asked))
        ]


def accept_many(tx: Transaction, rules: Rules, asked: Sequence[Accept]) -> dict[int, tuple[Answer, Part]]:
    """Those of these accepts that nothing stands against, by their number among all. What is missing (refused,
    answered before, of a crew, on a gig that somebody holds) is to be asked alone, and left no trace.
    """
    seats, gigs = _seats(tx, rules, asked)
    if not seats:
        return {}
    people = feeds.People(tx, [fact for seat in seats.values() for fact in seat.facts], gigs.values())
    # The last of a gig's facts tells what the earlier ones would have.
    last = {seat.gig.id: number for number, seat in seats.items()}
    done: dict[int, tuple[Answer, Part]] = {}
    for number, seat in seats.items():
        facts = (*seat.facts, *(seat.gig_facts if last[seat.gig.id] == number else ()))

        def tell(seat: Seat = seat, facts: Sequence[Fact] = facts) -> None:
            feeds.tell(tx, people, facts)
            tell_hall(tx, people, seat.offer, seat.assignment)

        done[number] = Answer(200, encode(answer_of(people, seat.assignment))), tx.part(tell)
    tx.offers.save_many([seat.offer for seat in seats.values()])
    tx.assignments.add_many([seat.assignment for seat in seats.values()])
    tx.gigs.save_many([gigs[gig] for gig in sorted(gigs)])
    tx.idempotency.add_many(_answered(asked, done), tx.stamp())
    return done


def _seats(tx: Transaction, rules: Rules, asked: Sequence[Accept]) -> tuple[dict[int, Seat], dict[GigId, Gig]]:
    """The seats that can be taken, and their gigs as they are afterwards."""
    tx.wait_at_most(WAIT_S)
    ids = [OfferId(one.args.offer_id) for one in asked]
    firsts = {one.actor.worker(): number for number, one in reversed(list(enumerate(asked)))}
    held = tx.gigs.lock_free_offered(ids)
    # Read after: only under the gig's lock does an offer stand still.
    found = tx.offers.get_many(ids)
    working = tx.assignments.working_of(list(firsts))
    keys = {one.actor.account: one.key for one in map(asked.__getitem__, firsts.values()) if one.key}
    known = tx.idempotency.known(keys)
    now = tx.now()
    seats: dict[int, Seat] = {}
    gigs: dict[GigId, Gig] = {}
    for by, number in sorted(firsts.items(), key=itemgetter(1)):
        offer = found.get(ids[number])
        gig = held.get(offer.gig) if offer is not None else None
        if offer is None or gig is None or offer.together is not None or AccountId(by) in known:
            continue
        try:
            seat = take_seat(offer, gig, by, now, rules)
        except Refusal:
            continue
        if clashes(seat.assignment, working.get(by, ())):
            continue
        seats[number] = seat
        held[gig.id] = gigs[gig.id] = seat.gig
    return seats, gigs


def _answered(asked: Sequence[Accept], done: Mapping[int, tuple[Answer, Part]]) -> list[Answered]:
    return [
        Answered(one.actor.account, one.key, commands.fingerprint(OP, one.args), done[number][0])
        for number, one in enumerate(asked)
        if number in done and one.key is not None
    ]
