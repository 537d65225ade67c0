/** Supply and demand per trade: how it stands, in words and bars that repeat them. */
import { html } from "../lib/html.js";
import { named, t } from "../lib/i18n.js";
import { tradeOf } from "./desk.js";

const TILES = ["available_workers", "open_gigs", "free_seats", "pending_offers", "assigned_today", "working_now"];

const tiles = (past) => `tiles ${past ? "past" : ""}`;
const When = ({ past }) => past && html`<small class="when">${past}</small>`;

/** `past`: when the numbers are from, "" for now. */
export const Tiles = ({ counters, past = "" }) => html`<ul class=${tiles(past)}>${TILES.filter((name) => name in counters).map((name) => html`<li class="tile" key=${name}>
  <span>${t(`counter.${name}`)}</span><${When} past=${past} /><b data-testid=${`counter-${name}`}>${counters[name]?.toLocaleString("en-US") ?? "—"}</b></li>`)}</ul>`;

/** The same of one region; the market's other numbers are the whole city's. */
export function RegionTiles({ name, counters, past = "" }) {
  const shown = { workers: counters?.available_workers, seats: counters?.free_seats };
  return html`<ul class=${tiles(past)}>${Object.entries(shown).map(([what, count]) => html`<li class="tile" key=${what}><span>${t(`region.${what}`, { name })}</span><${When} past=${past} />
    <b data-testid=${`region-${what}`}>${count?.toLocaleString("en-US") ?? "—"}</b></li>`)}</ul>`;
}

/** The gap in words; bars only repeat it. */
function balance(workers, seats) {
  if (seats > workers) return html`<span class="pill bad">${t("trade.short", { n: seats - workers })}</span>`;
  if (seats > 0) return html`<span class="pill good">${t("trade.enough")}</span>`;
  return html`<span class="pill">${t("trade.idle")}</span>`;
}

export function Trades({ rows }) {
  if (!rows) return html`<p class="muted" role="status">${t("loading")}</p>`;
  if (!rows.some((row) => row.workers || row.free_seats)) return html`<p class="muted">${t("trade.none")}</p>`;
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
      <th scope="row">${named(tradeOf(trade))}</th>
      ${bar("supply", workers)}${bar("demand", seats)}<td>${balance(workers, seats)}</td></tr>`)}</tbody></table>
    <p class="muted small">${t("trade.how")}</p>`;
}
