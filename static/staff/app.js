/** The staff page: the market's counters, its map of cells, supply and demand per trade. */
import { effect, html, render, signal } from "../lib/html.js";
import { addWords, named, t } from "../lib/i18n.js";
import { desk } from "../lib/zh-desk.js";
import { Gate, Login } from "../lib/login.js";
import { createLive } from "../lib/live.js";
import { createSession } from "../lib/session.js";
import { Button } from "../ui/controls.js";
import { city, LineBanner, loadCity, TopBar } from "../ui/shell.js";
import { Toasts } from "../ui/toast.js";
import { staff } from "../lib/zh-staff.js";
import { why } from "../lib/zh-why.js";
import { Appeals } from "./appeals.js";
import { CoveragePanel, follow, overlay, pick } from "./coverage.js";
import { Fairness } from "./fairness.js";
import { CellMap } from "./map.js";
import { Unfilled } from "./why.js";

const session = createSession("staff");
const live = createLive(session.api, "staff");
const trades = signal([]);
const stations = signal([]);
/** What HTTP answered at the start; the stream's newer values go before it. */
const first = signal({});

const TILES = ["available_workers", "open_gigs", "free_seats", "pending_offers", "assigned_today", "working_now", "median_offer_ms"];

async function load() {
  const [tradeList, stationList, counters, cells] = await Promise.allSettled(
    ["/trades", "/stations", "/market/stats", "/market/map"].map((path) => session.api.get(path)),
  );
  trades.value = tradeList.value?.items ?? [];
  stations.value = stationList.value?.items ?? [];
  first.value = { "market.counters": counters.value, "market.cells": cells.value };
}

const market = (key) => live.state.value?.market?.[key] ?? first.value[key] ?? null;

function Tiles({ counters }) {
  const shown = (name) => {
    const value = counters[name];
    if (value === null || value === undefined) return "—";
    return name === "median_offer_ms" ? t("counter.ms", { n: Math.round(value) }) : value.toLocaleString("en-US");
  };
  return html`<ul class="tiles">${TILES.filter((name) => name in counters).map((name) => html`<li class="tile" key=${name}>
    <span>${t(`counter.${name}`)}</span><b data-testid=${`counter-${name}`}>${shown(name)}</b></li>`)}</ul>`;
}

/** The gap in words; bars only repeat it. */
function balance(workers, seats) {
  if (seats > workers) return html`<span class="pill bad">${t("trade.short", { n: seats - workers })}</span>`;
  if (seats > 0) return html`<span class="pill good">${t("trade.enough")}</span>`;
  return html`<span class="pill">${t("trade.idle")}</span>`;
}

function Trades({ rows }) {
  const most = Math.max(1, ...rows.flatMap(({ workers, free_seats: seats }) => [workers, seats]));
  const missing = ({ workers, free_seats: seats }) => (seats ? seats - workers : -Infinity);
  const sorted = rows
    .filter((row) => row.workers || row.free_seats)
    .sort((a, b) => missing(b) - missing(a) || b.workers - a.workers);
  const bar = (kind, count) => html`<td class="bar-cell"><i class=${kind} style=${{ width: `${(count / most) * 55}%` }}></i><b>${count}</b></td>`;
  return html`<table data-testid="trade-table"><caption>${t("trade.caption")}</caption>
    <thead><tr><th scope="col">${t("trade.name")}</th><th scope="col">${t("trade.workers")}</th>
      <th scope="col">${t("trade.seats")}</th><th scope="col">${t("trade.balance")}</th></tr></thead>
    <tbody>${sorted.map(({ trade, workers, free_seats: seats }) => html`<tr key=${trade}>
      <th scope="row">${named(trades.value.find(({ code }) => code === trade)) || trade}</th>
      ${bar("supply", workers)}${bar("demand", seats)}<td>${balance(workers, seats)}</td></tr>`)}</tbody></table>`;
}

function Inside() {
  const counters = market("market.counters");
  const cells = market("market.cells");
  if (!counters || !city.value) return html`<p class="muted" role="status">${t("loading")}</p>`;
  return html`<${Tiles} counters=${counters} />
    <div class="halves">
      <section class="card"><h2>${t("map.title")}</h2>
        <${CellMap} cells=${cells?.cells ?? []} cellM=${cells?.cell_m ?? 500} stations=${stations.value} centre=${city.value.center} overlay=${overlay.value} onPick=${pick} />
      </section>
      <section class="card"><h2>${t("trade.title")}</h2>
        ${counters.by_trade?.some((row) => row.workers || row.free_seats) ? html`<${Trades} rows=${counters.by_trade} />` : html`<p class="muted">${t("trade.none")}</p>`}
        <p class="muted small">${t("trade.how")}</p></section>
      <${CoveragePanel} api=${session.api} stations=${stations.value} circleS=${city.value.circle_s ?? 900} />
    </div>
    <div class="halves"><${Unfilled} api=${session.api} /><${Appeals} api=${session.api} /></div>
    <${Fairness} api=${session.api} />
    <footer class="row apart"><span class="muted small">${t("staff.blur")}</span>
      <a class="button plain" href="/rules/" data-testid="rules">${t("rules.link")}</a>
      <${Button} tone="plain" onClick=${session.logOut} data-testid="log-out">${t("logout")}</${Button}></footer>`;
}

function Page() {
  const account = session.account.value;
  const inside = account ? html`<${Inside} />`
    : html`<div class="narrow">${account === null ? html`<${Login} session=${session} role="staff" />` : html`<${Gate} session=${session} />`}</div>`;
  return html`${account && html`<${LineBanner} status=${live.status.value} again=${live.start} />`}
    <${TopBar} title=${t("staff.title")} who=${account?.name} />
    <main class="page wide">${inside}</main><${Toasts} />`;
}

effect(() => {
  document.title = t("staff.title");
});
effect(() => {
  if (!session.account.value) return live.stop();
  live.start();
  load();
  return follow(session.api);
});
effect(() => {
  if (live.status.value.name === "logged-out") session.ended();
});
await addWords({ ...desk, ...staff, ...why }, async () => {
  const [shared, own, reasons] = await Promise.all(["desk", "staff", "why"].map((name) => import(`../lib/en-${name}.js`)));
  return { ...shared.desk, ...own.staff, ...reasons.why };
});
render(html`<${Page} />`, document.getElementById("app"));
loadCity();
session.restore();
