"""Benchmarks and load scenarios: `python -m loadtests NAME --json`."""
