"""The demo: a living market on one machine, with simulated people as real clients and an outside checker."""
