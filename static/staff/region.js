/** City → town → village: what this desk looks at, and the two lists to choose it by. */
import { computed, effect, html, signal } from "../lib/html.js";
import { t } from "../lib/i18n.js";
import { account, role, session, stationName, stations } from "./desk.js";

/** What was chosen; "" for all. */
const town = signal("");
const village = signal("");

/** The station whose region staff cannot leave; null for clerks, and for staff of the city. */
const bound = computed(() => {
  const own = role.value === "staff" ? stationName(account.value?.station_id) : null;
  return own && own.level !== "city" ? own : null;
});

const distinct = (names) => [...new Set(names.filter(Boolean))];
const towns = computed(() => distinct(stations.value.map((station) => station.town)));
const villages = computed(() => distinct(stations.value.filter((station) => station.town === townNow.value).map((station) => station.village)));
const townNow = computed(() => bound.value?.town ?? town.value);
/** A village that was chosen counts in its own town only. */
const villageNow = computed(() => bound.value?.village ?? (villages.value.includes(village.value) ? village.value : ""));

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
  const narrow = Math.cos((lat * Math.PI) / 180);
  const far = ({ position }) => ((position.lng - lng) * narrow) ** 2 + (position.lat - lat) ** 2;
  const nearest = stations.value.reduce((best, station) => (best && far(best) <= far(station) ? best : station), null);
  return !regionName.value || (nearest !== null && holds(nearest));
}

const EVERY_MS = 10_000;

/** What the region has now: `RegionCounters` of the last answer; null for the whole city, and before the first. */
export const regionCounters = signal(null);

/** Ask for the region's numbers again and again; returns how to stop. */
export function followRegion() {
  const load = () => {
    const asked = asQuery.value;
    if (!asked) regionCounters.value = null;
    else session.value.api.get(`/market/region${asked}`).then((view) => asQuery.value === asked && (regionCounters.value = view), () => null);
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

const List = ({ label, all, of, names, testid }) => html`<label class="row"><span>${label}</span>
  <select class="input narrow-input" value=${of.value} data-testid=${testid} onChange=${(event) => (of.value = event.target.value)}>
    <option value="">${all}</option>${names.map((name) => html`<option key=${name} value=${name}>${name}</option>`)}</select></label>`;

/** The choice of a region as far as this desk has one; else its name. */
export function RegionChoice() {
  const own = bound.value;
  if (own?.village || (own && villages.value.length === 0)) return html`<span class="muted" data-testid="region">${regionName.value}</span>`;
  return html`<div class="row">${own ? html`<span class="muted" data-testid="region">${own.town}</span>` : html`<${List} label=${t("town")} all=${t("town.all")} of=${town} names=${towns.value} testid="town" />`}
    ${villages.value.length > 0 && html`<${List} label=${t("village")} all=${t("village.all")} of=${village} names=${villages.value} testid="village" />`}</div>`;
}
