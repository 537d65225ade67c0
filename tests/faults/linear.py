"""Whether the answers about one offer can be put into one order: a search after Wing, Gong and Lowe.

An offer is a register: pending → accepted | declined | expired | withdrawn, and `extended` once while pending.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from math import inf
from typing import Any

PENDING = "pending"
State = tuple[str, str | None, bool]
"""Status, the assignment that took it, whether it was extended."""
START: State = (PENDING, None, False)


@dataclass(frozen=True)
class Op:
    """One operation: begun at `begun`, answered at `ended` (never, if nobody knows whether it happened).

    `name` is accept, decline, extend, cancel, expire, withdraw or read; `answer` is the assignment's id of an
    accept, the code of a refusal, the status that was read, or None; `refused` tells the first two apart.
    """

    name: str
    begun: float
    ended: float = inf
    answer: str | None = None
    refused: bool = False

    @property
    def optional(self) -> bool:
        """Whether it may be left out of the order."""
        return self.ended == inf


def step(state: State, op: Op) -> State | None:
    """The state after this operation; None when its answer is impossible in this state."""
    status, assignment, extended = state
    pending = status == PENDING
    if op.refused:
        return state if _may_refuse(state, op) else None
    match op.name:
        case "accept":
            if pending:
                # Of one nobody heard of, only that it took the seat is known.
                return ("accepted", op.answer or assignment, extended)
            same = status == "accepted" and (op.answer is None or assignment in (None, op.answer))
            return ("accepted", op.answer or assignment, extended) if same else None
        case "decline":
            return ("declined", None, extended) if pending else None
        case "extend":
            return (PENDING, None, True) if pending and not extended else None
        case "cancel" | "withdraw":
            return ("withdrawn", None, extended) if pending else state
        case "expire":
            return ("expired", None, extended) if pending else state
        case "read":
            return state if status == op.answer else None
    raise ValueError(f"no such operation: {op.name}")


def _may_refuse(state: State, op: Op) -> bool:
    """`offer-closed` must be true, and who has accepted is not told later that gig or hours forbid it; every
    other refusal (another's offer, a key used before) is about other things.
    """
    status, _, extended = state
    if op.answer != "offer-closed":
        return op.answer not in ("gig-closed", "overlap") or status != "accepted"
    if op.name == "accept":
        return status not in (PENDING, "accepted")
    return status != PENDING or (op.name == "extend" and extended)


def linear(ops: Sequence[Op]) -> bool:
    """Whether some order of these operations, each somewhere between its begin and its end, gives each its
    answer. Those without an end may be left out.
    """
    ops = sorted(ops, key=lambda op: op.begun)
    everything = (1 << len(ops)) - 1
    must = sum(1 << i for i, op in enumerate(ops) if not op.optional)
    seen: set[tuple[int, State]] = set()
    stack: list[tuple[int, State]] = [(0, START)]
    while stack:
        done, state = _settle(ops, *stack.pop())
        if (done & must) == must:
            return True
        if (done, state) in seen or done == everything:
            continue
        seen.add((done, state))
        for i in _next(ops, done):
            after = step(state, ops[i])
            if after is not None:
                stack.append((done | 1 << i, after))
    return False


def _next(ops: Sequence[Op], done: int) -> list[int]:
    """Operations that may come now: begun before any other that is left has ended."""
    left = [i for i in range(len(ops)) if not done >> i & 1]
    first_end = min((ops[i].ended for i in left), default=inf)
    return [i for i in left if ops[i].begun <= first_end]


def _settle(ops: Sequence[Op], done: int, state: State) -> tuple[int, State]:
    """Put first whatever may come now and changes nothing: no order is lost by it, and few are left."""
    while True:
        idle = [i for i in _next(ops, done) if not ops[i].optional and step(state, ops[i]) == state]
        if not idle:
            return done, state
        for i in idle:
            done |= 1 << i


def merged(ops: Sequence[tuple[Any, Op]]) -> list[Op]:
    """Operations under one key are one: after the first of them began, and before any was answered."""
    by_key: dict[Any, list[Op]] = {}
    for key, op in ops:
        by_key.setdefault(key, []).append(op)
    return [_one(group) for group in by_key.values()]


def _one(group: Sequence[Op]) -> Op:
    first = min(group, key=lambda op: op.ended)
    return Op(first.name, min(op.begun for op in group), first.ended, first.answer, first.refused)
