"""What a round says about the proposals that came too late."""

from dataclasses import replace

from gigmarket.domain.explanation import Considered, Explanation, corrected
from gigmarket.domain.ids import GigId, WorkerId
from gigmarket.domain.verdict import Verdict
from tests.domain.samples import NOW

W1, W2, W3 = WorkerId("w1"), WorkerId("w2"), WorkerId("w3")


def told(*people: tuple[WorkerId, Verdict], **funnel: int) -> Explanation:
    """A round that looked at these."""
    considered = tuple(Considered(who, verdict, 300, 200.0, 0.0, 60, 0.0, 0.5, 7) for who, verdict in people)
    counts = {Verdict(name): count for name, count in funnel.items()}
    return Explanation(GigId("g1"), NOW, "1.1", "ab" * 32, 2, 900, False, counts, considered)


def test_who_was_dropped_is_counted_and_named_under_the_claims_reason() -> None:
    before = told((W1, Verdict.OFFERED), (W2, Verdict.OFFERED), (W3, Verdict.WAGE), wage=4, offered=2)
    after = corrected(before, {W2: Verdict.LEFT})
    assert [one.verdict for one in after.considered] == [Verdict.OFFERED, Verdict.LEFT, Verdict.WAGE]
    assert after.funnel == {Verdict.WAGE: 4, Verdict.OFFERED: 1, Verdict.LEFT: 1}
    assert after == replace(before, funnel=after.funnel, considered=after.considered)


def test_a_reason_nobody_has_any_more_is_not_counted() -> None:
    after = corrected(told((W1, Verdict.OFFERED), left=1, offered=1), {W1: Verdict.LEFT})
    assert after.funnel == {Verdict.LEFT: 2}


def test_nothing_dropped_changes_nothing() -> None:
    before = told((W1, Verdict.OFFERED), offered=1)
    assert corrected(before, {}) is before
