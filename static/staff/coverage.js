/** Beside the staff map: from where a place is reached in time, what the stations cover, and where more would help. */
import { computed, effect, html, signal } from "../lib/html.js";
import { named, t } from "../lib/i18n.js";
import { Button, Choice, Field } from "../ui/controls.js";
import { toastProblem } from "../ui/toast.js";
import { regionName } from "./region.js";

const MODES = ["walk", "bicycle", "ebike", "motorbike", "car"];
const BLUE = "#1b5f96";
/** Three equal parts of the limit, the nearest darkest. */
const OPACITY = [0.62, 0.42, 0.24];

const mode = signal("ebike");
/** {path, name, key}: what the reach belongs to. */
const picked = signal(null);
const reach = signal(null);
const report = signal(null);
const busy = signal(false);
let asked = 0;

/** What the map draws over its cells: a reach and proposed sites. */
export const overlay = computed(() => ({ reach: reach.value, sites: report.value?.next ?? [] }));

/** Which of the three parts of the limit some seconds are in: 0, 1 or 2. */
export const part = (seconds, limit) => Math.min(2, Math.floor((3 * seconds) / limit));
export const shade = (index) => ({ fill: BLUE, "fill-opacity": OPACITY[index] });

/** A station, or a WGS-84 point, tapped on the map or chosen beside it; null clears. */
export function pick(place) {
  if (!place) picked.value = null;
  else if (place.id) picked.value = { path: `/stations/${encodeURIComponent(place.id)}/reach?`, name: () => named(place), key: place.id };
  else {
    const where = `lat=${place.lat.toFixed(6)}&lng=${place.lng.toFixed(6)}&datum=wgs84&`;
    picked.value = { path: `/market/reach?${where}`, name: () => t("reach.of.point"), key: "" };
  }
}

/** A gig by its id, from a list or a link (`#gig=…`). */
export function pickGig(id) {
  picked.value = { path: `/gigs/${encodeURIComponent(id)}/reach?`, name: () => t("reach.of.gig"), key: "" };
}

async function loadReach(api, place, by) {
  const turn = (asked += 1);
  if (!place) {
    reach.value = null;
    return;
  }
  const found = await api.get(`${place.path}mode=${by}`).catch((problem) => void toastProblem(problem));
  if (turn === asked) reach.value = found ?? null;
}

async function loadReport(api, by) {
  busy.value = true;
  const found = await api.get(`/market/coverage?mode=${by}&next=5`).catch((problem) => void toastProblem(problem));
  busy.value = false;
  if (by === mode.value) report.value = found ?? null;
}

/** Keep reach and report (staff's alone) up to date with what is chosen, from log-in until the returned function is called. */
export function follow(api, reporting) {
  const fromLink = () => {
    const gig = new URLSearchParams(location.hash.slice(1)).get("gig");
    if (gig) pickGig(gig);
  };
  fromLink();
  addEventListener("hashchange", fromLink);
  const ends = [
    effect(() => void loadReach(api, picked.value, mode.value)),
    effect(() => void (reporting && loadReport(api, mode.value))),
    () => removeEventListener("hashchange", fromLink),
  ];
  return () => ends.forEach((end) => end());
}

const Estimated = () => html`<span class="pill wait" data-testid="estimated" title=${t("reach.estimated.why")}>${t("reach.estimated")}</span>`;

function Reached() {
  const view = reach.value;
  if (!view || !picked.value) return null;
  const { limit_s: limit, cells, cell_m: cellM, estimated } = view;
  const words = { name: picked.value.name(), mode: t(`mode.${view.mode}`), n: Math.round(limit / 60), km: ((cells.length * cellM * cellM) / 1e6).toFixed(1) };
  const minutes = [0, 1, 2].map((index) => `≤ ${Math.round((limit * (index + 1)) / 180)}`);
  return html`<p class="row" data-testid="reach-said" data-cells=${cells.length}><span>${t(cells.length ? "reach.said" : "reach.nobody", words)}</span>
      ${estimated && html`<${Estimated} />`}
      <${Button} tone="plain" onClick=${() => pick(null)} data-testid="reach-clear">${t("reach.clear")}</${Button}></p>
    ${cells.length > 0 && html`<ul class="legend">${minutes.map((text, index) => html`<li key=${text}>
      <svg width="18" height="18" aria-hidden="true"><rect width="18" height="18" rx="3" ...${shade(index)} /></svg>${text}</li>`)}
      <li class="muted">${t("reach.legend")}</li></ul>`}
    ${estimated && html`<p class="muted small">${t("reach.estimated.why")}</p>`}`;
}

function Share({ name, share }) {
  if (!share) return null;
  const known = share.share !== null;
  return html`<li class="tile"><span>${t(`coverage.${name}`)}</span>
    <b data-testid=${`covered-${name}`}>${known ? t("coverage.share", { n: Math.round(share.share * 100) }) : "—"}</b>
    ${known ? html`<progress max="1" value=${share.share} aria-hidden="true"
      style=${{ display: "block", width: "100%", accentColor: BLUE }}></progress>` : html`<span>${t("coverage.unknown")}</span>`}</li>`;
}

function Report() {
  const view = report.value;
  if (!view) return html`<p class="muted" role="status">${t("loading")}</p>`;
  return html`<p class="row"><span>${t("coverage.what", { mode: t(`mode.${view.mode}`), n: Math.round(view.limit_s / 60), stations: view.stations })}</span>
      ${view.estimated && html`<${Estimated} />`}</p>
    <ul class="tiles"><${Share} name="workers" share=${view.workers} /><${Share} name="residents" share=${view.residents} /></ul>
    ${view.next.length ? html`<p>${t("coverage.next")}</p>
      <ol data-testid="next-sites">${view.next.map((site) => html`<li key=${`${site.lat},${site.lng}`}>${t("coverage.next.one", { n: site.people })}</li>`)}</ol>`
      : html`<p class="muted">${t("coverage.next.none")}</p>`}
    <p class="muted small">${t(`coverage.by.${view.weighed}`)}</p>`;
}

/** The two panels under the map. `circleS`: the city's limit in seconds. */
export function CoveragePanel({ api, report: reporting, stations, circleS }) {
  const choose = (event) => pick(stations.find(({ id }) => id === event.target.value) ?? null);
  return html`<section class="card stack" data-testid="coverage">
    <h2>${t("reach.title")}</h2>
    <p class="muted">${t("reach.how", { n: Math.round(circleS / 60) })}</p>
    <${Choice} label=${t("reach.mode")} testid="reach-mode" chosen=${mode.value} onChange=${(next) => (mode.value = next)}
      options=${MODES.map((value) => ({ value, label: t(`mode.${value}`) }))} />
    <${Field} label=${t("reach.station")}><select class="input" data-testid="reach-station" onChange=${choose}>
      <option value="" selected=${!picked.value?.key}>${t("reach.none")}</option>
      ${stations.map((station) => html`<option key=${station.id} value=${station.id} selected=${picked.value?.key === station.id}>${named(station)}</option>`)}
    </select></${Field}>
    <${Reached} />
    ${reporting && html`<h2>${t("coverage.title")}</h2>
      ${regionName.value && html`<p class="muted" data-testid="coverage-city">${t("coverage.city")}</p>`}
      <${Report} />
      <${Button} tone="plain" busy=${busy.value} onClick=${() => loadReport(api, mode.value)} data-testid="coverage-again">${t("coverage.again")}</${Button}>`}
  </section>`;
}
