"""Numbers written as OpenStreetMap tag values: speeds and durations."""

from __future__ import annotations

import re

_SPEED = re.compile(r"(\d+(?:\.\d+)?)\s*(km/h|kmh|kph|mph|knots)?")
_CLOCK = re.compile(r"(?:(\d+):)?(\d+):(\d{2})")
_ISO = re.compile(r"P(?:(\d+)D)?T?(?:(\d+)H)?(?:(\d+)M)?(?:(\d+)S)?")
_TO_KMH = {"mph": 1.609344, "knots": 1.852}


def kilometres_per_hour(value: str) -> float | None:
    """A `maxspeed` value ("50", "30 mph", "walk") in km/h; None for anything else ("none", "signals")."""
    if value == "walk":
        return 5.0
    found = _SPEED.fullmatch(value.strip())
    if not found:
        return None
    return float(found[1]) * _TO_KMH.get(found[2] or "", 1.0) or None


def seconds_of(value: str) -> float:
    """A `duration` value ("00:15", "1:05:00", "12", "PT20M") in seconds; 0 for anything else.

    A bare number counts minutes, two parts are hours and minutes, as the key's documentation has it.
    """
    value = value.strip()
    if value.isdecimal():
        return 60.0 * int(value)
    if clock := _CLOCK.fullmatch(value):
        hours, minutes, seconds = (clock[1], clock[2], clock[3]) if clock[1] else (clock[2], clock[3], "0")
        return 3600.0 * int(hours) + 60.0 * int(minutes) + int(seconds)
    if (iso := _ISO.fullmatch(value)) and any(iso.groups()):
        days, hours_, minutes_, seconds_ = (int(part or 0) for part in iso.groups())
        return float(86_400 * days + 3600 * hours_ + 60 * minutes_ + seconds_)
    return 0.0
