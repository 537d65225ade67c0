/** One gig live: how full, who is being asked, who comes, the site code, and what can be done. */
import { html, useState } from "../lib/html.js";
import { explain, t } from "../lib/i18n.js";
import { second } from "../lib/clock.js";
import { clock, duration, minutes, secondsLeft, span, yuan } from "../lib/format.js";
import { Button, Notice, StatusPill } from "../ui/controls.js";
import { Confirm } from "../ui/dialog.js";
import { toast } from "../ui/toast.js";
import { Settle, SettleAll } from "./settle.js";
import { live, peopleOf, session, template, unpaid } from "./market.js";
import { CHECK_IN_OPENS_MS, personWords, Phone, Vouch } from "./person.js";
import { Sheet } from "./sheet.js";
import { Filling } from "./why.js";

const NO_SHOW_OPENS_MS = 600_000;
const OPEN = ["open", "filled", "in_progress"];

export function Gig({ gig }) {
  const people = peopleOf(gig);
  const [step, setStep] = useState(null);
  const close = () => setStep(null);
  // A dispute is talked about first, so it is settled on its own.
  const payable = people.seated.filter((each) => unpaid(each) && each.status === "completed");
  const again = () => {
    template.value = gig;
    location.hash = "#post";
  };
  return html`<a class="button plain back" href="#">${t("board.back")}</a>
    <div class="row apart"><h1>${gig.title}</h1><${StatusPill} noun="gig" status=${gig.status} /></div>
    <p>${span(gig.starts_at, gig.ends_at)} · ${gig.site.address} · <b>${yuan(gig.wage.amount_fen)}</b>${t(`per.${gig.wage.per}`)}
      ${gig.min_crew > 1 && html` · <span data-testid="min-crew">${t("crew.wanted", { n: gig.min_crew })}</span>`}</p>
    <${Filling} gig=${gig} people=${people} />
    ${OPEN.includes(gig.status) && html`<section class="card code">
      <h2>${t("code.title")}</h2>
      <p class="big-code" data-testid="site-code" aria-label=${[...gig.site_code].join(" ")}>${gig.site_code}</p>
      <p class="muted">${t("code.how")}</p></section>`}
    ${people.asked.length > 0 && html`<section class="stack tight"><h2>${t("asked.title")}</h2>
      <ul class="stack tight">${people.asked.map((offer) => html`<${Asked} key=${offer.id} offer=${offer} />`)}</ul></section>`}
    <section class="stack tight"><div class="row apart"><h2>${t("people.title")}</h2>
      ${payable.length > 1 && html`<${Button} tone="primary" onClick=${() => setStep({ name: "settle-all" })} data-testid="settle-all">
        ${t("settle.all", { n: payable.length })}</${Button}>`}</div>
      ${people.seated.length === 0 && html`<p class="muted">${t("people.none")}</p>`}
      <ul class="stack">${people.seated.map((each) => html`<${Person} key=${each.id} gig=${gig} assignment=${each} open=${setStep} />`)}</ul>
    </section>
    ${people.gone.length > 0 && html`<section class="stack tight"><h2>${t("gone.title")}</h2>
      <ul class="stack tight">${people.gone.map((each) => html`<li class="row apart" key=${each.id}>
        <span>${each.worker.name} <span class="muted">${each.closed_reason}</span></span>
        <${StatusPill} noun="work" status=${each.status} /></li>`)}</ul></section>`}
    <div class="row">
      ${people.seated.length > 0 && html`<${Sheet} gig=${gig} people=${people.seated} employer=${session.account.value.name} />`}
      <${Button} tone="plain" onClick=${again} data-testid="post-again">${t("post.again")}</${Button}>
      ${OPEN.includes(gig.status) && html`<${Button} tone="danger" onClick=${() => setStep({ name: "cancel" })} data-testid="cancel-gig">
        ${t("cancelgig.ask")}</${Button}>`}
    </div>
    ${step?.name === "settle" && html`<${Settle} assignment=${step.assignment} onClose=${close} />`}
    ${step?.name === "settle-all" && html`<${SettleAll} assignments=${payable} onClose=${close} />`}
    ${step?.name === "cancel" && html`<${Ask} name="cancelgig" op="gig.cancel" args=${{ gig_id: gig.id }} onClose=${close}
      values=${{ n: people.seated.length, asked: people.asked.length }} />`}
    ${step?.name === "no-show" && html`<${Ask} name="noshow" op="assignment.no_show" onClose=${close}
      args=${{ assignment_id: step.assignment.id }} values=${{ name: step.assignment.worker.name }} />`}
    ${step?.name === "call-off" && html`<${Ask} name="calloff" op="assignment.cancel" onClose=${close}
      args=${{ assignment_id: step.assignment.id }} values=${{ name: step.assignment.worker.name }} />`}`;
}

