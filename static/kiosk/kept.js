/**
 * Attendance taken down while the network is away. What is stored: the paper's code or the assignment's id, the
 * site code, the time and a key. Nothing that names anybody, and after the server's answer only the paper's last
 * four places, so that a refusal can be explained to who comes back.
 */
import { computed, signal } from "../lib/html.js";
import { codeOf } from "../lib/api.js";
import { newId } from "../lib/stream.js";
import { recall, remember } from "../lib/remember.js";
import { now } from "../lib/clock.js";
import { kiosk } from "./hall.js";

const AGAIN = new Set(["unreachable", "unavailable", "rate-limited", "internal", "unauthenticated"]);
const DONE_SHOWN_MS = 60_000;

/** [{key, op, at, code?, assignment_id?, site_code?, crew?, mark, state: waiting | done | refused, why?}] */
export const kept = signal(JSON.parse(recall("kept", "[]")));
export const waitingToSend = computed(() => kept.value.filter(({ state }) => state === "waiting"));

function put(list) {
  kept.value = list;
  remember("kept", list.length ? JSON.stringify(list) : null);
}

const change = (key, values) => put(kept.value.map((each) => (each.key === key ? { ...each, ...values } : each)));
const same = (a, b) => a.op === b.op && a.code === b.code && a.assignment_id === b.assignment_id && a.crew === b.crew;

/** Take down a step; the same one twice is one, with the site code typed last. */
export function keep(step) {
  const mark = (step.code ?? step.assignment_id).slice(-4).toUpperCase();
  const others = kept.value.filter((each) => each.state !== "waiting" || !same(each, step));
  put([...others, { ...step, key: newId(), at: new Date(now()).toISOString(), mark, state: "waiting" }]);
}

/** Somebody has read the refusal. */
export const forget = (key) => put(kept.value.filter((each) => each.key !== key));

let sending = false;

/** Bring the server what is waiting, in order; stop at the first sign that it is not there. */
export async function reconcile() {
  if (sending) return;
  sending = true;
  try {
    for (const { key, op, at, code, assignment_id, site_code, crew } of waitingToSend.value) {
      try {
        await kiosk.api.post("/kiosks/attendance", { op, at, code, assignment_id, site_code, crew }, key);
        settle(key, "done");
        setTimeout(() => forget(key), DONE_SHOWN_MS);
      } catch (problem) {
        if (AGAIN.has(codeOf(problem))) return;
        settle(key, "refused", codeOf(problem));
      }
    }
  } finally {
    sending = false;
  }
}

/** The secret parts are no longer needed. */
const settle = (key, state, why) => change(key, { state, why, code: undefined, site_code: undefined });
