"""What a paper lets its bearer do: a ticket for one assignment, a wallet card for its worker."""

from dataclasses import dataclass
from enum import StrEnum

from gigmarket.domain.ids import AssignmentId

_ANSWERS = frozenset({"offer.accept", "offer.decline", "offer.extend"})
_STEPS = frozenset({"assignment.check_in", "assignment.check_out", "assignment.confirm"})


class PassKind(StrEnum):
    """A ticket is printed with an assignment and dies with it; a card stays in the wallet until revoked."""

    TICKET = "ticket"
    CARD = "card"


@dataclass(frozen=True, slots=True)
class Grant:
    """A session's limits, from the pass it was opened with; `assignment` is a ticket's own."""

    id: str
    kind: PassKind
    assignment: AssignmentId | None = None

    def allows(self, op: str, assignment: str | None) -> bool:
        """Whether an operation is on the paper; `assignment` is the one it is about, if any."""
        if op in _ANSWERS:
            return True
        if self.kind is PassKind.CARD:
            return op in _STEPS or op == "presence.set"
        return op in _STEPS and assignment == self.assignment
