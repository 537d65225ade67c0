/** The employer's session and stream, and the people of a gig. */
import { computed, signal } from "../lib/html.js";
import { createSession } from "../lib/session.js";
import { fill } from "../lib/lists.js";
import { createLive } from "../lib/live.js";
import { chime } from "../lib/speak.js";
import { t } from "../lib/i18n.js";
import { toast } from "../ui/toast.js";

/** @import * as Wire from "../lib/protocol.d.ts" */

export const session = createSession("employer");
export const { api } = session;
export const live = createLive(api, "employer", ({ kind, data }) => {
  if (kind !== "assignment.created") return;
  chime();
  toast(t("board.joined", { name: data.assignment.worker.name }));
});

/** Newest first. */
export const gigs = computed(() => [...(live.state.value?.gigs ?? [])].reverse());
export const trades = signal([]);
export const stations = signal([]);

/** The lists that the form needs. */
export function loadLists() {
  const here = session.account.peek();
  const wanted = () => session.account.peek() === here;
  fill(trades, () => api.get("/trades"), wanted);
  fill(stations, () => api.get("/stations"), wanted);
}

const GONE = ["cancelled_by_worker", "cancelled_by_employer", "no_show"];

/** A gig's people: on a seat, gone from one, and being asked. */
export function peopleOf(gig) {
  const { assignments } = live.state.value;
  const offers = /** @type {Wire.SeatOfferView[]} */ (live.state.value.offers);
  const mine = assignments.filter(({ gig_id: id }) => id === gig.id);
  return {
    seated: mine.filter(({ status }) => !GONE.includes(status)),
    gone: mine.filter(({ status }) => GONE.includes(status)),
    asked: offers.filter(({ gig_id: id }) => id === gig.id),
  };
}

/** Whether a worker's pay still has to be recorded. */
export const unpaid = ({ status, paid_fen }) => (status === "completed" && paid_fen === null) || status === "disputed";

/** What was odd about the place of the gig that was just posted: {gig, advice}. */
export const advised = signal(null);

/** A gig to post again: the form starts from it once. */
export const template = signal(null);
