"""Small values on the wire: what a client may send, and what others may see of a person."""

import math
from datetime import UTC, date, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import TypeAdapter, ValidationError

from gigmarket.domain.geo import Datum, Position
from gigmarket.domain.gig import GigStatus, Settlement, WageUnit
from gigmarket.wire.gigs import GigCard, GigIn, GigView
from gigmarket.wire.people import EmployerIn, OtpIn, PinIn, PresenceIn, ProfileIn, RegisterIn, SessionIn
from gigmarket.wire.values import Body, Instant, PositionIn, PositionView, masked, masked_phone
from gigmarket.wire.work import AssignmentView, PersonView, SeatOfferView
from tests.domain.samples import assignment, gig, offer

INSTANT: TypeAdapter[datetime] = TypeAdapter(Instant)
PLACE: dict[str, Any] = {"lat": 28.056, "lng": 115.546, "datum": "wgs84"}
POSTING: dict[str, Any] = {
    "title": "搬运药材",
    "trade": "porter",
    "headcount": 1,
    "site": {"lat": 28.06, "lng": 115.55, "datum": "wgs84", "address": "药都大道 1 号"},
    "starts_at": "2025-06-02T10:00:00+08:00",
    "ends_at": "2025-06-02T14:00:00+08:00",
    "wage": {"amount_fen": 18000, "per": "day"},
    "settlement": "daily",
}
SITE, WAGE = POSTING["site"], POSTING["wage"]


def faults(model: type[Body], body: object) -> list[str]:
    """The dotted paths a model refuses in a body."""
    with pytest.raises(ValidationError) as refused:
        model.model_validate(body)
    return [".".join(str(part) for part in error["loc"]) for error in refused.value.errors()]


def test_the_contracts_posting_is_a_draft() -> None:
    draft = GigIn.model_validate(POSTING).draft(Position(28.06, 115.55))
    assert (draft.title, draft.trade, draft.headcount) == ("搬运药材", "porter", 1)
    assert (draft.site.position, draft.site.address) == (Position(28.06, 115.55), "药都大道 1 号")
    assert draft.starts_at == datetime(2025, 6, 2, 2, 0, tzinfo=UTC)
    assert (draft.wage.amount_fen, draft.wage.per) == (18_000, WageUnit.DAY)
    assert (draft.settlement, draft.settle_on) == (Settlement.DAILY, None)
    assert (draft.meals, draft.transport, draft.note) == (False, False, "")


def test_a_date_for_the_wage_is_a_date() -> None:
    body = POSTING | {"settlement": "by_date", "settle_on": "2025-06-30"}
    assert GigIn.model_validate(body).draft(Position(0, 0)).settle_on == date(2025, 6, 30)


@pytest.mark.parametrize("title", ["\u200b", "\ufeff \u2060", "搬\u202e运", "搬\u2066运", "\u3000"])
def test_a_title_that_nobody_sees_or_that_turns_a_line_around_is_refused(title: str) -> None:
    assert faults(GigIn, POSTING | {"title": title}) == ["title"]


@pytest.mark.parametrize("title", ["搬\u200d运", "👨\u200d🌾", "\U000323b0", "\ue000"])
def test_rare_characters_are_no_reason_to_refuse(title: str) -> None:
    assert GigIn.model_validate(POSTING | {"title": title}).title == title


