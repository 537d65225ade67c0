"""What a round leaves behind about each gig, so that anyone concerned can be told why."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime

from gigmarket.domain.draw import same_step
from gigmarket.domain.ids import GigId, WorkerId
from gigmarket.domain.verdict import Verdict


@dataclass(frozen=True, slots=True)
class Considered:
    """One worker as the round saw them for this gig.

    `travel_s` is None outside the circle. `cost_s` (None when a rule forbade the offer) is travel and tied time
    less `credit_s`, the fairness credit, all in seconds of travel; `ticket` in [0, 1) is the worker's draw and
    `key` the number that it was drawn with (`domain.draw`). Who is `in_crew` is in or out with the others.
    """

    worker: WorkerId
    verdict: Verdict
    travel_s: int | None
    cost_s: float | None
    credit_s: float
    waited_s: int
    share: float
    ticket: float
    key: int
    in_crew: bool = False

    def alike(self, other: "Considered", alike_s: float) -> bool:
        """Whether nothing but the draw told these two apart, in steps of `alike_s` seconds."""
        if self.cost_s is None or other.cost_s is None or self.in_crew or other.in_crew:
            return False
        return same_step((self.cost_s, self.ticket), (other.cost_s, other.ticket), alike_s)


@dataclass(frozen=True, slots=True)
class Lot:
    """The lot of a worker who lost the draw and is not among the considered: the `key` that it was drawn with,
    and the cost that it came to. The ticket follows from the round's seed and the key.
    """

    key: int
    cost_s: float


@dataclass(frozen=True, slots=True)
class Explanation:
    """A round's decision about one gig: how many workers each reason decided, and the considered few.

    `seats` were free; `circle_s` is the gig's circle then; `round` is "chain.turn" and `seed` its revealed seed
    in hex; `estimated` when travel came from straight lines. `alike` workers, the last drawn among them, had
    costs that only the draw told apart, and none of them was in a crew; `lots` are those of them who are not
    among the considered, the lowest ticket first, the first of them when they are many.
    """

    gig: GigId
    at: datetime
    round: str
    seed: str
    seats: int
    circle_s: int
    estimated: bool
    funnel: Mapping[Verdict, int]
    considered: tuple[Considered, ...]
    alike: int = 0
    lots: tuple[Lot, ...] = ()

    def of(self, worker: WorkerId) -> Considered | None:
        """This worker as the round saw them, if among the considered."""
        return next((person for person in self.considered if person.worker == worker), None)

    def lot(self, key: int) -> Lot | None:
        """The lot drawn with this key by somebody who is not among the considered."""
        return next((lot for lot in self.lots if lot.key == key), None)

    def last_in(self) -> Considered | None:
        """Of those who were offered a seat, the one who was nearest to not getting it: where the cut was."""
        offered = (person for person in self.considered if person.verdict is Verdict.OFFERED)
        return max(offered, key=lambda person: person.cost_s or 0.0, default=None)

    def last_drawn(self) -> Considered | None:
        """The same of those who came alone: no single ticket decides about a crew."""
        offered = (one for one in self.considered if one.verdict is Verdict.OFFERED and not one.in_crew)
        return max(offered, key=lambda one: one.cost_s or 0.0, default=None)


def corrected(told: Explanation, dropped: Mapping[WorkerId, Verdict], alike_s: float) -> Explanation:
    """The same round when some proposals came too late: these workers got no offer, for these reasons.

    With the last one drawn among them nobody's lot decided, unless another of his step of `alike_s` is in.
    """
    if not dropped:
        return told
    moved = [one for one in told.considered if one.worker in dropped]
    counts = Counter(told.funnel)
    counts.subtract(one.verdict for one in moved)
    counts.update(dropped[one.worker] for one in moved)
    considered = tuple(replace(one, verdict=dropped.get(one.worker, one.verdict)) for one in told.considered)
    funnel = {verdict: count for verdict, count in counts.items() if count}
    after = replace(told, funnel=funnel, considered=considered)
    then, now = told.last_drawn(), after.last_drawn()
    drawn = then is not None and now is not None and now.alike(then, alike_s)
    return after if drawn else replace(after, alike=0, lots=())
