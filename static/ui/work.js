/**
 * A worker's assignments: get there, check in and out, be paid.
 * `act(op, args)` sends an operation and rejects with its problem: by the socket on a phone, by HTTP at a kiosk.
 */
import { html, useState } from "../lib/html.js";
import { explain, t } from "../lib/i18n.js";
import { second } from "../lib/clock.js";
import { clock, day, duration, minutes, span, yuan } from "../lib/format.js";
import { Button, Choice, Empty, Notice, StatusPill, typed } from "./controls.js";
import { Confirm, Dialog } from "./dialog.js";
import { Keypad } from "./keypad.js";
import { Pay, GigFacts } from "./offercard.js";
import { toast } from "./toast.js";
import { SiteLinks } from "./site.js";
import { CallThrough } from "./callthrough.js";
import { city } from "./shell.js";

const CHECK_IN_OPENS_MS = 7_200_000;
const GROUPS = [
  { name: "now", has: ["checked_in", "confirmed"] },
  { name: "pay", has: ["completed", "disputed"] },
  { name: "past", has: ["settled", "cancelled_by_worker", "cancelled_by_employer", "no_show"] },
];

/**
 * `here`: whoever read the sign at a gate: which assignment that is for, and the site's code. `call` asks for a
 * number that connects with the employer. `waits(assignment, open)` draws what stands in the place of an assignment's
 * own steps while one of them is still to be sent.
 * @param {{assignments: object[], act: Function, mode: string, still?: boolean, here?: {id: string, code: string} | null,
 *   call?: (id: string) => Promise<object>, waits?: Function}} props
 */
export function Work({ assignments, ...shared }) {
  const byStart = (a, b) => Date.parse(a.gig.starts_at) - Date.parse(b.gig.starts_at);
  if (!assignments.length) return html`<${Empty} icon="list" title=${t("gigs.none")}>${t("gigs.none.why")}</${Empty}>`;
  return html`<div class="stack" data-testid="my-gigs-list">
    ${GROUPS.map(({ name, has }) => {
      const group = assignments.filter(({ status }) => has.includes(status)).sort(byStart);
      if (name === "past") group.reverse();
      return group.length > 0 && html`<section class="stack" key=${name}><h2>${t(`gigs.${name}`)}</h2>
        ${group.map((each) => html`<${Assignment} key=${each.id} assignment=${each} ...${shared} />`)}</section>`;
    })}
  </div>`;
}

function Assignment({ assignment, act, mode, still, here, call, waits }) {
  const ring = call && (() => call(assignment.id));
  const code = here?.id === assignment.id ? here.code : "";
  const [step, setStep] = useState(code ? "check-in" : null);
  const { gig, status } = assignment;
  const close = () => setStep(null);
  const waiting = waits?.(assignment, setStep);
  return html`<article class="card" data-testid="assignment" data-assignment=${assignment.id} data-status=${status}>
    <div class="row apart"><h3 class="title">${gig.title}</h3><${StatusPill} noun="work" status=${status} /></div>
    ${waiting}
    ${!waiting && status === "confirmed" && html`<${Coming} assignment=${assignment} mode=${mode} still=${still} call=${ring} open=${setStep} />`}
    ${!waiting && status === "checked_in" && html`<${AtWork} assignment=${assignment} mode=${mode} still=${still} call=${ring} open=${setStep} />`}
    ${(status === "completed" || status === "disputed") && html`<${Money} assignment=${assignment} still=${still} call=${ring} open=${setStep} />`}
    ${!["confirmed", "checked_in", "completed", "disputed"].includes(status) && html`<${Past} assignment=${assignment} />`}
    ${step === "check-in" && html`<${CheckIn} assignment=${assignment} act=${act} read=${code} onClose=${close} />`}
    ${step === "check-out" && html`<${Step} op="check_out" assignment=${assignment} act=${act} onClose=${close} />`}
    ${step === "late" && html`<${Late} assignment=${assignment} act=${act} onClose=${close} />`}
    ${step === "cancel" && html`<${Step} op="cancel" danger reasons assignment=${assignment} act=${act} onClose=${close} />`}
    ${step === "confirm" && html`<${Step} op="confirm" assignment=${assignment} act=${act} onClose=${close} />`}
    ${step === "dispute" && html`<${Step} op="dispute" danger reasons assignment=${assignment} act=${act} onClose=${close} />`}
  </article>`;
}