BAD_POSTINGS: list[tuple[dict[str, Any], str]] = [
    ({"headcount": "1"}, "headcount"),
    ({"headcount": 1.0}, "headcount"),
    ({"headcount": True}, "headcount"),
    ({"headcount": None}, "headcount"),
    ({"headcount": 0}, "headcount"),
    ({"headcount": 51}, "headcount"),
    ({"headcount": 2**70}, "headcount"),
    ({"title": ""}, "title"),
    ({"title": "   "}, "title"),
    ({"title": "搬" * 61}, "title"),
    ({"title": 7}, "title"),
    ({"title": "搬\x00运"}, "title"),
    ({"trade": ""}, "trade"),
    ({"trade": ["porter"]}, "trade"),
    ({"note": "x" * 501}, "note"),
    ({"note": None}, "note"),
    ({"note": "\x00"}, "note"),
    ({"site": None}, "site"),
    ({"site": SITE | {"lat": 91}}, "site.lat"),
    ({"site": SITE | {"lat": "28.06"}}, "site.lat"),
    ({"site": SITE | {"lat": math.nan}}, "site.lat"),
    ({"site": SITE | {"lng": -180.5}}, "site.lng"),
    ({"site": SITE | {"lng": math.inf}}, "site.lng"),
    ({"site": SITE | {"lng": True}}, "site.lng"),
    ({"site": SITE | {"datum": "wgs-84"}}, "site.datum"),
    ({"site": {key: value for key, value in SITE.items() if key != "datum"}}, "site.datum"),
    ({"site": SITE | {"address": ""}}, "site.address"),
    ({"site": SITE | {"address": " \t "}}, "site.address"),
    ({"site": SITE | {"address": "x" * 201}}, "site.address"),
    ({"site": SITE | {"floor": 3}}, "site.floor"),
    ({"starts_at": 1_748_829_600}, "starts_at"),
    ({"starts_at": "1748829600"}, "starts_at"),
    ({"starts_at": "2025-06-02T10:00:00"}, "starts_at"),
    ({"ends_at": "2025-06-02"}, "ends_at"),
    ({"ends_at": "tomorrow"}, "ends_at"),
    ({"ends_at": None}, "ends_at"),
    ({"wage": WAGE | {"amount_fen": "18000"}}, "wage.amount_fen"),
    ({"wage": WAGE | {"amount_fen": 180.0}}, "wage.amount_fen"),
    ({"wage": WAGE | {"amount_fen": 2**53 + 1}}, "wage.amount_fen"),
    ({"wage": WAGE | {"per": "week"}}, "wage.per"),
    ({"wage": WAGE | {"currency": "CNY"}}, "wage.currency"),
    ({"settlement": "weekly"}, "settlement"),
    ({"settle_on": 86_400}, "settle_on"),
    ({"settle_on": "86400"}, "settle_on"),
    ({"settle_on": "2025-06-31"}, "settle_on"),
    ({"meals": "yes"}, "meals"),
    ({"meals": 1}, "meals"),
    ({"transport": None}, "transport"),
    ({"hiring": "interview"}, "hiring"),
    ({"head_count": 2}, "head_count"),
]


@pytest.mark.parametrize(("change", "path"), BAD_POSTINGS)
def test_a_bad_posting_is_refused_by_field(change: dict[str, Any], path: str) -> None:
    assert faults(GigIn, POSTING | change) == [path]


@pytest.mark.parametrize("missing", sorted(POSTING.keys() - {"settlement"}))
def test_a_missing_field_is_named(missing: str) -> None:
    assert faults(GigIn, {key: value for key, value in POSTING.items() if key != missing}) == [missing]


@pytest.mark.parametrize("body", [None, [], "gig", 7])
def test_a_body_is_an_object(body: object) -> None:
    assert faults(GigIn, body) == [""]


@pytest.mark.parametrize(
    ("text", "at"),
    [
        ("2025-06-02T10:00:00+08:00", datetime(2025, 6, 2, 2, 0, tzinfo=UTC)),
        ("2025-06-02T02:00:00Z", datetime(2025, 6, 2, 2, 0, tzinfo=UTC)),
        ("2025-06-01T21:00:00.250-05:00", datetime(2025, 6, 2, 2, 0, 0, 250_000, tzinfo=UTC)),
    ],
)
def test_an_instant_is_kept_in_utc(text: str, at: datetime) -> None:
    read = INSTANT.validate_python(text)
    assert read == at
    assert read.isoformat() == at.isoformat()


@pytest.mark.parametrize(
    "value",
    [
        *(0, 1.5, True, None, [], {}, b"2025-06-02T02:00:00Z"),
        *("", "now", "2025-06-02", "2025-06-02T02:00", "12.5", "1748829600", "2025-13-02T02:00:00Z"),
        *("2025-06-02T25:00:00Z", "0001-01-01T00:00:00+14:00", "9999-12-31T23:59:59-12:00"),
    ],
)
def test_what_is_no_instant(value: object) -> None:
    with pytest.raises(ValidationError):
        INSTANT.validate_python(value)


@given(st.floats(-90, 90), st.floats(-180, 180), st.sampled_from(Datum))
def test_every_position_on_earth_is_one(lat: float, lng: float, datum: Datum) -> None:
    read = PositionIn.model_validate({"lat": lat, "lng": lng, "datum": datum.value})
    assert (read.lat, read.lng, read.datum) == (lat, lng, datum)


def test_a_position_is_shown_to_a_tenth_of_a_metre() -> None:
    shown = PositionView.of(Position(28.12345678, 115.87654321))
    assert shown.model_dump() == {"lat": 28.123457, "lng": 115.876543, "datum": Datum.WGS84}


