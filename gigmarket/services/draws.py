"""Draws made public: anchors before the first round, each seed after its round, lots without names."""

from gigmarket.domain import draw
from gigmarket.domain.errors import NotFound
from gigmarket.domain.explanation import Explanation
from gigmarket.domain.verdict import Verdict
from gigmarket.store.draws import DrawChain
from gigmarket.store.transaction import Transaction
from gigmarket.wire.fairness import ChainView, DrawnGigView, DrawView, LotView


def open_chain(tx: Transaction, city: str, token: int, anchor: bytes, length: int) -> int:
    """Publish a term's anchor, before its first round; returns the chain's id. Raises Fenced when another
    dispatcher took over.
    """
    tx.fence.check(city, token)
    return tx.draws.open(city, anchor.hex(), length, tx.now())


def chains(tx: Transaction, city: str, limit: int) -> list[ChainView]:
    """The city's anchors, newest first."""
    return [_view(chain) for chain in tx.draws.recent(city, limit)]


def turn(tx: Transaction, city: str, chain_id: int, number: int) -> DrawView:
    """A turn whose round is over. Raises NotFound before that, for another city's, and when it is forgotten."""
    chain = tx.draws.get(chain_id)
    name = f"{chain_id}.{number}"
    gigs = tx.draws.gigs_of(name) if chain.city == city else []
    found = [made for gig in gigs if (made := tx.explanations.of_round(gig, name)) is not None]
    if not found:
        raise NotFound("no such turn, or its seed is not revealed yet")
    return DrawView(
        chain=chain_id,
        turn=number,
        anchor=chain.anchor,
        seed=found[0].seed,
        at=found[0].at,
        gigs=[_gig(explanation) for explanation in found],
    )


def _view(chain: DrawChain) -> ChainView:
    return ChainView(id=chain.id, anchor=chain.anchor, length=chain.length, opened_at=chain.opened_at)


def _gig(explanation: Explanation) -> DrawnGigView:
    lots = [
        LotView(
            key=str(one.key),
            ticket=one.ticket,
            cost_s=one.cost_s,
            verdict=one.verdict.value,
            crew=one.in_crew,
        )
        for one in explanation.considered
    ]
    drawn = draw.tickets_of(explanation.seed, [lot.key for lot in explanation.lots])
    lots += [
        LotView(key=str(lot.key), ticket=ticket, cost_s=lot.cost_s, verdict=Verdict.OTHERS_FIRST.value)
        for lot, ticket in zip(explanation.lots, drawn, strict=True)
    ]
    last = explanation.last_drawn()
    return DrawnGigView(
        seats=explanation.seats, cut=last.ticket if last else None, alike=explanation.alike, lots=lots
    )
