"""Whole days through the real matching code, without sockets."""