@pytest.mark.parametrize(
    ("model", "body", "path"),
    [
        (OtpIn, {"phone": "138 0000 0001"}, "phone"),
        (OtpIn, {"phone": "1380"}, "phone"),
        (OtpIn, {"phone": "13800000001\n"}, "phone"),
        (OtpIn, {"phone": "１３８００００"}, "phone"),
        (OtpIn, {"phone": 13800000001}, "phone"),
        (PinIn, {"pin": "123"}, "pin"),
        (PinIn, {"pin": "123456789"}, "pin"),
        (PinIn, {"pin": 1234}, "pin"),
        (SessionIn, {"phone": "13800000001", "code": "12345", "role": "worker"}, "code"),
        (SessionIn, {"phone": "13800000001", "code": "123456", "role": "admin"}, "role"),
        (SessionIn, {"phone": "13800000001", "code": "123456", "role": "worker", "name": ""}, "name"),
        (EmployerIn, {"name": " \u3000 "}, "name"),
        (EmployerIn, {"name": "药材\x00公司"}, "name"),
        (EmployerIn, {"name": "药" * 41}, "name"),
        (ProfileIn, {"trades": "porter", "mode": "walk"}, "trades"),
        (ProfileIn, {"trades": [1], "mode": "walk"}, "trades.0"),
        (ProfileIn, {"trades": ["porter"] * 21, "mode": "walk"}, "trades"),
        (ProfileIn, {"trades": [], "mode": "boat"}, "mode"),
        (ProfileIn, {"trades": [], "mode": "walk", "floor_wage_fen": "0"}, "floor_wage_fen"),
        (RegisterIn, {"name": "张三", "phone": "13800000001", "pin": "1234"}, "trades"),
        (PresenceIn, {"status": "engaged"}, "status"),
        (PresenceIn, {"status": "available", "position": {"lat": 28.0, "lng": 115.5}}, "position.datum"),
        (PresenceIn, {"status": "available", "position": PLACE, "until": 3600}, "until"),
        (PresenceIn, {"status": "available", "in_hall": "true"}, "in_hall"),
    ],
)
def test_bad_input_about_people_is_refused_by_field(model: type[Body], body: dict[str, Any], path: str) -> None:
    assert faults(model, body) == [path]


@pytest.mark.parametrize(("name", "shown"), [("张三", "张*"), ("欧阳娜娜", "欧*"), ("A", "A*"), ("", "*")])
def test_a_name_is_masked(name: str, shown: str) -> None:
    assert masked(name) == shown


@pytest.mark.parametrize(
    ("phone", "shown"), [("13800000001", "138******01"), ("+8613800000001", "+86*********01")]
)
def test_a_phone_number_is_masked(phone: str, shown: str) -> None:
    assert masked_phone(phone) == shown


@given(st.from_regex(r"\+?[0-9]{5,20}", fullmatch=True))
def test_a_masked_phone_number_never_tells_the_number(phone: str) -> None:
    assert masked_phone(phone).count("*") >= 3
    assert len(masked_phone(phone)) == len(phone)


def test_before_acceptance_an_employer_sees_a_family_name_and_a_travel_time() -> None:
    shown = SeatOfferView.of(offer(), "张三").model_dump_json()
    assert '"name":"张*"' in shown
    assert "张三" not in shown
    assert offer().worker not in shown


def test_from_acceptance_on_the_employer_sees_the_whole_name() -> None:
    shown = AssignmentView.of(assignment(), PersonView(name="张三"))
    assert (shown.worker.name, shown.gig_id, shown.due_fen) == ("张三", "g1", 18_000)
    assert shown.gig is None


def test_a_worker_sees_the_area_before_acceptance_and_the_site_after() -> None:
    before = GigCard.of(gig(), "药材公司")
    assert before.site is None
    assert before.employer_phone is None
    assert (before.area.lat, before.area.lng) != (28.06, 115.55)
    assert before.area.lat == pytest.approx(28.06, abs=0.003)
    shown = before.model_dump_json()
    assert "药都大道" not in shown
    assert gig().site_code not in shown
    after = GigCard.of(gig(), "药材公司", True, "138******01")
    assert after.site is not None
    assert (after.site.lat, after.site.lng, after.site.address) == (28.06, 115.55, "药都大道 1 号")
    assert gig().site_code not in after.model_dump_json()


def test_the_employer_sees_the_whole_gig() -> None:
    shown = GigView.of(gig(GigStatus.FILLED, filled=2))
    assert (shown.status, shown.headcount, shown.filled) == ("filled", 2, 2)
    assert (shown.site.address, shown.site_code, shown.hiring) == ("药都大道 1 号", "314159", "dispatch")
