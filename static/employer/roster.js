/**
 * The people of a day, gig by gig, with the sign for the gate: code and QR. The QR is the address of the worker's
 * page with the code in it, so that a phone's own camera opens the check-in.
 */
import { html, useEffect, useState } from "../lib/html.js";
import { t } from "../lib/i18n.js";
import { second } from "../lib/clock.js";
import { clock, midnight, span } from "../lib/format.js";
import { Button, Choice, StatusPill } from "../ui/controls.js";
import { gigs, peopleOf } from "./market.js";
import { CHECK_IN_OPENS_MS, personWords, Phone, Vouch } from "./person.js";
import { date } from "./sheet.js";

const DAYS = { today: 0, tomorrow: 1 };
const OVER = ["cancelled", "expired"];

const signOf = (gig) => `${location.origin}/worker/#in=${gig.site_code}`;

export function Roster() {
  const [chosen, setChosen] = useState("today");
  const [draw, setDraw] = useState(null);
  useEffect(() => void import("../ui/qr.js").then(({ Qr }) => setDraw(() => Qr)), []);
  const [from, to] = [midnight(DAYS[chosen]), midnight(DAYS[chosen] + 1)];
  const here = gigs.value
    .filter(({ starts_at: at, ends_at: end, status }) => Date.parse(at) < to && Date.parse(end) > from && !OVER.includes(status))
    .sort((a, b) => Date.parse(a.starts_at) - Date.parse(b.starts_at));
  return html`<a class="button plain back" href="#">${t("board.back")}</a>
    <div class="row apart"><h1>${t(`roster.title.${chosen}`)}</h1>
      ${here.length > 0 && draw && html`<${Button} tone="plain" onClick=${() => window.print()} data-testid="roster-print">${t("roster.print")}</${Button}>`}</div>
    <${Choice} label=${t("roster.day")} chosen=${chosen} onChange=${setChosen} testid="roster"
      options=${Object.keys(DAYS).map((value) => ({ value, label: t(`roster.${value}`) }))} />
    ${here.length === 0 && html`<p class="muted" data-testid="roster-none">${t(`roster.none.${chosen}`)}</p>`}
    <ul class="stack">${here.map((gig) => html`<${Row} key=${gig.id} gig=${gig} draw=${draw} />`)}</ul>
    <section class="sheet" aria-hidden="true" data-testid="signs">${draw && here.map((gig) => html`<${Sign} key=${gig.id} gig=${gig} draw=${draw} />`)}</section>`;
}

function Row({ gig, draw: Draw }) {
  const { seated } = peopleOf(gig);
  const came = seated.filter(({ status }) => status !== "confirmed").length;
  return html`<li class="card" data-testid="roster-gig" data-gig=${gig.id}>
    <div class="row apart"><h2>${gig.title}</h2><${StatusPill} noun="gig" status=${gig.status} /></div>
    <p>${span(gig.starts_at, gig.ends_at)} · ${gig.site.address}</p>
    <div class="gate"><p class="big-code" data-testid="roster-code" aria-label=${[...gig.site_code].join(" ")}>${gig.site_code}</p>
      ${Draw && html`<${Draw} code=${signOf(gig)} label=${t("roster.qr")} />`}</div>
    <p><b>${t("roster.here", { n: came, all: seated.length })}</b></p>
    <ul class="stack tight">${seated.map((each) => html`<${Seat} key=${each.id} gig=${gig} assignment=${each} />`)}</ul>
    <a class="button plain" href=${`#gig=${gig.id}`}>${t("roster.more")}</a></li>`;
}

function Seat({ gig, assignment }) {
  const { worker, status } = assignment;
  const soon = second.value > Date.parse(gig.starts_at) - CHECK_IN_OPENS_MS;
  return html`<li class="row apart person" data-testid="roster-person" data-status=${status}>
    <span class="grow"><b>${worker.name}</b> <span class="muted">${personWords(assignment)}</span></span>
    <${StatusPill} noun="work" status=${status} />
    ${status === "confirmed" && soon && html`<${Vouch} assignment=${assignment} here=${true} />`}
    ${status === "checked_in" && html`<${Vouch} assignment=${assignment} here=${false} />`}
    ${status === "confirmed" && worker.phone && html`<${Phone} assignment=${assignment} />`}</li>`;
}

/** One A4 page for the gate. */
const Sign = ({ gig, draw: Draw }) => html`<article class="poster">
  <h1>${gig.title}</h1><p>${date(gig.starts_at)} ${clock(gig.starts_at)} – ${clock(gig.ends_at)} · ${gig.site.address}</p>
  <${Draw} code=${signOf(gig)} label=${t("roster.qr")} />
  <p class="big-code">${gig.site_code}</p><p>${t("roster.scan")}</p></article>`;
