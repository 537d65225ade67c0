"""One module per benchmark; each has `run() -> dict`, the object of contract and README."""
