/** City → town → village: what this desk looks at, and the two lists to choose it by. */
import { computed, effect, html, signal } from "../lib/html.js";
import { t } from "../lib/i18n.js";
import { recall, remember } from "../lib/remember.js";
import { account, role, session, stationName, stations } from "./desk.js";

/** What somebody chose here, {town, village} with "" for all, and who; null before. A reload keeps it. */
const chosen = signal(/** @type {{town: string, village: string, who: string} | null} */ (JSON.parse(recall("region") ?? "null")));

function choose(town, village) {
  chosen.value = { town, village, who: account.value.id };
  remember("region", JSON.stringify(chosen.value));
}

/** The station whose region this desk begins with; null for the whole city. */
const home = computed(() => {
  const own = stationName(account.value?.station_id);
  return own && own.level !== "city" ? own : null;
});
/** Staff cannot leave it; a clerk may, as the next gig may be there. */
const bound = computed(() => (role.value === "staff" ? home.value : null));

const distinct = (names) => [...new Set(names.filter(Boolean))];
const towns = computed(() => distinct(stations.value.map((station) => station.town)));
const villages = computed(() => distinct(stations.value.filter((station) => station.town === townNow.value).map((station) => station.village)));
/** A town kept from an earlier day may have no station any more. */
const kept = computed(() => (!stations.value.length || !chosen.value?.town || towns.value.includes(chosen.value.town) ? chosen.value : null));
const townNow = computed(() => bound.value?.town ?? kept.value?.town ?? home.value?.town ?? "");
const villageNow = computed(() => bound.value?.village ?? kept.value?.village ?? home.value?.village ?? "");

/** Whether a station, or what is nearest to it, is in the region looked at. */
const holds = (station) => (!townNow.value || station.town === townNow.value) && (!villageNow.value || station.village === villageNow.value);

export const shownStations = computed(() => stations.value.filter(holds));
/** The region's name; "" for the whole city. */
export const regionName = computed(() => [townNow.value, villageNow.value].filter(Boolean).join(" · "));
/** The region as a query; "" for the whole city. */
export const asQuery = computed(() => {
  const asked = new URLSearchParams();
  if (townNow.value) asked.set("town", townNow.value);
  if (villageNow.value) asked.set("village", villageNow.value);
  return asked.size ? `?${asked}` : "";
});

/** Whether a place is in the region: the nearest station decides, as on the server. */
export function inRegion({ lat, lng }) {
  if (!regionName.value) return true;
  const narrow = Math.cos((lat * Math.PI) / 180);
  const far = ({ position }) => ((position.lng - lng) * narrow) ** 2 + (position.lat - lat) ** 2;
  const nearest = stations.value.reduce((best, station) => (best && far(best) <= far(station) ? best : station), null);
  return nearest !== null && holds(nearest);
}

const EVERY_MS = 10_000;

/** What the region has now: `RegionCounters` of the last answer; null for the whole city, and before the first. */
export const regionCounters = signal(null);

/** Ask for the region's numbers again and again; returns how to stop. */
export function followRegion() {
  const load = () => {
    const asked = asQuery.value;
    if (asked) session.value.api.get(`/market/region${asked}`).then((view) => asQuery.value === asked && (regionCounters.value = view), () => null);
  };
  const stop = effect(() => {
    regionCounters.value = null;
    load();
  });
  const timer = setInterval(load, EVERY_MS);
  return () => {
    stop();
    clearInterval(timer);
  };
}

const List = ({ label, all, now, names, onPick, testid }) => html`<label class="row"><span>${label}</span>
  <select class="input narrow-input" value=${now} data-testid=${testid} onChange=${(event) => onPick(event.target.value)}>
    <option value="">${all}</option>${names.map((name) => html`<option key=${name} value=${name}>${name}</option>`)}</select></label>`;

/** The choice of a region as far as this desk has one; else its name. */
export function RegionChoice() {
  const own = bound.value;
  const [town, village] = [townNow.value, villageNow.value];
  if (own?.village || (own && villages.value.length === 0)) return html`<span class="muted" data-testid="region">${regionName.value}</span>`;
  const toTown = (next) => choose(next, "");
  const toVillage = (next) => choose(town, next);
  return html`<div class="row">${own ? html`<span class="muted" data-testid="region">${own.town}</span>`
    : html`<${List} label=${t("town")} all=${t("town.all")} now=${town} names=${towns.value} onPick=${toTown} testid="town" />`}
    ${villages.value.length > 0 && html`<${List} label=${t("village")} all=${t("village.all")} now=${village} names=${villages.value} onPick=${toVillage} testid="village" />`}</div>`;
}

// Whoever comes next begins with their own. Before anybody is known (undefined) it may be the same person's reload.
effect(() => {
  const who = account.value;
  if (who === undefined || chosen.value === null || chosen.value.who === who?.id) return;
  chosen.value = null;
  remember("region", null);
});
