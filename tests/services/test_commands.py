"""One handler for both transports: roles, and a key that makes a repeat harmless."""

from typing import Any

import pytest

from gigmarket.domain.errors import Forbidden, IdempotencyMismatch, OfferClosed, RateLimited, Unavailable
from gigmarket.domain.ids import Role
from gigmarket.services import commands
from gigmarket.services.commands import HANDLERS, once, perform
from gigmarket.store.idempotency import Answer
from gigmarket.store.transaction import Transaction
from gigmarket.wire.codec import decode
from gigmarket.wire.ops import OPS
from gigmarket.wire.work import DeclineArgs, GigArgs, OfferArgs
from tests.services.town import Town, at_kiosk
from tests.wire.test_ops import ARGS


def test_every_operation_has_a_handler() -> None:
    assert HANDLERS.keys() == OPS.keys()


@pytest.mark.parametrize("role", list(Role))
@pytest.mark.parametrize("op", OPS)
def test_an_operation_is_for_its_roles_only(town: Town, op: str, role: Role) -> None:
    station = town.see(lambda tx: tx.stations.all()[0].id)
    actor = town.person(role, station=station if role in (Role.CLERK, Role.KIOSK) else None)
    args = OPS[op].args.model_validate(ARGS[op])
    before = town.see(lambda tx: tx.connection.exec_driver_sql("SELECT count(*) FROM idempotency").scalar())
    if role in OPS[op].roles:
        assert town.do(perform, town.rules, actor, op, args, "k").status in (200, 404)
        return
    with pytest.raises(Forbidden):
        town.do(perform, town.rules, actor, op, args, "k")
    after = town.see(lambda tx: tx.connection.exec_driver_sql("SELECT count(*) FROM idempotency").scalar())
    assert after == before


def test_a_repeat_gets_the_first_answer_and_does_nothing(town: Town) -> None:
    worker = town.worker()
    args = OfferArgs(offer_id=town.offer(town.gig(town.employer()), worker))
    first = town.do(perform, town.rules, worker, "offer.extend", args, "k1")
    told = len(town.events)
    assert town.do(perform, town.rules, worker, "offer.extend", args, "k1") == first
    assert (len(town.events), bool(town.woken[-1].aftermath)) == (told, False)
    assert town.get_offer(args.offer_id).extended  # type: ignore[arg-type]


def test_a_refusal_is_remembered_and_leaves_nothing_behind(town: Town) -> None:
    worker = town.worker()
    args = OfferArgs(offer_id=town.offer(town.gig(town.employer()), worker))
    town.do(perform, town.rules, worker, "offer.extend", args, "k1")
    told = len(town.events)
    refused = town.do(perform, town.rules, worker, "offer.extend", args, "k2")
    assert (refused.status, decode(refused.body)["type"]) == (409, "/problems/offer-closed")
    assert len(town.events) == told
    assert not town.woken[-1].aftermath
    # It would succeed by now, but this key was answered.
    town.do(perform, town.rules, worker, "offer.decline", DeclineArgs(offer_id=args.offer_id), "k3")
    assert town.do(perform, town.rules, worker, "offer.extend", args, "k2") == refused


def test_without_a_key_a_refusal_is_raised(town: Town) -> None:
    worker = town.worker()
    args = DeclineArgs(offer_id=town.offer(town.gig(town.employer()), worker))
    town.do(perform, town.rules, worker, "offer.decline", args, None)
    with pytest.raises(OfferClosed):
        town.do(perform, town.rules, worker, "offer.decline", args, None)


def test_a_key_belongs_to_one_request_of_one_account(town: Town) -> None:
    worker, employer = town.worker(), town.employer()
    gig = town.gig(employer)
    args = OfferArgs(offer_id=town.offer(gig, worker))
    town.do(perform, town.rules, worker, "offer.extend", args, "k")
    with pytest.raises(IdempotencyMismatch):
        town.do(perform, town.rules, worker, "offer.decline", DeclineArgs(offer_id=args.offer_id), "k")
    with pytest.raises(IdempotencyMismatch):
        town.do(perform, town.rules, worker, "offer.extend", OfferArgs(offer_id="other"), "k")
    answer = town.do(perform, town.rules, employer, "gig.cancel", GigArgs(gig_id=gig), "k")
    assert answer.status == 200


def test_a_refusal_halfway_undoes_what_was_done_before_it(town: Town) -> None:
    worker = town.worker()
    offer = town.offer(town.gig(town.employer()), worker)
    told = len(town.events)

    def half(tx: Transaction) -> Answer:
        def work() -> Answer:
            HANDLERS["offer.decline"](tx, town.rules, worker, DeclineArgs(offer_id=offer))
            raise OfferClosed("and then no")

        return once(tx, worker, "k", "print", work)

    assert town.do(half).status == 409
    assert town.get_offer(offer).status == "pending"
    assert len(town.events) == told


@pytest.mark.parametrize("error", [Unavailable("busy"), RateLimited("slow", 1.0)], ids=["503", "429"])
def test_what_says_nothing_about_the_request_is_never_remembered(town: Town, error: Exception) -> None:
    worker = town.worker()

    def asked(tx: Transaction, fails: bool) -> Answer:
        def work() -> Answer:
            if fails:
                raise error
            return Answer(200, b'{"done":true}')

        return once(tx, worker, "k", "print", work)

    with pytest.raises(type(error)):
        town.do(asked, True)
    assert town.do(asked, False) == Answer(200, b'{"done":true}')


def test_what_is_done_at_anothers_desk_is_audited(town: Town) -> None:
    worker = town.worker()
    offer = town.offer(town.gig(town.employer()), worker)
    station = town.see(lambda tx: tx.stations.all()[0].id)
    standing = at_kiosk(worker, station, "kiosk-1")
    town.do(perform, town.rules, standing, "offer.extend", OfferArgs(offer_id=offer), None)
    town.do(perform, town.rules, worker, "offer.decline", DeclineArgs(offer_id=offer), None)

    def audit(tx: Transaction) -> list[Any]:
        rows = tx.connection.exec_driver_sql("SELECT actor_id, via_id, action, subject_id FROM audit")
        return [tuple(row) for row in rows]

    assert town.see(audit) == [(worker.account, "kiosk-1", "offer.extend", offer)]


def test_the_same_request_has_the_same_print() -> None:
    one = OPS["offer.accept"].args.model_validate({"offer_id": "o"})
    assert commands.fingerprint("offer.accept", one) == commands.fingerprint("offer.accept", one)
    assert commands.fingerprint("offer.accept", one) != commands.fingerprint("offer.extend", one)
