"""Operations and bodies: names mirror HTTP, and nothing a client misspells is silently dropped."""

import importlib
import pkgutil
from collections.abc import Iterator
from typing import Any

import pytest
from pydantic import BaseModel, ValidationError

import gigmarket.wire
from gigmarket.domain.ids import Role
from gigmarket.wire.events import KINDS
from gigmarket.wire.frames import Inbound
from gigmarket.wire.ops import OPS, Op
from gigmarket.wire.values import Body, View

PROMISED = {
    *("offer.accept", "offer.decline", "offer.extend", "presence.set", "gig.cancel"),
    *("assignment.check_in", "assignment.check_out", "assignment.cancel", "assignment.confirm"),
}
ARGS: dict[str, dict[str, Any]] = {
    "offer.accept": {"offer_id": "o1"},
    "offer.decline": {"offer_id": "o1", "reason": "too_far"},
    "offer.extend": {"offer_id": "o1"},
    "assignment.check_in": {"assignment_id": "a1", "code": "314159"},
    "assignment.check_out": {"assignment_id": "a1"},
    "assignment.confirm": {"assignment_id": "a1"},
    "assignment.dispute": {"assignment_id": "a1", "reason": "少给了"},
    "assignment.cancel": {"assignment_id": "a1", "reason": "病了"},
    "assignment.no_show": {"assignment_id": "a1"},
    "assignment.settle": {"assignment_id": "a1", "amount_fen": 18_000, "reason": ""},
    "assignment.late": {"assignment_id": "a1", "minutes": 20},
    "assignment.vouch": {"assignment_id": "a1", "here": True},
    "gig.settle": {"gig_id": "g1", "payments": [{"assignment_id": "a1", "amount_fen": 18_000}]},
    "gig.cancel": {"gig_id": "g1"},
    "presence.set": {"status": "offline"},
}


def models(parent: type[BaseModel]) -> Iterator[type[BaseModel]]:
    """Every model of the wire below a parent."""
    for module in pkgutil.iter_modules(gigmarket.wire.__path__):
        importlib.import_module(f"gigmarket.wire.{module.name}")
    for model in parent.__subclasses__():
        yield model
        yield from models(model)


BODIES = sorted({m for m in models(Body) if not issubclass(m, Inbound)}, key=lambda model: model.__name__)
VIEWS = sorted(set(models(View)), key=lambda model: model.__name__)


def test_the_promised_operations_are_there() -> None:
    assert OPS.keys() >= PROMISED
    assert all(op.name == name for name, op in OPS.items())


def test_the_examples_cover_every_operation() -> None:
    assert ARGS.keys() == OPS.keys()


@pytest.mark.parametrize("op", OPS.values(), ids=lambda op: op.name)
def test_arguments_are_read_and_a_misspelt_one_is_refused(op: Op) -> None:
    example = ARGS[op.name]
    assert op.args.model_validate(example).model_dump(mode="json", exclude_unset=True) == example
    with pytest.raises(ValidationError) as refused:
        op.args.model_validate(example | {"ofer_id": "o1"})
    assert [error["type"] for error in refused.value.errors()] == ["extra_forbidden"]


@pytest.mark.parametrize("op", OPS.values(), ids=lambda op: op.name)
def test_every_operation_is_somebodys_and_answers_a_view(op: Op) -> None:
    assert op.roles
    assert op.roles <= {Role.WORKER, Role.EMPLOYER}
    assert issubclass(op.answer, View)


@pytest.mark.parametrize(
    ("name", "args"),
    [
        ("offer.accept", {}),
        ("offer.accept", {"offer_id": ""}),
        ("offer.accept", {"offer_id": 7}),
        ("offer.accept", {"offer_id": "x" * 65}),
        ("offer.accept", {"offer_id": "o\x001"}),
        ("offer.decline", {"offer_id": "o1", "reason": "because"}),
        ("assignment.check_in", {"assignment_id": "a1"}),
        ("assignment.check_in", {"assignment_id": "a1", "code": 314159}),
        ("assignment.check_in", {"assignment_id": "a1", "code": ""}),
        ("assignment.settle", {"assignment_id": "a1", "amount_fen": "18000"}),
        ("assignment.settle", {"assignment_id": "a1", "amount_fen": 180.5}),
        ("assignment.settle", {"assignment_id": "a1", "amount_fen": True}),
        ("assignment.settle", {"assignment_id": "a1", "amount_fen": 2**63}),
        ("assignment.cancel", {"assignment_id": "a1", "reason": None}),
        ("assignment.cancel", {"assignment_id": "a1", "reason": "x" * 501}),
        ("assignment.late", {"assignment_id": "a1", "minutes": 121}),
        ("assignment.late", {"assignment_id": "a1", "minutes": -1}),
        ("assignment.vouch", {"assignment_id": "a1", "here": 1}),
        ("gig.settle", {"gig_id": "g1", "payments": []}),
        ("gig.cancel", {"gig_id": None}),
        ("presence.set", {"status": "available", "position": {"lat": 91, "lng": 1, "datum": "wgs84"}}),
    ],
)
def test_bad_arguments_are_refused(name: str, args: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        OPS[name].args.model_validate(args)


@pytest.mark.parametrize("model", BODIES, ids=lambda model: model.__name__)
def test_every_body_forbids_unknown_fields(model: type[BaseModel]) -> None:
    assert model.model_config["extra"] == "forbid"
    with pytest.raises(ValidationError) as refused:
        model.model_validate({"no_such_field": 1})
    assert ("extra_forbidden", ("no_such_field",)) in {(e["type"], e["loc"]) for e in refused.value.errors()}


@pytest.mark.parametrize("model", VIEWS, ids=lambda model: model.__name__)
def test_every_view_is_frozen(model: type[BaseModel]) -> None:
    assert model.model_config["frozen"]


def test_there_are_bodies_and_views() -> None:
    assert {"GigIn", "PresenceIn", "SettleArgs"} <= {model.__name__ for model in BODIES}
    assert {"GigView", "OfferView", "AssignmentView"} <= {model.__name__ for model in VIEWS}


@pytest.mark.parametrize("kind", KINDS)
def test_an_events_data_stand_under_the_noun(kind: str) -> None:
    noun = kind.partition(".")[0].replace("hall", "worker")
    for model in KINDS[kind].data.values():
        assert list(model.model_fields) == [noun]
        assert issubclass(model, View)


def test_the_contracts_fields_are_on_the_views() -> None:
    [view] = {*KINDS["assignment.created"].data.values()}
    shown = view.model_fields["assignment"].annotation
    assert isinstance(shown, type)
    assert issubclass(shown, View)
    assert {"id", "gig_id", "status", "worker"} <= shown.model_fields.keys()
    for model in KINDS["offer.created"].data.values():
        offered = model.model_fields["offer"].annotation
        assert isinstance(offered, type)
        assert issubclass(offered, View)
        assert {"id", "expires_at", "travel_s"} <= offered.model_fields.keys()
