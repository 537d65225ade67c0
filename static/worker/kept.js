/**
 * Check-in and check-out without a network: kept on this phone with their time, sent when the network is back. What
 * is stored names nobody: an assignment's id, the site's code, the time, a key and whose account it is for.
 */
import { effect, html, signal } from "../lib/html.js";
import { createKept } from "../lib/kept.js";
import { hasWords, t } from "../lib/i18n.js";
import { clock, day } from "../lib/format.js";
import { Button, Notice } from "../ui/controls.js";
import { SiteLinks } from "../ui/site.js";
import { toast } from "../ui/toast.js";
import { api, assignments, live, me, session } from "./market.js";

const PATHS = { "assignment.check_in": "check-in", "assignment.check_out": "check-out" };
const AGAIN_MS = 20_000;
/** A line that answers nothing is as good as none: nobody at a gate stands waiting for it. */
const PATIENCE_MS = 5_000;

/** Keys of steps whose answer somebody waits for on the screen: they need no second word. */
const asked = signal([]);
const isAsked = ({ key }) => asked.value.includes(key);

const kept = createKept({
  name: "kept.worker",
  send: ({ op, at, assignment_id, code, crew, key }) => api.post(`/assignments/${assignment_id}/${PATHS[op]}`, { at, code, crew }, key),
  same: (a, b) => a.op === b.op && a.assignment_id === b.assignment_id,
  ours: ({ account }) => account === session.account.peek()?.id,
  secrets: ["code"],
  onRefused: (step) => isAsked(step) || toast(t("held.refused")),
  onSent: (step) => isAsked(step) || toast(t(`held.sent.${short(step.op)}`, { at: clock(step.at) })),
});

const short = (op) => op.split(".")[1];
const mine = () => kept.list.value.filter(({ account }) => account === session.account.value?.id);
const when = ({ at }) => `${day(at)} ${clock(at)}`;

/**
 * An operation of an assignment; a check-in or check-out is kept first, so that nothing is lost. Resolves with
 * {kept: true} when the server has not answered yet; rejects with its problem.
 */
export async function act(op, args) {
  if (!PATHS[op]) return live.command(op, args);
  const { key } = kept.keep({ op, ...args, account: session.account.peek().id });
  asked.value = [...asked.value, key];
  const sent = kept.reconcile();
  if (live.status.peek().name === "live") await Promise.race([sent, new Promise((over) => setTimeout(over, PATIENCE_MS))]);
  asked.value = asked.value.filter((each) => each !== key);
  const left = kept.list.peek().find((each) => each.key === key);
  if (left?.state !== "refused") return { kept: Boolean(left) };
  kept.forget(key);
  throw { code: left.why };
}

/** In the place of an assignment's own steps while one of them waits for the network. */
export function waitingFor(assignment, open) {
  const steps = mine().filter((step) => step.state === "waiting" && step.assignment_id === assignment.id && !isAsked(step));
  if (!steps.length || !["confirmed", "checked_in"].includes(assignment.status)) return null;
  const left = steps.some(({ op }) => op === "assignment.check_out");
  return html`${steps.map((step) => html`<${Notice} key=${step.key}><span data-testid="kept-waiting">
      ${t(`held.waiting.${short(step.op)}`, { at: when(step) })}</span></${Notice}>`)}
    <${SiteLinks} gig=${assignment.gig} mode=${me.value.mode} />
    ${!left && html`<${Button} big tone="primary" onClick=${() => open("check-out")} data-testid="check-out">${t("checkout")}</${Button}>`}`;
}

const STATES = {
  checked_in: "here", completed: "done", settled: "done", disputed: "done", no_show: "no_show",
  cancelled_by_worker: "cancelled", cancelled_by_employer: "cancelled", confirmed: "not_in",
};

/** Why, in words about what has become of the gig; the server says only that its state does not allow the step. */
function reason({ why, assignment_id }) {
  const assignment = assignments.value.find(({ id }) => id === assignment_id);
  const key = `held.why.${why === "assignment-state" ? STATES[assignment?.status] : why}`;
  return t(hasWords(key) ? key : "held.why.other");
}

/** What the server did not take, until it was read. */
export const Refused = () => mine().filter(({ state }) => state === "refused").map((step) => html`<${Notice} tone="bad" key=${step.key}>
  <div class="stack tight" data-testid="kept-refused">
    <p><b>${assignments.value.find(({ id }) => id === step.assignment_id)?.gig.title}</b></p>
    <p>${t(`held.refused.${short(step.op)}`, { at: when(step), why: reason(step) })}</p>
    <${Button} onClick=${() => kept.forget(step.key)} data-testid="kept-read">${t("understood")}</${Button}></div></${Notice}>`);

/** Begin with the page: bring what waits whenever the line is there. */
export function startKept() {
  const there = () => live.status.value.name === "live" && mine().some(({ state }) => state === "waiting");
  effect(() => void (live.status.value.name === "live" && kept.reconcile()));
  setInterval(() => there() && kept.reconcile(), AGAIN_MS);
}
