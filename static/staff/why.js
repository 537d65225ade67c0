/** Why was this worker not offered this gig: the worker, the gig, then the sentence, numbers and history. */
import { html, useEffect, useState } from "../lib/html.js";
import { explain, t } from "../lib/i18n.js";
import { clock, day, duration } from "../lib/format.js";
import { Button, Field, Notice } from "../ui/controls.js";
import { Dialog } from "../ui/dialog.js";
import { said, WhyPanel } from "../ui/funnel.js";
import { FindWorker } from "./people.js";
import { session } from "./desk.js";

const NUMBERS = ["travel_s", "circle_s", "waited_s", "credit_s", "cost_s", "share"];

/** The part of its own: a search by number, then as from a row. */
export function WhyPart() {
  const [worker, setWorker] = useState(null);
  return html`<section class="card stack" data-testid="why-part"><div><h1>${t("ask.title")}</h1><p class="muted">${t("ask.how")}</p></div>
    ${worker ? html`<p class="row apart"><b>${t("ask.about", { name: worker.name })}</b>
        <${Button} tone="plain" onClick=${() => setWorker(null)} data-testid="ask-another">${t("ask.another")}</${Button}></p>
        <${Pair} worker=${worker} />`
      : html`<${FindWorker} onFound=${(found) => setWorker({ worker_id: found.id, name: found.name })} />`}
  </section>`;
}

/** From a row of a list: `worker` asks for a gig, `gig` shows why it is not full. */
export function WhyDialog({ worker, gig, onClose }) {
  const title = worker ? t("ask.about", { name: worker.name }) : t("full.title");
  return html`<${Dialog} title=${title} onClose=${onClose} testid="why">
    ${worker ? html`<${Pair} worker=${worker} />` : html`<${NotFull} gig=${gig} />`}
    <${Button} big tone="plain" onClick=${onClose} data-testid="why-close">${t("close")}</${Button}></${Dialog}>`;
}

/** Gigs to ask about: the newest, or found by words. */
function Pair({ worker }) {
  const [gigs, setGigs] = useState(null);
  const [gig, setGig] = useState(null);
  const [words, setWords] = useState("");
  const [problem, setProblem] = useState(null);
  const find = (event) => {
    event?.preventDefault();
    session.value.api.post("/gigs/find", { words }).then(({ items }) => setGigs(items), setProblem);
  };
  useEffect(() => void find(), []);
  if (gig) return html`<${Answer} worker=${worker} gig=${gig} onBack=${() => setGig(null)} />`;
  return html`<form class="row" onSubmit=${find}><label class="grow"><span class="hidden-text">${t("ask.words")}</span>
      <input class="input" maxlength="40" placeholder=${t("ask.words")} value=${words} data-testid="ask-words" onInput=${(event) => setWords(event.target.value)} /></label>
      <button class="button" data-testid="ask-find">${t("ask.find")}</button></form>
    ${problem && html`<${Notice} tone="bad">${explain(problem)}</${Notice}>`}
    ${gigs?.length === 0 && html`<p class="muted">${t("ask.none")}</p>`}
    <ul class="choices">${gigs?.map((one) => html`<li key=${one.gig_id}><button type="button" class="choice" onClick=${() => setGig(one)} data-testid="ask-gig" data-id=${one.gig_id}>
      <span class="grow"><b>${one.title}</b> · ${one.employer}<br /><span class="muted">${t("ask.posted", { at: `${day(one.posted_at)} ${clock(one.posted_at)}` })} · ${t("ask.starts", { at: `${day(one.starts_at)} ${clock(one.starts_at)}` })}</span></span>
      <span class="pill">${t(`gig.${one.status}`)}</span></button></li>`)}</ul>`;
}

function Answer({ worker, gig, onBack }) {
  const [why, setWhy] = useState(null);
  const [problem, setProblem] = useState(null);
  useEffect(() => void session.value.api.get(`/gigs/${gig.gig_id}/why?worker=${encodeURIComponent(worker.worker_id)}`).then(setWhy, setProblem), []);
  const one = why?.worker;
  return html`<div class="stack" aria-live="polite"><p class="muted">${worker.name} · ${gig.title} · ${gig.employer}</p>
    ${problem && html`<${Notice} tone="bad">${explain(problem)}</${Notice}>`}
    ${!why && !problem && html`<p class="muted">${t("loading")}</p>`}
    ${one && html`<p class="verdict" data-testid="ask-found">${said(one)}</p>
      ${one.reason !== "by_hand" && html`<p class="muted small">${t(one.basis === "recorded" ? "why.recorded" : "why.now", { at: `${day(one.at)} ${clock(one.at)}` })}</p>`}
      <${Numbers} numbers=${one.numbers} />
      <${History} history=${why.history} />
      ${one.draw && html`<p class="muted small">${t("ask.draw", { round: one.draw.round, ticket: one.draw.ticket.toFixed(4) })} <a href="/rules/">${t("rules.link")}</a></p>`}`}
    <${Button} tone="plain" onClick=${onBack} data-testid="ask-back">${t("ask.other-gig")}</${Button}></div>`;
}

/** A way by the straight line says that it is one. */
const shown = (name, numbers) =>
  (name === "share" ? `${Math.round(numbers[name] * 100)}%` : duration(numbers[name])) + (name === "travel_s" && numbers.estimated ? ` (${t("reach.estimated")})` : "");

function Numbers({ numbers }) {
  const known = NUMBERS.filter((name) => typeof numbers[name] === "number");
  if (!known.length) return null;
  return html`<dl class="facts" data-testid="ask-numbers">${known.map((name) => html`<dt key=${name}>${t(`desk.number.${name}`)}</dt><dd>${shown(name, numbers)}</dd>`)}</dl>`;
}

/** What happened between the two so far, each offer as a line. */
function History({ history }) {
  if (!history?.length) return html`<p class="muted">${t("ask.history.none")}</p>`;
  const ended = (offer) => (offer.status === "pending" ? t("ask.offer.pending") : t(`ask.offer.${offer.status}`, { at: clock(offer.answered_at) }))
    + (offer.declined_for ? ` (${t(`decline.${offer.declined_for}`)})` : "");
  return html`<div class="stack tight"><h3>${t("ask.history")}</h3><ol class="history" data-testid="ask-history">${history.map((offer) => html`<li key=${offer.offer_id}>
    ${t(offer.by_hand ? "ask.offer.by-hand" : "ask.offer.made", { at: `${day(offer.created_at)} ${clock(offer.created_at)}`, reason: offer.by_hand })} →
    ${offer.delivered_at ? t("ask.offer.delivered", { at: clock(offer.delivered_at) }) : t("ask.offer.undelivered")} → ${ended(offer)}</li>`)}</ol></div>`;
}

function NotFull({ gig }) {
  const [detail, setDetail] = useState(gig);
  useEffect(() => void session.value.api.get(`/gigs/${gig.gig_id}/why`).then(setDetail, () => {}), []);
  return html`<p><b>${gig.title}</b> · ${gig.employer}</p><p class="verdict" data-testid="why-words">${said(detail)}</p><${WhyPanel} why=${detail} />
    <p><a class="button plain" href=${`#gig=${gig.gig_id}`}>${t("full.on-map")}</a></p>
    ${detail.considered?.length > 0 && html`<h3>${t("unfilled.considered")}</h3>
      <ul class="stack tight">${detail.considered.map((person) => html`<li key=${person.worker_id} data-testid="considered"><b>${person.name}</b> ${said(person)}</li>`)}</ul>`}`;
}