function Coming({ assignment, mode, still, call, open }) {
  const { gig } = assignment;
  const opens = Date.parse(gig.starts_at) - CHECK_IN_OPENS_MS;
  const early = second.value < opens;
  const leave = Date.parse(assignment.leaves_at) - second.value;
  return html`<${Pay} gig=${gig} />
    <${GigFacts} gig=${gig} travel=${assignment.travel_s} estimated=${city.value?.estimated} mode=${mode} />
    <${Notice}>${leave > 0
      ? t("gig.leave", { at: `${day(assignment.leaves_at)} ${clock(assignment.leaves_at)}`, time: duration(leave / 1000) })
      : t("gig.leave.now")}</${Notice}>
    <${SiteLinks} gig=${gig} mode=${mode} still=${still} call=${call} />
    <${Button} big tone="primary" disabled=${early} onClick=${() => open("check-in")} data-testid="check-in-open">
      ${early ? t("checkin.opens", { at: `${day(opens)} ${clock(opens)}` }) : t("checkin")}</${Button}>
    ${assignment.late_s > 0 && html`<p data-testid="late-told">${t("late.told", { n: minutes(assignment.late_s) })}</p>`}
    <div class="row">
      <${Button} tone="plain" onClick=${() => open("late")} data-testid="late-open">${t("late.ask")}</${Button}>
      <${Button} tone="danger" onClick=${() => open("cancel")} data-testid="cancel-assignment">${t("cancel.ask")}</${Button}>
    </div>`;
}

const LATE_MINUTES = [5, 10, 20, 30, 60];

/** How late, in one tap; or in time after all. */
function Late({ assignment, act, onClose }) {
  const [busy, problem, send] = useStep("late", assignment, act, onClose);
  const choices = assignment.late_s > 0 ? [0, ...LATE_MINUTES] : LATE_MINUTES;
  return html`<${Dialog} title=${t("late.title")} onClose=${onClose} testid="late-dialog">
    <p>${t("late.what")}</p>
    <div class="reasons">${choices.map((n) => html`<${Button} key=${n} big tone="plain" disabled=${busy} data-testid=${`late-${n}`}
      onClick=${() => send({ minutes: n })}>${n ? t("late.minutes", { n }) : t("late.intime")}</${Button}>`)}</div>
    ${problem && html`<${Notice} tone="bad">${explain(problem)}</${Notice}>`}
    <${Button} big tone="primary" onClick=${onClose}>${t("back")}</${Button}>
  </${Dialog}>`;
}

const AtWork = ({ assignment, mode, still, call, open }) => html`
  ${assignment.vouched && html`<p class="muted" data-testid="vouched">${t("vouched")}</p>`}
  <p>${t("work.since", { at: clock(assignment.checked_in_at), end: clock(assignment.gig.ends_at) })}</p>
  <${SiteLinks} gig=${assignment.gig} mode=${mode} still=${still} call=${call} />
  <${Button} big tone="primary" onClick=${() => open("check-out")} data-testid="check-out">${t("checkout")}</${Button}>`;

function Money({ assignment, still, call, open }) {
  const { paid_fen: paid, due_fen: due, status, paid_reason: reason } = assignment;
  return html`<p class="muted">${span(assignment.gig.starts_at, assignment.gig.ends_at)}</p>
    ${status === "disputed" && html`<${Notice} tone="bad">${t("money.disputed")}</${Notice}>`}
    ${paid === null
      ? html`<p>${t("money.waiting", { due: yuan(due) })}</p>`
      : html`<p>${t("money.paid", { paid: yuan(paid) })} ${due !== null && due !== paid && t("money.due", { due: yuan(due) })}
          ${reason && html`<br />${t("money.reason", { reason })}`}</p>`}
    ${paid !== null && html`<${Button} big tone="primary" onClick=${() => open("confirm")} data-testid="confirm-paid">
      ${t("money.confirm", { paid: yuan(paid) })}</${Button}>`}
    ${status === "completed" && html`<${Button} tone="danger" onClick=${() => open("dispute")} data-testid="dispute">
      ${t("money.dispute")}</${Button}>`}
    ${!still && assignment.gig.employer_phone && html`<a class="button plain" href=${`tel:${assignment.gig.employer_phone}`}>${t("call")}</a>`}
    ${call && city.value?.calls_hide_phones && html`<${CallThrough} ask=${call} label=${t("call")} />`}`;
}

