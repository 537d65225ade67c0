"""Crews: founded, joined and left. Each function is one transaction.

Whoever changes a crew holds first its row, then the gigs of its pending offers, then its members: the claim
passes over who is held like this, so that nobody is offered anything with whom they are no more.
"""

from collections.abc import Sequence

from gigmarket.domain import crew as crews
from gigmarket.domain.actor import Actor
from gigmarket.domain.crew import Crew, Together
from gigmarket.domain.errors import Invalid, NotFound, WrongCode
from gigmarket.domain.ids import CrewId, WorkerId, new_id, new_site_code
from gigmarket.domain.worker import Worker
from gigmarket.services import crew_views
from gigmarket.services.offers import withdraw_pending
from gigmarket.services.rules import Rules
from gigmarket.store.failures import Locked
from gigmarket.store.transaction import Transaction
from gigmarket.wire.crews import CrewAnswer


def of_worker(tx: Transaction, worker_id: WorkerId) -> CrewAnswer:
    """Whom the worker looks for work with."""
    return CrewAnswer(crew=crew_views.of_workers(tx, [tx.workers.get(worker_id)]).get(worker_id))


def together_of(tx: Transaction, worker: Worker) -> Together | None:
    """The crew that the worker is matched with; None for who is alone, or in a crew of one."""
    if worker.crew is None:
        return None
    crew = tx.crews.get_many([worker.crew]).get(worker.crew)
    return crew.together() if crew is not None else None


def open_crew(tx: Transaction, rules: Rules, actor: Actor) -> CrewAnswer:
    """A crew of the worker's own, or a new code for the one they lead. Raises Forbidden for other members."""
    worker, now = actor.worker(), tx.now()
    code = _new_code(tx, rules)
    crew = _held(tx, worker)
    if crew is not None:
        tx.crews.set_code(crews.reopen(crew, worker, code, now, rules.policy))
    elif tx.workers.lock(worker).crew is None:
        tx.crews.add(crews.found(CrewId(new_id(now, rules.rng)), worker, code, now, rules.policy), now)
    return _changed(tx, actor, "crew.open", ())


def join(tx: Transaction, rules: Rules, actor: Actor, code: str) -> CrewAnswer:
    """Come into the crew that has this code; a crew of one's own that nobody joined is given up for it.

    Raises WrongCode, Invalid when the crew is full or the worker is in another with others, Locked when his
    crew changed meanwhile.
    """
    worker = actor.worker()
    crew, mine = _both(tx, code, worker)
    joined = crews.join(crew, worker, code, tx.now(), rules.policy)
    if joined != crew:
        _hold(tx, joined.members)
        # Before his own row is held, a leader may go on without him, or another screen of his found a crew.
        if tx.workers.get(worker).crew != (mine.id if mine is not None else None):
            raise Locked("your crew changed at this moment: try again")
        if mine is not None and len(mine.members) > 1:
            raise Invalid.field("code", "you are in another crew: leave that first")
        tx.crews.enter(crew.id, worker, tx.now())
        if mine is not None:
            tx.crews.remove(mine.id)
    return _changed(tx, actor, "crew.join", ())


def leave(tx: Transaction, rules: Rules, actor: Actor) -> CrewAnswer:
    """Go one's own way; harmless for who is in no crew."""
    worker = actor.worker()
    crew = _held(tx, worker)
    if crew is None:
        return CrewAnswer(crew=None)
    _part(tx, crew, worker, crews.leave(crew, worker))
    return _changed(tx, actor, "crew.leave", (worker,), crew.id)


def remove(tx: Transaction, rules: Rules, actor: Actor, member: WorkerId) -> CrewAnswer:
    """The leader goes on without a member. Raises Forbidden for all but the leader, NotFound."""
    crew = _held(tx, actor.worker())
    if crew is None:
        raise NotFound("no such crew")
    _part(tx, crew, member, crews.remove(crew, actor.worker(), member))
    return _changed(tx, actor, "crew.remove", (member,), crew.id)


def _both(tx: Transaction, code: str, worker: WorkerId) -> tuple[Crew, Crew | None]:
    """The crew with this code and the worker's own, both held, in the order of their ids as everywhere."""
    named = tx.crews.by_code(code)
    if named is None:
        raise WrongCode("no crew has this code now: ask its leader for a new one")
    mine = tx.workers.get(worker).crew
    found = {which: tx.crews.lock(which) for which in sorted({named} if mine is None else {named, mine})}
    return found[named], None if mine is None or mine == named else found[mine]


def _part(tx: Transaction, crew: Crew, worker: WorkerId, smaller: Crew | None) -> None:
    _hold(tx, crew.members)
    tx.crews.quit(worker)
    if smaller is None:
        tx.crews.remove(crew.id)


def _hold(tx: Transaction, members: Sequence[WorkerId]) -> None:
    """Take back what was offered to them as they were, and hold them; they are to be looked at anew."""
    withdraw_pending(tx, members, by_hand=False)
    for worker in sorted(members):
        tx.workers.lock(worker)
        tx.redispatch(worker=worker)
    # A claim may have come between; from here on every claim passes over them. Gigs are held after workers only
    # then: should that be a deadlock, the database says so, and all of this is tried again.
    withdraw_pending(tx, members, by_hand=False)


def _held(tx: Transaction, worker: WorkerId) -> Crew | None:
    """The worker's crew, held until the transaction ends; None for who is in none."""
    named = tx.workers.get(worker).crew
    if named is None:
        return None
    try:
        crew = tx.crews.lock(named)
    except NotFound:
        return None
    return crew if worker in crew.members else None


def _changed(
    tx: Transaction, actor: Actor, what: str, gone: Sequence[WorkerId], crew_id: CrewId | None = None
) -> CrewAnswer:
    """Tell everybody concerned, and keep who did it on whose behalf."""
    worker = actor.worker()
    answer = of_worker(tx, worker)
    which = crew_id or (CrewId(answer.crew.id) if answer.crew is not None else None)
    if which is not None:
        crew_views.tell(tx, which, gone)
        if actor.via is not None:
            tx.accounts.audit(actor, what, which, tx.now())
    return answer


def _new_code(tx: Transaction, rules: Rules) -> str:
    while tx.crews.by_code(code := new_site_code(rules.rng)) is not None:
        pass
    return code
