/** One role's stream as signals: state, connection and market; plus commands. */
import { signal } from "@preact/signals";
import { createStream } from "./stream.js";
import { apply, applyState, fromSnapshot } from "./store.js";
import { now, setServerNow } from "./clock.js";
import { recall, remember } from "./remember.js";

const KEEP_MS = 1_000;
/** Names the release: what another one kept may lack what this one draws. */
const RELEASE = import.meta.url;

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
 * @param {boolean} [kept] keep the state on this device: shown at once next time, and the stream goes on from it
 */
export function createLive(api, role, onEvent, kept = false) {
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
  const name = `state.${role}`;
  const last = kept ? JSON.parse(recall(name, "null") ?? "null") : null;
  if (last?.release === RELEASE) {
    const { epoch, seq, value } = last;
    const offers = value.offers.filter((/** @type {Wire.OfferView} */ offer) => Date.parse(offer.expires_at) > now());
    // What was offered then is over, unless this device's clock is wrong: that a snapshot tells, and no event.
    if (offers.length === value.offers.length) Object.assign(stream, { epoch, seq });
    show({ ...value, offers });
  }
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  let saving;
  const save = () => {
    saving = undefined;
    const { epoch, seq } = stream;
    if (state.value && epoch !== null) remember(name, JSON.stringify({ release: RELEASE, epoch, seq, value: state.value }));
  };
  if (kept) state.subscribe(() => (saving ??= setTimeout(save, KEEP_MS)));
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
      if (kept) remember(name, null);
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
