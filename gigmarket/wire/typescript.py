"""The protocol as TypeScript declarations: what the pages' JSDoc is checked against. No page loads them."""

import json
from collections.abc import Iterator
from typing import Any

from gigmarket.wire.closing import Close
from gigmarket.wire.messages import REF, Schema, definitions

_PLAIN = {"string": "string", "integer": "number", "number": "number", "boolean": "boolean", "null": "null"}
_WIDTH = 110
_HEAD = """/**
 * Frames, events, operations and views of gig.v1. Made from the server's declarations: `make protocol`.
 * Instants are ISO 8601 in UTC, money is whole fen, ways are seconds, positions are degrees.
 */
"""


def typescript() -> str:
    """The text of static/lib/protocol.d.ts."""
    codes = " | ".join(str(int(code)) for code in Close)
    parts = [_HEAD, *(_declaration(name, schema) for name, schema in definitions().items())]
    parts.append(f"/** Close codes: below 4500 come back. */\nexport type CloseCode = {codes};\n")
    return "\n".join(parts)


def _declaration(name: str, schema: Schema) -> str:
    doc = f"/** {schema['description']} */\n" if "description" in schema else ""
    if "properties" not in schema:
        return f"{doc}export type {name} = {_broken(_type(schema))};\n"
    return f"{doc}export interface {name} {{\n{''.join(_members(schema))}}}\n"


def _members(schema: Schema) -> Iterator[str]:
    required = schema.get("required", [])
    for member, of in schema["properties"].items():
        yield f"  {member}{'' if member in required else '?'}: {_type(of)};\n"


def _type(schema: Any) -> str:
    """A schema as a type. Raises ValueError for what no message uses yet."""
    if "$ref" in schema:
        return str(schema["$ref"]).removeprefix(REF)
    if "const" in schema:
        return json.dumps(schema["const"])
    if "enum" in schema:
        return " | ".join(json.dumps(each) for each in schema["enum"])
    if "anyOf" in schema:
        return " | ".join(dict.fromkeys(_type(each) for each in schema["anyOf"]))
    if schema.get("type") == "array":
        item = _type(schema["items"])
        return f"({item})[]" if " | " in item else f"{item}[]"
    if schema.get("type") == "object":
        rest = schema.get("additionalProperties", True)
        return f"Record<string, {'unknown' if rest is True else _type(rest)}>"
    if schema.get("type") in _PLAIN:
        return _PLAIN[schema["type"]]
    raise ValueError(f"no type for {schema}")


def _broken(union: str) -> str:
    """A long union, one member a line."""
    return union if len(union) < _WIDTH else "".join(f"\n  | {member}" for member in union.split(" | "))
