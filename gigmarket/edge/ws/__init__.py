"""The gig.v1 stream: session machine, endpoint, hub."""
