"""Which edges left out of a pruned graph could still fill a seat (docs/decisions/0010)."""

import numpy as np

from gigmarket.domain.filling import Flags, Ints


def starved(gig: Ints, worker: Ints, chosen: Ints, seats: Ints, full: Flags) -> Ints:
    """The gig rows whose edge lists should be completed next, ascending; none when no list could fill a seat.

    `chosen` are the edges a filling of the given ones took; `full[g]` says that g has all its edges already.
    An unfilled seat can only be filled by an edge of a gig from which workers can be passed on to it: reached
    from it along an edge to a worker and from that worker to his gig, and so on (Berge 1957).
    """
    reached: Flags = np.bincount(gig[chosen], minlength=len(seats)) < seats
    if not reached.any():
        return np.zeros(0, dtype=np.int64)
    owner = np.full(int(worker.max()) + 1 if worker.size else 0, -1, dtype=np.int64)
    owner[worker[chosen]] = gig[chosen]
    source, target = gig, owner[worker]
    useful = (target >= 0) & (target != source)
    source, target = source[useful], target[useful]
    while True:
        news = target[reached[source] & ~reached[target]]
        if not news.size:
            found: Ints = np.flatnonzero(reached & ~full)
            return found
        reached[news] = True
