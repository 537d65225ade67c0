/** The page of staff and clerks: the working list first, then map, supply and demand, reasons, people, stations. */
import { effect, html, render, signal, useEffect, useMemo } from "../lib/html.js";
import { addWords, t } from "../lib/i18n.js";
import { Login } from "../lib/login.js";
import { Gate } from "../ui/gate.js";
import { fill } from "../lib/lists.js";
import { createLive } from "../lib/live.js";
import { desk as shared } from "../lib/zh-desk.js";
import { gig } from "../lib/zh-gig.js";
import { staff } from "../lib/zh-staff.js";
import { tasks } from "../lib/zh-tasks.js";
import { why } from "../lib/zh-why.js";
import { loadBasemap } from "../ui/basemap.js";
import { Button, Choice } from "../ui/controls.js";
import { lineOf } from "../ui/line.js";
import { city, loadCity, TopBar } from "../ui/shell.js";
import { onePressAtAPlace } from "../ui/taps.js";
import { Toasts } from "../ui/toast.js";
import { RegionTiles, Tiles, Trades } from "./balance.js";
import { CoveragePanel, follow, overlay, pick } from "./coverage.js";
import { account, part, partsOf, role, session, sessions, sitDown, stations, trades } from "./desk.js";
import { Fairness } from "./fairness.js";
import { Handover } from "./handover.js";
import { History, Past, past, Replay, replayed } from "./history.js";
import { CellMap } from "./map.js";
import { People } from "./people.js";
import { followRegion, inRegion, RegionChoice, regionCounters, regionName, shownStations } from "./region.js";
import { Stations } from "./stations.js";
import { followTasks, open, Tasks } from "./tasks.js";
import { WhyPart } from "./why.js";

const POLLED_MS = 10_000;
/** Staff follow the market's states as they come; a clerk's page asks for them. */
const live = createLive(sessions.staff.api, "staff");
/** What HTTP answered last; the stream's newer values go before it. */
const asked = signal({});

const market = (key) => live.state.value?.market?.[key] ?? asked.value[key] ?? null;

/** What each path answers; null for one that does not. */
const each = (api, ...paths) => Promise.all(paths.map((path) => api.get(path).catch(() => null)));

async function ask(api) {
  const [counters, cells] = await each(api, "/market/stats", "/market/map");
  asked.value = { "market.counters": counters, "market.cells": cells };
}

function loadLists(api) {
  const here = account.peek();
  const wanted = () => account.peek() === here;
  fill(trades, () => api.get("/trades"), wanted);
  fill(stations, () => api.get("/stations"), wanted);
}

function MapPart() {
  useEffect(() => void loadBasemap(session.value.api), []);
  const counters = replayed.value?.counters ?? market("market.counters");
  const cells = replayed.value?.cells ?? market("market.cells");
  const here = regionName.value;
  // The same list while nothing has changed, so that the map is not drawn anew.
  const shown = useMemo(() => (cells?.cells ?? []).filter(inRegion), [cells, here, stations.value]);
  if (!counters || !city.value) return html`<p class="muted" role="status">${t("loading")}</p>`;
  return html`<${Past} />${here ? html`<${RegionTiles} name=${here} counters=${replayed.value ? null : regionCounters.value} past=${past.value} />` : html`<${Tiles} counters=${counters} past=${past.value} />`}
    <div class="halves">
      <section class="card"><h2 data-testid="map-title">${past.value ? t("replay.at", { at: past.value }) : t("map.title")}</h2>
        <${CellMap} key=${here} cells=${shown} cellM=${cells?.cell_m ?? 500} stations=${stations.value} centre=${city.value.center} home=${here ? shownStations.value.map(({ position }) => position) : [city.value.center]} overlay=${overlay.value} past=${past.value} onPick=${pick} />
        <${Replay} /><p class="muted small">${t("staff.blur")}</p></section>
      <${CoveragePanel} api=${session.value.api} report=${role.value === "staff"} stations=${stations.value} circleS=${city.value.circle_s ?? 900} />
    </div>`;
}

function BalancePart() {
  const counters = market("market.counters");
  if (!counters) return html`<p class="muted" role="status">${t("loading")}</p>`;
  const here = regionName.value;
  return html`${here ? html`<${RegionTiles} name=${here} counters=${regionCounters.value} />` : html`<${Tiles} counters=${counters} />`}
    <section class="card"><h1>${t("trade.title")}</h1><${Trades} rows=${here ? regionCounters.value?.by_trade : counters.by_trade} /></section>
    <${History} />`;
}

const VIEWS = {
  tasks: Tasks,
  map: MapPart,
  balance: BalancePart,
  why: WhyPart,
  people: People,
  stations: Stations,
  fair: () => html`<${Fairness} api=${session.value.api} />`,
  handover: Handover,
};

function Parts() {
  const counts = open.value?.queues.counts ?? {};
  const left = Object.values(counts).reduce((sum, n) => sum + n, 0);
  return html`<nav class="parts no-print" aria-label=${t("parts")}>${partsOf(role.value).map((name) => html`<a key=${name} href=${`#${name}`}
      aria-current=${part.value === name ? "page" : null} data-testid=${`part-${name}`}>${t(`part.${name}`)}${name === "tasks" && left > 0 ? html` <b class="count">${left}</b>` : ""}</a>`)}
    <a href="/rules/" data-testid="rules">${t("rules.link")}</a></nav>`;
}

function Inside() {
  const View = VIEWS[partsOf(role.value).includes(part.value) ? part.value : "tasks"];
  return html`<${Parts} /><div class="row apart no-print">
      <${RegionChoice} />
      <${Button} tone="plain" onClick=${session.value.logOut} data-testid="log-out">${t("logout")}</${Button}></div>
    <${View} />`;
}

const Enter = () => html`<div class="narrow stack">
  <${Choice} label=${t("who.at-desk")} testid="desk" chosen=${role.value} onChange=${sitDown} options=${["staff", "clerk"].map((value) => ({ value, label: t(`people.${value}`) }))} />
  <${Login} key=${role.value} session=${session.value} role=${role.value} /></div>`;

function Page() {
  const who = account.value;
  const line = who && role.value === "staff" ? lineOf(live.status.value, live.start) : null;
  return html`<${TopBar} title=${t("staff.title")} who=${who?.name} line=${line} />
    <main class="page wide">${who ? html`<${Inside} />` : who === null ? html`<${Enter} />` : html`<div class="narrow"><${Gate} session=${session.value} /></div>`}</main><${Toasts} />`;
}

effect(() => {
  document.title = t("staff.title");
});
effect(() => {
  if (!account.value) return undefined;
  const [{ api }, as] = [session.value, role.value];
  loadLists(api);
  ask(api);
  if (as === "staff") live.start();
  const timer = as === "clerk" && setInterval(() => ask(api), POLLED_MS);
  const ends = [followTasks(), followRegion(), follow(api, as === "staff")];
  return () => {
    live.stop();
    clearInterval(timer);
    ends.forEach((end) => end());
  };
});
effect(() => {
  if (role.value === "staff" && live.status.value.name === "logged-out") session.value.ended();
});
onePressAtAPlace();
await addWords({ ...gig, ...shared, ...staff, ...why, ...tasks }, async () => ({
  ...(await import("../lib/en-gig.js")).gig,
  ...(await import("../lib/en-desk.js")).desk,
  ...(await import("../lib/en-staff.js")).staff,
  ...(await import("../lib/en-why.js")).why,
  ...(await import("../lib/en-tasks.js")).tasks,
}));
render(html`<${Page} />`, document.getElementById("app"));
loadCity();
session.value.restore();