const Past = ({ assignment }) => html`
  <p class="muted">${span(assignment.gig.starts_at, assignment.gig.ends_at)} · ${assignment.gig.employer}</p>
  ${assignment.status === "settled" && html`<p>${t("money.settled", { paid: yuan(assignment.paid_fen) })}</p>`}
  ${assignment.closed_reason && html`<p>${t(assignment.status === "settled" ? "money.raised" : "gig.reason",
    { reason: assignment.closed_reason })}</p>`}`;

/** Send one operation of an assignment; gives [busy, problem, send]. */
function useStep(op, assignment, act, onClose) {
  const [busy, setBusy] = useState(false);
  const [problem, setProblem] = useState(null);
  const send = async (args = {}) => {
    setBusy(true);
    setProblem(null);
    try {
      const done = await act(`assignment.${op}`, { assignment_id: assignment.id, ...args });
      toast(t(`step.${op}.${done?.kept ? "kept" : "done"}`));
      onClose();
    } catch (refusal) {
      setBusy(false);
      setProblem(refusal);
    }
  };
  return [busy, problem, send];
}

function CheckIn({ assignment, act, read, onClose }) {
  const [code, setCode] = useState(read);
  const [crew, setCrew] = useState(Boolean(assignment.together?.leads));
  const [busy, problem, send] = useStep("check_in", assignment, act, onClose);
  const ready = code.length >= 4 && !busy;
  return html`<${Dialog} title=${t("checkin")} onClose=${onClose} testid="check-in-dialog">
    <p>${t("checkin.how")}</p>
    <${ForAll} assignment=${assignment} chosen=${crew} onChange=${setCrew} />
    <input class="input digits" inputmode="none" maxlength="12" value=${code} aria-label=${t("checkin.code")}
      data-testid="check-in-code" onInput=${(e) => setCode(typed(e).trim())} />
    ${problem && html`<${Notice} tone="bad">${explain(problem)}</${Notice}>`}
    <${Keypad} value=${code} max=${6} onChange=${setCode} ready=${ready} onEnter=${() => send(crew ? { code, crew } : { code })}
      enter=${t(busy ? "wait" : "checkin.send")} enterId="check-in" />
    <${Button} tone="plain" onClick=${onClose}>${t("back")}</${Button}>
  </${Dialog}>`;
}

/** The leader of a crew chooses whom a step is for; nobody else is asked. */
const ForAll = ({ assignment: { together }, chosen, onChange }) => together?.leads && html`<${Choice} label=${t("crew.for")}
  chosen=${chosen} onChange=${onChange} testid="for-crew" options=${[
    { value: true, label: t("crew.for.all", { n: together.size }) }, { value: false, label: t("crew.for.me") }]} />`;

/** A step that says what it does before it is done; with `reasons`, words that may be left out. */
function Step({ op, assignment, act, danger, reasons, onClose }) {
  const [reason, setReason] = useState("");
  const [crew, setCrew] = useState(op === "check_out" && Boolean(assignment.together?.leads));
  const [busy, problem, send] = useStep(op, assignment, act, onClose);
  const values = { title: assignment.gig.title, paid: yuan(assignment.paid_fen) };
  return html`<${Confirm} title=${t(`step.${op}.title`, values)} yes=${t(`step.${op}.yes`, values)} danger=${danger}
    busy=${busy} onYes=${() => send(reasons ? { reason } : crew ? { crew } : {})} onNo=${onClose} testid=${`step-${op}`}>
    <div class="stack tight"><p>${t(`step.${op}.what`, values)}</p>
      ${op === "check_out" && html`<${ForAll} assignment=${assignment} chosen=${crew} onChange=${setCrew} />`}
      ${reasons && html`<input class="input" maxlength="200" placeholder=${t("reason.placeholder")} aria-label=${t("reason")}
        value=${reason} data-testid=${`step-${op}-reason`} onInput=${(e) => setReason(e.target.value)} />`}
      ${problem && html`<${Notice} tone="bad">${explain(problem)}</${Notice}>`}</div>
  </${Confirm}>`;
}
