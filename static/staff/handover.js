/** The handover card: what is open, in plain words on one page, for the colleague who comes next. */
import { html } from "../lib/html.js";
import { named, t } from "../lib/i18n.js";
import { date, toField } from "../lib/format.js";
import { Button } from "../ui/controls.js";
import { said } from "../ui/funnel.js";
import { account, stationName } from "./desk.js";
import { regionName } from "./region.js";
import { about, open, QUEUES, ROWS } from "./tasks.js";

const LINES = 5;

/** With its year: the sheet is signed and kept. */
const moment = (iso) => toField(Date.parse(iso)).replace("T", " ");

export function Handover() {
  const all = open.value;
  if (!all) return html`<p class="muted" role="status">${t("loading")}</p>`;
  const { counts, at } = all.queues;
  const left = QUEUES.filter((name) => counts[name] > 0);
  const place = regionName.value || named(stationName(account.value?.station_id)) || t("town.all");
  return html`<article class="card stack sheet" data-testid="handover">
    <div class="row apart"><h1>${t("handover.title")}</h1><${Button} tone="primary" class="no-print" onClick=${() => print()} data-testid="handover-print">${t("handover.print")}</${Button}></div>
    <p>${t("handover.by", { name: account.value?.name ?? "", place, at: moment(at) })}</p>
    ${left.length === 0 && html`<p class="strong">${t("tasks.clear.what")}</p>`}
    <ol class="open-tasks">${left.map((name) => html`<li key=${name}><h2>${t(`tasks.${name}`)} <span class="muted">${t("handover.count", { n: counts[name] })}</span></h2>
      <p class="muted">${about(name, all.queues)}</p><${Lines} name=${name} all=${all} count=${counts[name]} /></li>`)}</ol>
    <p class="signed">${t("handover.signed")}</p></article>`;
}

function Lines({ name, all, count }) {
  const queue = ROWS[name];
  if (!queue) return null;
  const rows = all.lists[name].items.slice(0, LINES);
  return html`<ul class="plain">${rows.map((row) => html`<li key=${queue.key(row)}>☐ ${queue.says(row, date)}${name === "unfilled" ? html` <span class="muted">${said(row)}</span>` : ""}</li>`)}
    ${count > rows.length && html`<li class="muted">${t("handover.more", { n: count - rows.length })}</li>`}</ul>`;
}
