"""Reading a recording: strictly by the format, but for the last line of a process that was killed."""

from __future__ import annotations

import logging
import zlib
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

import orjson
from pydantic import TypeAdapter, ValidationError

from gigmarket.recording.lines import FORMAT, KINDS, Header, Line

log = logging.getLogger("gigmarket.recording")

_CHUNK = 1 << 16
_LONGEST_LINE = 1 << 24
"""Bytes of one line: a file that is none is not read whole in search of its first newline."""
_ADAPTERS: Mapping[str, TypeAdapter[Line]] = {kind: TypeAdapter(of) for kind, of in KINDS.items()}


class BadRecording(ValueError):
    """A file that is no recording of this format; the message names the file and the line."""


def read(path: Path, warn: Callable[[str], None] = log.warning) -> Iterator[Line]:
    """The lines of a recording in order, the header first.

    A last line that was cut off is skipped, after `warn` was told. Raises BadRecording for anything else that
    is not the format, OSError when the file can't be read.
    """
    number = 0
    for number, text in enumerate(_texts(path, warn), start=1):
        line = _line(f"{path.name} line {number}", text)
        if (number == 1) != isinstance(line, Header):
            raise BadRecording(f"{path.name} line {number}: a recording begins with its one day line")
        yield line
    if not number:
        raise BadRecording(f"{path.name} holds nothing: the recorder ended before it wrote")


def _line(where: str, text: bytes) -> Line:
    try:
        value: Any = orjson.loads(text)
    except orjson.JSONDecodeError as error:
        raise BadRecording(f"{where}: {error}") from None
    kind = value.get("t") if isinstance(value, dict) else None
    if not isinstance(kind, str) or kind not in KINDS:
        raise BadRecording(f"{where}: {kind!r} is no kind of line")
    if kind == "day" and value.get("format") != FORMAT:
        raise BadRecording(f"{where}: format version {value.get('format')!r}; this program reads {FORMAT}")
    try:
        return _ADAPTERS[kind].validate_json(text, strict=True)
    except ValidationError as error:
        fault = error.errors()[0]
        place = ".".join(map(str, fault["loc"]))
        raise BadRecording(f"{where}, {place}: {fault['msg']}") from None


def _texts(path: Path, warn: Callable[[str], None]) -> Iterator[bytes]:
    rest = b""
    for chunk in _unpacked(path):
        *whole, rest = (rest + chunk).split(b"\n")
        yield from whole
        if len(rest) > _LONGEST_LINE:
            raise BadRecording(f"{path.name}: a line of more than {_LONGEST_LINE} bytes")
    if rest:
        warn(f"{path.name}: the last line was cut off and is left out")


def _unpacked(path: Path) -> Iterator[bytes]:
    """The text of a gzip file as far as it goes: the end of a killed process's file is missing."""
    unpack = zlib.decompressobj(wbits=31)
    with path.open("rb") as file:
        while packed := file.read(_CHUNK):
            while packed and not unpack.eof:
                try:
                    yield unpack.decompress(packed, _CHUNK)
                except zlib.error as error:
                    raise BadRecording(f"{path.name}: not gzip, or damaged ({error})") from None
                packed = unpack.unconsumed_tail
            if unpack.eof and (packed or unpack.unused_data):
                raise BadRecording(f"{path.name}: something stands after the end")
