"""Close codes: 4000–4499 come back, 4500–4999 do not."""

import pytest

from gigmarket.wire.closing import ADVICE, Close, comes_back

COME_BACK = {
    4001: Close.SHUTDOWN,
    4002: Close.SESSION_EXPIRED,
    4003: Close.SLOW,
    4004: Close.STATE_INSUFFICIENT,
    4005: Close.SILENT,
    4006: Close.RATE,
}
STAY_AWAY = {
    4500: Close.BAD_FRAME,
    4501: Close.REPLACED,
    4502: Close.REVOKED,
    4503: Close.FORBIDDEN,
    4504: Close.TOO_MANY,
    4505: Close.VERSION,
}


def test_the_codes_are_the_protocols() -> None:
    assert {int(code): code for code in Close} == COME_BACK | STAY_AWAY


@pytest.mark.parametrize("code", [*COME_BACK, 1001, 1006, 1012])
def test_a_client_comes_back(code: int) -> None:
    assert comes_back(code)


@pytest.mark.parametrize("code", STAY_AWAY)
def test_a_client_stays_away(code: int) -> None:
    assert not comes_back(code)


@pytest.mark.parametrize("code", Close)
def test_every_code_says_what_to_do_within_a_close_frame(code: Close) -> None:
    # A close frame has 125 bytes, two of them for the code.
    assert 0 < len(ADVICE[code].encode()) <= 123
