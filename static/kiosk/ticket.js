/** What the 80 mm printer prints, as it stands on the screen: a gig's ticket, or a card for the wallet. */
import { html } from "../lib/html.js";
import { t } from "../lib/i18n.js";
import { clock, date, phoneGroups } from "../lib/format.js";
import { Earns } from "../ui/offercard.js";
import { Qr } from "../ui/qr.js";
import { station } from "./hall.js";

const Line = ({ name, children }) => html`<div><dt>${name}</dt><dd>${children}</dd></div>`;
const Mark = ({ code }) => html`<p class="mark" data-testid="paper-mark">${t("paper.mark", { mark: code.slice(-4) })}</p>`;

export function Ticket({ made, assignment }) {
  const { gig } = assignment;
  return html`<article class="ticket" data-testid="ticket" data-code=${made.code} data-read>
    <p class="from">${station.value?.name}</p>
    <h2>${gig.title}</h2>
    <dl>
      <${Line} name=${t("fact.when")}><b>${date(gig.starts_at)} ${clock(gig.starts_at)}</b> – ${clock(gig.ends_at)}</${Line}>
      <${Line} name=${t("ticket.leave")}><b>${clock(assignment.leaves_at)}</b></${Line}>
      <${Line} name=${t("ticket.where")}><b>${gig.site?.address}</b></${Line}>
      <${Line} name=${t("fact.employer")}>${gig.employer}<br /><b>${phoneGroups(gig.employer_phone ?? "")}</b></${Line}>
      <${Line} name=${t("ticket.wage")}><b><${Earns} gig=${gig} due=${assignment.due_fen} /></b></${Line}>
      <${Line} name=${t("ticket.worker")}>${made.worker}</${Line}>
    </dl>
    <${Qr} code=${made.code} label=${t("ticket.qr")} />
    <p class="use">${t("ticket.use")}</p>
    <${Mark} code=${made.code} />
    <p class="fine">${t("ticket.lost")}</p>
  </article>`;
}

export const Card = ({ made }) => html`<article class="ticket wallet" data-testid="wallet-card" data-code=${made.code}>
  <p class="from">${t("card.title")}</p><h2>${made.worker}</h2>
  <${Qr} code=${made.code} label=${t("ticket.qr")} />
  <p class="use">${t("card.use")}</p><${Mark} code=${made.code} /><p class="fine">${t("card.lost")}</p></article>`;
