// socket.io over WebSocket only: greets as the ws peer does, and emits one event to all when a phone shouts.
import { readFileSync } from "node:fs";
import { createServer } from "node:http";
import { Server } from "socket.io";

const said = JSON.parse(readFileSync(process.argv[2], "utf8"));
const [welcome, snapshot, event] = [said.welcome, said.snapshot, said.event].map((text) => JSON.parse(text));
const http = createServer();
const server = new Server(http, { transports: ["websocket"], serveClient: false });

server.on("connection", (socket) => {
  socket.emit("welcome", welcome);
  socket.emit("snapshot", snapshot);
  socket.on("shout", () => server.emit("event", event));
});
http.listen({ port: 0, host: "127.0.0.1", backlog: 4096 }, () => {
  console.log(`ready http://127.0.0.1:${http.address().port}`);
});
process.on("SIGTERM", () => process.exit(0));
