/** Paying: one person with an amount, or all at what is due. */
import { html, useState } from "../lib/html.js";
import { explain, t } from "../lib/i18n.js";
import { yuan } from "../lib/format.js";
import { Button, Field, Notice, typed } from "../ui/controls.js";
import { Confirm, Dialog } from "../ui/dialog.js";
import { toast } from "../ui/toast.js";
import { live } from "./market.js";

const settle = (assignment, amount_fen, reason = "") =>
  live.command("assignment.settle", { assignment_id: assignment.id, amount_fen, reason });

/** Yuan as typed → fen, or null when it is no amount. */
export const fenOf = (text) => (/^\d{1,6}(\.\d{1,2})?$/.test(text) ? Math.round(Number(text) * 100) : null);

export function Settle({ assignment, onClose }) {
  const { due_fen: due, worker } = assignment;
  const [amount, setAmount] = useState(due === null ? "" : String(due / 100));
  const [reason, setReason] = useState("");
  const [busy, setBusy] = useState(false);
  const [problem, setProblem] = useState(null);
  const fen = fenOf(amount);
  const less = fen !== null && due !== null && fen < due;
  const pay = async () => {
    setBusy(true);
    setProblem(null);
    await settle(assignment, fen, less ? reason : "").then(() => {
      toast(t("settle.done", { name: worker.name }));
      onClose();
    }, (refusal) => {
      setProblem(refusal);
      setBusy(false);
    });
  };
  return html`<${Dialog} title=${t("settle.title", { name: worker.name })} onClose=${onClose} testid="settle-dialog">
    <p>${due === null ? t("settle.piece") : t("settle.due", { due: yuan(due) })}</p>
    <${Field} label=${t("settle.amount")}><input class="input digits" inputmode="decimal" value=${amount}
      data-testid="settle-amount" onInput=${(e) => setAmount(typed(e).trim())} /></${Field}>
    ${less && html`<${Field} label=${t("settle.reason")} hint=${t("settle.reason.hint")}><input class="input" maxlength="200" value=${reason}
      data-testid="settle-reason" onInput=${(e) => setReason(e.target.value)} /></${Field}>`}
    ${problem && html`<${Notice} tone="bad">${explain(problem)}</${Notice}>`}
    <p class="muted">${t("settle.what")}</p>
    <${Button} big tone="primary" busy=${busy} disabled=${fen === null || (less && !reason.trim())} onClick=${pay}
      data-testid="settle-yes">${t("settle.yes", { paid: yuan(fen) })}</${Button}>
    <${Button} big tone="plain" onClick=${onClose}>${t("back")}</${Button}>
  </${Dialog}>`;
}

/** Everybody at what is due, all or nobody; piece work has no fixed amount and is settled one by one. */
export function SettleAll({ assignments, onClose }) {
  const [busy, setBusy] = useState(false);
  const [problem, setProblem] = useState(null);
  const fixed = assignments.filter(({ due_fen: due }) => due !== null);
  const sum = fixed.reduce((total, { due_fen: due }) => total + due, 0);
  const pay = async () => {
    setBusy(true);
    setProblem(null);
    const payments = fixed.map(({ id, due_fen }) => ({ assignment_id: id, amount_fen: due_fen }));
    await live.command("gig.settle", { gig_id: fixed[0].gig_id, payments }).then(() => {
      toast(t("settle.all.done", { n: fixed.length }));
      onClose();
    }, (refusal) => {
      setProblem(refusal);
      setBusy(false);
    });
  };
  return html`<${Confirm} title=${t("settle.all", { n: fixed.length })} yes=${t("settle.all.yes", { sum: yuan(sum) })} busy=${busy}
    onYes=${pay} onNo=${onClose} testid="settle-all-dialog">
    <div class="stack tight"><ul>${fixed.map((each) => html`<li class="row apart" key=${each.id}><span>${each.worker.name}</span>
      <b>${yuan(each.due_fen)}</b></li>`)}</ul>
      ${fixed.length < assignments.length && html`<p>${t("settle.all.piece")}</p>`}
      <p class="muted">${t("settle.what")}</p>
      ${problem && html`<${Notice} tone="bad">${explain(problem)}</${Notice}>`}</div>
  </${Confirm}>`;
}
