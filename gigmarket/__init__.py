"""The gig-market dispatch server."""

__version__ = "0.1.0"
