"""How far a build has come, for whoever waits at the console."""

from collections.abc import Callable

Progress = Callable[[str, int, int], None]
"""Hears of a step, how much of it is done, and of how much; of 0 while that is not known. A step is told of
for the last time when all of it is done.
"""
