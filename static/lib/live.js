/** One role's stream as signals: state, connection and market; plus commands. */
import { signal } from "@preact/signals";
import { createStream } from "./stream.js";
import { apply, applyState, fromSnapshot } from "./store.js";
import { setServerNow } from "./clock.js";

/**
 * @param {ReturnType<import("./api.js").createApi>} api whose session the stream belongs to
 * @param {string} role
 * @param {(event: object, before: object) => void} [onEvent] after the state has changed
 */
export function createLive(api, role, onEvent) {
  const state = signal(null);
  const status = signal({ name: "connecting" });
  const stream = createStream({
    ticket: async () => (await api.post("/ws-tickets")).ticket,
    // Staff log in anew each day.
    renew: role !== "staff" && (async () => {
      await api.post("/auth/sessions/renew");
      return (await api.post("/ws-tickets")).ticket;
    }),
    connect: () => new WebSocket(`${location.origin.replace(/^http/, "ws")}/ws`),
    onSnapshot: (snapshot) => (state.value = fromSnapshot(role, snapshot)),
    onEvent: (event) => {
      const before = state.value;
      state.value = apply(before, event);
      onEvent?.(event, before);
    },
    onState: (frame) => (state.value = applyState(state.value ?? fromSnapshot(role, {}), frame)),
    onStatus: (value) => {
      // One try of many after a break is no news: the banner stays until the stream is live again.
      if (value.name !== "connecting" || status.peek().name !== "waiting") status.value = value;
    },
    onNow: setServerNow,
  });
  addEventListener("online", () => stream.nudge());
  addEventListener("offline", () => stream.lost());
  document.addEventListener("visibilitychange", () => document.hidden || stream.nudge());
  return {
    state,
    status,
    start: () => stream.start(),
    stop: () => {
      stream.stop();
      stream.epoch = stream.seq = null;
      state.value = null;
    },
    command: (op, args) => stream.command(op, args),
    position: (point) => stream.position(point),
  };
}
