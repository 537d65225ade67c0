"""The application as a whole: what every request costs before its route begins."""

import inspect
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import fastapi.routing
import pytest
from fastapi.dependencies.utils import get_dependant
from fastapi.routing import APIRoute

from gigmarket.bootstrap import prepare_database
from gigmarket.edge import auth
from gigmarket.edge.app import create_app
from gigmarket.edge.rehearsal import rehearse
from gigmarket.settings import Settings


def below(dependant: Any) -> Iterator[Any]:
    """Every dependency of a route, and theirs."""
    for each in dependant.dependencies:
        yield each.call
        yield from below(each)


def test_no_dependency_is_called_from_a_thread(tmp_path: Path) -> None:
    """FastAPI does that with plain functions, for every request anew."""
    app = create_app(Settings(data=tmp_path))
    called = {
        call
        for route in everything(app.router.routes)
        for call in below(get_dependant(path=route.path, call=route.endpoint))
    }
    assert any(isinstance(call, auth.Identified) for call in called)
    asked = [call.__call__ if isinstance(call, auth.Identified) else call for call in called]
    assert [call for call in asked if not inspect.iscoroutinefunction(call)] == []


def test_the_document_tells_problems_and_who_has_to_log_in(tmp_path: Path) -> None:
    document = create_app(Settings(data=tmp_path)).openapi()
    operations = {
        f"{method.upper()} {path}": operation
        for path, methods in document["paths"].items()
        for method, operation in methods.items()
    }
    for operation in operations.values():
        assert set(operation["responses"]) <= {"200", "201", "202", "204", "4XX", "503"}
        for refusal in ("4XX", "503"):
            (kind, content), *others = operation["responses"][refusal]["content"].items()
            assert (kind, content["schema"], others) == (
                "application/problem+json",
                {"$ref": "#/components/schemas/Problem"},
                [],
            )
    schemas = document["components"]["schemas"]
    assert "/problems/offer-closed" in schemas["Problem"]["properties"]["type"]["enum"]
    assert "HTTPValidationError" not in schemas
    assert document["components"]["securitySchemes"]["session"]["scheme"] == "bearer"
    assert operations["POST /api/v1/gigs"]["security"] == [{"session": []}]
    assert "security" not in operations["POST /api/v1/auth/otp"]


async def test_no_request_has_to_wait_for_routes_to_be_built(
    tmp_path: Path, valkey_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings = Settings(data=tmp_path, redis_url=valkey_url, demo=True)
    prepare_database(settings)
    app = create_app(settings)
    async with app.router.lifespan_context(app):
        monkeypatch.setattr(fastapi.routing, "get_dependant", None)
        assert await rehearse(app) == 404


def everything(routes: Any) -> Iterator[APIRoute]:
    """The routes, those of included routers too."""
    for route in routes:
        if isinstance(route, APIRoute):
            yield route
        elif (inside := getattr(route, "original_router", None) or getattr(route, "router", None)) is not None:
            yield from everything(inside.routes)
