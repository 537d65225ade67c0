"""A frame of ours is the library's, byte for byte, and can be opened again."""

import pytest
from websockets.frames import Frame, Opcode

from gigmarket.wire.framing import payload_of, text_frame


@pytest.mark.parametrize("size", [0, 1, 125, 126, 127, 65_535, 65_536])
def test_every_form_of_a_length(size: int) -> None:
    payload = b"x" * size
    assert text_frame(payload) == Frame(Opcode.TEXT, payload).serialize(mask=False)
    assert payload_of(text_frame(payload)) == payload
