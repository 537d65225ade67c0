"""The bus between processes: what is packed comes out, and what is not a message is refused."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gigmarket.domain.ids import GigId, WorkerId
from gigmarket.wire.bus import Outgoing, Wake, pack, pack_wake, unpack, unpack_wake
from gigmarket.wire.codec import encode, event_frame
from tests.domain.samples import NOW

names = st.sampled_from(["worker:w1", "employer:e1", "station:s1", "staff:market"])
notes = st.text(st.characters(exclude_categories=["Cs"]), max_size=30)
events = st.builds(
    lambda principal, seq, note: Outgoing(
        principal, seq, event_frame(seq, "gig.updated", encode({"note": note}), NOW)
    ),
    names,
    st.integers(0, 2**53),
    notes,
)


@given(st.lists(events, min_size=1, max_size=5))
def test_events_come_out_as_they_went_in(sent: list[Outgoing]) -> None:
    assert unpack(pack(sent)) == sent


@pytest.mark.parametrize("message", [b"", b"worker:w1 1", b"a\nb\nc", b"worker:w1 one\n{}", b"worker:w1\n{}"])
def test_what_is_no_message_is_refused(message: bytes) -> None:
    with pytest.raises(ValueError, match=r"."):
        unpack(message)


@given(st.lists(notes, max_size=3), st.lists(notes, max_size=3))
def test_a_wake_up_call_names_what_changed(gigs: list[str], workers: list[str]) -> None:
    wake = Wake(tuple(map(GigId, gigs)), tuple(map(WorkerId, workers)))
    assert unpack_wake(pack_wake(wake)) == wake


@pytest.mark.parametrize("message", [b"", b"{}", b'{"gigs":[]}', b"hello"])
def test_what_is_no_wake_up_call_is_refused(message: bytes) -> None:
    with pytest.raises((ValueError, KeyError)):
        unpack_wake(message)
