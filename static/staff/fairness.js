/** How evenly work is shared out: one figure, the longest wait, who was never asked, and shares by kind. */
import { html, useEffect, useState } from "../lib/html.js";
import { explain, t } from "../lib/i18n.js";
import { clock, day } from "../lib/format.js";
import { Choice, Notice } from "../ui/controls.js";
import { said } from "../ui/funnel.js";

const EVERY_MS = 120_000;
const SPANS = [1, 7, 14, 30];
const COLUMNS = ["workers", "available", "worked", "share", "offers", "accepts"];

export function Fairness({ api }) {
  const [days, setDays] = useState(14);
  const [view, setView] = useState(null);
  const [groups, setGroups] = useState([]);
  const [problem, setProblem] = useState(null);
  useEffect(() => void api.get("/rules").then((rules) => setGroups(rules.groups), () => {}), []);
  useEffect(() => {
    let current = true;
    const mine = (set) => (found) => current && set(found);
    const load = () => api.get(`/reports/fairness?days=${days}`).then(mine((found) => {
      setView(found);
      setProblem(null);
    }), mine(setProblem));
    load();
    const timer = setInterval(load, EVERY_MS);
    return () => {
      current = false;
      clearInterval(timer);
    };
  }, [days]);
  return html`<section class="card stack" data-testid="fairness">
    <div class="row apart"><h2>${t("fair.title")}</h2>
      <${Choice} label=${t("fair.span")} testid="fair-days" chosen=${days} onChange=${setDays}
        options=${SPANS.map((n) => ({ value: n, label: n === 1 ? t("fair.today") : t("fair.days", { n }) }))} /></div>
    ${problem && html`<${Notice} tone="bad">${explain(problem)}</${Notice}>`}
    ${view ? html`<${Figures} view=${view} /><${Kinds} view=${view} groups=${groups} /><${Never} never=${view.never_offered} />
      <p class="muted small">${t("fair.how", { at: `${day(view.at)} ${clock(view.at)}` })}</p>`
      : !problem && html`<p class="muted" role="status">${t("loading")}</p>`}
  </section>`;
}

const Tile = ({ name, value, note }) => html`<li class="tile"><span>${t(`fair.${name}`)}</span>
  <b data-testid=${`fair-${name}`}>${value}</b><span>${note}</span></li>`;

function Figures({ view }) {
  const { evenness, longest_wait: longest, never_offered: never } = view;
  return html`<ul class="tiles">
    <${Tile} name="evenness" value=${evenness === null ? "—" : evenness.toFixed(2)} note=${t("fair.evenness.note", { n: view.workers })} />
    <${Tile} name="longest" value=${longest ? t("fair.hours", { n: longest.hours.toFixed(1) }) : "—"}
      note=${longest ? longest.name : t("fair.nobody")} />
    <${Tile} name="waiting" value=${view.waiting} note=${t("fair.waiting.note")} />
    <${Tile} name="never" value=${never.count} note=${t("fair.never.note", { n: never.after_hours })} />
  </ul>`;
}

function Kinds({ view, groups }) {
  const groupName = (code) => (code === "none" ? t("fair.group.none") : said(groups.find((group) => group.code === code) ?? { zh: code, en: code }));
  const parts = [
    ["group", view.by_group, groupName],
    ["mode", view.by_mode, (code) => t(`mode.${code}`)],
    ["place", view.by_place, (code) => t(`fair.place.${code}`)],
  ];
  return html`<div style=${{ overflowX: "auto" }} tabindex="0" role="region" aria-label=${t("fair.caption")}>
    <table data-testid="fair-table"><caption>${t("fair.caption")}</caption>
    <thead><tr><th scope="col">${t("fair.kind")}</th>${COLUMNS.map((name) => html`<th key=${name} scope="col">${t(`fair.col.${name}`)}</th>`)}</tr></thead>
    ${parts.map(([part, kinds, name]) => html`<tbody key=${part}>
      <tr><th class="muted small" scope="rowgroup" colspan=${COLUMNS.length + 1}>${t(`fair.by.${part}`)}</th></tr>
      ${kinds.filter((kind) => kind.workers).map((kind) => html`<tr key=${kind.code} data-testid=${`fair-${part}-${kind.code}`}>
        <th scope="row">${name(kind.code)}</th><td>${kind.workers}</td><td>${kind.available_hours.toFixed(1)}</td>
        <td>${kind.worked_hours.toFixed(1)}</td><td>${kind.share === null ? "—" : `${Math.round(kind.share * 100)}%`}</td>
        <td>${kind.offers}</td><td>${kind.accepts}</td></tr>`)}</tbody>`)}
  </table></div>`;
}

/** The names behind the count, longest available first. */
function Never({ never }) {
  if (!never.count) return null;
  return html`<details data-testid="fair-never-list"><summary>${t("fair.never.who", { n: never.workers.length })}</summary>
    <ul class="row">${never.workers.map((one) => html`<li class="pill" key=${one.worker_id}>${one.name} ${t("fair.hours", { n: one.hours.toFixed(1) })}</li>`)}</ul></details>`;
}
