/** Who sits at this desk: staff or a station's clerk, what they see, and the parts of the page. */
import { computed, signal } from "../lib/html.js";
import { recall, remember } from "../lib/remember.js";
import { createSession } from "../lib/session.js";

export const sessions = { staff: createSession("staff"), clerk: createSession("clerk") };

/** "staff" or "clerk": as whom this page logs in. */
export const role = signal(recall("desk") === "clerk" ? "clerk" : "staff");
export const session = computed(() => sessions[role.value]);
export const account = computed(() => session.value.account.value);
export const trades = signal([]);
export const stations = signal([]);

export function sitDown(next) {
  role.value = next;
  remember("desk", next);
  if (sessions[next].account.value === undefined) sessions[next].restore();
}

/** What these parts show is for staff alone. */
const STAFF_ONLY = new Set(["fair"]);
export const PARTS = ["tasks", "map", "balance", "why", "people", "stations", "fair", "handover"];
export const partsOf = (who) => PARTS.filter((part) => who === "staff" || !STAFF_ONLY.has(part));

const fromHash = () => {
  const [name] = location.hash.slice(1).split("?");
  if (name.startsWith("gig=")) return "map";
  return PARTS.includes(name) ? name : "tasks";
};
export const part = signal(fromHash());
addEventListener("hashchange", () => (part.value = fromHash()));
export const go = (name) => (location.hash = name);

export const stationName = (id) => stations.value.find((station) => station.id === id) ?? null;
export const tradeOf = (code) => trades.value.find((trade) => trade.code === code) ?? { zh: code, en: code };
