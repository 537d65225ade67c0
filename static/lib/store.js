/**
 * A principal's state as a pure value: a snapshot, then events on top of it.
 *
 * The law: `fromSnapshot(before)` followed by `apply` of every event equals `fromSnapshot(after)`.
 * Hence lists are kept in the order of their ids (which are ordered by time), whatever order they came in, and no
 * longer than a snapshot's; and what the server derives (a worker's presence status) is derived here from the same
 * facts. A worker's position is outside of it: it moves without an event. No DOM, network or clock: runs anywhere.
 *
 * @import * as Wire from "./protocol.d.ts"
 */

/**
 * @typedef {object} State
 * @property {"worker" | "employer" | "station" | "staff"} kind whose it is
 * @property {Wire.WorkerView | Wire.AccountView} [me]
 * @property {(Wire.OfferView | Wire.SeatOfferView)[]} [offers] pending ones
 * @property {Wire.AssignmentView[]} [assignments]
 * @property {Wire.CrewView | null} [crew]
 * @property {Wire.GigView[]} [gigs]
 * @property {Wire.StationView} [station]
 * @property {Wire.HallWorker[]} [hall] who waits there
 * @property {Record<string, unknown>} [market] latest values by key
 */
/** @typedef {"offers" | "assignments" | "gigs" | "hall"} List */

/** @type {Record<State["kind"], List[]>} Lists of each role's state; a list not named here is not kept. */
const LISTS = {
  worker: ["offers", "assignments"],
  employer: ["gigs", "assignments", "offers"],
  station: ["hall", "offers"],
  staff: [],
};

/** The newest of a list are kept, as in a snapshot, and older ones under way or not paid. */
const RECENT = 200;
const UNDER_WAY = new Set(["open", "filled", "in_progress", "confirmed", "checked_in", "disputed"]);

/**
 * Whether it is kept, however old.
 * @param {{status?: string, paid_fen?: number | null}} item
 */
const lasts = ({ status = "", paid_fen: paid }) =>
  UNDER_WAY.has(status) || (status === "completed" && paid === null);

/**
 * Clerks and kiosks share their station's stream.
 * @param {string} role
 */
const kindOf = (role) => (role === "clerk" || role === "kiosk" ? "station" : role);

/**
 * The state of a snapshot frame.
 * @param {string} role worker | employer | clerk | kiosk | station | staff
 * @param {Partial<Wire.SnapshotState>} snapshot the frame's `state`
 * @returns {State} a new state; missing lists are empty
 */
export function fromSnapshot(role, snapshot) {
  const kind = /** @type {State["kind"]} */ (kindOf(role));
  const lists = LISTS[kind];
  if (!lists) throw new Error(`no stream for role ${role}`);
  /** @type {State} */
  const state = { ...snapshot, kind };
  for (const name of lists) put(state, name, state[name] ?? []);
  if (kind === "staff") state.market = {};
  return derived(state);
}

/**
 * The state after one event; the same object when the event does not concern this role.
 * @param {State} state
 * @param {Wire.Event} event an event frame (its `seq` is the stream's business)
 */
export function apply(state, event) {
  const next = step(state, event);
  return next === state ? state : derived(next);
}

/**
 * The state with the latest value of a market state frame (`market.counters`, `market.cells`).
 * @param {State} state
 * @param {{key: string, data: unknown}} frame
 * @returns {State}
 */
export function applyState(state, { key, data }) {
  return { ...state, market: { ...state.market, [key]: data } };
}

/**
 * @param {State} state
 * @param {Wire.Event} event
 * @returns {State}
 */
function step(state, event) {
  switch (event.kind) {
    case "offer.created":
    case "offer.extended":
    case "offer.closed":
      return offer(state, event.data.offer);
    case "assignment.created":
    case "assignment.updated":
      return assignment(state, event.data.assignment);
    case "gig.created":
    case "gig.updated":
      return upsert(state, "gigs", event.data.gig);
    case "presence.updated":
      return { ...state, me: /** @type {Wire.WorkerView} */ ({ ...state.me, presence: event.data.presence }) };
    case "me.updated":
      return mine(state, event.data.me);
    case "crew.updated":
      return { ...state, crew: event.data.crew };
    case "person.renamed":
      return renamed(state, event.data.person);
    case "hall.joined":
    case "hall.updated":
      return upsert(state, "hall", event.data.worker);
    case "hall.left":
      return without(state, "hall", event.data.worker.id);
    case "station.updated":
      return { ...state, station: event.data.station };
    default:
      // A kind of a newer server's; or appeal.answered: appeals are read over HTTP, the page only looks again.
      return state;
  }
}

