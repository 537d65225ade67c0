"""Pure rules over frozen dataclasses: no await, clock, log, random or I/O."""
