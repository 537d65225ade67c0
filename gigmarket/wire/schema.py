"""The stream protocol as an AsyncAPI 3 document, generated from the message declarations."""

from typing import Any

from pydantic import BaseModel
from pydantic.json_schema import models_json_schema

from gigmarket.wire.closing import ADVICE
from gigmarket.wire.events import KINDS
from gigmarket.wire.frames import CLIENT_FRAMES, SERVER_FRAMES
from gigmarket.wire.ops import OPS


def asyncapi(version: str) -> dict[str, Any]:
    """The document for /asyncapi.json: both directions of /ws, every operation, event kind and close code."""
    models = _models()
    _, definitions = models_json_schema(
        [(model, "serialization") for model in models], ref_template="#/components/schemas/{model}"
    )
    channel = {"$ref": "#/channels/stream"}
    return {
        "asyncapi": "3.0.0",
        "info": {"title": "gig.v1", "version": version, "description": "One private, resumable stream each."},
        "channels": {
            "stream": {
                "address": "/ws",
                "messages": {
                    model.__name__: {"$ref": f"#/components/messages/{model.__name__}"}
                    for model in (*CLIENT_FRAMES, *SERVER_FRAMES)
                },
            }
        },
        "operations": {
            "receiveFromClient": {
                "action": "receive",
                "channel": channel,
                "messages": [_channel_message(model) for model in CLIENT_FRAMES],
            },
            "sendToClient": {
                "action": "send",
                "channel": channel,
                "messages": [_channel_message(model) for model in SERVER_FRAMES],
            },
        },
        "components": {
            "messages": {
                model.__name__: {
                    "name": model.__name__,
                    "contentType": "application/json",
                    "payload": {"$ref": f"#/components/schemas/{model.__name__}"},
                }
                for model in (*CLIENT_FRAMES, *SERVER_FRAMES)
            },
            "schemas": definitions.get("$defs", {}),
        },
        "x-operations": {
            op.name: {
                "args": {"$ref": f"#/components/schemas/{op.args.__name__}"},
                "data": {"$ref": f"#/components/schemas/{op.answer.__name__}"},
                "roles": sorted(op.roles),
            }
            for op in OPS.values()
        },
        "x-events": {
            kind: {"oneOf": [{"$ref": f"#/components/schemas/{model.__name__}"} for model in models_of_kind]}
            for kind, models_of_kind in KINDS.items()
        },
        "x-close-codes": {str(int(code)): advice for code, advice in ADVICE.items()},
    }


def _models() -> list[type[BaseModel]]:
    found: dict[str, type[BaseModel]] = {}
    for model in (*CLIENT_FRAMES, *SERVER_FRAMES):
        found[model.__name__] = model
    for op in OPS.values():
        found[op.args.__name__] = op.args
        found[op.answer.__name__] = op.answer
    for kinds in KINDS.values():
        for kind in kinds:
            found[kind.__name__] = kind
    return list(found.values())


def _channel_message(model: type[BaseModel]) -> dict[str, str]:
    return {"$ref": f"#/channels/stream/messages/{model.__name__}"}
