"""The numbers that the protocol's documents tell are those the server keeps to."""

import importlib
import pkgutil
from datetime import timedelta

import gigmarket.edge.ws
from gigmarket.wire.limits import LIMITS
from workers import janitor

KEPT = {
    "hello": "HELLO_S",
    "heartbeat": "HEARTBEAT_S",
    "pong": "PONG_S",
    "commands": "COMMANDS_PER_MINUTE",
    "frames": "FRAMES_PER_MINUTE",
    "queued_frames": "MAX_FRAMES",
    "queued_bytes": "MAX_BYTES",
    "write": "WRITE_S",
    "ticket": "TICKET_S",
}


def test_the_documents_tell_the_servers_numbers() -> None:
    found: dict[str, set[object]] = {}
    for module in pkgutil.iter_modules(gigmarket.edge.ws.__path__):
        for name, value in vars(importlib.import_module(f"gigmarket.edge.ws.{module.name}")).items():
            if name in KEPT.values():
                found.setdefault(name, set()).add(value)
    assert found == {constant: {LIMITS[name].value} for name, constant in KEPT.items()}
    assert timedelta(hours=LIMITS["answers"].value) == janitor.KEPT
