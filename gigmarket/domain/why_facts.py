"""What a reason goes by: numbers of one worker and one gig, from a round's record or the rules asked now."""

from dataclasses import dataclass, field

from gigmarket.domain.explanation import Considered, Explanation
from gigmarket.domain.geo import Mode
from gigmarket.domain.gig import Gig
from gigmarket.domain.policy import DEFAULT, Policy
from gigmarket.domain.verdict import Verdict
from gigmarket.domain.worker import Worker


@dataclass(frozen=True, slots=True)
class Facts:
    """What a sentence may say about one worker and one gig. Seconds and fen; None: not known, so not said.

    `first_travel_s` and `first_waited_s` are those of the last one who went before; `by_draw`: `alike` workers
    were, so it was drawn. Of `fitting` workers whom no rule forbade, `asked` were offered a seat. `recorded`:
    from a round; otherwise the rules were asked just now and OFFERED means that none forbids.
    """

    verdict: Verdict
    mode: Mode = Mode.EBIKE
    trade: str = ""
    travel_s: float | None = None
    limit_s: float = 900.0
    waited_s: float = 0.0
    pay_fen: int | None = None
    floor_fen: int = 0
    first_travel_s: float | None = None
    first_waited_s: float = 0.0
    by_draw: bool = False
    alike: int = 0
    fitting: int = 0
    asked: int = 0
    least_party: int = 1
    recorded: bool = True
    policy: Policy = field(default=DEFAULT)


def facts_of(explanation: Explanation, person: Considered, gig: Gig, worker: Worker, policy: Policy) -> Facts:
    """What a recorded round says about one of its considered workers."""
    last = explanation.last_drawn()
    by_draw = last is not None and last.worker != person.worker and last.alike(person, policy.alike_s)
    first = last if by_draw else _who_went_first(explanation, person)
    return Facts(
        verdict=person.verdict,
        mode=worker.mode,
        trade=gig.draft.trade,
        travel_s=person.travel_s,
        limit_s=limit_of(worker, explanation.circle_s, policy),
        waited_s=person.waited_s,
        pay_fen=gig.due_fen(),
        floor_fen=worker.floor_wage_fen,
        first_travel_s=first.travel_s if first else None,
        first_waited_s=first.waited_s if first else 0.0,
        by_draw=by_draw,
        alike=explanation.alike,
        least_party=min(gig.draft.min_crew, explanation.seats),
        policy=policy,
    )


def facts_of_lot(explanation: Explanation, gig: Gig, worker: Worker, policy: Policy) -> Facts:
    """What a recorded round says about a worker of whom it kept the lot that lost, and nothing else."""
    last = explanation.last_drawn()
    return Facts(
        verdict=Verdict.OTHERS_FIRST,
        mode=worker.mode,
        trade=gig.draft.trade,
        limit_s=limit_of(worker, explanation.circle_s, policy),
        pay_fen=gig.due_fen(),
        floor_fen=worker.floor_wage_fen,
        first_travel_s=last.travel_s if last else None,
        by_draw=True,
        alike=explanation.alike,
        policy=policy,
    )


def limit_of(worker: Worker, circle_s: float, policy: Policy) -> float:
    """The longest way in seconds that a gig with this circle asks of this worker: a circle grows only for those
    who said that they would come from further.
    """
    return min(circle_s, worker.reach_s or policy.circle_s)


def _who_went_first(explanation: Explanation, person: Considered) -> Considered | None:
    """Of those whom the round offered a seat, the one who was nearest to not getting it."""
    ahead = [
        other
        for other in explanation.considered
        if other.verdict is Verdict.OFFERED and other.worker != person.worker and other.travel_s is not None
    ]
    return max(ahead, key=lambda other: other.cost_s or 0.0, default=None)
