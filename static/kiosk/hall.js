/** The station's hall: the kiosk's own session and stream, who waits and who is called up. */
import { computed, effect, signal } from "../lib/html.js";
import { fill } from "../lib/lists.js";
import { createSession } from "../lib/session.js";
import { createLive } from "../lib/live.js";
import { call } from "./aloud.js";

const AGAIN_MS = 25_000;

/** @import * as Wire from "../lib/protocol.d.ts" */

export const kiosk = createSession("kiosk", true);
export const clerk = createSession("clerk");

/** What can be done here: asked for once the screen is the station's. */
export const trades = signal([]);
effect(() => {
  const here = kiosk.account.value;
  if (here) fill(trades, () => kiosk.api.get("/trades"), () => kiosk.account.peek() === here);
});

/** Counts the hall's changes, so that an identified worker's offers are looked up again. */
export const changes = signal(0);

export const live = createLive(kiosk.api, "kiosk", ({ kind, data }) => {
  changes.value += 1;
  if (kind === "offer.created") callUp(/** @type {Wire.SeatOfferView} */ (data.offer));
});
export const station = computed(() => live.state.value?.station ?? null);
export const waiting = computed(() => live.state.value?.hall ?? []);

/** Those to come to the screen, the most urgent first. */
export const called = computed(() =>
  [...(live.state.value?.offers ?? [])].sort((a, b) => Date.parse(a.expires_at) - Date.parse(b.expires_at)),
);

/** Call by family name, and once more if nobody has come. */
function callUp({ id, worker }) {
  call(worker.name);
  setTimeout(() => called.value.some((offer) => offer.id === id) && call(worker.name), AGAIN_MS);
}
