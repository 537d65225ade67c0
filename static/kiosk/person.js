/**
 * The worker in front of the screen. The token lives in this variable only: never in storage, never in a
 * cookie; leaving ends it on the server and forgets everything that was on the screen.
 */
import { effect, signal } from "../lib/html.js";
import { codeOf, createApi } from "../lib/api.js";
import { setLang } from "../lib/i18n.js";
import { changes, kiosk, live } from "./hall.js";
import { keep } from "./kept.js";

const POLL_MS = 5_000;

/** hall | identify | menu | gigs | crew | joined | help | setup | taken | ticket | paper | clerk */
export const screen = signal("hall");
/** null, or {me, offers, assignments, crew, kind, only}: `kind` of the paper shown, `only` its assignment. */
export const person = signal(null);
/** An ID number that the reader typed, until its PIN is asked for. */
export const idNumber = signal(null);
/** A paper that was scanned while the network is away: only attendance can be taken down. */
export const paper = signal(null);
/** The clerk in whose hands this is, with the API of their session. */
export const helper = signal(null);

let api = null;
/** What the paper shown allows. */
let limits = {};
let asks = 0;
let shown = 0;

/** @param {{phone?: string, id_number?: string, pin: string}} who */
export async function identify(who) {
  await enter(await kiosk.api.post("/kiosks/identify", who));
  screen.value = "menu";
}

/** A ticket opens its own page, a wallet card the three doors; without a network only attendance is kept. */
export async function scan(code) {
  if (person.value || helper.value) leaveAll();
  if (live.status.value.name === "waiting") return showPaper(code);
  try {
    const session = await kiosk.api.post("/kiosks/scan", { code });
    await enter(session, { kind: session.kind, only: session.assignment_id });
    screen.value = session.kind === "ticket" ? "ticket" : "menu";
  } catch (problem) {
    if (codeOf(problem) !== "unreachable") throw problem;
    showPaper(code);
  }
}

function showPaper(code) {
  paper.value = code;
  screen.value = "paper";
}

/** A clerk at the screen, by PIN; the token lives as long as the page. */
export async function startHelping(who) {
  const session = await kiosk.api.post("/kiosks/clerk", who);
  helper.value = { name: session.account.name, api: createApi("clerk", session.token) };
}

/** 代办: the clerk's session opens the worker's. */
export async function actFor(phone) {
  await enter(await helper.value.api.post("/stations/me/workers/act-for", { phone }));
  screen.value = "menu";
}

async function enter(session, within = {}) {
  api = createApi("worker", session.token);
  limits = within;
  await refresh();
}

/** Everything the server knows now, unless a later question was answered first; a session that ended goes back to the hall. */
export async function refresh() {
  const asked = api;
  const turn = ++asks;
  if (!asked) return;
  try {
    const [me, offers, assignments, { crew }] = await Promise.all(
      ["/workers/me", "/workers/me/offers", "/workers/me/assignments", "/workers/me/crew"].map(asked.get),
    );
    if (api !== asked || turn < shown) return;
    shown = turn;
    person.value = { me, offers: offers.items, assignments: assignments.items, crew, ...limits };
  } catch (problem) {
    if (api !== asked) return;
    if (problem.status !== 401) throw problem;
    leave();
  }
}

/** An operation by HTTP, then the new state: assignment.check_in → POST /assignments/{id}/check-in. */
export async function act(op, { offer_id: offer, assignment_id: assignment, ...args }) {
  const [noun, step] = op.split(".");
  try {
    const result = await api.post(`/${noun}s/${offer ?? assignment}/${step.replace("_", "-")}`, args);
    await refresh().catch(() => {});
    return result;
  } catch (problem) {
    if (codeOf(problem) !== "unreachable" || !["check_in", "check_out"].includes(step)) throw problem;
    keep({ op: step, assignment_id: assignment, site_code: args.code, crew: args.crew });
    throw Object.assign(new Error("kept"), { code: "kept" });
  }
}

/** A step of the worker's crew: "" to open one, join, leave or remove; then the new state. */
export async function crewStep(step, args) {
  await api.post(`/workers/me/crew${step && `/${step}`}`, args);
  await refresh().catch(() => {});
}

/** The paper to print for an assignment. */
export const ticketOf = (assignment) => api.post(`/assignments/${assignment.id}/ticket`);

export async function setPresence(wish) {
  await api.put("/workers/me/presence", wish);
  await refresh();
}

export async function setProfile(profile) {
  await api.put("/workers/me", profile);
  await refresh();
}

/** The worker is done; a clerk who helped stays for the next one. */
export function leave() {
  const helped = helper.value && person.value;
  end(api);
  api = null;
  person.value = idNumber.value = paper.value = null;
  setLang("zh");
  screen.value = helped ? "clerk" : "hall";
}

/** Everybody is logged out and the screen wiped. */
export function leaveAll() {
  end(helper.value?.api);
  helper.value = null;
  leave();
  screen.value = "hall";
}

const end = (session) => session?.end().catch(() => {});

effect(() => {
  if (changes.value && api) refresh().catch(() => {});
});
setInterval(() => refresh().catch(() => {}), POLL_MS);
