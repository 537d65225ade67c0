"""A client's short text is read as the library reads it, and nothing else is taken for one."""

import pytest
from websockets.frames import Frame, Opcode

from gigmarket.edge.ws.framing import length_on_wire, short_text
from gigmarket.wire.framing import SHORT


@pytest.mark.parametrize("size", [*range(9), 124, 125, 126, 65_535, 65_536])
def test_a_clients_short_text_is_read_and_everything_else_is_left_to_the_library(size: int) -> None:
    payload = bytes(number % 251 for number in range(size))
    frame = Frame(Opcode.TEXT, payload)
    whole = frame.serialize(mask=True)
    assert len(whole) == length_on_wire(frame)
    assert short_text(whole) == (payload if size < SHORT else None)
    for other in (
        whole[:-1],
        whole + b"x",
        whole + whole,
        Frame(Opcode.TEXT, payload, fin=False).serialize(mask=True),
        Frame(Opcode.BINARY, payload).serialize(mask=True),
        Frame(Opcode.CONT, payload).serialize(mask=True),
        bytes((whole[0] | 0x40,)) + whole[1:],
        Frame(Opcode.TEXT, payload).serialize(mask=False),
    ):
        assert short_text(other) is None


def test_nothing_is_no_message() -> None:
    assert short_text(b"") is None
