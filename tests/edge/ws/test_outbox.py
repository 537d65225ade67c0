"""What waits for a socket: order, bounds, and the latest state only."""

from itertools import count, takewhile

import pytest

from gigmarket.edge.ws.outbox import MAX_BYTES, MAX_FRAMES, Outbox


def everything(outbox: Outbox) -> list[bytes]:
    """Taken one by one."""
    return [outbox.take() for _ in takewhile(lambda _: bool(outbox), count())]


def test_frames_keep_their_order_and_go_before_states() -> None:
    outbox = Outbox()
    outbox.put_state("counters", b"state")
    for number in range(100):
        assert outbox.put(b"%d" % number, counted=True)
    assert everything(outbox) == [*(b"%d" % number for number in range(100)), b"state"]
    assert not outbox


def test_of_a_state_only_the_latest_value_is_kept_per_key() -> None:
    outbox = Outbox()
    for number in range(1000):
        outbox.put_state("counters", b"counters %d" % number)
        outbox.put_state("cells", b"cells %d" % number)
    assert everything(outbox) == [b"counters 999", b"cells 999"]


@pytest.mark.parametrize(
    ("frames", "size"), [(MAX_FRAMES, 10), (16, MAX_BYTES // 16)], ids=["too many", "too large"]
)
def test_a_client_may_be_so_far_behind_and_no_further(frames: int, size: int) -> None:
    outbox = Outbox()
    assert all(outbox.put(b"x" * size, counted=True) for _ in range(frames))
    assert not outbox.put(b"x", counted=True)


def test_what_was_taken_counts_no_longer() -> None:
    outbox = Outbox()
    for _ in range(10):
        assert all(outbox.put(b"x", counted=True) for _ in range(MAX_FRAMES))
        assert len(everything(outbox)) == MAX_FRAMES


def test_what_a_stream_begins_with_may_be_as_long_as_it_is() -> None:
    outbox = Outbox()
    assert outbox.put(b"x" * 2 * MAX_BYTES, counted=False)
    assert all(outbox.put(b"y", counted=False) for _ in range(2 * MAX_FRAMES))
    assert all(outbox.put(b"z", counted=True) for _ in range(MAX_FRAMES))
    outbox.clear()
    assert not outbox