const Asked = ({ offer, left = secondsLeft(offer.expires_at, second.value) }) => html`<li class="row apart person" data-testid="pending-offer">
  <b>${offer.worker.name}</b>${offer.together && html` <span class="pill">${t("crew.with", { n: offer.together.size })}</span>`}
  <span>${t("asked.eta", { n: minutes(offer.travel_s) })}${offer.estimated && html` <span class="muted">${t("fact.estimated")}</span>`}</span>
  ${left > 0 && html`<span class="pill wait">${t("asked.left", { time: duration(left) })}</span>`}
</li>`;

function Person({ gig, assignment, open }) {
  const { worker, status } = assignment;
  const soon = second.value > Date.parse(gig.starts_at) - CHECK_IN_OPENS_MS;
  const late = status === "confirmed" && second.value > Date.parse(gig.starts_at) + NO_SHOW_OPENS_MS;
  return html`<li class="card person" data-testid="person" data-assignment=${assignment.id} data-status=${status}>
    <div class="row apart"><b class="who">${worker.name}</b><${StatusPill} noun="work" status=${status} /></div>
    ${assignment.together && html`<p><span class="pill" data-testid="together">${t("crew.with", { n: assignment.together.size })}</span></p>`}
    <p class="muted">${personWords(assignment)}</p>
    ${status === "confirmed" && assignment.late_s > 0 && html`<p><span class="pill wait" data-testid="late">${t("person.late", {
      n: minutes(assignment.late_s), at: clock(Date.parse(gig.starts_at) + assignment.late_s * 1000),
    })}</span></p>`}
    <div class="row">
      ${status === "confirmed" && soon && html`<${Vouch} assignment=${assignment} here=${true} />`}
      ${status === "checked_in" && html`<${Vouch} assignment=${assignment} here=${false} />`}
      ${worker.phone && html`<${Phone} assignment=${assignment} />`}
      ${unpaid(assignment) && html`<${Button} tone="primary" onClick=${() => open({ name: "settle", assignment })} data-testid="settle">
        ${t(status === "disputed" ? "settle.again" : "settle.one", { due: yuan(assignment.due_fen) })}</${Button}>`}
      ${late && html`<${Button} tone="danger" onClick=${() => open({ name: "no-show", assignment })} data-testid="no-show">${t("noshow.ask")}</${Button}>`}
      ${status === "confirmed" && !late && html`<${Button} tone="plain" onClick=${() => open({ name: "call-off", assignment })} data-testid="call-off">
        ${t("calloff.ask")}</${Button}>`}
    </div>
  </li>`;
}

/** A step with consequences for somebody: said first, done after. */
function Ask({ name, op, args, values, onClose }) {
  const [busy, setBusy] = useState(false);
  const [problem, setProblem] = useState(null);
  const [reason, setReason] = useState("");
  const go = async () => {
    setBusy(true);
    const sent = op === "assignment.cancel" ? { ...args, reason } : args;
    await live.command(op, sent).then(() => {
      toast(t(`${name}.done`));
      onClose();
    }, (refusal) => {
      setProblem(refusal);
      setBusy(false);
    });
  };
  return html`<${Confirm} title=${t(`${name}.title`, values)} yes=${t(`${name}.yes`)} danger busy=${busy} onYes=${go}
    onNo=${onClose} testid=${name}><div class="stack tight"><p>${t(values.n === 0 && values.asked === 0 ? `${name}.what.none` : `${name}.what`, values)}</p>
    ${op === "assignment.cancel" && html`<input class="input" maxlength="200" placeholder=${t("reason.placeholder")}
      aria-label=${t("reason")} value=${reason} onInput=${(e) => setReason(e.target.value)} />`}
    ${problem && html`<${Notice} tone="bad">${explain(problem)}</${Notice}>`}</div></${Confirm}>`;
}
