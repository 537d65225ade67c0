/** Why me, why not me, and saying something against it. Loaded only when a worker asks. */
import { html, useEffect, useState } from "../lib/html.js";
import { addWords, explain, lang, t } from "../lib/i18n.js";
import { clock, day, yuan } from "../lib/format.js";
import { why } from "../lib/zh-why.js";
import { Button, Notice } from "../ui/controls.js";
import { Dialog } from "../ui/dialog.js";
import { newId } from "../lib/stream.js";
import { answered, api } from "./market.js";

export const ready = addWords(why, async () => (await import("../lib/en-why.js")).why);

const said = (reason) => (lang.value === "en" ? reason.en : reason.zh);
const when = (at) => `${day(at)} ${clock(at)}`;

/** One reason: the sentence, its numbers, where it comes from, and 申诉. */
export function Why({ title, path, gig, offer, onClose }) {
  const [reason, setReason] = useState(null);
  const [problem, setProblem] = useState(null);
  useEffect(() => {
    api.get(path).then(setReason, setProblem);
  }, []);
  return html`<${Dialog} title=${title} onClose=${onClose} testid="why">
    <p class="muted">${gig.title}</p>
    ${!reason && !problem && html`<p class="muted" role="status">${t("loading")}</p>`}
    ${problem && html`<${Notice} tone="bad">${explain(problem)}</${Notice}>`}
    ${reason && html`<p data-testid="why-words" aria-live="polite"><b>${said(reason)}</b></p>
      <${Numbers} numbers=${reason.numbers} />
      ${reason.reason !== "by_hand" && html`<p class="muted small" data-testid="why-basis">
        ${t(reason.basis === "recorded" ? "why.recorded" : "why.now", { at: when(reason.at) })}</p>`}
      ${reason.draw && html`<details><summary>${t("why.draw")}</summary><p class="small">${t("why.draw.how")}</p>
        <p class="small code-words">${t("why.draw.ticket", { round: reason.draw.round, ticket: reason.draw.ticket.toFixed(6) })}</p>
        ${reason.draw.cut !== null && html`<p class="small" data-testid="why-cut">${t("why.draw.cut", { n: reason.draw.alike, cut: reason.draw.cut.toFixed(6) })}</p>`}</details>`}
      <${AppealForm} gig=${gig} offer=${offer} />`}
    <${Button} big tone="plain" onClick=${onClose} data-testid="why-close">${t("back")}</${Button}>
  </${Dialog}>`;
}

const SHOWN = {
  travel_min: (n) => t("why.minutes", { n }),
  circle_min: (n) => t("why.minutes", { n }),
  first_travel_min: (n) => t("why.minutes", { n }),
  waited_min: (n) => t("why.minutes", { n }),
  pay_fen: yuan,
  floor_fen: (fen) => fen > 0 && yuan(fen),
};

const Numbers = ({ numbers }) => html`<dl class="facts" data-testid="why-numbers">
  ${Object.entries(SHOWN).map(([name, show]) => {
    const value = numbers[name] === null || numbers[name] === undefined ? null : show(numbers[name]);
    return value && html`<dt key=${name}><span>${t(`why.number.${name}`)}</span></dt><dd>${value}</dd>`;
  })}
</dl>`;

/** A text field behind a button, so that nobody is pushed to complain; the same wish is sent once. */
function AppealForm({ gig, offer }) {
  const [step, setStep] = useState("closed");
  const [words, setWords] = useState("");
  const [problem, setProblem] = useState(null);
  const [key] = useState(newId);
  const send = async () => {
    setStep("busy");
    setProblem(null);
    const body = { gig_id: gig.id, words, ...(offer ? { offer_id: offer } : {}) };
    await api.post("/appeals", body, key).then(() => setStep("done"), (refusal) => {
      setProblem(refusal);
      setStep("open");
    });
  };
  if (step === "done") return html`<${Notice} tone="good"><span data-testid="appeal-done">${t("appeal.done")}</span></${Notice}>`;
  if (step === "closed") {
    return html`<${Button} tone="plain" onClick=${() => setStep("open")} data-testid="appeal">${t("appeal.open")}</${Button}>`;
  }
  return html`<label class="field"><span class="label">${t("appeal.label")}</span>
      <textarea class="input" rows="3" maxlength="500" value=${words} data-testid="appeal-words"
        onInput=${(event) => setWords(event.target.value)}></textarea>
      <span class="hint">${t("appeal.hint")}</span></label>
    ${problem && html`<${Notice} tone="bad">${explain(problem)}</${Notice}>`}
    <${Button} big tone="primary" busy=${step === "busy"} disabled=${!words.trim()} onClick=${send} data-testid="appeal-send">
      ${t("appeal.send")}</${Button}>`;
}

/** My appeals, newest first; read again when one is answered. */
export function Appeals({ title, onClose }) {
  const [items, setItems] = useState(null);
  const [problem, setProblem] = useState(null);
  useEffect(() => {
    api.get("/workers/me/appeals").then((page) => setItems(page.items), setProblem);
  }, [answered.value]);
  return html`<${Dialog} title=${title} onClose=${onClose} testid="appeals">
    ${problem && html`<${Notice} tone="bad">${explain(problem)}</${Notice}>`}
    ${!items && !problem && html`<p class="muted" role="status">${t("loading")}</p>`}
    ${items?.length === 0 && html`<p class="muted">${t("appeal.none")}</p>`}
    <ul class="stack">${items?.map((appeal) => html`<li class="card" key=${appeal.id} data-testid="my-appeal">
      <div class="row apart"><b>${appeal.gig_title}</b>
        <span class=${`pill ${appeal.answer ? "good" : "wait"}`}>${t(appeal.answer ? "appeal.answered" : "appeal.waiting")}</span></div>
      <p class="muted small">${when(appeal.created_at)} · ${said(appeal.reason)}</p>
      <p>${t("appeal.you", { words: appeal.words })}</p>
      ${appeal.answer && html`<p><b>${t("appeal.answer", { words: appeal.answer })}</b></p>`}</li>`)}</ul>
    <${Button} big tone="plain" onClick=${onClose}>${t("back")}</${Button}>
  </${Dialog}>`;
}
