"""The documents of the protocol: valid by their own standards, complete, and as checked in."""

import gzip
import json
import re
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft7Validator, Draft202012Validator

from gigmarket.wire import generate
from gigmarket.wire.closing import Close
from gigmarket.wire.events import KINDS
from gigmarket.wire.frames import CLIENT_FRAMES, SERVER_FRAMES
from gigmarket.wire.limits import LIMITS
from gigmarket.wire.messages import definitions, messages
from gigmarket.wire.ops import OPS
from gigmarket.wire.page import filled, tables
from gigmarket.wire.problems import TITLES
from gigmarket.wire.schema import asyncapi, json_schema
from gigmarket.wire.typescript import typescript

OFFICIAL = Path(__file__).with_name("asyncapi-3.0.0.schema.json.gz")
ASYNCAPI, SCHEMA = asyncapi("1.2.3"), json_schema()


def references(value: Any) -> Iterator[str]:
    """Every `$ref` in a document."""
    if isinstance(value, dict):
        for key, each in value.items():
            yield from [each] if key == "$ref" else references(each)
    elif isinstance(value, list):
        for each in value:
            yield from references(each)


def resolved(document: Any, reference: str) -> Any:
    """What a local reference stands for. Raises KeyError."""
    found = document
    for part in reference.removeprefix("#/").split("/"):
        found = found[part]
    return found


def test_the_files_are_what_the_declarations_make_of_them() -> None:
    assert generate.stale() == [], "run: make protocol"


def test_asyncapi_is_valid_by_the_official_schema() -> None:
    official = Draft7Validator(json.loads(gzip.decompress(OFFICIAL.read_bytes())))
    assert [error.message for error in official.iter_errors(ASYNCAPI)] == []
    # And it would tell.
    wrong = {**ASYNCAPI, "operations": {"x": {"action": "shout", "channel": {"$ref": "#/channels/stream"}}}}
    assert not official.is_valid(wrong)


def test_the_schema_is_valid_by_its_dialect() -> None:
    Draft202012Validator.check_schema(SCHEMA)


@pytest.mark.parametrize("document", [ASYNCAPI, SCHEMA], ids=["asyncapi", "schema"])
def test_every_reference_leads_somewhere(document: dict[str, Any]) -> None:
    found = set(references(document))
    assert len(found) > 50
    for reference in found:
        assert reference.startswith("#/")
        assert resolved(document, reference) is not None


def test_every_message_is_sent_or_received_by_an_operation() -> None:
    used = Counter[str]()
    for operation in ASYNCAPI["operations"].values():
        used.update(reference["$ref"] for reference in operation["messages"])
        used.update(reference["$ref"] for reference in operation.get("reply", {}).get("messages", []))
    there = {f"#/channels/stream/messages/{name}" for name in ASYNCAPI["channels"]["stream"]["messages"]}
    assert used.keys() == there
    assert ASYNCAPI["components"]["messages"].keys() == ASYNCAPI["channels"]["stream"]["messages"].keys()


def test_names_differ_by_more_than_case() -> None:
    for names in (ASYNCAPI["operations"], ASYNCAPI["components"]["messages"], definitions()):
        assert len({name.lower() for name in names}) == len(names)


def test_commands_and_their_answers_belong_together() -> None:
    for name in OPS:
        operation = ASYNCAPI["operations"][name]
        asked, *answers = (
            resolved(ASYNCAPI, resolved(ASYNCAPI, each["$ref"])["$ref"])
            for each in (*operation["messages"], *operation["reply"]["messages"])
        )
        command = resolved(ASYNCAPI, asked["payload"]["$ref"])
        assert command["properties"]["op"] == {"const": name}
        assert len(answers) == 2
        for message in (asked, *answers):
            location = resolved(ASYNCAPI, message["correlationId"]["$ref"])["location"]
            assert location == "$message.payload#/id"
            assert "id" in resolved(ASYNCAPI, message["payload"]["$ref"])["required"]


def test_everything_declared_is_told() -> None:
    frames = {message.frame for message in messages()}
    assert frames == {model.__name__ for model in (*CLIENT_FRAMES, *SERVER_FRAMES)}
    kinds = {m.schema["properties"]["kind"]["const"]: set(m.parties) for m in messages() if m.frame == "Event"}
    assert kinds == {name: set(kind.data) for name, kind in KINDS.items()}
    assert ASYNCAPI["x-close-codes"].keys() == {str(int(code)) for code in Close}
    assert all(code["reconnect"] == (int(name) < 4500) for name, code in ASYNCAPI["x-close-codes"].items())
    assert ASYNCAPI["x-limits"].keys() == LIMITS.keys()
    assert ASYNCAPI["info"]["version"] == "1.2.3"


def test_typescript_declares_each_definition_once() -> None:
    text = typescript()
    declared = re.findall(r"^export (?:interface|type) (\w+)", text, re.MULTILINE)
    assert Counter(declared) == Counter([*definitions(), "CloseCode"])
    assert not re.findall(r"\b(any|undefined)\b", re.sub(r"/\*\*.*?\*/", "", text, flags=re.DOTALL))


def test_the_page_has_every_table_and_row() -> None:
    page = generate.PAGE.read_text("utf-8")
    for names in (OPS, KINDS, (str(int(code)) for code in Close), (f"/problems/{code}" for code in TITLES)):
        assert all(name in page for name in names)
    with pytest.raises(ValueError, match="no place for events"):
        filled(page.replace("<!-- end: events -->", ""), tables())


def test_a_file_that_is_not_current_is_found_and_made_anew(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    page = tmp_path / "docs" / "protocol.md"
    page.parent.mkdir()
    page.write_text(generate.PAGE.read_text("utf-8"), "utf-8")
    monkeypatch.setattr(generate, "ROOT", tmp_path)
    monkeypatch.setattr(generate, "PAGE", page)
    assert len(generate.stale()) == 3
    assert generate.main(["--check"]) == 1
    assert "docs/protocol/asyncapi.json" in capsys.readouterr().out
    assert len(generate.stale()) == 3
    assert generate.main([]) == 0
    assert generate.main(["--check"]) == 0
    page.write_text(page.read_text("utf-8").replace("| 4001 |", "| 4009 |"), "utf-8")
    assert generate.stale() == [page]
