/** The worker's session and stream, and what every part of the page does with them. */
import { computed, signal } from "../lib/html.js";
import { fill } from "../lib/lists.js";
import { createLive } from "../lib/live.js";
import { lang, t } from "../lib/i18n.js";
import { chime, speak } from "../lib/speak.js";
import { offerWords } from "../ui/offercard.js";
import { toast } from "../ui/toast.js";
import { session } from "./session.js";

export { session };
export const { api } = session;
export const live = createLive(api, "worker", onEvent, true);

/** A number that connects with the employer of this assignment, where the city has such. */
export const numberFor = (assignment) => api.post(`/assignments/${assignment}/call`);

/** The last offer that ended by itself, or gig that was called off, so that the page can say so kindly. */
export const missed = signal(null);
/** What is odd about the position just named, if anything: an answer's, no fact of the stream. */
export const advice = signal(null);
/** The last appeal that was answered, so that an open list is read again. */
export const answered = signal(null);
export const me = computed(() => live.state.value?.me ?? null);
export const offers = computed(() => live.state.value?.offers ?? []);
export const crew = computed(() => live.state.value?.crew ?? null);
export const assignments = computed(() => live.state.value?.assignments ?? []);

const LISTS = { trades: signal([]), stations: signal([]) };

/** Trades or stations of the city: fetched once they are wanted, empty until then. */
export function listOf(name) {
  const list = LISTS[name];
  if (!list.asked) {
    list.asked = true;
    fill(list, () => api.get(`/${name}`), () => session.account.peek()).then((filled) => (list.asked = filled));
  }
  return list;
}

/** Nobody sets out for what was called off: it is said at once, and stays on the first tab until it was read. */
function calledOff(assignment, before) {
  const known = before.assignments.find(({ id }) => id === assignment.id);
  if (assignment.status !== "cancelled_by_employer" || known?.status !== "confirmed") return;
  missed.value = assignment;
  const words = t("missed.off", { title: assignment.gig.title });
  chime();
  toast(words);
  speak(words, { lang: lang.value, instead: true });
}

function onEvent({ kind, data }, before) {
  if (kind === "offer.created") {
    missed.value = null;
    chime();
    speak(offerWords(data.offer, me.value?.mode), { lang: lang.value, instead: true });
  }
  if (kind === "appeal.answered") {
    answered.value = data.appeal;
    toast(t("why.answered"));
  }
  if (kind === "assignment.updated") calledOff(data.assignment, before);
  if (kind === "offer.closed" && data.offer.status !== "declined") missed.value = data.offer;
}

/** Go available from a position, or offline; the stream tells what comes of it. Rejects with the server's problem. */
export async function setPresence(wish) {
  const presence = await api.put("/workers/me/presence", wish);
  missed.value = null;
  advice.value = presence.advice[0] ?? null;
}

/** A step of my crew: "" to open one, join, leave or remove; the stream tells what comes of it, the answer too. */
export const crewStep = (step, args) => api.post(`/workers/me/crew${step && `/${step}`}`, args);

/** Trades, mode and floor wage; the stream tells what comes of it. */
export const setProfile = (profile) => api.put("/workers/me", profile);
