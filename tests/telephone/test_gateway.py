"""What a telephone gateway is asked, and every way in which it may fail."""

import pytest

from gigmarket.telephone.gateway import Gateway, GatewayDown
from tests.telephone.exchange import exchange


async def test_a_body_goes_there_and_an_object_comes_back() -> None:
    with exchange(b'{"number": "17000000001"}') as there:
        gateway = Gateway(there.url, "secret")
        assert await gateway.ask({"a": "13800000001"}, _any) == {"number": "17000000001"}
    assert (there.asked, there.doors) == ([{"a": "13800000001"}], ["Bearer secret"])


@pytest.mark.parametrize("answer", [b"", b"OK", b"[1]", b"\xff"])
async def test_what_is_only_told_may_be_answered_with_anything(answer: bytes) -> None:
    with exchange(answer) as there:
        gateway = Gateway(there.url)
        await gateway.tell({"text": "1"})
        assert (there.asked, there.doors) == ([{"text": "1"}], [None])
        assert (gateway.taken, gateway.failed) == (1, 0)
        there.status = 500
        with pytest.raises(GatewayDown, match="500"):
            await gateway.tell({})


@pytest.mark.parametrize(
    ("answer", "status", "why"),
    [
        (b"", 200, "no JSON"),
        (b"no", 200, "no JSON"),
        (b"[1]", 200, "no JSON object"),
        (b'{"number": "1"}', 500, "500"),
        (b"", 302, "302"),
    ],
)
async def test_a_gateway_that_fails(answer: bytes, status: int, why: str) -> None:
    with exchange(answer, status) as there, pytest.raises(GatewayDown, match=why):
        await Gateway(there.url).ask({"a": "13800000001"}, _any)


async def test_nobody_there_and_no_phone_in_the_error() -> None:
    with pytest.raises(GatewayDown) as failed:
        await Gateway("http://127.0.0.1:9/calls").ask({"a": "13800000001"}, _any)
    assert "138" not in str(failed.value)


async def test_every_failure_counts_and_is_said_once(caplog: pytest.LogCaptureFixture) -> None:
    with exchange(b'{"number": "1"}') as there:
        gateway = Gateway(there.url, name="call")
        assert (gateway.failing, gateway.failed_at) == (False, None)
        with pytest.raises(GatewayDown):
            await gateway.ask({"a": "13800000001"}, fits=lambda answer: answer["number"] != "1")
        there.status = 500
        with pytest.raises(GatewayDown):
            await gateway.ask({"a": "13800000001"}, _any)
        assert (gateway.taken, gateway.failed, gateway.failing) == (0, 2, True)
        there.status = 200
        await gateway.ask({"a": "13800000001"}, _any)
        assert (gateway.taken, gateway.failed, gateway.failing) == (1, 2, False)
        assert gateway.failed_at is not None
    assert caplog.messages == ["the call gateway fails: not what its protocol says"]


def _any(_answer: object) -> bool:
    return True


@pytest.mark.parametrize("url", ["calls", "ftp://city", "http://", ""])
def test_an_address_that_is_none(url: str) -> None:
    with pytest.raises(ValueError, match="http or https"):
        Gateway(url)