/**
 * @param {State} state
 * @param {Wire.OfferView | Wire.SeatOfferView} value
 */
function offer(state, value) {
  return value.status === "pending" ? upsert(state, "offers", value) : without(state, "offers", value.id);
}

/**
 * An assignment carries the offer it came from: that offer is pending no more.
 * @param {State} state
 * @param {Wire.AssignmentView} value
 */
function assignment(state, value) {
  return without(upsert(state, "assignments", value), "offers", value.offer_id);
}

/**
 * A worker's own name stands on their assignments, too.
 * @param {State} state
 * @param {Wire.WorkerView | Wire.AccountView} me
 * @returns {State}
 */
function mine(state, me) {
  if (state.kind !== "worker" || me.name === state.me?.name) return { ...state, me };
  const assignments = state.assignments?.map((item) => ({ ...item, worker: { ...item.worker, name: me.name } }));
  return { ...state, me, assignments };
}

/**
 * Somebody's new name, wherever it stands.
 * @param {State} state
 * @param {Wire.Renamed} person
 * @returns {State}
 */
function renamed(state, { name, assignments, offers, gigs }) {
  /**
   * @template {Wire.OfferView | Wire.SeatOfferView | Wire.AssignmentView} T
   * @param {T[] | undefined} list
   * @param {string[]} ids
   */
  const change = (list, ids) =>
    list?.map((item) => {
      if ("worker" in item && ids.includes(item.id)) return { ...item, worker: { ...item.worker, name } };
      if ("gig" in item && item.gig && gigs.includes(item.gig.id)) return { ...item, gig: { ...item.gig, employer: name } };
      return item;
    });
  const changed = { ...state };
  if (state.assignments) changed.assignments = change(state.assignments, assignments);
  if (state.offers) changed.offers = change(state.offers, offers);
  return changed;
}

/**
 * @param {State} state
 * @param {List} name
 * @param {{id: string}} value
 * @returns {State}
 */
function upsert(state, name, value) {
  const list = state[name];
  return list ? put({ ...state }, name, [...list.filter((item) => item.id !== value.id), value]) : state;
}

/**
 * @param {State} state
 * @param {List} name
 * @param {string} id
 * @returns {State}
 */
function without(state, name, id) {
  const list = state[name];
  return list?.some((item) => item.id === id) ? put({ ...state }, name, list.filter((item) => item.id !== id)) : state;
}

/**
 * Set a list of a new state: in order, no longer than a snapshot's. An old gig stays for whoever on it is not paid.
 * @param {State} state
 * @param {List} name
 * @param {{id: string, status?: string, paid_fen?: number | null}[]} list
 * @returns {State}
 */
function put(state, name, list) {
  const ordered = [...list].sort((a, b) => (a.id < b.id ? -1 : 1));
  const old = (name === "gigs" || name === "assignments") ? ordered.length - RECENT : 0;
  const owed = new Set(name === "gigs" ? state.assignments?.filter(lasts).map((item) => item.gig_id) : []);
  Object.assign(state, { [name]: ordered.filter((item, at) => at >= old || lasts(item) || owed.has(item.id)) });
  return name === "assignments" && state.gigs ? put(state, "gigs", state.gigs) : state;
}

/**
 * Work goes before an open offer, an open offer before waiting; `since` is set while work is wanted.
 * @param {State} state
 * @returns {State}
 */
function derived(state) {
  const { me } = state;
  if (state.kind !== "worker" || !me || !("presence" in me)) return state;
  const { presence } = me;
  const working = state.assignments?.some((item) => item.status === "checked_in");
  const waiting = state.offers?.length ? "offered" : "available";
  const status = working ? "engaged" : presence.since ? waiting : "offline";
  return status === presence.status ? state : { ...state, me: { ...me, presence: { ...presence, status } } };
}
