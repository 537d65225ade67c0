"""Appeals: filed by a worker with the reason of that moment, answered by staff, told on the worker's stream."""

from gigmarket.domain import appeal as appeals
from gigmarket.domain.actor import Actor
from gigmarket.domain.appeal import Appeal, AppealId
from gigmarket.domain.errors import Invalid, NotFound
from gigmarket.domain.ids import GigId, OfferId, WorkerId, new_id, worker_principal
from gigmarket.services.commands import fingerprint, once
from gigmarket.services.explaining import why_not, why_offer
from gigmarket.services.market import Market
from gigmarket.services.rules import Rules
from gigmarket.store.idempotency import Answer
from gigmarket.store.transaction import Transaction
from gigmarket.wire.codec import encode
from gigmarket.wire.pages import Page
from gigmarket.wire.values import masked
from gigmarket.wire.why import AnswerIn, AppealEvent, AppealIn, AppealView, DeskAppealView, ReasonView, WhyView

OP = "appeal.file"
WAITING, ANSWERED = "w", "a"
"""First letter of a cursor: which part of the queue it stands in."""


async def file(market: Market, actor: Actor, body: AppealIn, key: str | None) -> Answer:
    """Contest a decision about a gig; the reason as the worker is told it now is kept with it.

    Raises NotFound for a gig or offer that is none of the worker's business, TooManyAppeals.
    """
    worker = actor.worker()
    earlier = await market.store.read(_earlier, actor, body, key)
    if earlier is not None:
        return earlier
    if body.offer_id is not None:
        why = await market.store.read(_why_of_offer, market.rules, actor, body)
    else:
        why = await why_not(market, worker, GigId(body.gig_id))
    return await market.transact(_file, market.rules, actor, body, why, key)


def mine(tx: Transaction, worker: WorkerId, cursor: str | None, limit: int) -> Page[AppealView]:
    """A worker's appeals, newest first."""
    found = tx.appeals.of_worker(worker, cursor, limit)
    titles = _titles(tx, found)
    items = [AppealView.of(each, titles[each.gig]) for each in found]
    return Page(items=items, next=found[-1].id if len(found) == limit else None)


def queue(tx: Transaction, cursor: str | None, limit: int) -> Page[DeskAppealView]:
    """Every appeal: open ones first, the longest waiting at the top, then answered ones, newest first.

    Raises Invalid for a cursor that no page gave.
    """
    part, place = (cursor[0], cursor[1:] or None) if cursor else (WAITING, None)
    if part not in (WAITING, ANSWERED):
        raise Invalid.field("cursor", "is not one that a page gave")
    found = tx.appeals.waiting(place, limit) if part == WAITING else []
    following = f"{WAITING}{found[-1].id}" if len(found) == limit else None
    if following is None:
        room = limit - len(found)
        rest = tx.appeals.answered(place if part == ANSWERED else None, room)
        following = f"{ANSWERED}{rest[-1].id}" if len(rest) == room else None
        found = [*found, *rest]
    titles, people = _titles(tx, found), tx.accounts.get_many([each.worker for each in found])
    items = [_for_desk(each, titles[each.gig], people[each.worker].name) for each in found]
    return Page(items=items, next=following)


def answer(
    tx: Transaction, rules: Rules, actor: Actor, appeal_id: AppealId, body: AnswerIn, key: str | None
) -> Answer:
    """Answer an appeal, once; the worker is told and the desk's session audited.

    Raises NotFound, AppealAnswered.
    """

    def work() -> Answer:
        now = tx.now()
        answered = appeals.answer(tx.appeals.lock(appeal_id), actor.account, body.words, now)
        tx.appeals.save(answered)
        tx.accounts.audit(actor, "appeal.answer", appeal_id, now)
        title = tx.gigs.get(answered.gig).draft.title
        told = AppealEvent(appeal=AppealView.of(answered, title))
        tx.tell(worker_principal(answered.worker), "appeal.answered", encode(told))
        name = tx.workers.get(answered.worker).name
        return Answer(200, encode(_for_desk(answered, title, name)))

    return once(tx, actor, key, fingerprint(f"appeal.answer {appeal_id}", body), work)


def _earlier(tx: Transaction, actor: Actor, body: AppealIn, key: str | None) -> Answer | None:
    return None if key is None else tx.idempotency.find(actor.account, key, fingerprint(OP, body))


def _why_of_offer(tx: Transaction, rules: Rules, actor: Actor, body: AppealIn) -> WhyView:
    offer = tx.offers.get(OfferId(body.offer_id or ""))
    if offer.gig != body.gig_id:
        raise NotFound("no such offer of this gig")
    return why_offer(tx, rules, actor, offer.id)


def _file(tx: Transaction, rules: Rules, actor: Actor, body: AppealIn, why: WhyView, key: str | None) -> Answer:
    def work() -> Answer:
        # The worker's row is held, so that two requests at once cannot both be the fifth.
        worker = tx.workers.lock(actor.worker())
        appeals.may_file(tx.appeals.open_of(worker.id))
        now = tx.now()
        filed = Appeal(
            id=AppealId(new_id(now, rules.rng)),
            worker=worker.id,
            gig=GigId(body.gig_id),
            offer=OfferId(body.offer_id) if body.offer_id else None,
            words=body.words,
            reason=ReasonView(**why.model_dump(include=set(ReasonView.model_fields))).model_dump_json(),
            created_at=now,
        )
        tx.appeals.add(filed)
        if actor.via is not None:
            tx.accounts.audit(actor, OP, filed.id, now)
        return Answer(201, encode(AppealView.of(filed, tx.gigs.get(filed.gig).draft.title)))

    return once(tx, actor, key, fingerprint(OP, body), work)


def _titles(tx: Transaction, found: list[Appeal]) -> dict[GigId, str]:
    return {gig.id: gig.draft.title for gig in tx.gigs.get_many([each.gig for each in found]).values()}


def _for_desk(appeal: Appeal, title: str, name: str) -> DeskAppealView:
    shown = AppealView.of(appeal, title)
    return DeskAppealView(**shown.model_dump(), worker_id=appeal.worker, worker=masked(name))
