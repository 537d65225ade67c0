"""Every operation of both transports, once: role check, idempotency, transaction."""

import hashlib
from collections.abc import Callable
from typing import Any

from gigmarket.domain.actor import Actor
from gigmarket.domain.errors import Forbidden, RateLimited, Refusal, Unauthenticated, Unavailable
from gigmarket.domain.ids import AssignmentId, GigId, OfferId
from gigmarket.services import assignments, gigs, offers, presence, road_advice
from gigmarket.services.rules import Rules
from gigmarket.store.idempotency import Answer
from gigmarket.store.transaction import Transaction
from gigmarket.travel.datum import to_wgs84
from gigmarket.wire import problems
from gigmarket.wire.codec import encode
from gigmarket.wire.ops import OPS
from gigmarket.wire.people import PresenceIn
from gigmarket.wire.values import Body, View
from gigmarket.wire.work import CheckInArgs, CheckOutArgs

Handler = Callable[[Transaction, Rules, Actor, Any], View]


def _set_presence(tx: Transaction, rules: Rules, actor: Actor, args: PresenceIn) -> View:
    if args.status == "offline":
        return presence.go_offline(tx, actor.worker())
    where = args.position
    position = to_wgs84(where.lat, where.lng, where.datum) if where else None
    shown = presence.go_available(tx, actor, position, args.until, args.in_hall)
    if where is None or args.in_hall:
        return shown
    advice = road_advice.of_worker(rules, tx.workers.get(actor.worker()).mode, where)
    return shown.model_copy(update={"advice": advice})


def _check_in(tx: Transaction, rules: Rules, actor: Actor, args: CheckInArgs) -> View:
    which, at = AssignmentId(args.assignment_id), assignments.moment(tx, args.at)
    if args.crew:
        return assignments.check_in_crew(tx, rules, actor.worker(), actor, which, args.code, at)
    return assignments.check_in(tx, rules, actor.worker(), which, args.code, at)


def _check_out(tx: Transaction, rules: Rules, actor: Actor, args: CheckOutArgs) -> View:
    which, at = AssignmentId(args.assignment_id), assignments.moment(tx, args.at)
    if args.crew:
        return assignments.check_out_crew(tx, rules, actor.worker(), actor, which, at)
    return assignments.check_out(tx, rules, actor.worker(), which, at)


HANDLERS: dict[str, Handler] = {
    "offer.accept": lambda tx, rules, actor, args: offers.accept(
        tx, rules, actor.worker(), OfferId(args.offer_id)
    ),
    "offer.decline": lambda tx, rules, actor, args: offers.decline(
        tx, rules, actor.worker(), OfferId(args.offer_id), args.reason
    ),
    "offer.extend": lambda tx, rules, actor, args: offers.extend(
        tx, rules, actor.worker(), OfferId(args.offer_id)
    ),
    "assignment.check_in": _check_in,
    "assignment.check_out": _check_out,
    "assignment.confirm": lambda tx, rules, actor, args: assignments.confirm(
        tx, rules, actor.worker(), AssignmentId(args.assignment_id)
    ),
    "assignment.dispute": lambda tx, rules, actor, args: assignments.dispute(
        tx, rules, actor.worker(), AssignmentId(args.assignment_id), args.reason
    ),
    "assignment.cancel": lambda tx, rules, actor, args: assignments.cancel(
        tx, rules, actor, AssignmentId(args.assignment_id), args.reason
    ),
    "assignment.no_show": lambda tx, rules, actor, args: assignments.report_no_show(
        tx, rules, actor.employer(), AssignmentId(args.assignment_id)
    ),
    "assignment.settle": lambda tx, rules, actor, args: assignments.settle(
        tx, rules, actor.employer(), AssignmentId(args.assignment_id), args.amount_fen, args.reason
    ),
    "assignment.late": lambda tx, rules, actor, args: assignments.tell_late(
        tx, rules, actor.worker(), AssignmentId(args.assignment_id), 60 * args.minutes
    ),
    "assignment.vouch": lambda tx, rules, actor, args: assignments.vouch(
        tx, rules, actor, AssignmentId(args.assignment_id), args.here
    ),
    "gig.settle": lambda tx, rules, actor, args: assignments.settle_many(
        tx, rules, actor.employer(), GigId(args.gig_id), args.payments
    ),
    "gig.cancel": lambda tx, rules, actor, args: gigs.cancel(tx, rules, actor.employer(), GigId(args.gig_id)),
    "presence.set": _set_presence,
}


def perform(tx: Transaction, rules: Rules, actor: Actor, op: str, args: Body, key: str | None) -> Answer:
    """One operation by its name, with a key at most once: a repeat gets the first answer, refusals included.

    Raises Refusal without a key; with one, only IdempotencyMismatch, Forbidden and what `once` lets pass.
    """
    if actor.role not in OPS[op].roles:
        raise Forbidden(f"{op} is not for this role")
    if actor.grant is not None and not actor.grant.allows(op, getattr(args, "assignment_id", None)):
        raise Forbidden("this ticket or card does not allow that: identify with a PIN")

    def work() -> Answer:
        answer = HANDLERS[op](tx, rules, actor, args)
        if actor.via is not None:
            tx.accounts.audit(actor, op, next(iter(args.model_dump().values()), ""), tx.now())
        return Answer(200, encode(answer))

    return once(tx, actor, key, fingerprint(op, args), work)


def once(tx: Transaction, actor: Actor, key: str | None, print_: str, work: Callable[[], Answer]) -> Answer:
    """Run `work` at most once per key within 24 hours and remember its first answer.

    A refusal undoes the work and is remembered too: what was refused once under a key stays refused under it.
    Not so RateLimited, Unavailable and Unauthenticated, which are raised: they say nothing about the request.
    Raises IdempotencyMismatch when the key came with another request.
    """
    if key is None:
        return work()
    earlier = tx.idempotency.find(actor.account, key, print_)
    if earlier is not None:
        return earlier
    try:
        with tx.attempt():
            answer = work()
    except (RateLimited, Unavailable, Unauthenticated):
        raise
    except Refusal as refusal:
        answer = Answer(problems.TITLES[refusal.code][0], encode(problems.problem(refusal)))
    tx.idempotency.add(actor.account, key, print_, answer, tx.stamp())
    return answer


def fingerprint(op: str, args: Body) -> str:
    """What makes two requests the same: the operation and its arguments as understood."""
    # A time that is not said leaves a request what it was to a release that knew of none.
    unsaid = {"at"} if getattr(args, "at", args) is None else None
    return hashlib.sha256(op.encode() + b"\x00" + args.model_dump_json(exclude=unsaid).encode()).hexdigest()
