"""HTTP and WebSocket: the outermost layer of the server process."""
