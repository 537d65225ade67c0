"""What a round says about the proposals that came too late."""

from dataclasses import replace

from gigmarket.domain.explanation import Considered, Explanation, Lot, corrected
from gigmarket.domain.ids import GigId, WorkerId
from gigmarket.domain.verdict import Verdict
from tests.domain.samples import NOW

W1, W2, W3 = WorkerId("w1"), WorkerId("w2"), WorkerId("w3")
STEP_S = 60.0


def told(*people: tuple[WorkerId, Verdict], **funnel: int) -> Explanation:
    """A round that looked at these."""
    considered = tuple(Considered(who, verdict, 300, 200.0, 0.0, 60, 0.0, 0.5, 7) for who, verdict in people)
    counts = {Verdict(name): count for name, count in funnel.items()}
    return Explanation(GigId("g1"), NOW, "1.1", "ab" * 32, 2, 900, False, counts, considered)


def test_who_was_dropped_is_counted_and_named_under_the_claims_reason() -> None:
    before = told((W1, Verdict.OFFERED), (W2, Verdict.OFFERED), (W3, Verdict.WAGE), wage=4, offered=2)
    after = corrected(before, {W2: Verdict.LEFT}, STEP_S)
    assert [one.verdict for one in after.considered] == [Verdict.OFFERED, Verdict.LEFT, Verdict.WAGE]
    assert after.funnel == {Verdict.WAGE: 4, Verdict.OFFERED: 1, Verdict.LEFT: 1}
    assert after == replace(before, funnel=after.funnel, considered=after.considered)


def test_a_reason_nobody_has_any_more_is_not_counted() -> None:
    after = corrected(told((W1, Verdict.OFFERED), left=1, offered=1), {W1: Verdict.LEFT}, STEP_S)
    assert after.funnel == {Verdict.LEFT: 2}


def test_nothing_dropped_changes_nothing() -> None:
    before = told((W1, Verdict.OFFERED), offered=1)
    assert corrected(before, {}, STEP_S) is before


def drawn(*people: tuple[WorkerId, Verdict, float, float]) -> Explanation:
    """A round in which lots decided, of these by cost and ticket and of one more who lost."""
    costs = {who: (cost_s, ticket) for who, _, cost_s, ticket in people}
    before = told(*((who, verdict) for who, verdict, _, _ in people), offered=len(people))
    considered = tuple(
        replace(one, cost_s=costs[one.worker][0], ticket=costs[one.worker][1]) for one in before.considered
    )
    return replace(before, considered=considered, alike=3, lots=(Lot(8, 260.0),))


def test_without_the_last_one_drawn_nobody_lost_by_a_draw() -> None:
    before = drawn((W1, Verdict.OFFERED, 20.0, 0.3), (W2, Verdict.OFFERED, 240.0 + 60 * 0.4, 0.4))
    after = corrected(before, {W2: Verdict.LEFT}, STEP_S)
    assert (after.alike, after.lots) == (0, ())
    assert corrected(before, {W1: Verdict.LEFT}, STEP_S).alike == 3


def test_the_draw_stands_while_somebody_of_its_step_is_in() -> None:
    before = drawn((W1, Verdict.OFFERED, 240.0 + 60 * 0.1, 0.1), (W2, Verdict.OFFERED, 240.0 + 60 * 0.4, 0.4))
    after = corrected(before, {W2: Verdict.LEFT}, STEP_S)
    assert (after.alike, after.lots) == (before.alike, before.lots)
    last = after.last_drawn()
    assert last is not None
    assert last.worker == W1
