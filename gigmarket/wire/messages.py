"""Every message of `gig.v1` as JSON Schema, from the declarations: what the documents and types are made of."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any, Literal, get_type_hints

from pydantic import BaseModel
from pydantic.json_schema import GenerateJsonSchema, JsonSchemaMode, models_json_schema

from gigmarket.domain.ids import StreamOwner
from gigmarket.wire.events import KINDS
from gigmarket.wire.frames import (
    CLIENT_FRAMES,
    SERVER_FRAMES,
    Command,
    Event,
    PositionFrame,
    Problem,
    Result,
    Snapshot,
    State,
)
from gigmarket.wire.ops import OPS, Op
from gigmarket.wire.states import STATES, MarketStates

Schema = dict[str, Any]
Sender = Literal["client", "server"]
REF = "#/$defs/"
_WORKER = StreamOwner.WORKER.value
_EVERYONE = tuple(owner.value for owner in StreamOwner)


@dataclass(frozen=True, slots=True)
class Message:
    """One kind of frame: its name, the frame it is one of, what it says, and to or from whom."""

    name: str
    frame: str
    sender: Sender
    says: str
    schema: Schema
    parties: tuple[str, ...]


def command_name(op: Op) -> str:
    """`offer.accept` → `OfferAcceptCommand`."""
    return f"{_words(op.name)}Command"


def done_name(op: Op) -> str:
    """`offer.accept` → `OfferAcceptDone`."""
    return f"{_words(op.name)}Done"


@cache
def messages() -> tuple[Message, ...]:
    """Every message, the client's first, in the order in which the protocol's page tells them."""
    return (*_from_client(), *_from_server())


@cache
def definitions() -> Mapping[str, Schema]:
    """Every message and every model in it by name; references are `#/$defs/NAME`."""
    found = dict(_models())
    frames: dict[str, list[str]] = {}
    for message in messages():
        found[message.name] = message.schema
        frames.setdefault(message.frame, []).append(message.name)
    for frame, names in frames.items():
        if names != [frame]:
            found[frame] = {"anyOf": [_ref(name) for name in names]}
    found["SnapshotState"] = {"anyOf": [_ref(model.__name__) for model in STATES.values()]}
    for sender in ("client", "server"):
        of_sender = dict.fromkeys(message.frame for message in messages() if message.sender == sender)
        found[f"{sender.title()}Frame"] = {"anyOf": [_ref(frame) for frame in of_sender]}
    return dict(sorted(found.items()))


def _from_client() -> Iterator[Message]:
    for model in CLIENT_FRAMES:
        if model is Command:
            yield from _commands()
        else:
            yield _plain(model, "client", (_WORKER,) if model is PositionFrame else _EVERYONE)


def _from_server() -> Iterator[Message]:
    several = {Snapshot: _snapshots, Event: _events, Result: _results, State: _states}
    for model in SERVER_FRAMES:
        yield from several[model]() if model in several else (_plain(model, "server", _EVERYONE),)


def _commands() -> Iterator[Message]:
    for op in OPS.values():
        exact = {"op": {"const": op.name}, "args": _ref(op.args.__name__)}
        yield _message(command_name(op), Command, op.does, exact, tuple(sorted(op.roles)))


def _snapshots() -> Iterator[Message]:
    for owner, model in STATES.items():
        exact = {"state": _ref(model.__name__)}
        yield _message(f"{owner.title()}Snapshot", Snapshot, _doc(model), exact, (owner,))


def _events() -> Iterator[Message]:
    for name, kind in KINDS.items():
        data = [_ref(model) for model in dict.fromkeys(model.__name__ for model in kind.data.values())]
        exact = {"kind": {"const": name}, "data": data[0] if len(data) == 1 else {"anyOf": data}}
        yield _message(_words(name), Event, kind.says, exact, tuple(kind.data))


def _results() -> Iterator[Message]:
    for op in OPS.values():
        exact = {"ok": {"const": True}, "data": _ref(op.answer.__name__)}
        parties = tuple(sorted(op.roles))
        yield _message(done_name(op), Result, _doc(op.answer), exact, parties, without="problem")
    exact = {"ok": {"const": False}, "problem": _ref(Problem.__name__)}
    yield _message("Refused", Result, "The command was not carried out.", exact, _EVERYONE, without="data")


def _states() -> Iterator[Message]:
    for key, model in get_type_hints(MarketStates).items():
        exact = {"key": {"const": key}, "data": _ref(model.__name__)}
        yield _message(f"{_words(key)}State", State, _doc(model), exact, (StreamOwner.STAFF,))


def _plain(model: type[BaseModel], sender: Sender, parties: tuple[str, ...]) -> Message:
    name = model.__name__
    return Message(name, name, sender, _doc(model), _models()[name], parties)


def _message(
    name: str, frame: type[BaseModel], says: str, exact: Schema, parties: tuple[str, ...], without: str = ""
) -> Message:
    """A frame with some of its members said more exactly, and one left out."""
    loose = _models()[frame.__name__]["properties"]
    members = {member: exact.get(member, schema) for member, schema in loose.items() if member != without}
    schema = {"type": "object", "description": says, "properties": members, "required": list(members)}
    sender: Sender = "client" if frame in CLIENT_FRAMES else "server"
    return Message(name, frame.__name__, sender, says, schema, tuple(str(party) for party in parties))


class _Exact(GenerateJsonSchema):
    """Without titles nobody reads, and with every member that the server always sends required."""

    def field_title_should_be_set(self, schema: Any) -> bool:
        return False

    def field_is_required(self, field: Any, total: bool) -> bool:
        return self.mode == "serialization" or super().field_is_required(field, total)


@cache
def _models() -> Mapping[str, Schema]:
    read: list[type[BaseModel]] = [*CLIENT_FRAMES, *(op.args for op in OPS.values())]
    sent: list[type[BaseModel]] = [
        *SERVER_FRAMES,
        Problem,
        *STATES.values(),
        *(op.answer for op in OPS.values()),
    ]
    sent.extend(model for kind in KINDS.values() for model in kind.data.values())
    sent.extend(get_type_hints(MarketStates).values())
    modes: dict[type[BaseModel], JsonSchemaMode] = dict.fromkeys(read, "validation")
    modes.update(dict.fromkeys(sent, "serialization"))
    _, found = models_json_schema(list(modes.items()), ref_template=REF + "{model}", schema_generator=_Exact)
    models: dict[str, Schema] = found["$defs"]
    for schema in models.values():
        schema.pop("title", None)
        if "description" in schema:
            schema["description"] = " ".join(schema["description"].split())
    # A problem names fields only where there are some.
    models["Problem"]["required"].remove("errors")
    models["Problem"]["properties"]["errors"] = models["Problem"]["properties"]["errors"]["anyOf"][0]
    return models


def _ref(name: str) -> Schema:
    return {"$ref": REF + name}


def _words(name: str) -> str:
    return "".join(word.title() for word in re.split(r"[._]", name))


def _doc(model: type[BaseModel]) -> str:
    return " ".join((model.__doc__ or "").split())
