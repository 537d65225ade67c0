"""The stream protocol for machines: AsyncAPI 3 and JSON Schema, made of the message declarations."""

from collections.abc import Iterable, Mapping
from typing import Any

from gigmarket.wire.closing import ADVICE, comes_back
from gigmarket.wire.frames import PROTOCOL, ErrorFrame, Hello, Refresh, Refreshed, Welcome
from gigmarket.wire.limits import LIMITS
from gigmarket.wire.messages import REF, Message, Schema, command_name, definitions, done_name, messages
from gigmarket.wire.ops import OPS

DIALECT = "https://json-schema.org/draft/2020-12/schema"
_STREAM = {"$ref": "#/channels/stream"}
_CORRELATED = {"Command", "Result"}


def json_schema() -> Schema:
    """Every frame of the protocol as JSON Schema 2020-12; `$defs` has each by name, and every model in it.

    Objects are open, because fields may be added.
    """
    return {
        "$schema": DIALECT,
        "$id": f"{PROTOCOL}.schema.json",
        "title": PROTOCOL,
        "description": "A frame of either side. Members may be added; none is renamed or removed.",
        "anyOf": [{"$ref": f"{REF}ClientFrame"}, {"$ref": f"{REF}ServerFrame"}],
        "$defs": dict(definitions()),
    }


def asyncapi(version: str) -> Schema:
    """The document for /asyncapi.json, from the server's side: it receives what clients send."""
    known = {message.name: message for message in messages()}
    return {
        "asyncapi": "3.0.0",
        "info": {
            "title": PROTOCOL,
            "version": version,
            "description": "One private, resumable stream each for workers, employers, stations and staff: "
            "JSON text frames, one object each, tagged by `t`. docs/protocol.md tells it in words.",
            "license": {"name": "Apache-2.0", "url": "https://www.apache.org/licenses/LICENSE-2.0"},
        },
        "defaultContentType": "application/json",
        "servers": {
            "local": {
                "host": "127.0.0.1:8000",
                "protocol": "ws",
                "description": "`gigmarket serve` on this machine.",
                "security": [{"$ref": "#/components/securitySchemes/ticket"}],
            }
        },
        "channels": {
            "stream": {
                "address": "/ws",
                "description": "The one endpoint; a connection follows the stream of its ticket's owner.",
                "messages": {name: {"$ref": f"#/components/messages/{name}"} for name in known},
                "bindings": {"ws": {"method": "GET", "bindingVersion": "0.1.0"}},
            }
        },
        "operations": _operations(),
        "components": _components(known),
        "x-limits": {
            name: {"value": limit.value, "unit": limit.unit, "description": limit.says}
            for name, limit in LIMITS.items()
        },
        "x-close-codes": {
            str(int(code)): {
                "name": code.name.lower(),
                "description": advice,
                "reconnect": comes_back(code),
            }
            for code, advice in ADVICE.items()
        },
    }


def _components(known: Mapping[str, Message]) -> Schema:
    return {
        "messages": {name: _message(message) for name, message in known.items()},
        "schemas": {name: _moved(schema) for name, schema in definitions().items()},
        "correlationIds": {
            "command": {
                "location": "$message.payload#/id",
                "description": "Chosen by the client, and the command's idempotency key.",
            }
        },
        "securitySchemes": {
            "ticket": {
                "type": "apiKey",
                "in": "user",
                "description": "POST /api/v1/ws-tickets with the session gives a ticket, which the first "
                "frame carries: single use, and nothing secret in an address.",
            }
        },
    }


def _operations() -> dict[str, Schema]:
    found: dict[str, Schema] = {}
    answers = {Hello.__name__: Welcome.__name__, Refresh.__name__: Refreshed.__name__}
    for message in messages():
        if message.sender == "client" and message.frame != "Command":
            answer = [answers[message.name], ErrorFrame.__name__] if message.name in answers else []
            found[message.name] = _receive(message.says, message.name, answer)
    for op in OPS.values():
        found[op.name] = _receive(op.does, command_name(op), [done_name(op), "Refused"])
    for frame in dict.fromkeys(message.frame for message in messages() if message.sender == "server"):
        if frame != "Result":
            names = [message.name for message in messages() if message.frame == frame]
            found[frame] = {"action": "send", "channel": _STREAM, "messages": _refs(names)}
    return found


def _receive(summary: str, message: str, answers: Iterable[str]) -> Schema:
    operation: Schema = {
        "action": "receive",
        "channel": _STREAM,
        "summary": summary,
        "messages": _refs([message]),
    }
    if answer := _refs(answers):
        operation["reply"] = {"channel": _STREAM, "messages": answer}
    return operation


def _message(message: Message) -> Schema:
    shown: Schema = {
        "name": message.name,
        "summary": message.says,
        "payload": {"$ref": f"#/components/schemas/{message.name}"},
        "x-parties": list(message.parties),
    }
    if message.frame in _CORRELATED:
        shown["correlationId"] = {"$ref": "#/components/correlationIds/command"}
    return shown


def _refs(names: Iterable[str]) -> list[Schema]:
    return [{"$ref": f"#/channels/stream/messages/{name}"} for name in names]


def _moved(value: Any) -> Any:
    """The same schema with its references where AsyncAPI keeps schemas."""
    if isinstance(value, dict):
        return {key: _target(each) if key == "$ref" else _moved(each) for key, each in value.items()}
    return [_moved(each) for each in value] if isinstance(value, list) else value


def _target(reference: str) -> str:
    return reference.replace(REF, "#/components/schemas/", 1)
