// Node's `ws`: answers hello with a welcome and a snapshot, and sends one event to all when a phone shouts.
import { readFileSync } from "node:fs";
import { createServer } from "node:http";
import { WebSocketServer } from "ws";

const said = JSON.parse(readFileSync(process.argv[2], "utf8"));
// A buffer, so that the library need not encode the text for each socket.
const event = Buffer.from(said.event);
const http = createServer();
const server = new WebSocketServer({ server: http, path: "/ws", perMessageDeflate: false });

server.on("connection", (socket) => {
  socket.on("message", (raw) => {
    if (JSON.parse(raw).t === "hello") {
      socket.send(said.welcome);
      socket.send(said.snapshot);
    } else {
      for (const each of server.clients) each.send(event, { binary: false });
    }
  });
});
http.listen({ port: 0, host: "127.0.0.1", backlog: 4096 }, () => {
  console.log(`ready http://127.0.0.1:${http.address().port}`);
});
process.on("SIGTERM", () => process.exit(0));
