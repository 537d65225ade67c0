/** One role's stream as signals: state, connection and market; plus commands. */
import { signal } from "@preact/signals";
import { createStream } from "./stream.js";
import { apply, applyState, fromSnapshot } from "./store.js";
import { setServerNow } from "./clock.js";

/** @import * as Wire from "./protocol.d.ts" */
/** @import { State } from "./store.js" */

/**
 * What each role's page may count on.
 * @typedef {object} Pages
 * @property {State & {me: Wire.WorkerView, offers: Wire.OfferView[], assignments: Wire.AssignmentView[]}} worker
 * @property {State & {me: Wire.AccountView, offers: Wire.SeatOfferView[], gigs: Wire.GigView[],
 *   assignments: Wire.AssignmentView[]}} employer
 * @property {State & {offers: Wire.SeatOfferView[], hall: Wire.HallWorker[], station: Wire.StationView}} kiosk
 * @property {State & {offers: Wire.SeatOfferView[], hall: Wire.HallWorker[], station: Wire.StationView}} clerk
 * @property {State & {market: Record<string, any>}} staff
 */

/**
 * @template {keyof Pages} R
 * @param {ReturnType<import("./api.js").createApi>} api whose session the stream belongs to
 * @param {R} role
 * @param {(event: Wire.Event, before: Pages[R]) => void} [onEvent] after the state has changed
 */
export function createLive(api, role, onEvent) {
  const state = signal(/** @type {Pages[R] | null} */ (null));
  const status = signal(/** @type {import("./stream.js").Status} */ ({ name: "connecting" }));
  /** @param {State} value */
  const show = (value) => (state.value = /** @type {Pages[R]} */ (value));
  const stream = createStream({
    ticket: async () => (await api.post("/ws-tickets")).ticket,
    // Staff log in anew each day.
    renew: role === "staff" ? undefined : async () => {
      await api.post("/auth/sessions/renew");
      return (await api.post("/ws-tickets")).ticket;
    },
    connect: () => new WebSocket(`${location.origin.replace(/^http/, "ws")}/ws`),
    onSnapshot: (snapshot) => show(fromSnapshot(role, snapshot)),
    onEvent: (event) => {
      const before = state.value;
      if (!before) return;
      show(apply(before, event));
      onEvent?.(event, before);
    },
    onState: (frame) => show(applyState(state.value ?? fromSnapshot(role, {}), frame)),
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
    /**
     * @param {string} op
     * @param {object} args
     */
    command: (op, args) => stream.command(op, args),
    /** @param {Wire.PositionIn} point */
    position: (point) => stream.position(point),
  };
}
