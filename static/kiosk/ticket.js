/** What the 80 mm printer prints, as it stands on the screen: a gig's ticket, or a card for the wallet. */
import { html } from "../lib/html.js";
import { named, t } from "../lib/i18n.js";
import { clock, date, minutes, phoneGroups } from "../lib/format.js";
import { Earns } from "../ui/offercard.js";
import { Qr } from "../ui/qr.js";
import { city } from "../ui/shell.js";
import { station } from "./hall.js";
import { near } from "./near.js";

const Line = ({ name, children }) => html`<div><dt>${name}</dt><dd>${children}</dd></div>`;
const Mark = ({ code }) => html`<p class="mark" data-testid="paper-mark">${t("paper.mark", { mark: code.slice(-4) })}</p>`;

/** For somebody without a phone this is all there is at home: whatever the offer said stands here, too. */
export function Ticket({ made, assignment, mode }) {
  const { gig } = assignment;
  const start = clock(gig.starts_at);
  const extras = [gig.meals && t("extra.meals"), gig.transport && t("extra.transport")].filter(Boolean);
  return html`<article class="ticket" data-testid="ticket" data-code=${made.code} data-read>
    <p class="from">${named(station.value)}</p>
    <h2>${gig.title}</h2>
    <dl>
      <${Line} name=${t("fact.when")}><b>${date(gig.starts_at)} ${start}</b> – ${clock(gig.ends_at)}</${Line}>
      <${Line} name=${t("fact.way")}>${t("fact.travel", { mode: t(`mode.${mode ?? "any"}`), n: minutes(assignment.travel_s) })}${city.value?.estimated && ` · ${t("fact.estimated")}`}</${Line}>
      <${Line} name=${t("ticket.leave")}><b>${near(assignment) ? t("taken.near", { start }) : clock(assignment.leaves_at)}</b></${Line}>
      <${Line} name=${t("ticket.where")}><b>${gig.site?.address}</b></${Line}>
      <${Line} name=${t("fact.employer")}>${gig.employer}<br /><b>${phoneGroups(gig.employer_phone ?? "")}</b></${Line}>
      <${Line} name=${t("ticket.wage")}><b><${Earns} gig=${gig} due=${assignment.due_fen} /></b></${Line}>
      <${Line} name=${t("fact.extras")}>${extras.join(" · ") || t("extra.none")}</${Line}>
      ${gig.note && html`<${Line} name=${t("fact.note")}>${gig.note}</${Line}>`}
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
