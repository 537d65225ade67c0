"""The bus between processes: what is packed comes out, and what is not a message is refused."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gigmarket.domain.geo import Position
from gigmarket.domain.gig import Settlement
from gigmarket.domain.ids import GigId, WorkerId
from gigmarket.wire.bus import (
    Move,
    Outgoing,
    Wake,
    pack,
    pack_moves,
    pack_wake,
    unpack,
    unpack_moves,
    unpack_names,
    unpack_wake,
)
from gigmarket.wire.codec import encode, event_frame
from gigmarket.wire.framing import text_frame
from tests.domain.samples import NOW, gig

names = st.sampled_from(["worker:w1", "employer:e1", "station:s1", "staff:market"])
notes = st.text(st.characters(exclude_categories=["Cs"]), max_size=30)
events = st.builds(
    lambda principal, seq, note: (
        principal,
        seq,
        text_frame(event_frame(seq, "gig.updated", encode({"note": note}), NOW)),
    ),
    names,
    st.integers(0, 2**53),
    notes,
)


@given(st.lists(events, min_size=1, max_size=5))
def test_events_come_out_as_they_went_in(sent: list[Outgoing]) -> None:
    assert unpack(pack(sent)) == sent
    assert list(unpack_names(pack(sent))) == [(principal, seq) for principal, seq, _ in sent]


@pytest.mark.parametrize(
    "message",
    [
        b"",
        b"worker:w1 1",
        b"1\n",
        b"[1,2,3]\nabc",
        b'[["worker:w1"],[1],[3]]abc',
        b'[["worker:w1"],[1],[3]]\nab',
        b'[["worker:w1"],[1],[3]]\nabcd',
        b'[["worker:w1"],[1,2],[3]]\nabc',
        b'[["worker:w1"],[1]]\nabc',
    ],
)
def test_what_is_no_message_is_refused(message: bytes) -> None:
    with pytest.raises(ValueError, match=r"."):
        unpack(message)


@given(st.lists(notes, max_size=3), st.lists(notes, max_size=3))
def test_a_wake_up_call_names_what_changed(gigs: list[str], workers: list[str]) -> None:
    wake = Wake(tuple(map(GigId, gigs)), tuple(map(WorkerId, workers)))
    assert unpack_wake(pack_wake(wake)) == wake


def test_a_new_gig_goes_with_the_wake_up_call() -> None:
    late = gig(settlement=Settlement.BY_DATE, settle_on=NOW.date(), note="带水", min_crew=2)
    wake = Wake((gig().id,), (), (gig(), late))
    assert unpack_wake(pack_wake(wake)) == wake


def test_a_release_that_sends_no_gigs_along_is_understood() -> None:
    assert unpack_wake(b'{"gigs":["g1"],"workers":["w1"]}') == Wake((GigId("g1"),), (WorkerId("w1"),))


@pytest.mark.parametrize(
    "message", [b"", b"{}", b'{"gigs":[]}', b"hello", b'{"gigs":[],"workers":[],"posted":[{"id":"g1"}]}']
)
def test_what_is_no_wake_up_call_is_refused(message: bytes) -> None:
    with pytest.raises(ValueError, match=r"."):
        unpack_wake(message)


moves = st.builds(
    Move,
    notes.map(WorkerId),
    st.none() | st.builds(Position, st.floats(-90, 90), st.floats(-180, 180)),
    st.floats(0, 2**33),
)


@given(st.lists(moves, max_size=5))
def test_signs_of_life_come_out_as_they_went_in(sent: list[Move]) -> None:
    assert unpack_moves(pack_moves(sent)) == sent


def test_a_place_on_the_equator_and_the_prime_meridian_is_a_place() -> None:
    move = Move(WorkerId("w1"), Position(0.0, 0.0), 1.0)
    assert unpack_moves(pack_moves([move])) == [move]


@pytest.mark.parametrize(
    "message", [b"", b"7", b"hello", b"[7]", b"[[]]", b'[["w1",1.0,2.0]]', b'[["w1",91.0,2.0,3.0]]']
)
def test_what_is_no_sign_of_life_is_refused(message: bytes) -> None:
    with pytest.raises((ValueError, TypeError)):
        unpack_moves(message)
