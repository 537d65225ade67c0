"""`/openapi.json`: what FastAPI knows of the routes, and the problems (RFC 9457) that it does not."""

from typing import Any

from fastapi import FastAPI

from gigmarket.wire.frames import Problem
from gigmarket.wire.problems import CONTENT_TYPE, TITLES

_PROBLEM = {CONTENT_TYPE: {"schema": {"$ref": "#/components/schemas/Problem"}}}
PROBLEMS: dict[int | str, dict[str, Any]] = {
    "4XX": {"description": "Refused, and nothing was changed: `type` says why.", "content": _PROBLEM},
    "503": {
        "description": "A part that this needs is away: again after `Retry-After` seconds, under the same key.",
        "headers": {"Retry-After": {"schema": {"type": "integer"}}},
        "content": _PROBLEM,
    },
}
"""For every route; with them FastAPI does not announce its own form of a 422, which is never sent."""


def document(app: FastAPI) -> None:
    """Have the application's document tell what a problem looks like, and every `type` there is."""
    without = app.openapi

    def openapi() -> dict[str, Any]:
        made = without()
        schema = Problem.model_json_schema()
        schema["properties"]["type"]["enum"] = [f"/problems/{code}" for code in TITLES]
        made["components"]["schemas"]["Problem"] = schema
        return made

    # FastAPI's documented way to extend it.
    app.openapi = openapi  # type: ignore[method-assign]
