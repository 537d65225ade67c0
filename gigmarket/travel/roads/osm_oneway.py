"""Directions of a way per mode: `oneway` and everything that implies, lifts or turns it round."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from gigmarket.domain.geo import Mode

_WITH = frozenset({"yes", "true", "1"})
_AGAINST = frozenset({"-1", "reverse"})
_OPPOSITE = frozenset({"opposite", "opposite_lane", "opposite_track"})
_CYCLEWAYS = ("cycleway", "cycleway:left", "cycleway:right", "cycleway:both")
_BOTH, _FORWARD, _BACKWARD, _NEITHER = (True, True), (True, False), (False, True), (False, False)
_OWN_ONEWAY: Mapping[Mode, str] = {
    Mode.WALK: "oneway:foot",
    Mode.BICYCLE: "oneway:bicycle",
    Mode.EBIKE: "oneway:bicycle",
    Mode.MOTORBIKE: "oneway:motorcycle",
    Mode.CAR: "oneway:motorcar",
}

Speeds = tuple[float, ...]


def directed(
    speeds: Sequence[float], modes: Sequence[Mode], highway: str, tags: Mapping[str, str]
) -> tuple[Speeds, Speeds]:
    """Split speeds per mode (km/h) into those along and those against a way; 0 where it is one-way."""
    general = _general(highway, tags)
    open_ways = [_directions(mode, general, tags) for mode in modes]
    forward = tuple(speed if along else 0.0 for speed, (along, _) in zip(speeds, open_ways, strict=True))
    backward = tuple(speed if against else 0.0 for speed, (_, against) in zip(speeds, open_ways, strict=True))
    return forward, backward


def _general(highway: str, tags: Mapping[str, str]) -> tuple[bool, bool]:
    oneway = tags.get("oneway", "")
    if oneway in ("reversible",):
        return _NEITHER
    if oneway in _AGAINST:
        return _BACKWARD
    implied = tags.get("junction") in ("roundabout", "circular") or highway in ("motorway", "motorway_link")
    if oneway in _WITH or (implied and oneway != "no"):
        return _FORWARD
    return _BOTH


def _directions(mode: Mode, general: tuple[bool, bool], tags: Mapping[str, str]) -> tuple[bool, bool]:
    own = tags.get(_OWN_ONEWAY[mode], "")
    if own in _WITH:
        return _FORWARD
    if own in _AGAINST:
        return _BACKWARD
    # On foot a street has no direction, whatever `oneway` says: that is for vehicles.
    if own == "no" or mode is Mode.WALK:
        return _BOTH
    if mode in (Mode.BICYCLE, Mode.EBIKE) and _contraflow(tags):
        return _BOTH
    return general


def _contraflow(tags: Mapping[str, str]) -> bool:
    return any(tags.get(key) in _OPPOSITE for key in _CYCLEWAYS) or tags.get("bicycle:backward") == "yes"
