"""An offer: where every command leads from every state, and that accepting in time always succeeds."""

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gigmarket.domain import offer as offers
from gigmarket.domain.errors import NotFound, OfferClosed, Refusal
from gigmarket.domain.ids import StationId
from gigmarket.domain.offer import (
    DeclineReason,
    Offer,
    OfferAccepted,
    OfferClosedWithout,
    OfferExtended,
    OfferFact,
    OfferStatus,
)
from tests.domain.samples import NOW, OTHER_WORKER, POLICY, WORKER, offer, seconds

PENDING, ACCEPTED, DECLINED = OfferStatus.PENDING, OfferStatus.ACCEPTED, OfferStatus.DECLINED
EXPIRED, WITHDRAWN = OfferStatus.EXPIRED, OfferStatus.WITHDRAWN

LAST_MOMENT = NOW + seconds(59.999)
GIG_ENDS = NOW + seconds(4 * 3600)
OVER = NOW + seconds(60)
Decided = tuple[Offer, tuple[OfferFact, ...]]

COMMANDS: dict[str, Callable[[Offer], Decided]] = {
    "accept": lambda o: offers.accept(o, WORKER, LAST_MOMENT),
    "accept late": lambda o: offers.accept(o, WORKER, OVER),
    "accept another's": lambda o: offers.accept(o, OTHER_WORKER, NOW),
    "decline": lambda o: offers.decline(o, WORKER, DeclineReason.PAY, LAST_MOMENT),
    "decline late": lambda o: offers.decline(o, WORKER, None, OVER),
    "decline another's": lambda o: offers.decline(o, OTHER_WORKER, None, NOW),
    "extend": lambda o: offers.extend(o, WORKER, LAST_MOMENT, GIG_ENDS, POLICY),
    "extend late": lambda o: offers.extend(o, WORKER, OVER, GIG_ENDS, POLICY),
    "extend another's": lambda o: offers.extend(o, OTHER_WORKER, NOW, GIG_ENDS, POLICY),
    "expire": lambda o: offers.expire(o, LAST_MOMENT),
    "expire late": lambda o: offers.expire(o, OVER),
    "withdraw": lambda o: offers.withdraw(o, NOW),
    "withdraw late": lambda o: offers.withdraw(o, OVER),
}
Outcome = OfferStatus | type[Refusal]
FROM_PENDING: dict[str, Outcome] = {
    "accept": ACCEPTED,
    "accept late": OfferClosed,
    "accept another's": NotFound,
    "decline": DECLINED,
    "decline late": OfferClosed,
    "decline another's": NotFound,
    "extend": PENDING,
    "extend late": OfferClosed,
    "extend another's": NotFound,
    "expire": PENDING,
    "expire late": EXPIRED,
    "withdraw": WITHDRAWN,
    "withdraw late": WITHDRAWN,
}


def outcome_of(status: OfferStatus, command: str) -> Outcome:
    """The next state or the refusal: an answered offer never moves, and another's is never there."""
    if status is PENDING:
        return FROM_PENDING[command]
    if command.endswith("another's"):
        return NotFound
    return status if command.startswith(("expire", "withdraw")) else OfferClosed


def test_the_table_covers_every_command() -> None:
    assert FROM_PENDING.keys() == COMMANDS.keys()


@pytest.mark.parametrize("command", COMMANDS)
@pytest.mark.parametrize("status", OfferStatus)
def test_transition(status: OfferStatus, command: str) -> None:
    before = offer(status)
    outcome = outcome_of(status, command)
    if not isinstance(outcome, OfferStatus):
        with pytest.raises(outcome):
            COMMANDS[command](before)
        return
    after, facts = COMMANDS[command](before)
    assert after.status is outcome
    assert bool(facts) == (after != before)
    assert all(fact.offer == after for fact in facts)


@pytest.mark.parametrize(
    ("command", "fact", "answered_at", "reason"),
    [
        ("accept", OfferAccepted, LAST_MOMENT, None),
        ("decline", OfferClosedWithout, LAST_MOMENT, DeclineReason.PAY),
        ("expire late", OfferClosedWithout, OVER, None),
        ("withdraw", OfferClosedWithout, NOW, None),
        ("extend", OfferExtended, None, None),
    ],
)
def test_what_is_told(
    command: str, fact: type[OfferFact], answered_at: datetime | None, reason: DeclineReason | None
) -> None:
    after, facts = COMMANDS[command](offer())
    assert [type(told) for told in facts] == [fact]
    assert (after.answered_at, after.reason) == (answered_at, reason)


def test_the_refusal_says_what_became_of_the_offer() -> None:
    with pytest.raises(OfferClosed, match="already withdrawn"):
        offers.accept(offer(WITHDRAWN), WORKER, NOW)
    with pytest.raises(OfferClosed, match="expired"):
        offers.accept(offer(), WORKER, OVER)


@given(st.integers(0, 119))
def test_thinking_again_holds_the_seat_once_more(at_s: int) -> None:
    longer, _ = offers.extend(offer(), WORKER, NOW + seconds(30), GIG_ENDS, POLICY)
    assert (longer.extended, longer.expires_at) == (True, NOW + seconds(120))
    assert offers.expire(longer, NOW + seconds(at_s)) == (longer, ())
    assert offers.accept(longer, WORKER, NOW + seconds(at_s))[0].status is ACCEPTED
    with pytest.raises(OfferClosed, match="extended already"):
        offers.extend(longer, WORKER, NOW + seconds(at_s), GIG_ENDS, POLICY)


@given(st.floats(0, 200, exclude_max=True))
def test_at_every_moment_an_offer_can_be_accepted_or_expires_but_never_both(at_s: float) -> None:
    at = NOW + seconds(at_s)
    if offers.expire(offer(), at)[0].status is PENDING:
        assert offers.accept(offer(), WORKER, at)[0].status is ACCEPTED
    else:
        with pytest.raises(OfferClosed):
            offers.accept(offer(), WORKER, at)


def test_an_offer_lasts_longer_at_a_kiosk() -> None:
    assert offers.expires_at(NOW, None, GIG_ENDS, POLICY) == NOW + seconds(60)
    assert offers.expires_at(NOW, StationId("s1"), GIG_ENDS, POLICY) == NOW + seconds(120)


def test_an_offer_never_outlives_its_gig():
    ends = NOW + seconds(30)
    assert offers.expires_at(NOW, None, ends, POLICY) == ends
    longer, _ = offers.extend(replace(offer(), expires_at=ends), WORKER, NOW, ends, POLICY)
    assert longer.expires_at == ends
