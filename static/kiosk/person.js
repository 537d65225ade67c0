/**
 * The worker in front of the screen. The token lives in this variable only: never in storage, never in a
 * cookie; leaving ends it on the server and forgets everything that was on the screen.
 */
import { effect, signal } from "../lib/html.js";
import { createApi } from "../lib/api.js";
import { setLang } from "../lib/i18n.js";
import { changes, kiosk } from "./hall.js";

const POLL_MS = 5_000;

/** hall | identify | menu | gigs | joined | help | setup */
export const screen = signal("hall");
/** null, or {account, me, offers, assignments}. */
export const person = signal(null);

let api = null;

export async function identify(phone, pin) {
  const session = await kiosk.api.post("/kiosks/identify", { phone, pin });
  api = createApi("worker", session.token);
  await refresh();
  screen.value = "menu";
}

/** Everything the server knows now; a session that ended goes back to the hall. */
export async function refresh() {
  const asked = api;
  if (!asked) return;
  try {
    const [me, offers, assignments] = await Promise.all(
      ["/workers/me", "/workers/me/offers", "/workers/me/assignments"].map(asked.get),
    );
    if (api === asked) person.value = { me, offers: offers.items, assignments: assignments.items };
  } catch (problem) {
    if (problem.status === 401 && api === asked) leave();
    else throw problem;
  }
}

/** An operation by HTTP, then the new state: assignment.check_in → POST /assignments/{id}/check-in. */
export async function act(op, { offer_id: offer, assignment_id: assignment, ...args }) {
  const [noun, step] = op.split(".");
  const result = await api.post(`/${noun}s/${offer ?? assignment}/${step.replace("_", "-")}`, args);
  await refresh().catch(() => {});
  return result;
}

export async function setPresence(wish) {
  await api.put("/workers/me/presence", wish);
  await refresh();
}

export async function setProfile(profile) {
  await api.put("/workers/me", profile);
  await refresh();
}

/** Log out and wipe the screen. */
export function leave() {
  const left = api;
  api = null;
  person.value = null;
  screen.value = "hall";
  setLang("zh");
  left?.delete("/auth/sessions/current").catch(() => {});
}

effect(() => {
  if (changes.value && api) refresh().catch(() => {});
});
setInterval(() => refresh().catch(() => {}), POLL_MS);
