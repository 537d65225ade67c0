"""JSON in and out: instants in UTC, enums by value, nothing that is not JSON."""

import json
from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gigmarket.domain.gig import GigStatus
from gigmarket.wire.codec import decode, encode, event_frame
from gigmarket.wire.events import KINDS
from gigmarket.wire.frames import Event
from gigmarket.wire.gigs import GigView
from tests.domain.samples import NOW, gig

texts = st.text(st.characters(exclude_categories=["Cs"]), max_size=20)
numbers = st.integers(-(2**53), 2**53) | st.floats(allow_nan=False, allow_infinity=False)
values = st.recursive(
    st.none() | st.booleans() | numbers | texts,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(texts, inner, max_size=3),
    max_leaves=10,
)
instants = st.datetimes(datetime(1970, 1, 1), datetime(9999, 1, 1), timezones=st.just(UTC))  # noqa: DTZ001


@given(values)
def test_any_json_value_comes_back(value: Any) -> None:
    assert decode(encode(value)) == value
    assert json.loads(encode(value)) == value


@pytest.mark.parametrize(
    ("at", "text"),
    [
        (NOW, "2025-06-02T01:00:00Z"),
        (NOW.replace(microsecond=1), "2025-06-02T01:00:00.000001Z"),
        (NOW.astimezone(timezone(timedelta(hours=8))), "2025-06-02T01:00:00Z"),
    ],
)
def test_instants_are_written_in_utc(at: datetime, text: str) -> None:
    written = decode(event_frame(1, "gig.updated", b"{}", at))["at"]
    assert written == text
    assert decode(encode({"at": at.astimezone(UTC)})) == {"at": text}


def test_a_model_is_written_by_its_fields() -> None:
    written = decode(encode({"gig": GigView.of(gig(GigStatus.OPEN))}))["gig"]
    assert (written["status"], written["starts_at"]) == ("open", "2025-06-02T02:00:00Z")
    assert written["wage"] == {"amount_fen": 18_000, "per": "day"}
    assert written["settle_on"] is None
    assert GigView.model_validate(written) == GigView.of(gig(GigStatus.OPEN))


@given(
    st.integers(0, 2**53), st.sampled_from(sorted(KINDS)), st.dictionaries(texts, values, max_size=4), instants
)
def test_a_stored_event_is_framed_as_if_it_were_encoded_whole(
    seq: int, kind: str, data: dict[str, Any], at: datetime
) -> None:
    assert event_frame(seq, kind, encode(data), at) == encode(Event(seq=seq, kind=kind, data=data, at=at))


@pytest.mark.parametrize("value", [object(), {1, 2}, b"bytes", {"at": timedelta(1)}])
def test_what_is_not_json_cannot_be_sent(value: object) -> None:
    with pytest.raises(TypeError):
        encode(value)


@pytest.mark.parametrize(
    "raw",
    [
        "",
        "{",
        "[1,]",
        "NaN",
        "Infinity",
        "-Infinity",
        "1e999",
        "'x'",
        '"\\ud800"',
        b"\xff\xfe",
        '{"a":1}{"b":2}',
    ],
)
def test_what_is_not_json_is_not_read(raw: bytes | str) -> None:
    with pytest.raises(ValueError, match=r"."):
        decode(raw)
