"""The circle on real roads: rules, build, graphs on disk, snapping and routing."""

from gigmarket.travel.roads.router import RoadRouter

__all__ = ["RoadRouter"]
