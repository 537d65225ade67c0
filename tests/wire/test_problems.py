"""Problems: every refusal has its row, and no problem repeats what a client sent."""

import importlib
import pkgutil
from collections.abc import Iterator
from typing import Any

import pytest
from pydantic import ValidationError

import gigmarket.domain
from gigmarket.domain.errors import FieldError, Invalid, NotFound, RateLimited, Refusal, Unavailable
from gigmarket.wire.frames import CLIENT_FRAME
from gigmarket.wire.people import OtpIn, SessionIn
from gigmarket.wire.problems import TITLES, invalid, invalid_fields, problem, problem_of, retry_after_s
from gigmarket.wire.values import Body, PositionIn

PROMISED = {
    "validation": 422,
    "unauthenticated": 401,
    "forbidden": 403,
    "not-found": 404,
    "offer-closed": 409,
    "gig-closed": 409,
    "overlap": 409,
    "idempotency-mismatch": 422,
    "rate-limited": 429,
    "unavailable": 503,
}


def refusals(parent: type[Refusal] = Refusal) -> Iterator[type[Refusal]]:
    """Every kind of refusal the domain knows."""
    for module in pkgutil.iter_modules(gigmarket.domain.__path__):
        importlib.import_module(f"gigmarket.domain.{module.name}")
    for kind in parent.__subclasses__():
        yield kind
        yield from refusals(kind)


@pytest.mark.parametrize(("code", "status"), PROMISED.items())
def test_the_promised_codes_have_their_status(code: str, status: int) -> None:
    assert problem_of(code, "detail")["status"] == status


@pytest.mark.parametrize("code", TITLES)
def test_every_row_makes_a_problem(code: str) -> None:
    status, title = TITLES[code]
    assert problem_of(code, "why") == {
        "type": f"/problems/{code}",
        "title": title,
        "status": status,
        "detail": "why",
    }
    assert 400 <= status <= 599


def test_a_limit_stands_beside_its_reason_only_where_there_is_one() -> None:
    refusal = Invalid(
        "too long", (FieldError("ends_at", "at most 24 hours", 24), FieldError("title", "missing"))
    )
    assert problem(refusal)["errors"] == [
        {"path": "ends_at", "reason": "at most 24 hours", "most": 24},
        {"path": "title", "reason": "missing"},
    ]


@pytest.mark.parametrize("kind", list(refusals()), ids=lambda kind: kind.__name__)
def test_every_refusal_has_a_row(kind: type[Refusal]) -> None:
    assert kind.code in TITLES
    assert kind.code != Refusal.code


def test_no_two_refusals_share_a_code() -> None:
    # A kind that is only a closer look at another has that one's.
    codes = [kind.code for kind in refusals() if "code" in vars(kind)]
    assert sorted(codes) == sorted(set(codes))


def test_a_code_that_is_not_in_the_table_cannot_be_sent() -> None:
    with pytest.raises(KeyError):
        problem_of("surprise", "detail")


def test_errors_are_there_only_where_fields_are_named() -> None:
    assert "errors" not in problem(NotFound("no such gig"))
    refused = Invalid("2 faults", (FieldError("headcount", "too few"), FieldError("site.lat", "too far north")))
    assert problem(refused)["errors"] == [
        {"path": "headcount", "reason": "too few"},
        {"path": "site.lat", "reason": "too far north"},
    ]


@pytest.mark.parametrize(
    ("refusal", "seconds"),
    [
        (RateLimited("slow down", 0.0), 1),
        (RateLimited("slow down", 1.2), 2),
        (Unavailable("no dispatcher"), 2),
        (Unavailable("no dispatcher", 30.0), 30),
        (NotFound("no such gig"), None),
    ],
)
def test_when_to_try_again(refusal: Refusal, seconds: int | None) -> None:
    assert retry_after_s(refusal) == seconds


SECRET = "13800000001-secret"


@pytest.mark.parametrize(
    ("model", "body", "path"),
    [
        (OtpIn, {"phone": SECRET}, "phone"),
        (SessionIn, {"phone": "13800000001", "code": SECRET, "role": "worker"}, "code"),
        (SessionIn, {"phone": "13800000001", "code": "123456", "role": SECRET}, "role"),
        (PositionIn, {"lat": SECRET, "lng": 1.0, "datum": "wgs84"}, "lat"),
        (PositionIn, {"lat": 1.0, "lng": 1.0, "datum": SECRET}, "datum"),
        (OtpIn, SECRET, "body"),
    ],
)
def test_a_problem_never_repeats_the_rejected_value(model: type[Body], body: object, path: str) -> None:
    with pytest.raises(ValidationError) as refused:
        model.model_validate(body)
    shown = problem(invalid(refused.value))
    assert [error["path"] for error in shown["errors"]] == [path]
    assert SECRET not in str(shown)


@pytest.mark.parametrize(
    "frame",
    [{"t": SECRET}, {"t": [SECRET]}, {"t": "hello", "ticket": {"x": SECRET}}, {"t": "command", "id": [SECRET]}],
)
def test_a_frame_is_refused_without_repeating_it(frame: dict[str, Any]) -> None:
    with pytest.raises(ValidationError) as refused:
        CLIENT_FRAME.validate_python(frame)
    shown = problem(invalid(refused.value))
    assert shown["status"] == 422
    assert shown["errors"]
    assert SECRET not in str(shown)


def test_the_framework_prefix_can_be_dropped_from_paths() -> None:
    raw = [{"loc": ("body", "site", "lat"), "msg": "too far north"}, {"loc": ("body",), "msg": "no object"}]
    assert [error.path for error in invalid_fields(raw, skip=1).errors] == ["site.lat", "body"]


def test_the_detail_stays_short_and_the_errors_are_all_there() -> None:
    refused = invalid_fields([{"loc": (f"f{i}",), "msg": "missing"} for i in range(9)])
    assert refused.detail == "f0: missing; f1: missing; f2: missing"
    assert len(refused.errors) == 9
