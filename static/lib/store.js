/**
 * A principal's state as a pure value: a snapshot, then events on top of it.
 *
 * The law: `fromSnapshot(before)` followed by `apply` of every event equals `fromSnapshot(after)`.
 * Hence lists are kept in the order of their ids (which are ordered by time), whatever order they came in,
 * and what the server derives (a worker's presence status) is derived here from the same facts.
 * No DOM, no network, no clock: this file runs anywhere.
 */

/** Lists of each role's state; a list not named here is not kept. */
const LISTS = {
  worker: ["offers", "assignments"],
  employer: ["gigs", "assignments", "offers"],
  station: ["hall", "offers"],
  staff: [],
};

/** Clerks and kiosks share their station's stream. */
function kindOf(role) {
  return role === "clerk" || role === "kiosk" ? "station" : role;
}

/**
 * The state of a snapshot frame.
 * @param {string} role worker | employer | clerk | kiosk | station | staff
 * @param {object} snapshot the frame's `state`
 * @returns {object} a new state; missing lists are empty
 */
export function fromSnapshot(role, snapshot) {
  const kind = kindOf(role);
  const lists = LISTS[kind];
  if (!lists) throw new Error(`no stream for role ${role}`);
  const state = { ...snapshot, kind };
  for (const name of lists) state[name] = inOrder(snapshot[name] ?? []);
  if (kind === "staff") state.market = {};
  return derived(state);
}

/**
 * The state after one event; the same object when the event does not concern this role.
 * @param {object} state
 * @param {{kind: string, data: object}} event an event frame (its `seq` is the stream's business)
 */
export function apply(state, event) {
  const step = STEPS[event.kind];
  const next = step ? step(state, event.data) : state;
  return next === state ? state : derived(next);
}

/** The state with the latest value of a market state frame (`market.counters`, `market.cells`). */
export function applyState(state, { key, data }) {
  return { ...state, market: { ...state.market, [key]: data } };
}

/** A worker's state with the presence the server answered to `presence.set`. */
export function withPresence(state, presence) {
  return derived({ ...state, me: { ...state.me, presence } });
}

/** A worker's state with the profile the server answered. */
export function withMe(state, me) {
  return derived({ ...state, me });
}

const STEPS = {
  "offer.created": (state, data) => offer(state, data.offer),
  "offer.extended": (state, data) => offer(state, data.offer),
  "offer.closed": (state, data) => offer(state, data.offer),
  "assignment.created": (state, data) => assignment(state, data.assignment),
  "assignment.updated": (state, data) => assignment(state, data.assignment),
  "gig.created": (state, data) => upsert(state, "gigs", data.gig),
  "gig.updated": (state, data) => upsert(state, "gigs", data.gig),
  "presence.updated": (state, data) => withPresence(state, data.presence),
  "hall.joined": (state, data) => upsert(state, "hall", data.worker),
  "hall.left": (state, data) => without(state, "hall", data.worker.id),
  // Appeals are read over HTTP; the event only tells the page to look again.
  "appeal.answered": (state) => state,
};

function offer(state, value) {
  return value.status === "pending" ? upsert(state, "offers", value) : without(state, "offers", value.id);
}

/** An assignment carries the offer it came from: that offer is pending no more. */
function assignment(state, value) {
  return without(upsert(state, "assignments", value), "offers", value.offer_id);
}

function upsert(state, name, value) {
  const list = state[name];
  if (!list) return state;
  return { ...state, [name]: inOrder([...list.filter((item) => item.id !== value.id), value]) };
}

function without(state, name, id) {
  const list = state[name];
  if (!list?.some((item) => item.id === id)) return state;
  return { ...state, [name]: list.filter((item) => item.id !== id) };
}

function inOrder(list) {
  return [...list].sort((a, b) => (a.id < b.id ? -1 : a.id > b.id ? 1 : 0));
}

/** Work goes before an open offer, an open offer before waiting; `since` is set while work is wanted. */
function derived(state) {
  const presence = state.kind === "worker" && state.me?.presence;
  if (!presence) return state;
  const working = state.assignments.some((item) => item.status === "checked_in");
  const waiting = state.offers.length ? "offered" : "available";
  const status = working ? "engaged" : presence.since ? waiting : "offline";
  if (status === presence.status) return state;
  return { ...state, me: { ...state.me, presence: { ...presence, status } } };
}
