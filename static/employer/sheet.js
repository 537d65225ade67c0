/** The day on paper: who came when, what is due and paid, and a place to sign. Seen in print only. */
import { html } from "../lib/html.js";
import { lang, t } from "../lib/i18n.js";
import { clock, yuan } from "../lib/format.js";
import { Button } from "../ui/controls.js";

const time = (at) => (at ? clock(at) : "");
/** Paper is read on another day: no "today". */
export const date = (at) => new Date(at).toLocaleDateString(lang.value === "en" ? "en-GB" : "zh-CN", { timeZone: "Asia/Shanghai" });
const money = (fen) => (fen === null ? "" : yuan(fen));

export function Sheet({ gig, people, employer }) {
  const sum = (of) => yuan(people.reduce((total, each) => total + (of(each) ?? 0), 0));
  return html`<${Button} tone="plain" onClick=${() => window.print()} data-testid="sheet-print">${t("sheet.print")}</${Button}>
    <section class="sheet" aria-hidden="true" data-testid="sheet">
      <h1>${t("sheet.title")}</h1>
      <p>${employer} · ${gig.title} · ${date(gig.starts_at)} ${clock(gig.starts_at)} – ${clock(gig.ends_at)} · ${gig.site.address}</p>
      <table><thead><tr>${["name", "in", "out", "due", "paid", "sign"].map((name) => html`<th key=${name}>${t(`sheet.${name}`)}</th>`)}</tr></thead>
        <tbody>${people.map((each) => html`<tr key=${each.id}><td>${each.worker.name}</td><td>${time(each.checked_in_at)}</td>
          <td>${time(each.checked_out_at)}</td><td>${money(each.due_fen)}</td><td>${money(each.paid_fen)}</td><td></td></tr>`)}</tbody>
        <tfoot><tr><th>${t("sheet.sum")}</th><td></td><td></td><td>${sum((each) => each.due_fen)}</td>
          <td>${sum((each) => each.paid_fen)}</td><td></td></tr></tfoot></table>
      <p class="signed">${t("sheet.employer")}</p>
    </section>`;
}
