"""A frame of ours is the library's, byte for byte."""

import pytest
from websockets.frames import Frame, Opcode

from gigmarket.edge.ws.framing import SHORT, length_on_wire, short_text, text_frame


@pytest.mark.parametrize("size", [0, 1, 125, 126, 127, 65_535, 65_536])
def test_every_form_of_a_length(size: int) -> None:
    payload = b"x" * size
    assert text_frame(payload) == Frame(Opcode.TEXT, payload).serialize(mask=False)


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
