"""Problems (RFC 9457): one table from a refusal's stable code to its status and title."""

import math
from typing import Any

from pydantic import ValidationError

from gigmarket.domain.errors import FieldError, Invalid, RateLimited, Refusal, Unavailable

CONTENT_TYPE = "application/problem+json"

TITLES: dict[str, tuple[int, str]] = {
    "bad-request": (400, "This is not an HTTP request"),
    "validation": (422, "The request is not valid"),
    "unauthenticated": (401, "Log in first"),
    "forbidden": (403, "This role may not do that"),
    "not-found": (404, "No such thing"),
    "offer-closed": (409, "The offer is closed"),
    "gig-closed": (409, "The gig is closed"),
    "overlap": (409, "The hours overlap with another assignment"),
    "not-placeable": (409, "The worker can't be given this gig"),
    "assignment-state": (409, "The assignment is not in the right state"),
    "not-checked-in": (409, "Not checked in yet"),
    "checked-in-already": (409, "Checked in already"),
    "too-early": (409, "Too early"),
    "wrong-code": (422, "The code does not match"),
    "too-many-appeals": (409, "Too many open appeals"),
    "appeal-answered": (409, "The appeal is answered already"),
    "idempotency-mismatch": (422, "The idempotency key was used with another request"),
    "rate-limited": (429, "Too many requests"),
    "unavailable": (503, "Temporarily unavailable"),
    "internal": (500, "Something went wrong on the server"),
    "method-not-allowed": (405, "Method not allowed"),
    "too-large": (413, "The request is too large"),
}


def problem(refusal: Refusal) -> dict[str, Any]:
    """The problem object of a refusal; `errors` only where fields are named."""
    return problem_of(refusal.code, refusal.detail, refusal.errors)


def problem_of(code: str, detail: str, errors: tuple[FieldError, ...] = ()) -> dict[str, Any]:
    """A problem object by its stable code. Raises KeyError for a code that is not in the table."""
    status, title = TITLES[code]
    body: dict[str, Any] = {"type": f"/problems/{code}", "title": title, "status": status, "detail": detail}
    if errors:
        body["errors"] = [_field(error) for error in errors]
    return body


def _field(error: FieldError) -> dict[str, str | int]:
    field: dict[str, str | int] = {"path": error.path, "reason": error.reason}
    return field if error.most is None else {**field, "most": error.most}


def retry_after_s(refusal: Refusal) -> int | None:
    """Whole seconds for a Retry-After header, where the refusal has one."""
    if isinstance(refusal, RateLimited | Unavailable):
        return max(1, math.ceil(refusal.retry_after_s))
    return None


def invalid(error: ValidationError) -> Invalid:
    """A pydantic error as a refusal: paths and reasons, never the rejected value."""
    return invalid_fields(error.errors(include_url=False, include_input=False, include_context=False))


def invalid_fields(errors: Any, skip: int = 0) -> Invalid:
    """The same from pydantic's error list; `skip` drops leading path parts such as FastAPI's `body`."""
    fields = tuple(
        FieldError(".".join(str(part) for part in error["loc"][skip:]) or "body", _reason(error))
        for error in errors
    )
    return Invalid("; ".join(f"{field.path}: {field.reason}" for field in fields[:3]), fields)


def _reason(error: Any) -> str:
    # The one message of pydantic's that repeats what was sent.
    return "Input has an unknown tag" if error.get("type") == "union_tag_invalid" else str(error["msg"])
