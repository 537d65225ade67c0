"""Every failure of HTTP as an RFC 9457 problem, never a traceback."""

import logging
from typing import Any

from fastapi import FastAPI, Request, Response
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException
from starlette.routing import Match

from gigmarket.domain.errors import CannotStore, Refusal, Unauthenticated, Unavailable
from gigmarket.live.connection import LiveDown, LiveFull
from gigmarket.wire import problems
from gigmarket.wire.codec import encode
from gigmarket.wire.problems import CONTENT_TYPE

log = logging.getLogger("gigmarket.edge")

_BY_STATUS = {401: "unauthenticated", 403: "forbidden", 404: "not-found", 405: "method-not-allowed"}
_METHODS = ("GET", "POST", "PUT", "PATCH", "DELETE")


def install(app: FastAPI) -> None:
    """Register the handlers."""
    app.add_exception_handler(Refusal, _refused)
    app.add_exception_handler(LiveDown, _live_down)
    app.add_exception_handler(RequestValidationError, _invalid)
    app.add_exception_handler(HTTPException, _http)
    app.add_exception_handler(Exception, _unexpected)


def response_of(refusal: Refusal) -> Response:
    """A refusal as a response, with Retry-After where it has one."""
    # 401 says how to log in (RFC 9110, 15.5.2).
    headers = {"WWW-Authenticate": "Bearer"} if isinstance(refusal, Unauthenticated) else {}
    if retry_after := problems.retry_after_s(refusal):
        headers["Retry-After"] = str(retry_after)
    return _response(problems.problem(refusal), headers)


def live_down(error: Exception) -> Unavailable:
    """What a caller is told while the live store is away, or takes nothing."""
    if isinstance(error, LiveFull):
        return CannotStore(str(error))
    return Unavailable("the live store does not answer; nothing was changed")


def _response(problem: dict[str, Any], headers: dict[str, str] | None = None) -> Response:
    return Response(encode(problem), problem["status"], headers, CONTENT_TYPE)


async def _refused(_request: Request, error: Exception) -> Response:
    assert isinstance(error, Refusal)  # noqa: S101 - what it is registered for
    return response_of(error)


async def _live_down(_request: Request, error: Exception) -> Response:
    return response_of(live_down(error))


async def _invalid(_request: Request, error: Exception) -> Response:
    assert isinstance(error, RequestValidationError)  # noqa: S101 - what it is registered for
    # JSON that cannot be read is placed by its offset, which names no field.
    faults = [{**e, "loc": ("body",)} if e["type"] == "json_invalid" else e for e in error.errors()]
    return response_of(problems.invalid_fields(faults, skip=1))


async def _http(request: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)  # noqa: S101 - what it is registered for
    code = _BY_STATUS.get(error.status_code, "validation" if error.status_code < 500 else "internal")
    headers = dict(error.headers or {})
    if code == "method-not-allowed":
        headers["Allow"] = ", ".join(_allowed(request))
    return _response(problems.problem_of(code, str(error.detail)), headers)


def _allowed(request: Request) -> list[str]:
    """Every method of this path (RFC 9110, 15.5.6). Starlette names those of its first route only."""
    routes = request.app.router.routes
    found = [
        method
        for method in _METHODS
        if any(route.matches({**request.scope, "method": method})[0] is Match.FULL for route in routes)
    ]
    return ["HEAD", *found] if "GET" in found else found


async def _unexpected(request: Request, error: Exception) -> Response:
    log.error("%s %s failed", request.method, request.url.path, exc_info=error)
    return _response(problems.problem_of("internal", "the request could not be carried out"))
